"""Which customers, in which order: by what they were valued at last, without reading an order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, collate, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from domain.valuation import Segment
from storage.sql import among
from storage.tables import CurrencyValueRow, CustomerRow, ValuationRow

_HALF_A_HUNDREDTH = Decimal("0.005")  # sums are stored as floats, thresholds have two decimals


class SortKey(StrEnum):
    """Whoever has no such value comes last; equals by id."""

    REVENUE = "revenue"  # of 12 months, most first; each key of money apart for each currency
    CLV = "clv"  # likewise
    AVERAGE_ORDER = "average-order"  # likewise
    ORDERS = "orders"  # most first
    ORDERS_A_YEAR = "orders-a-year"  # most first
    LAST_ORDER = "last-order"  # newest first
    P_ALIVE = "p-alive"  # least likely to order again first; who ordered once has none
    NAME = "name"  # capitals as small letters, by code point


@dataclass(frozen=True, slots=True)
class TierRule:
    """Who is in a tier: by the CRM's word, else by the revenue of 12 months in any currency.

    Thresholds are by currency; "" stands for every currency that is not named.
    """

    words: Collection[str]  # what the CRM calls it
    thresholds: Mapping[str, Decimal]  # from which on; empty: by the CRM's word alone
    above: Sequence[Mapping[str, Decimal]]  # of the tiers above it: who reaches one is not in it


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers; what is empty does not filter."""

    segments: Collection[Segment] = ()
    tiers: Collection[TierRule] = ()
    people: Collection[int] | None = None  # among these
    currency: str | None = None  # who ever paid in it, and their amounts in it
    sort: SortKey = SortKey.REVENUE


def ranked(session: Session, wanted: Wanted, *, limit: int | None = None) -> list[int]:
    """Persons in that order, also those who never ordered.

    Amounts of two currencies are not compared: the first of each currency comes first, then the
    second of each. Without `currency` a person stands with the one they paid most in.
    """
    if wanted.currency is not None:
        statement = _sorted(session, _paid_in(wanted.currency), wanted)
    elif wanted.sort in _MONEY:
        return _taking_turns(session, wanted, limit)
    else:
        statement = _sorted(session, _everybody(), wanted)
    return list(session.scalars(statement.limit(limit)))


def _taking_turns(session: Session, wanted: Wanted, limit: int | None) -> list[int]:
    """The first of each currency, then the second of each; who never paid last."""
    currencies = session.scalars(select(CurrencyValueRow.currency).distinct())
    columns = [
        session.scalars(_sorted(session, _paid_most_in(one), wanted).limit(limit)).all()
        for one in sorted(currencies)
    ]
    found = [one for row in zip_longest(*columns) for one in row if one is not None]
    if limit is None or len(found) < limit:
        never = _everybody().where(ValuationRow.person_id.is_(None), *_conditions(wanted))
        found.extend(session.scalars(never.order_by(CustomerRow.id).limit(limit)))
    return found[:limit]


def _everybody() -> Select[int]:
    valued = ValuationRow.person_id == CustomerRow.id
    return select(CustomerRow.id).outerjoin(ValuationRow, valued)


def _paid_in(currency: str) -> Select[int]:
    """Who ever paid in it."""
    theirs = CurrencyValueRow.person_id == CustomerRow.id
    return _everybody().join(CurrencyValueRow, theirs).where(CurrencyValueRow.currency == currency)


def _paid_most_in(currency: str) -> Select[int]:
    return _paid_in(currency).where(CurrencyValueRow.place == 0)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [CustomerRow.joined_to.is_(None)]
    if wanted.segments:
        conditions.append(ValuationRow.segment.in_(sorted(wanted.segments)))
    if wanted.tiers:
        conditions.append(or_(*map(_in_tier, wanted.tiers)))
    if wanted.people is not None:
        conditions.append(among(CustomerRow.id, wanted.people))
    return conditions


# --- the order ------------------------------------------------------------------------------------

_MONEY: Mapping[SortKey, InstrumentedAttribute[Any]] = {
    SortKey.REVENUE: CurrencyValueRow.revenue_12m,
    SortKey.CLV: CurrencyValueRow.clv,
    SortKey.AVERAGE_ORDER: CurrencyValueRow.average_order_value,
}
_MOST: Mapping[SortKey, InstrumentedAttribute[Any]] = {
    SortKey.ORDERS: ValuationRow.orders,
    SortKey.ORDERS_A_YEAR: ValuationRow.orders_per_year,
    SortKey.LAST_ORDER: ValuationRow.last_order_on,
}


def _sorted(session: Session, statement: Select[int], wanted: Wanted) -> Select[int]:
    key, chosen = wanted.sort, statement.where(*_conditions(wanted))
    if key is SortKey.REVENUE:  # as the index has it
        return chosen.order_by(CurrencyValueRow.revenue_12m.desc(), CustomerRow.id)
    if key in _MONEY:
        lately = CurrencyValueRow.revenue_12m.desc()
        return chosen.order_by(_MONEY[key].is_(None), _MONEY[key].desc(), lately, CustomerRow.id)
    if key is SortKey.NAME:
        return chosen.order_by(_folded(session), CustomerRow.id)
    if key is SortKey.P_ALIVE:
        alive = ValuationRow.p_alive
        return chosen.order_by(alive.is_(None), alive, CustomerRow.id)
    return chosen.order_by(_MOST[key].is_(None), _MOST[key].desc(), CustomerRow.id)


def _folded(session: Session) -> ColumnElement[str]:
    """Both databases fold the letters of ASCII alone, and sort by code point."""
    if session.get_bind().dialect.name == "sqlite":
        return func.lower(CustomerRow.name)
    return func.lower(collate(CustomerRow.name, "C"))


# --- tiers ----------------------------------------------------------------------------------------


def _in_tier(rule: TierRule) -> ColumnElement[bool]:
    word = _crm_word()
    by_revenue = and_(
        word.is_(None), _reaches(rule.thresholds), *(~_reaches(above) for above in rule.above)
    )
    return or_(word.in_(sorted(rule.words)), by_revenue)


def _crm_word() -> ColumnElement[str | None]:
    """The tier of the first of a person's records that has one, their own first; as in profile."""
    record = aliased(CustomerRow)
    others = (
        select(record.tier)
        .where(record.joined_to == CustomerRow.id, record.tier != "")
        .order_by(record.id)
        .limit(1)
        .correlate(CustomerRow)
        .scalar_subquery()
    )
    return func.coalesce(func.nullif(CustomerRow.tier, ""), others)


def _reaches(thresholds: Mapping[str, Decimal]) -> ColumnElement[bool]:
    """That they paid as much in one of their currencies. thresholds empty: nobody did."""
    if not thresholds:
        return false()
    paid = aliased(CurrencyValueRow)
    named = [one for one in thresholds if one]
    reached = [
        and_(
            paid.currency == one if one else paid.currency.not_in(named),
            paid.revenue_12m > float(least - _HALF_A_HUNDREDTH),
        )
        for one, least in thresholds.items()
    ]
    return exists().where(paid.person_id == CustomerRow.id, or_(*reached)).correlate(CustomerRow)


def tier_words(session: Session) -> list[str]:
    """What CRMs call their tiers, each spelling once, by alphabet."""
    found = session.scalars(select(CustomerRow.tier).where(CustomerRow.tier != "").distinct())
    return sorted(found)
