"""`customers ambassadors`, `at-risk`, `lost`, `won-back`: lists that somebody can act on.

They hold only who may be written to, and nothing of them is sent.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy.orm import Session as Db

from domain.clock import iso
from domain.customer import Value
from domain.customer_lists import ListName
from domain.valuation import Method, ShopValuation
from earshot import serializers
from earshot.cli.base import Session, as_csv, as_json, brand_option, one_format, print_json, say
from earshot.cli.base import show as show_line
from earshot.cli.tables import NONE, money
from earshot.customers.profile import values_of
from earshot.customers.valuation import up_to_date
from earshot.reporting import customer_lists
from earshot.reporting.customer_lists import Listed, Member
from listener.contracts import contract_of
from storage import persons
from storage.customer_posts import CustomerPost
from storage.person_facts import Facts, facts
from storage.sql import batches
from storage.tables import CustomerRow

Command = Callable[..., Any]
LISTED = 100
# docs/value.md says what each holds; tools read them by name.
CSV_COLUMNS = (
    *("list", "customer_id", "system", "external_id", "name", "email", "language", "segment"),
    *("tier", "orders", "last_order_on", "revenue_12m", "clv", "currency", "other_currencies"),
    *("reason", "posts", "mention_id", "brand", "network", "posted_at", "url", "handle"),
)


def _options(command: Command) -> Command:
    """What each of the lists takes."""
    limit = click.option(
        "--limit",
        type=click.IntRange(1),
        metavar="N",
        help=f"How many at most.  [default: {LISTED}, with --json and --csv all]",
    )
    for one in (click.pass_obj, as_csv, as_json, limit):
        command = one(command)
    return command


@click.command("ambassadors")
@brand_option
@_options
def list_ambassadors(session: Session, **given: Any) -> None:  # noqa: ANN401  the options, by name
    """List customers who speak well of you and are of value or read by many.

    Promoters of the past 90 days, with two posts or 1,000 followers, who are regular or exclusive
    customers, in the top tier, or have 1,000 followers. It tells what they posted, and of nobody
    who ordered once that they will again.

    Only who may be written to is listed; how many were left out is told. Nothing is sent.

    Example: earshot customers ambassadors --csv > ambassadors.csv
    """
    _list(session, ListName.AMBASSADORS, **given)


@click.command("at-risk")
@brand_option
@_options
def list_at_risk(session: Session, **given: Any) -> None:  # noqa: ANN401  the options, by name
    """List customers who wrote something negative and order less than they used to.

    In the past 90 days, under a confirmed link; and silent for longer than three of their usual
    gaps and 30 days, or less likely than not to still be a customer. Who ordered once is not on it.

    Only who may be written to is listed; how many were left out is told. Nothing is sent.

    Example: earshot customers at-risk --limit 20
    """
    _list(session, ListName.AT_RISK, **given)


@click.command("lost")
@_options
def list_lost(session: Session, **given: Any) -> None:  # noqa: ANN401  the options, by name
    """List customers who ordered again and again, and do not any more.

    Silent for 90 days and longer than three of their usual gaps, and less than 20 % likely to still
    be a customer; six gaps where no model tells. Of who ordered once nobody knows.

    Only who may be written to is listed; how many were left out is told. Nothing is sent.

    Example: earshot customers lost --csv > lost.csv
    """
    _list(session, ListName.LOST, brand=None, **given)


@click.command("won-back")
@_options
def list_won_back(session: Session, **given: Any) -> None:  # noqa: ANN401  the options, by name
    """List customers who ordered again in the past 90 days, after a long silence.

    Of 90 days and longer than three of the gaps they had up to then. Who had ordered once before
    was not lost, as nobody knows how often they meant to order.

    Only who may be written to is listed; how many were left out is told. Nothing is sent.

    Example: earshot customers won-back
    """
    _list(session, ListName.WON_BACK, brand=None, **given)


def _list(
    session: Session,
    name: ListName,
    *,
    brand: str | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    one_format(as_json=as_json, as_csv=as_csv)
    wanted = None if brand is None else session.config.brand(brand).name
    shop = up_to_date(session.app, now=session.now)
    most = limit or (None if as_json or as_csv else LISTED)
    with session.app.database.read() as db:
        found = customer_lists.listed(db, session.config, name, brand=wanted, now=session.now)
        entries = _entries(session, db, name, found.members[:most])
        if as_json:
            for one in entries:
                print_json(one.json)
        elif as_csv:
            serializers.write_csv((one.csv for one in entries), sys.stdout, CSV_COLUMNS)
        else:
            for one in entries:
                for line in _lines(one):
                    show_line(line)
    for line in _notes(found, shown=most):
        say(line)
    if name in (ListName.AT_RISK, ListName.LOST):
        for line in _without_model(shop):
            say(line)


def _notes(found: Listed, *, shown: int | None) -> Iterator[str]:
    """How many there are, and who was left out."""
    count = len(found.members)
    first = f", the first {shown} are shown (--limit)" if shown and shown < count else ""
    yield f"{count} customer{'' if count == 1 else 's'}{first}"
    if found.said_no or found.not_said:
        yield (
            f"left out: {found.said_no} who said no, {found.not_said} of whom your CRM does not say"
        )


def _without_model(shop: ShopValuation) -> Iterator[str]:
    """Where silence alone tells who is gone, and why."""
    for one in shop.totals:
        if one.method is Method.REVENUE_12M:
            yield f"{one.currency or 'no currency'}: {one.why}; here silence alone counts"


# --- what is told of one --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on a list, with what is known of them."""

    name: ListName
    member: Member
    records: Sequence[CustomerRow]  # the person's own first
    worth: Value
    known: Facts

    @property
    def json(self) -> dict[str, Any]:
        newest = self.member.newest
        own = serializers.customer_json(self.records[0], self.worth, self.records, self.known)
        last = self.worth.last_order_on
        return own | {
            "list": self.name,
            "reason": self.member.reason,
            "last_order_on": last and last.isoformat(),
            "posts": self.member.posts,
            "mention": newest and _mention_json(newest),
        }

    @property
    def csv(self) -> dict[str, Any]:
        row, valued, member = self.records[0], self.worth.valuation, self.member
        values = valued.values if valued else ()
        return {
            "list": self.name,
            "customer_id": row.id,
            "system": row.system,
            "external_id": row.external_id,
            "name": row.name,
            "email": next(iter(self.known.emails), ""),
            "language": self.known.language,
            "segment": valued and valued.segment,
            "tier": self.worth.tier,
            "orders": valued.orders if valued else 0,
            "last_order_on": valued and valued.last_order_on,
            "revenue_12m": values[0].revenue_12m if values else None,
            "clv": values[0].clv if len(values) == 1 else None,
            "currency": values[0].currency if values else None,
            "other_currencies": "; ".join(
                f"{one.revenue_12m:.2f} {one.currency}".strip() for one in values[1:]
            ),
            "reason": member.reason,
            "posts": member.posts,
            **(_mention_csv(member.newest) if member.newest else {}),
        }


