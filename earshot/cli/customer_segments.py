"""`customers segments`: how customers buy, beside what they say and how they are answered."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from domain.clock import span
from domain.reputation import BEFORE_ERRORS, NpsProxy, ResponseTimes
from domain.segments import SegmentFigures, SegmentValue
from domain.valuation import ShopValuation
from earshot import serializers
from earshot.cli.base import (
    Session,
    as_csv,
    as_json,
    brand_option,
    one_format,
    print_json,
    say,
    show,
)
from earshot.cli.customer_value import NO_ORDERS
from earshot.cli.tables import NONE, Column, money, number, show_table
from earshot.customers.valuation import up_to_date
from reputation.response import MIN_PERCENTILE

NEVER = "no order"
# A row for each currency of a segment: amounts of two are never added.
CSV_COLUMNS = (
    *("as_of", "brand", "segment", "people", "linked", "orders_per_year", "currency", "customers"),
    *("orders", "revenue", "revenue_12m", "average_order_value", "clv", "heard", "negative"),
    *("neutral", "positive", "stance", "nps_proxy", "nps_low", "nps_high", "promises.needed"),
    *("promises.answered", "promises.due", "promises.in_time", "promises.answered_p50"),
    *("promises.km_p50",),
)


@click.command("segments")
@brand_option
@as_json
@as_csv
@click.pass_obj
def customer_segments(session: Session, brand: str | None, *, as_json: bool, as_csv: bool) -> None:
    """Segments by how customers buy: what they are worth, say in public, and how they are answered.

    occasional ordered once, sporadic have probably stopped, regular go on, exclusive are the tenth
    of these expected to spend most. What is said and answered is of linked customers, in the past
    90 days; --brand counts the posts about that brand alone. docs/value.md defines every figure.
    --csv has a row for each currency of a segment.

    Example: earshot customers segments
    """
    from earshot.reporting.segments import segments_of  # noqa: PLC0415  numpy, which lists do without

    one_format(as_json=as_json, as_csv=as_csv)
    brand = None if brand is None else session.config.brand(brand).name
    shop = up_to_date(session.app, now=session.now)
    with session.app.database.read() as db:
        found = segments_of(db, session.config, brand=brand, now=session.now)
    records = (_json(one, shop, brand) for one in found)
    if not shop.totals:
        say(NO_ORDERS)
    elif as_json:
        for record in records:
            print_json(record)
    elif as_csv:
        rows = (row for record in records for row in _csv_rows(record))
        serializers.write_csv(rows, sys.stdout, CSV_COLUMNS)
    else:
        _show(found, shop, brand)


# --- for scripts ----------------------------------------------------------------------------------


def _json(one: SegmentFigures, shop: ShopValuation, brand: str | None) -> dict[str, Any]:
    """Counts of people heard by their stance; lengths of time in seconds."""
    promises = serializers.response_json("", one.promises)
    return {
        "as_of": shop.as_of.isoformat(),
        "clv_years": shop.years,
        "brand": brand,
        "segment": one.segment,
        "people": one.people,
        "linked": one.linked,
        "orders_per_year": one.orders_per_year,
        "values": [asdict(value) for value in one.values],
        "heard": one.nps.n_authors,
        "negative": one.nps.detractors,
        "neutral": one.nps.passives,
        "positive": one.nps.promoters,
        "stance": one.stance,
        "nps_proxy": one.nps.value,
        "nps_low": one.nps.low,
        "nps_high": one.nps.high,
        "promises": {name: value for name, value in promises.items() if name != "brand"},
    }


def _csv_rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for value in record["values"] or [{}]:
        yield record | value


# --- for people -----------------------------------------------------------------------------------


def _show(found: Sequence[SegmentFigures], shop: ShopValuation, brand: str | None) -> None:
    show(f"Segments of customers, as of {shop.as_of:%d %b %Y}; amounts after refunds")
    show("")
    _show_value(found, shop.years)
    show("")
    about = f" about {brand}" if brand else ""
    if not any(one.linked for one in found):
        show("no customer is linked with an author, so none is heard: see earshot links list")
        return
    show(f"Heard{about} in the past 90 days, of linked customers alone, each one voice")
    show("")
    _show_voice(found)
    show("")
    show("answered: of the promises for their posts; half within: the time in which half")
    show("of these promises had an answer, with those that still wait")
    show(f"tones and proxies: {BEFORE_ERRORS}")


def _show_value(found: Sequence[SegmentFigures], years: float) -> None:
    heads = [
        *(Column("segment"), Column("people", right=True), Column("linked", right=True)),
        *(Column("a year", right=True), Column(""), Column("12 months", right=True)),
        *(Column(f"model, {years:g} y", right=True), Column("an order", right=True)),
    ]
    show_table(heads, [row for one in found for row in _value_rows(one)])


def _value_rows(one: SegmentFigures) -> Iterator[list[str]]:
    own = [
        *(one.segment or NEVER, f"{one.people:,}", f"{one.linked:,}"),
        number(one.orders_per_year, 1),
    ]
    for place, value in enumerate(one.values or [None]):
        yield [*(own if place == 0 else [""] * len(own)), *_amounts(value)]


def _amounts(value: SegmentValue | None) -> list[str]:
    if value is None:
        return [NONE] * 4
    return [
        value.currency or NONE,
        *map(money, (value.revenue_12m, value.clv, value.average_order_value)),
    ]


def _show_voice(found: Sequence[SegmentFigures]) -> None:
    heads = [
        *(Column("segment"), Column("heard", right=True), Column("neg", right=True)),
        *(Column("neut", right=True), Column("pos", right=True), Column("NPS proxy")),
        *(Column("answered"), Column("half within")),
    ]
    show_table(heads, [_voice_row(one) for one in found])


def _voice_row(one: SegmentFigures) -> list[str]:
    counts = (one.nps.n_authors, one.nps.detractors, one.nps.passives, one.nps.promoters)
    answered = f"{one.promises.answered:,} of {one.promises.needed:,}"
    return [
        one.segment or NEVER,
        *(f"{count:,}" for count in counts),
        _proxy(one.nps),
        answered if one.promises.needed else NONE,
        _half(one.promises),
    ]


def _proxy(nps: NpsProxy) -> str:
    if nps.value is None or nps.low is None or nps.high is None:
        return f"too few ({nps.n_authors})"
    return f"{nps.value:+.0f} ({nps.low:+.0f} to {nps.high:+.0f})"


def _half(promises: ResponseTimes) -> str:
    if promises.needed < MIN_PERCENTILE:
        return f"too few ({promises.needed})" if promises.needed else NONE
    return _length(promises.km_p50)


def _length(half: timedelta | None) -> str:
    return "not reached" if half is None else span(half)


COMMANDS = (customer_segments,)
