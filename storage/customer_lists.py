"""Whom the rules of crm.lists are to look at, as few as the database can tell, and their facts."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from domain.customer_lists import Rhythm
from domain.valuation import Purchase, Segment
from storage import persons, valuations
from storage.sql import among, batches
from storage.tables import CurrencyValueRow, CustomerRow, OrderRow, ValuationRow

_AT_ONCE = 10_000  # ids written into one statement: 80 KB


class Paid(NamedTuple):
    """What somebody paid in one currency."""

    currency: str
    revenue_12m: float
    revenue: float  # ever


def rhythms(session: Session, person_ids: Iterable[int]) -> dict[int, Rhythm]:
    """How these order, as it was worked out last; who never paid for an order has none."""
    found: dict[int, Rhythm] = {}
    for batch in batches(sorted(set(person_ids)), _AT_ONCE):
        rows = session.execute(_rhythms().where(among(ValuationRow.person_id, batch)))
        found.update((row[0], _rhythm(*row)) for row in rows)
    return found


def long_silent(session: Session, *, since: date, p_alive_below: float) -> list[Rhythm]:
    """Repeat buyers whose last order is of that day or earlier, unless a model keeps them."""
    gone = or_(ValuationRow.p_alive.is_(None), ValuationRow.p_alive < p_alive_below)
    rows = session.execute(
        _rhythms()
        .where(ValuationRow.median_gap_days.is_not(None), ValuationRow.last_order_on <= since, gone)
        .order_by(ValuationRow.person_id)
    )
    return [_rhythm(*row) for row in rows]


def _rhythm(person_id: int, segment: str, *told: Any) -> Rhythm:  # noqa: ANN401 -- as selected
    return Rhythm(person_id, Segment(segment), *told)


def _rhythms() -> Select[*tuple[Any, ...]]:
    return select(
        ValuationRow.person_id,
        ValuationRow.segment,
        ValuationRow.orders,
        ValuationRow.last_order_on,
        ValuationRow.median_gap_days,
        ValuationRow.p_alive,
    )


def after_a_pause(session: Session, *, since: date, pause: timedelta) -> list[int]:
    """Repeat buyers who ordered after that day, and had not for so long when they did.

    With those who have a refund beside its order, as an order refunded whole is none: the caller
    reads what these few bought.
    """
    day, paid = OrderRow.ordered_on, OrderRow.amount > Decimal(0)
    rows = session.execute(
        select(
            ValuationRow.person_id,
            func.max(case((and_(paid, day <= since), day))),
            func.min(case((and_(paid, day > since), day))),
            func.min(OrderRow.amount),
        )
        .join(CustomerRow, ValuationRow.person_id == persons.PERSON)
        .join(OrderRow, OrderRow.customer_id == CustomerRow.id)
        .where(ValuationRow.last_order_on > since, ValuationRow.median_gap_days.is_not(None))
        .group_by(ValuationRow.person_id)
        .order_by(ValuationRow.person_id)
    )
    return [
        person_id
        for person_id, left, back, least in rows
        if least < 0 or (left and back and back - left >= pause)
    ]


def purchases(session: Session, person_ids: Sequence[int]) -> dict[int, list[Purchase]]:
    """The orders and refunds of these persons, each person's oldest first."""
    found: dict[int, list[Purchase]] = {one: [] for one in person_ids}
    for batch in batches(person_ids):
        for one in valuations.purchases(session, batch):
            found[one.person_id].append(one)
    return found


def paid(session: Session, person_ids: Iterable[int]) -> dict[int, list[Paid]]:
    """What these paid, most money of 12 months first; who never did is not there."""
    found: dict[int, list[Paid]] = {}
    row = CurrencyValueRow
    for batch in batches(sorted(set(person_ids)), _AT_ONCE):
        rows = session.execute(
            select(row.person_id, row.currency, row.revenue_12m, row.revenue)
            .where(among(row.person_id, batch))
            .order_by(row.person_id, row.place)
        )
        for person_id, currency, revenue_12m, revenue in rows:
            found.setdefault(person_id, []).append(Paid(currency, revenue_12m, revenue))
    return found


def permissions(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Whether each of these may be written to, by all their records: "no" before "yes"; or ""."""
    said: dict[int, set[str]] = {one: set() for one in person_ids}
    for batch in batches(sorted(said), _AT_ONCE):
        rows = session.execute(
            select(persons.PERSON, CustomerRow.permission).where(
                or_(among(CustomerRow.id, batch), among(CustomerRow.joined_to, batch)),
                CustomerRow.permission != "",
            )
        )
        for person_id, permission in rows:
            said[person_id].add(permission)
    return {
        person_id: next((one for one in ("no", "yes") if one in every), "")
        for person_id, every in said.items()
    }
