"""What customers bought: whose each order is, and when two rows are one order."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import guests, mention_orders, merges, persons, valuation_runs
from storage.persons import Holder
from storage.sql import among, batches
from storage.tables import CustomerRow, OrderRow
from storage.types import Money

# What a former release, which did not know the shop, stored as the system of every order.
_UNKNOWN = "orders"
_REFUND = ":refund:"  # stands in the key of a refund, between its order's id and a digest
_DIGEST = 24  # letters
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
    guests: int = 0  # who became customers by their orders


def save(
    session: Session, system: str, orders: Sequence[OrderRecord], *, now: datetime | None = None
) -> Imported:
    """Insert orders of known customers; a row imported before is known, not doubled.

    system: whose customer ids and order numbers these are. Refused is an order of nobody known, of
    two people at once, and one that is evidently not the stored order of its number. What has not
    changed is not written: a file may be imported in parts, and again.
    now: when guests of whom nobody knows become customers; None: their orders are refused.
    """
    keys = list(_keys(orders))
    stored = _with_keys(session, system, keys)
    former = _former(session, system, dict(zip(keys, orders, strict=True)), stored)
    buyers = _buyers(session, system, orders)
    new_guests = 0
    if now is not None and (unknown := _guests(zip(orders, keys, buyers, strict=True), stored)):
        new_guests = guests.add(session, system, unknown, now=now)
        buyers = _buyers(session, system, orders)
    moved = {
        record_id
        for key, buyer in zip(keys, buyers, strict=True)
        if key in stored and isinstance(buyer, int) and stored[key].customer_id != buyer
        for record_id in (buyer, stored[key].customer_id)
    }
    person = persons.of(session, moved)
    refused: list[Refused] = []
    rows: dict[str, _Stored] = {}
    for order, key, buyer in zip(orders, keys, buyers, strict=True):
        before = stored.get(key)
        if isinstance(buyer, str):
            is_another = buyer == NOBODY and order.is_guest and before is not None
            refused.append(Refused(order.line, _OTHER_SHOP if is_another else buyer))
        elif before is not None and not _same(before, order, buyer, person):
            refused.append(Refused(order.line, _OTHER_SHOP))
        else:
            amount = Money.kept(order.amount)
            rows[key] = _Stored(buyer, order.ordered_on, amount, order.currency)
    new = [key for key in rows if key not in stored and key not in former]
    changed = {key: former[key].id for key in rows if key in former}
    changed |= {key: stored[key].id for key in rows if key in stored and stored[key] != rows[key]}
    _write(session, system, rows, new, changed)
    mention_orders.learn(session, system, [*new, *changed])
    numbers = {key: one.number for key, one in zip(keys, orders, strict=True) if one.number}
    mention_orders.save_numbers(
        session, system, {key: number for key, number in numbers.items() if key in rows}
    )
    return Imported(len(new), len(rows) - len(new), tuple(refused), new_guests)


def one_order(system: str, key: str) -> str:
    """What a stored order and its refunds share; unique over all systems."""
    return f"{system}:{key.split(_REFUND, maxsplit=1)[0]}"


def refunded_key() -> ColumnElement[str | None]:
    """The key of the order that a row refunds; NULL of a row that is no refund beside an order."""
    before = func.length(OrderRow.key) - len(_REFUND) - _DIGEST
    return case((OrderRow.key.contains(_REFUND), func.substr(OrderRow.key, 1, before)))


def newest_day(session: Session) -> date | None:
    """The day of the newest order there is; None: there is none."""
    return session.scalar(select(func.max(OrderRow.ordered_on)))


def of(session: Session, person_ids: Iterable[int]) -> dict[int, list[OrderRecord]]:
    """The orders of these persons, oldest first; one without orders has an empty list.

    A refund that is a row of its own has its order's external_id, by which crm.value nets it.
    """
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
                    external_id=one_order(row.system, row.key),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is stored of an order."""

    customer_id: int
    ordered_on: date
    amount: Decimal
    currency: str
    id: int = field(default=0, compare=False)


def _write(
    session: Session,
    system: str,
    rows: Mapping[str, _Stored],
    new: Sequence[str],
    changed: Mapping[str, int],
) -> None:
    """Insert the rows of new keys. A later export may carry a refund: changed ones are updated."""

    def values(key: str) -> dict[str, object]:
        row = rows[key]
        return {
            "system": system,
            "key": key,
            "customer_id": row.customer_id,
            "ordered_on": row.ordered_on,
            "amount": row.amount,
            "currency": row.currency,
        }

    connection = session.connection()  # whole batches at a time: sessions take each row apart
    if new:
        connection.execute(insert(OrderRow), [values(key) for key in new])
    if changed:
        connection.execute(
            update(OrderRow).where(OrderRow.id == bindparam("row_id")),
            [{"row_id": row_id, **values(key)} for key, row_id in changed.items()],
        )
    if new or changed:
        valuation_runs.changed(session)


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
        digest = hashlib.sha256(f"{content}|{nth}".encode()).hexdigest()[:_DIGEST]
        yield f"{order.external_id}{_REFUND}{digest}" if order.beside else f"row:{digest}"


