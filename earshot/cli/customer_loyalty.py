"""`customers loyalty`: what customers bought after they wrote, beside how they were answered."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any

import click

from domain.loyalty import Compared, Estimate, Loyalty, LoyaltyGroup, Outside
from earshot import serializers
from earshot.cli.base import (
    WHEN,
    Session,
    as_csv,
    as_json,
    brand_option,
    one_format,
    print_json,
    say,
    show,
)
from earshot.cli.tables import NONE, Column, share, show_table
from earshot.customers.valuation import up_to_date
from earshot.reporting.loyalty import loyalty_of
from reputation.loyalty import LOOKED_BACK

SHARES = {
    "repeat": "ordered again within 180 days",
    "retention": "ordered on the days 181 to 365",
    "abandonment": "abandonment today, mean of 1 - P(alive)",
    "silent": "silent today, for longer than 3 x their own median gap",
}
AMOUNTS = {
    "before": "spent in the 180 days before",
    "after": "spent in the 180 days after",
    "change": "after less before",
}
OUTSIDE = {
    Outside.RUNNING: "asked, and the promised time is not over",
    Outside.NO_PROMISE: "asked, but no promise of this time counts",
    Outside.UNREAD: "wrote what nobody has read yet",
    Outside.QUIET: "wrote nothing about it in this time",
    Outside.NEVER_ORDERED: "had not ordered by then",
}
WHOLE = 100  # from there on the interval is wider than cents
NOTES = """
Each customer counts once, from the day of one post on: of who asked, the first
post whose promised time is over; of who never asked for an answer, one by lot.

all      the whole group, as it is
matched  those of the group of whom at least 5 of who never asked were alike on
         that day: in how many orders they had, whether they had fallen silent,
         and what they had paid in 12 months
alike    these who never asked, weighted so that they were as the matched were;
         ~ tells how many customers of equal weight would tell as much.
         How alike they were: see what both spent in the 180 days before

In brackets stand 95 % intervals. Of fewer than 30 customers no figure is told.

