"""What customers bought: whose each order is, and when two rows are one order."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import mention_orders, persons
from storage.persons import Holder
from storage.sql import batches, insert
from storage.tables import CustomerRow, OrderRow

# What a former release, which did not know the shop, stored as the system of every order.
_UNKNOWN = "orders"
_ZONES = timedelta(days=1)  # two exports of one order may write its day in two zones


@dataclass(frozen=True, slots=True)
class Refused:
    """An order that was not stored."""

    line: int  # of the file it was read from
    reason: str  # holds nothing of the customer


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    new: int
    known: int
    refused: tuple[Refused, ...] = ()


def save(session: Session, system: str, orders: Sequence[OrderRecord]) -> Imported:
    """Insert orders of known customers; a row imported before is known, not doubled.

    system: whose customer ids and order numbers these are. Refused is an order of nobody known, of
    two people at once, and one that is evidently not the stored order of its number.
    """
    stored = _stored(session, system, orders)
    buyers = _buyers(session, system, orders)
    records = [one for one in buyers if not isinstance(one, str)]
    person = persons.of(session, [*records, *(row.customer_id for row in stored.values())])
    refused: list[Refused] = []
    rows: dict[str, dict[str, object]] = {}
    for order, key, buyer in zip(orders, _keys(orders), buyers, strict=True):
        before = stored.get(key)
        if isinstance(buyer, str):
            refused.append(Refused(order.line, buyer))
        elif before is not None and not _same(
            before, order, one_person=person[before.customer_id] == person[buyer]
        ):
            refused.append(Refused(order.line, _OTHER_SHOP))
        else:
            rows[key] = {
                "customer_id": buyer,
                "system": system,
                "key": key,
                "ordered_on": order.ordered_on,
                "amount": order.amount,
                "currency": order.currency,
            }
    new = _upsert(session, list(rows.values()))
    mention_orders.learn(session, system, rows)
    return Imported(new, len(rows) - new, tuple(refused))


def of(session: Session, person_ids: Iterable[int]) -> dict[int, list[OrderRecord]]:
    """The orders of these persons, oldest first; one without orders has an empty list."""
    ids = sorted(set(person_ids))
    found: dict[int, list[OrderRecord]] = {person_id: [] for person_id in ids}
    for batch in batches(ids):
        records = or_(CustomerRow.id.in_(batch), CustomerRow.joined_to.in_(batch))
        rows = session.execute(
            select(OrderRow, persons.PERSON)
            .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
            .where(records)
            .order_by(OrderRow.ordered_on, OrderRow.id)
        )
        for row, person_id in rows:
            found[person_id].append(
                OrderRecord(
                    customer=str(person_id),
                    ordered_on=row.ordered_on,
                    amount=row.amount,
                    currency=row.currency,
                    external_id=row.key,
                )
            )
    return found


def _upsert(session: Session, rows: Sequence[dict[str, object]]) -> int:
    """How many were new. A later export may carry a refund: such a row is brought up to date."""
    before = session.scalar(select(func.count()).select_from(OrderRow)) or 0
    for batch in batches(rows):
        statement = insert(session, OrderRow)
        fresh = {
            name: statement.excluded[name]
            for name in ("customer_id", "ordered_on", "amount", "currency")
        }
        session.execute(
            statement.on_conflict_do_update(index_elements=["system", "key"], set_=fresh),
            list(batch),
        )
    return (session.scalar(select(func.count()).select_from(OrderRow)) or 0) - before


# --- which order a row is -----------------------------------------------------------------------

NOBODY = (
    "no customer of its system has its customer id, and none its e-mail: import customers first, "
    "or say with --system whose ids the file has"
)
_OTHER_SHOP = (
    "its order number is stored for another customer, day or amount: if this is another shop, "
    "import its file with --shop NAME"
)


def _keys(orders: Sequence[OrderRecord]) -> Iterator[str]:
    """The shop's order id; without one, the row's content and its how-manieth appearance.

    A refund that is a row of its own stands beside the order of its id.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for order in orders:
        if order.external_id and not order.beside:
            yield order.external_id
            continue
        content = f"{order.external_id}|{order.content}" if order.beside else order.content
        like = content, order.nth  # whoever read them may have numbered them, or not
        nth = order.nth + seen[like]
        seen[like] += 1
        digest = hashlib.sha256(f"{content}|{nth}".encode()).hexdigest()[:24]
        yield f"{order.external_id}:refund:{digest}" if order.beside else f"row:{digest}"


