"""What customers are worth: the orders it is worked out from, and what was worked out last.

Working it out takes seconds, so it is done once and kept: by the step `value`, and by commands that
ask for it. When it is out of date, storage.valuation_runs says.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from domain.valuation import CurrencyValue, Purchase, Segment, ShopValuation, Valuation
from storage import persons, valuation_runs
from storage.engine import Database
from storage.orders import one_order
from storage.sql import among, batches, expect_many, insert
from storage.tables import (
    CurrencyValueRow,
    CustomerRow,
    OrderRow,
    ShopValuationRow,
    ValuationRow,
)

_AT_ONCE = 5_000  # persons in one transaction: less than a second
_READ_AT_ONCE = 10_000
_SHOP = TypeAdapter(ShopValuation)
_OF_A_CURRENCY = tuple(one.name for one in fields(CurrencyValue))


def purchases(session: Session, person_ids: Collection[int] | None = None) -> Iterator[Purchase]:
    """Every order and refund by person, each person's oldest first; None: of all persons."""
    columns = (persons.PERSON, OrderRow.ordered_on, OrderRow.amount, OrderRow.currency)
    statement = (
        select(*columns, OrderRow.system, OrderRow.key)
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .order_by(persons.PERSON, OrderRow.ordered_on, OrderRow.id)
        .execution_options(yield_per=_READ_AT_ONCE)
    )
    if person_ids is not None:
        own, joined = CustomerRow.id, CustomerRow.joined_to
        statement = statement.where(or_(among(own, person_ids), among(joined, person_ids)))
    rows = session.connection().execute(statement)  # sessions would take each row apart
    for person_id, ordered_on, amount, currency, system, key in rows:
        yield Purchase(person_id, ordered_on, amount, currency, one_order(system, key))


# --- to write it ----------------------------------------------------------------------------------


def store(database: Database, run: int, people: Sequence[Valuation], shop: ShopValuation) -> None:
    """Put these in the place of what is stored, some thousands of persons at a time.

    run: from valuation_runs.begin(). Somebody who has gone meanwhile is left out. Of two runs
    at the same time the one that was begun later stays.
    """
    for batch in batches(people, _AT_ONCE):
        with database.begin() as session:
            expect_many(session)
            _write(session, run, batch)
    with database.begin() as session:
        _finish(session, run, shop)


def _write(session: Session, run: int, people: Sequence[Valuation]) -> None:
    if valuation_runs.is_superseded(session, run):
        return
    ids = _to_write(session, run, [one.person_id for one in people])
    known = [one for one in people if one.person_id in ids]
    _upsert(session, ValuationRow, ["person_id"], [_person(run, one) for one in known])
    held = among(CurrencyValueRow.person_id, ids)
    session.execute(delete(CurrencyValueRow).where(held))
    values = [
        {"person_id": one.person_id, "place": place, **_money(value)}
        for one in known
        for place, value in enumerate(one.values)
    ]
    if values:
        session.connection().execute(insert(session, CurrencyValueRow), values)


def _to_write(session: Session, run: int, person_ids: Sequence[int]) -> set[int]:
    """Who of these is a person still, and of whom no later run has written."""
    there = (
        select(CustomerRow.id)
        .outerjoin(ValuationRow, ValuationRow.person_id == CustomerRow.id)
        .where(
            among(CustomerRow.id, person_ids),
            CustomerRow.joined_to.is_(None),
            func.coalesce(ValuationRow.run, 0) <= run,
        )
    )
    return set(session.scalars(there))


def _money(value: CurrencyValue) -> dict[str, Any]:
    """As dataclasses.asdict, which takes several times as long: it copies each number."""
    return {name: getattr(value, name) for name in _OF_A_CURRENCY}


def _person(run: int, one: Valuation) -> dict[str, Any]:
    return {
        "person_id": one.person_id,
        "segment": one.segment,
        "orders": one.orders,
        "first_order_on": one.first_order_on,
        "last_order_on": one.last_order_on,
        "orders_per_year": one.orders_per_year,
        "median_gap_days": one.median_gap_days,
        "p_alive": one.p_alive,
        "is_silent": one.is_silent,
        "run": run,
    }


def _upsert(
    session: Session, table: type[Any], key: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    if not rows:
        return
    statement = insert(session, table)
    others = {name: statement.excluded[name] for name in rows[0] if name not in key}
    statement = statement.on_conflict_do_update(index_elements=key, set_=others)
    session.connection().execute(statement, list(rows))


def _finish(session: Session, run: int, shop: ShopValuation) -> None:
    if valuation_runs.is_superseded(session, run):
        return
    gone = select(ValuationRow.person_id).where(ValuationRow.run < run)
    for table in (CurrencyValueRow, ValuationRow):
        session.execute(
            delete(table)
            .where(table.person_id.in_(gone))
            .execution_options(synchronize_session=False)
        )
    session.execute(delete(ShopValuationRow).where(ShopValuationRow.run <= run))
    payload = _SHOP.dump_python(shop, mode="json")
    session.add(ShopValuationRow(run=run, as_of=shop.as_of, payload=payload))


# --- to read it -----------------------------------------------------------------------------------


def shop(session: Session) -> ShopValuation | None:
    """What was worked out last of all customers together; None: nothing yet."""
    row = valuation_runs.newest(session)
    return None if row is None else _SHOP.validate_python(row.payload)


def of(session: Session, person_ids: Iterable[int]) -> dict[int, Valuation]:
    """What was worked out last of these persons; who never paid for an order has nothing."""
    ids = sorted(set(person_ids))
    found: dict[int, Valuation] = {}
    for batch in batches(ids):
        values: dict[int, list[CurrencyValue]] = {}
        rows = session.scalars(
            select(CurrencyValueRow)
            .where(among(CurrencyValueRow.person_id, batch))
            .order_by(CurrencyValueRow.person_id, CurrencyValueRow.place)
        )
        for row in rows:
            values.setdefault(row.person_id, []).append(_value(row))
        people = session.scalars(select(ValuationRow).where(among(ValuationRow.person_id, batch)))
        for person in people:
            found[person.person_id] = _valuation(person, values.get(person.person_id, ()))
    return found


def _value(row: CurrencyValueRow) -> CurrencyValue:
    return CurrencyValue(
        currency=row.currency,
        orders=row.orders,
        revenue=row.revenue,
        revenue_12m=row.revenue_12m,
        average_order_value=row.average_order_value,
        clv_simple=row.clv_simple,
        p_alive=row.p_alive,
        expected_orders_12m=row.expected_orders_12m,
        expected_order_value=row.expected_order_value,
        clv=row.clv,
    )


def _valuation(row: ValuationRow, values: Sequence[CurrencyValue]) -> Valuation:
    return Valuation(
        person_id=row.person_id,
        segment=Segment(row.segment),
        orders=row.orders,
        first_order_on=row.first_order_on,
        last_order_on=row.last_order_on,
        orders_per_year=row.orders_per_year,
        median_gap_days=row.median_gap_days,
        p_alive=row.p_alive,
        is_silent=row.is_silent,
        values=tuple(values),
    )
