"""`customers list`: which customers there are, told apart and in an order."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click
from sqlalchemy.orm import Session as Db

from domain.customer import Value
from domain.errors import InputError
from domain.valuation import Method, Segment, ShopValuation, Valuation
from earshot import serializers
from earshot.cli.base import Session, as_csv, as_json, one_format, one_of, print_json, say
from earshot.cli.tables import NONE, Column, money, number, show_table
from earshot.customers.profile import values_of
from earshot.customers.tiers import rules_of
from earshot.customers.valuation import up_to_date
from earshot.reporting.customer_lists import everybody_at_risk
from storage import persons, ranking
from storage.person_facts import Facts, facts
from storage.ranking import SortKey, Wanted
from storage.sql import batches
from storage.tables import CustomerRow

LISTED = 100
# A row for each currency that a customer paid in: amounts of two are never added.
CSV_COLUMNS = (
    *("id", "system", "external_id", "name", "tier", "segment", "all_orders", "orders_per_year"),
    *("median_gap_days", "last_order_on", "is_silent", "currency", "orders", "revenue"),
    *("revenue_12m", "average_order_value", "clv_simple", "clv", "p_alive"),
    *("expected_orders_12m", "expected_order_value"),
)


@click.command("list")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    type=one_of(Segment),
    help="Only these: how they buy (docs/value.md); may be given again.",
)
@click.option(
    "--tier",
    "tiers",
    multiple=True,
    metavar="NAME",
    help="Only these: of config.toml or the CRM's own; may be given again.",
)
@click.option("--currency", metavar="CODE", help="Only who ever paid in it, and by that money.")
@click.option(
    "--at-risk",
    is_flag=True,
    help="Only who wrote something negative in the past 90 days and orders less than they used to.",
)
@click.option(
    "--sort",
    type=one_of(SortKey),
    metavar="KEY",
    default=SortKey.REVENUE,
    show_default=SortKey.REVENUE.value,
    help=f"By {', '.join(SortKey)}.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"How many at most.  [default: {LISTED}, with --json and --csv all]",
)
@as_json
@as_csv
@click.pass_obj
def list_customers(session: Session, /, *, limit: int | None, **given: Any) -> None:  # noqa: ANN401  the options, by name
    """List customers with what they are worth, the most valuable of each currency first.

    Sorted by money, customers of two currencies take turns, as amounts of two cannot be compared.
    p-alive begins with who is least likely to order again; of who ordered once nobody knows.
    --csv has a row for each currency a customer paid in.

    Example: earshot customers list --segment regular --tier gold --limit 20
    """
    as_json, as_csv = given["as_json"], given["as_csv"]
    one_format(as_json=as_json, as_csv=as_csv)
    shop = up_to_date(session.app, now=session.now)
    most = limit or (None if as_json or as_csv else LISTED)
    with session.app.database.read() as db:
        wanted = _wanted(session, db, shop, given)
        ids = ranking.ranked(db, wanted, limit=most and most + 1)
        found = _found(session, db, ids[:most])
        if as_json:
            for one in found:
                print_json(one.json)
        elif as_csv:
            rows = (row for one in found for row in _csv_rows(one, wanted.currency))
            serializers.write_csv(rows, sys.stdout, CSV_COLUMNS)
        else:
            _show(list(found), wanted.sort)
    for line in _why_no_model(wanted.sort, shop):
        say(line)
    if not limit and len(ids[:most]) < len(ids):
        say(f"these are the first {most}: --limit shows more")
    if not ids:
        say("no customer is like that" if _narrows(wanted) else "no customers are known")


def _narrows(wanted: Wanted) -> bool:
    return wanted != Wanted(tiers=[], sort=wanted.sort)


def _wanted(session: Session, db: Db, shop: ShopValuation, given: dict[str, Any]) -> Wanted:
    people = None
    if given["at_risk"]:
        found = everybody_at_risk(db, session.config, brand=None, now=session.now)
        people = [one.person_id for one in found]
    return Wanted(
        segments=given["segments"],
        tiers=rules_of(db, given["tiers"], session.config.top.crm.tiers),
        people=people,
        currency=_currency(given["currency"], shop),
        sort=given["sort"],
    )


def _currency(code: str | None, shop: ShopValuation) -> str | None:
    known = [one.currency for one in shop.totals]
    if code is None or code.upper() in known:
        return code and code.upper()
    raise InputError(
        f"nobody paid in {code!r}; there are: {', '.join(filter(None, known)) or 'none'}"
    )


# --- what is told of one --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A customer of the list."""

    records: Sequence[CustomerRow]  # the person's own first
    worth: Value
    known: Facts

    @property
    def row(self) -> CustomerRow:
        return self.records[0]

    @property
    def json(self) -> dict[str, Any]:
        return serializers.customer_json(self.row, self.worth, self.records, self.known)