def _mention_json(post: CustomerPost) -> dict[str, Any]:
    """Words, author and address stay here where the network's contract lets no text leave."""
    leaves = contract_of(post.source).may_export
    return {
        "id": post.mention_id,
        "brand": post.brand,
        "source": post.source,
        "published_at": iso(post.published_at),
        "url": post.url if leaves else None,
        "handle": post.account.handle if leaves else None,
        "text": post.text if leaves else None,
    }


def _mention_csv(post: CustomerPost) -> dict[str, Any]:
    said = _mention_json(post)
    return {
        "mention_id": said["id"],
        "brand": said["brand"],
        "network": said["source"],
        "posted_at": said["published_at"],
        "url": said["url"],
        "handle": said["handle"],
    }


def _entries(
    session: Session, db: Db, name: ListName, members: Sequence[Member]
) -> Iterator[Entry]:
    for batch in batches(members):
        records = persons.records(db, [one.person_id for one in batch])
        rows = [one[0] for one in records.values()]
        values = values_of(db, rows, session.config, now=session.now)
        known = facts(db, records)
        for one in batch:
            person_id = one.person_id
            yield Entry(name, one, records[person_id], values[person_id], known[person_id])


def _lines(one: Entry) -> Iterator[str]:
    """Who it is and what they paid, why they are on it, and where that stands."""
    row, valued = one.records[0], one.worth.valuation
    paid = [f"{money(value.amount)} {value.currency}".strip() for value in one.member.values_12m]
    expected = one.worth.valued.clv if one.worth.valued else None
    lifetime = f"  lifetime {money(expected)} {one.worth.currency}" if expected is not None else ""
    yield (
        f"{row.id:>6}  {valued.segment if valued else NONE:10}  {one.worth.tier or NONE:8}  "
        f"12 months {', '.join(paid) or NONE}{lifetime}  {row.name}"
    )
    yield f"{'':6}  {one.member.reason}"
    newest, count = one.member.newest, one.member.posts
    if newest is not None:
        yield f"{'':6}  {count} post{'' if count == 1 else 's'}: mention {newest.mention_id}"


COMMANDS = (list_ambassadors, list_at_risk, list_lost, list_won_back)