def _stored(session: Session, system: str, orders: Sequence[OrderRecord]) -> dict[str, OrderRow]:
    """The stored orders of these keys, without those that a former release has stored.

    These are found by number and day, whomever they were credited to, and given their system: the
    import then brings them up to date.
    """
    keys = list(_keys(orders))
    found = _with_keys(session, system, keys)
    if system == _UNKNOWN:
        return found
    former = _with_keys(session, _UNKNOWN, [*keys, *(one.external_id for one in orders)])
    for order, key in zip(orders, keys, strict=True):
        row = former.get(key) or former.get(order.external_id)
        if row is not None and key not in found and _is_former(row, order):
            fresh = update(OrderRow).where(OrderRow.id == row.id).values(system=system, key=key)
            session.execute(fresh.execution_options(synchronize_session=False))
    return found


def _with_keys(session: Session, system: str, keys: Sequence[str]) -> dict[str, OrderRow]:
    found: dict[str, OrderRow] = {}
    for batch in batches(sorted(set(keys))):
        rows = session.scalars(
            select(OrderRow).where(OrderRow.system == system, OrderRow.key.in_(batch))
        )
        found.update({row.key: row for row in rows})
    return found


def _is_former(row: OrderRow, order: OrderRecord) -> bool:
    """Whether an order of unknown system is this one: a refund may have changed its amount."""
    return _is_day(row, order) and (row.amount < 0) == (order.amount < 0)


def _same(row: OrderRow, order: OrderRecord, *, one_person: bool) -> bool:
    """Whether this is the stored order: two of its person, day and amount agree.

    A deal's day and amount may both be corrected, and whatever came to nothing may come later.
    """
    paid_alike = (row.amount, row.currency) == (order.amount, order.currency)
    agree = one_person + _is_day(row, order) + paid_alike
    return agree > 1 or (one_person and (order.is_deal or not row.amount))


def _is_day(row: OrderRow, order: OrderRecord) -> bool:
    return abs(row.ordered_on - order.ordered_on) <= _ZONES


# --- who bought ---------------------------------------------------------------------------------


def _buyers(session: Session, system: str, orders: Sequence[OrderRecord]) -> list[int | str]:
    """The record that each order belongs to, or why it belongs to none."""
    ids = _records(session, system, {order.customer for order in orders if order.customer})
    held = persons.holders(session, {one for order in orders for one in _emails(order)})
    person = persons.of(session, ids.values())
    found: list[int | str] = []
    for order in orders:
        record_id = ids.get(order.customer)
        known = None if record_id is None else Holder(record_id, system, person[record_id])
        named = [holders for email in _emails(order) if (holders := held.get(email))]
        found.append(_buyer(system, known, named))
    return found


def _buyer(system: str, known: Holder | None, named: Sequence[Sequence[Holder]]) -> int | str:
    """An id counts within its own system. The e-mail must not name somebody else.

    It is used where the id is not known, a record of the order's own system before one of another.
    """
    people = [{one.person_id for one in holders} for holders in named]
    if known is not None:
        people.append({known.person_id})
    if len(people) > 1 and not set.intersection(*people):
        return "its e-mail is of another customer than its customer id"
    if known is not None:
        return known.record_id
    if not named:
        return NOBODY
    own = [one for one in named[0] if one.system == system] or named[0]
    if len({one.person_id for one in own}) > 1:
        return "its e-mail is of several customers"
    return min(one.record_id for one in own)


def _emails(order: OrderRecord) -> list[str]:
    return [one.lower() for one in (order.customer, order.email) if "@" in one]


def _records(session: Session, system: str, external_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in batches(sorted(external_ids)):
        rows = session.execute(
            select(CustomerRow.external_id, CustomerRow.id).where(
                CustomerRow.system == system, CustomerRow.external_id.in_(batch)
            )
        )
        found.update(rows.all())
    return found