def _found(session: Session, db: Db, person_ids: Sequence[int]) -> Iterator[Found]:
    for batch in batches(person_ids):
        records = persons.records(db, batch)
        rows = [records[person_id][0] for person_id in batch]
        values = values_of(db, rows, session.config, now=session.now)
        known = facts(db, records)
        for one in batch:
            yield Found(records[one], values[one], known[one])


def _csv_rows(one: Found, currency: str | None) -> Iterator[dict[str, Any]]:
    """One for each currency, or for this one; who never paid has one without amounts."""
    row, valued = one.row, one.worth.valuation
    own = {"id": row.id, "system": row.system, "external_id": row.external_id, "name": row.name}
    own["tier"] = one.worth.tier
    if valued is None:
        yield {**own, "all_orders": 0}
        return
    own |= {"segment": valued.segment, "all_orders": valued.orders}
    for name in ("orders_per_year", "median_gap_days", "last_order_on", "is_silent"):
        own[name] = getattr(valued, name)
    for value in valued.values:
        if currency in (None, value.currency):
            yield own | asdict(value)


# --- for people -----------------------------------------------------------------------------------

Said = Callable[[Found], str]


def _valued(say_it: Callable[[Valuation], str]) -> Said:
    """What is said of who ever ordered; a dash of who did not."""
    return lambda one: say_it(one.worth.valuation) if one.worth.valuation else NONE


def _each(name: str) -> Said:
    """An amount of each currency, apart; of those that are nothing at most one."""

    def amounts(one: Valuation) -> str:
        every = [(getattr(value, name), value.currency) for value in one.values]
        known = [(amount, code) for amount, code in every if amount is not None]
        found = [(amount, code) for amount, code in known if amount] or known[:1]
        return ", ".join(f"{money(amount)} {code}".strip() for amount, code in found) or NONE

    return _valued(amounts)


_ID: tuple[Column, Said] = Column("id", right=True), lambda one: str(one.row.id)
_NAME: tuple[Column, Said] = Column("name"), lambda one: one.row.name
_ALWAYS: tuple[tuple[Column, Said], ...] = (
    _ID,
    (Column("tier"), lambda one: one.worth.tier or NONE),
    (Column("segment"), _valued(lambda one: one.segment)),
    (Column("orders", right=True), _valued(lambda one: f"{one.orders:,}")),
    (Column("last order"), _valued(lambda one: one.last_order_on.isoformat())),
    (Column("12 months", right=True), _each("revenue_12m")),
)
# What the others do not show already.
_SORTED_BY: Mapping[SortKey, tuple[Column, Said]] = {
    SortKey.CLV: (Column("lifetime", right=True), _each("clv")),
    SortKey.AVERAGE_ORDER: (Column("average order", right=True), _each("average_order_value")),
    SortKey.ORDERS_A_YEAR: (
        Column("a year", right=True),
        _valued(lambda one: number(one.orders_per_year, 1)),
    ),
    SortKey.P_ALIVE: (Column("p(alive)", right=True), _valued(lambda one: number(one.p_alive))),
}


def _show(found: Sequence[Found], sort: SortKey) -> None:
    """What most ask for, and what it is sorted by."""
    sorted_by = [_SORTED_BY[sort]] if sort in _SORTED_BY else []
    columns = [*_ALWAYS, *sorted_by, _NAME]
    if found:
        rows = [[said(one) for _, said in columns] for one in found]
        show_table([column for column, _ in columns], rows)


def _why_no_model(sort: SortKey, shop: ShopValuation) -> Iterator[str]:
    """Why there is nothing of what it is sorted by."""
    if sort in (SortKey.CLV, SortKey.P_ALIVE):
        for one in shop.totals:
            if one.method is Method.REVENUE_12M:
                yield f"{one.currency or 'no currency'}: {one.why}"


COMMANDS = (list_customers,)