def _former(
    session: Session,
    system: str,
    orders: Mapping[str, OrderRecord],
    stored: Mapping[str, _Stored],
) -> dict[str, _Stored]:
    """What a former release has stored of these orders, by their present keys.

    These are found by number and day, whomever they were credited to; the import gives them their
    system and brings them up to date.
    """
    any_former = exists().where(OrderRow.system == _UNKNOWN)
    if system == _UNKNOWN or not session.scalar(select(any_former)):
        return {}
    fresh = {key: order for key, order in orders.items() if key not in stored}
    numbers = [one.external_id for one in fresh.values()]
    rows = _with_keys(session, _UNKNOWN, [*fresh, *numbers])
    found: dict[str, _Stored] = {}
    taken: set[int] = set()
    for key, order in fresh.items():
        row = rows.get(key) or rows.get(order.external_id)
        if row is not None and row.id not in taken and _is_former(row, order):
            found[key] = row
            taken.add(row.id)
    return found


def _with_keys(session: Session, system: str, keys: Sequence[str]) -> dict[str, _Stored]:
    found: dict[str, _Stored] = {}
    columns = (OrderRow.customer_id, OrderRow.ordered_on, OrderRow.amount, OrderRow.currency)
    for batch in batches(sorted(set(keys))):
        rows = session.execute(
            select(OrderRow.key, *columns, OrderRow.id).where(
                OrderRow.system == system, OrderRow.key.in_(batch)
            )
        )
        found.update((row[0], _Stored(*row[1:])) for row in rows)
    return found


def _is_former(row: _Stored, order: OrderRecord) -> bool:
    """Whether an order of unknown system is this one: a refund may have changed its amount."""
    return _is_day(row, order) and (row.amount < 0) == (order.amount < 0)


def _guests(
    found: Iterable[tuple[OrderRecord, str, int | str]], stored: Mapping[str, _Stored]
) -> list[OrderRecord]:
    """The orders of guests whom nobody knows, without those that are evidently another shop's."""
    return [
        order
        for order, key, buyer in found
        if order.is_guest and buyer == NOBODY and _may_be(stored.get(key), order)
    ]


def _may_be(row: _Stored | None, order: OrderRecord) -> bool:
    """Whether it may be what is stored of its number, although of somebody else."""
    return row is None or (_is_day(row, order) and _paid(row) == _paid(order))


def _same(row: _Stored, order: OrderRecord, buyer: int, person: Mapping[int, int]) -> bool:
    """Whether this is the stored order: two of its person, day and amount agree.

    A deal's day and amount may both be corrected, and whatever came to nothing may come later.
    person: of each record, where the order's is another than the stored one's.
    """
    one_person = row.customer_id == buyer or person[row.customer_id] == person[buyer]
    agree = one_person + _is_day(row, order) + (_paid(row) == _paid(order))
    return agree > 1 or (one_person and (order.is_deal or not row.amount))


def _paid(one: _Stored | OrderRecord) -> tuple[Decimal, str]:
    return one.amount, one.currency


def _is_day(row: _Stored, order: OrderRecord) -> bool:
    return abs(row.ordered_on - order.ordered_on) <= _ZONES


# --- who bought ---------------------------------------------------------------------------------


def _buyers(session: Session, system: str, orders: Sequence[OrderRecord]) -> list[int | str]:
    """The record that each order belongs to, or why it belongs to none."""
    known = _records(session, system, {order.customer for order in orders if order.customer})
    # Whose own address stands beside its id needs no look at who else holds that.
    asked = [
        [email for email in _emails(order) if email != _own_email(known.get(order.customer))]
        for order in orders
    ]
    held = persons.holders(session, {email for emails in asked for email in emails})
    found: list[int | str] = []
    for order, emails in zip(orders, asked, strict=True):
        record = known.get(order.customer)
        if record is not None and not emails:
            found.append(record[0].record_id)
            continue
        named = [holders for email in emails if (holders := held.get(email))]
        if record is not None:
            named = [others for one in named if (others := _no_guests(one, system))]
        found.append(_buyer(system, record and record[0], named))
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


def _no_guests(holders: Sequence[Holder], system: str) -> list[Holder]:
    """Without who ordered in this shop before they had an account, or with a second address."""
    return [one for one in holders if not (one.is_guest and one.system == system)]


def _emails(order: OrderRecord) -> list[str]:
    return [one.lower() for one in (order.customer, order.email) if "@" in one]


def _own_email(record: tuple[Holder, str] | None) -> str:
    return record[1] if record else ""


def _records(
    session: Session, system: str, external_ids: Collection[str]
) -> dict[str, tuple[Holder, str]]:
    """The record of each id, or the one that it became, and its own e-mail."""
    found: dict[str, tuple[Holder, str]] = {}
    columns = (CustomerRow.external_id, CustomerRow.email, CustomerRow.id, persons.PERSON)
    for batch in batches(sorted(external_ids)):
        rows = session.execute(
            select(*columns).where(CustomerRow.system == system, CustomerRow.external_id.in_(batch))
        )
        for external_id, email, record_id, person_id in rows:
            found[external_id] = Holder(record_id, system, person_id), email
    became = merges.records(session, system, [one for one in external_ids if one not in found])
    rows = session.execute(select(*columns).where(among(CustomerRow.id, became.values())))
    of_id = {
        record_id: (Holder(record_id, system, one), email) for _, email, record_id, one in rows
    }
    return found | {external_id: of_id[record_id] for external_id, record_id in became.items()}
