"""Segments of customers, added up in the database from what was valued last."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.segments import SegmentValue
from domain.valuation import Segment
from storage.sql import among, batches
from storage.tables import CurrencyValueRow, CustomerRow, ValuationRow

_AT_ONCE = 10_000  # ids written into one statement: 80 KB


class Size(NamedTuple):
    """How many persons a segment has."""

    people: int
    orders_per_year: float | None  # the mean; None: they never ordered


def sizes(session: Session) -> dict[Segment | None, Size]:
    """Of each segment that has anybody; None: of those who never ordered."""
    rows = session.execute(
        select(ValuationRow.segment, func.count(), func.avg(ValuationRow.orders_per_year))
        .select_from(CustomerRow)
        .outerjoin(ValuationRow, ValuationRow.person_id == CustomerRow.id)
        .where(CustomerRow.joined_to.is_(None))
        .group_by(ValuationRow.segment)
    )
    return {segment and Segment(segment): Size(people, often) for segment, people, often in rows}


def values(session: Session) -> dict[Segment, tuple[SegmentValue, ...]]:
    """What each is worth, each currency apart, most money of 12 months first."""
    row = CurrencyValueRow
    rows = session.execute(
        select(
            ValuationRow.segment,
            row.currency,
            func.count(),
            func.sum(row.orders),
            func.sum(row.revenue),
            func.sum(row.revenue_12m),
            func.sum(row.clv),
            func.count(row.clv),
        )
        .join(row, row.person_id == ValuationRow.person_id)
        .group_by(ValuationRow.segment, row.currency)
    )
    found: dict[Segment, list[SegmentValue]] = {}
    for segment, currency, customers, orders, revenue, lately, clv, expected in rows:
        value = SegmentValue(
            currency=currency,
            customers=customers,
            orders=orders,
            revenue=round(revenue, 2),
            revenue_12m=round(lately, 2),
            average_order_value=revenue / orders if orders else None,
            clv=round(clv, 2) if clv is not None and expected == customers else None,
        )
        found.setdefault(Segment(segment), []).append(value)
    return {segment: tuple(sorted(every, key=_most_first)) for segment, every in found.items()}


def _most_first(one: SegmentValue) -> tuple[float, str]:
    return -one.revenue_12m, one.currency


def of(session: Session, person_ids: Iterable[int]) -> dict[int, Segment]:
    """The segment of each of these who ever ordered."""
    found: dict[int, Segment] = {}
    for batch in batches(sorted(set(person_ids)), _AT_ONCE):
        rows = session.execute(
            select(ValuationRow.person_id, ValuationRow.segment).where(
                among(ValuationRow.person_id, batch)
            )
        )
        found.update((person_id, Segment(segment)) for person_id, segment in rows)
    return found
