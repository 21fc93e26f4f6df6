"""`customers value`: what all customers are worth, who comes back, and what is at risk."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from alerts.wrap import wrap
from domain.valuation import Cohort, CurrencyTotals, Method, ShopValuation
from domain.value_at_risk import ValueAtRisk
from earshot import serializers
from earshot.cli.base import Session, as_csv, as_json, one_format, print_json, say, show
from earshot.cli.tables import NONE, Column, many, money, number, share, show_table
from earshot.customers.valuation import up_to_date
from earshot.reporting import value_at_risk

MIN_PEOPLE = 30  # of fewer no share is told
MONTHS = 12  # of a cohort's life, as far as a row of 80 columns goes
COHORTS = 24  # the newest months of first orders
AT_ONCE = 3  # currencies beside each other in 80 columns
ENDED = timedelta(days=30)  # without an order: an export that ends early looks like a shop left
METHODS = {Method.BG_NBD: "BG/NBD", Method.REVENUE_12M: "none"}
_WIDTH = 80
NO_ORDERS = (
    "no orders are known: import them with `earshot orders import orders.csv`, or have a shop read "
    "(docs/customers.md)"
)


@click.command("value")
@as_json
@as_csv
@click.pass_obj
def customer_value(session: Session, *, as_json: bool, as_csv: bool) -> None:
    """What customers are worth, per currency and after refunds; who comes back; value at risk.

    docs/value.md defines every figure. --json has a line per currency, then one per month of first
    orders, then the value at risk, told apart by `kind`. --csv has the currencies alone.

    Example: earshot customers value
    """
    one_format(as_json=as_json, as_csv=as_csv)
    shop = up_to_date(session.app, now=session.now)
    with session.app.database.read() as db:
        at_risk = value_at_risk.of(db, session.config, brand=None, now=session.now)
    if not shop.totals:
        say(NO_ORDERS)
    elif as_json:
        for record in _records(shop, at_risk):
            print_json(record)
    elif as_csv:
        rows = [_totals_json(shop, one) for one in shop.totals]
        serializers.write_csv(rows, sys.stdout, [name for name in rows[0] if name != "kind"])
    else:
        _show(shop, at_risk)


# --- for scripts ----------------------------------------------------------------------------------


def _records(shop: ShopValuation, at_risk: ValueAtRisk) -> Iterator[dict[str, Any]]:
    yield from (_totals_json(shop, one) for one in shop.totals)
    for cohort in shop.cohorts:
        yield {"kind": "cohort", **asdict(cohort)}
    yield {"kind": "value_at_risk", **asdict(at_risk)}


def _totals_json(shop: ShopValuation, one: CurrencyTotals) -> dict[str, Any]:
    return {
        "kind": "currency",
        "as_of": shop.as_of.isoformat(),
        "clv_years": shop.years,
        **asdict(one),
    }


# --- for people -----------------------------------------------------------------------------------


def _show(shop: ShopValuation, at_risk: ValueAtRisk) -> None:
    show(f"What customers are worth, as of {shop.as_of:%d %b %Y}; amounts after refunds")
    for start in range(0, len(shop.totals), AT_ONCE):
        show("")
        _show_totals(shop.totals[start : start + AT_ONCE], shop.years)
    show("")
    for line in _notes(shop):
        show(line)
    show("")
    _show_cohorts(shop.cohorts)
    show("")
    show_at_risk(at_risk, shop.years)


Figure = tuple[str, Callable[[CurrencyTotals], str]]


def _figures(years: float) -> tuple[Figure, ...]:
    ahead = f"{years:g} year{'' if years == 1 else 's'}"
    return (
        ("customers with an order", lambda one: f"{one.customers:,}"),
        ("of these on one day only", lambda one: f"{one.one_time:,}"),
        ("orders", lambda one: f"{one.orders:,}"),
        ("revenue, ever", lambda one: money(one.revenue)),
        ("revenue, past 12 months", lambda one: money(one.revenue_12m)),
        ("average order value", lambda one: money(one.average_order_value)),
        ("orders per customer", lambda one: number(one.orders_per_customer)),
        ("orders a year, mean", lambda one: number(one.orders_per_year)),
        ("days between orders, median", lambda one: number(one.median_gap_days, 0)),
        ("repeat index, 6 months", lambda one: _of(one.repeat_index_6m, one.customers_6m)),
        ("repeat index, 12 months", lambda one: _of(one.repeat_index_12m, one.customers_12m)),
        (f"lifetime value, simple, {ahead}", lambda one: money(one.clv_simple)),
        ("the same per customer", lambda one: money(one.clv_simple / one.customers)),
        (f"lifetime value, model, {ahead}", lambda one: money(one.clv)),
        ("the same per customer", lambda one: money(one.clv and one.clv / one.customers)),
        ("expected revenue, 12 months", lambda one: money(one.expected_revenue_12m)),
        ("abandonment of repeat buyers", lambda one: _of(one.abandonment, _repeats(one))),
        ("silent, of repeat buyers", lambda one: _of(one.silent, _repeats(one))),
        ("silent, of one day only", _silent_once),
        ("model", lambda one: METHODS[one.method]),
        ("first order", lambda one: one.first_order_on.isoformat()),
        ("last order", lambda one: one.last_order_on.isoformat()),
    )


def _repeats(one: CurrencyTotals) -> int:
    return one.customers - one.one_time


def _silent_once(one: CurrencyTotals) -> str:
    """Of few repeat buyers nobody knows what usual days are."""
    if not one.one_time or _repeats(one) < MIN_PEOPLE:
        return NONE
    return _of(one.one_time_silent / one.one_time, one.one_time)


def _of(value: float | None, count: int) -> str:
    """A share of that many people; of few there is none."""
    return share(value) if value is None or count >= MIN_PEOPLE else f"too few ({count})"


def _show_totals(totals: Sequence[CurrencyTotals], years: float) -> None:
    heads = [Column(""), *(Column(one.currency or "no currency", right=True) for one in totals)]
    show_table(heads, [(name, *(said(one) for one in totals)) for name, said in _figures(years)])


def _notes(shop: ShopValuation) -> Iterator[str]:
    """What the figures rest on, in lines of 80 columns."""
    totals = shop.totals
    for one in totals:
        if one.why:
            yield from wrap(f"{one.currency or 'no currency'}: {one.why}", _WIDTH)
    if shop.as_of - max(one.last_order_on for one in totals) > ENDED:
        yield "the last order is long ago: are newer ones missing? everybody looks silent then"
    if any(one.method is Method.REVENUE_12M for one in totals):
        yield "no model: the past 12 months and the rule of silence are all that is told"
    yield "simple: if everybody went on as often as so far, who ordered once included"
    yield "silent: no order for more than three times their usual days between orders"
    if any(one.one_time for one in totals):
        yield "one day only: no model knows whether they come back; silent by the days of all"


def _show_cohorts(cohorts: Sequence[Cohort]) -> None:
    """A share of few people is told as their number."""
    show("Retention: who ordered first in a month, and again in the 1st, 2nd … after it")
    months = range(max((min(len(one.again), MONTHS) for one in cohorts), default=0))
    if not months:
        show("no month after a first order is over yet")
        return
    heads = [
        Column("month"),
        Column("people", right=True),
        *(Column(str(nth + 1), right=True) for nth in months),
    ]
    newest = cohorts[-COHORTS:]
    rows = [
        (f"{one.month:%Y-%m}", f"{one.customers:,}", *(_again(one, nth) for nth in months))
        for one in newest
    ]
    everybody = sum(one.customers for one in cohorts)
    rows.append(("all", f"{everybody:,}", *(_all_again(cohorts, nth) for nth in months)))
    show_table(heads, rows)
    if any(one.customers < MIN_PEOPLE for one in newest):
        show(f"of fewer than {MIN_PEOPLE} people it is how many, not a share")
    if len(cohorts) > len(newest):
        show(f"the newest {COHORTS} of {len(cohorts)} months: --json has all")


def _again(one: Cohort, nth: int) -> str:
    if nth >= len(one.again):
        return ""
    return _share_or_count(one.again[nth], one.customers)


def _all_again(cohorts: Sequence[Cohort], nth: int) -> str:
    """Of the months of which the nth after them is over."""
    over = [one for one in cohorts if nth < len(one.again)]
    return _share_or_count(sum(one.again[nth] for one in over), sum(one.customers for one in over))


def _share_or_count(some: int, people: int) -> str:
    return str(some) if people < MIN_PEOPLE else share(some / people)


def show_at_risk(found: ValueAtRisk, years: float) -> None:
    """Whose mention waits, and what they are worth, with what nobody can know."""
    show("Value at risk: linked customers whose mention waits for an answer")
    if found.rows:
        heads = [
            *(Column("currency"), Column("segment"), Column("customers", right=True)),
            *(Column("12 months", right=True), Column(f"model, {years:g} y", right=True)),
        ]
        rows = [
            (
                *(one.currency or NONE, one.segment, f"{one.customers:,}"),
                *(money(one.revenue_12m), money(one.clv)),
            )
            for one in found.rows
        ]
        show_table(heads, rows)
    for line in _linkable(found):
        show(line)


def _linkable(found: ValueAtRisk) -> Iterator[str]:
    if not found.mentions:
        yield "no mention waits for an answer"
        return
    yield f"{many(found.mentions, 'mention')} waiting"
    yield f"{found.linkable:,} on networks that let an author be linked with a customer"
    yield f"{found.linked:,} by {many(found.customers, 'linked customer')}"
    if found.without_orders:
        yield f"{many(found.without_orders, 'customer')} without an order, in no row above"


COMMANDS = (customer_value,)