Groups that are alike in this may differ in much else, such as what went wrong.
These figures tell what was seen together, and not why. Of customers
without a known account nothing is seen.
"""
_COLUMNS = ("n", "effective_n", "hits", "value", "low", "high")
CSV = (
    *("brand", "since", "until", "as_of", "group", "customers", "pending"),
    *("figure", "currency"),
    *(f"{one}.{column}" for one in ("raw", "matched", "alike") for column in _COLUMNS),
)


@click.command("loyalty")
@brand_option
@click.option(
    "--since",
    type=WHEN,
    default=f"{LOOKED_BACK.days}d",
    show_default=True,
    help="Posts from when on.",
)
@as_json
@as_csv
@click.pass_obj
def customer_loyalty(
    session: Session, brand: str | None, since: datetime, *, as_json: bool, as_csv: bool
) -> None:
    """What linked customers bought after they wrote, by how they were answered.

    In time, late, never, or elsewhere; and of customers who never asked for an answer, as they are
    and weighted to have been like each group before. It tells what was seen together, and not why.
    docs/value.md defines every figure.

    Example: earshot customers loyalty --brand acme
    """
    one_format(as_json=as_json, as_csv=as_csv)
    name = None if brand is None else session.config.brand(brand).name
    up_to_date(session.app, now=session.now)
    with session.app.database.read() as db:
        found = loyalty_of(db, session.config, brand=name, now=session.now, since=since)
    if as_json:
        for group in found.groups:
            print_json(_group_json(found, group))
    elif as_csv:
        serializers.write_csv(_rows(found), sys.stdout, CSV)
    else:
        _show(found)
    if not found.linked:
        say("no customer is linked with an account: see earshot links list --state proposed")


# --- for scripts ----------------------------------------------------------------------------------


def _head(found: Loyalty, group: LoyaltyGroup) -> dict[str, Any]:
    return {
        "brand": found.brand,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "as_of": found.as_of.isoformat(),
        "group": group.answered,
        "customers": group.customers,
        "pending": group.pending,
    }


def _group_json(found: Loyalty, group: LoyaltyGroup) -> dict[str, Any]:
    figures = {name: asdict(getattr(group, name)) for name in SHARES}
    return {
        **_head(found, group),
        **figures,
        "spent": [asdict(one) for one in group.spent],
        "linked": found.linked,
        "left_out": dict(found.left_out),
        "unlinked": found.unlinked,
    }


def _rows(found: Loyalty) -> Iterator[dict[str, Any]]:
    for group in found.groups:
        for name in SHARES:
            figure = asdict(getattr(group, name))
            yield {**_head(found, group), "figure": name, "currency": None, **figure}
        for spent in group.spent:
            for name in AMOUNTS:
                figure = asdict(getattr(spent, name))
                yield {
                    **_head(found, group),
                    "figure": f"spent_{name}",
                    "currency": spent.currency,
                    **figure,
                }


# --- for people -----------------------------------------------------------------------------------

Figure = Callable[[LoyaltyGroup], Compared | None]
Written = Callable[[float, float], str]  # the second: the greatest of those it stands with


def _show(found: Loyalty) -> None:
    brand = found.brand or "all brands"
    show(f"Loyalty beside the mood, {brand}: posts of {_day(found.since)} to {_day(found.as_of)}")
    show(f"Orders are followed to {_day(found.until)}. Amounts are means per customer.")
    show("")
    _show_sizes(found)
    for name, title in SHARES.items():
        _show_figure(found, title, attrgetter(name), _percent)
    for currency in dict.fromkeys(one.currency for group in found.groups for one in group.spent):
        for name, title in AMOUNTS.items():
            figure = partial(_spent, currency, name)
            _show_figure(found, f"{currency} {title}".strip(), figure, _money)
    for line in NOTES.rstrip().splitlines():
        show(line)


def _show_sizes(found: Loyalty) -> None:
    heads = [Column("customers with an account"), Column("", right=True), Column("")]
    rows = [[one.answered.words, f"{one.customers:,}", _pending(one)] for one in found.groups]
    out = [
        [f"in no group: {OUTSIDE[one]}", f"{count:,}", ""]
        for one, count in found.left_out.items()
        if count
    ]
    show_table(heads, [*rows, *out, ["together", f"{found.linked:,}", ""]])
    show(f"Of {found.unlinked:,} more customers no account is known.")


def _pending(group: LoyaltyGroup) -> str:
    return f"and {group.pending:,} whose 180 days are not over" if group.pending else ""


def _show_figure(found: Loyalty, title: str, figure: Figure, written: Written) -> None:
    show("")
    figures = [one for group in found.groups if (one := figure(group)) is not None]
    if not any(one.raw.n for one in figures):
        show(f"{title}: nobody's is known")
    elif all(one.raw.value is None for one in figures):
        show(f"{title}: too few in every group")
    else:
        show(title)
        rows = [_row(one, figure(one), written) for one in found.groups]
        show_table([Column(""), Column("all"), Column("matched"), Column("alike")], rows)


def _row(group: LoyaltyGroup, figure: Compared | None, written: Written) -> list[str]:
    if figure is None:
        return [group.answered.words, NONE, NONE, NONE]
    both = [] if figure.matched is None or figure.alike is None else [figure.matched, figure.alike]
    cells = [_cell(one, written) for one in (figure.raw, *both)]
    return [group.answered.words, *cells, *[NONE] * (3 - len(cells))]


def _cell(one: Estimate, written: Written) -> str:
    n = f"{one.n:,}" if one.effective_n == one.n else f"~{one.effective_n:,.0f}"
    if not one.n:
        return NONE
    if one.value is None:
        return f"too few ({n})"
    told = [end for end in (one.value, one.low, one.high) if end is not None]
    value, *ends = (written(end, max(map(abs, told))) for end in told)
    return f"{value} ({' to '.join(ends)}) of {n}" if ends else f"{value} of {n}"


def _spent(currency: str, name: str, group: LoyaltyGroup) -> Compared | None:
    spent = next((one for one in group.spent if one.currency == currency), None)
    found: Compared | None = getattr(spent, name, None)
    return found


def _percent(value: float, _greatest: float) -> str:
    return share(value)


def _money(value: float, greatest: float) -> str:
    return f"{value:,.0f}" if greatest >= WHOLE else f"{value:,.2f}"


def _day(day: date) -> str:
    return f"{day:%d %b %Y}"


COMMANDS = (customer_loyalty,)
