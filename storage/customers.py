"""Customers, their handles and orders."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord, OrderRecord
from storage.authors import handle_key
from storage.sql import batches, insert
from storage.tables import CustomerRow, HandleRow, OrderRow


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; unknown: rows of customers the CRM does not hold."""

    new: int
    known: int
    unknown: tuple[str, ...] = ()


def save(session: Session, records: Sequence[CustomerRecord], *, now: datetime) -> Imported:
    """Insert or replace customers and their handles; the last row of a customer wins."""
    unique = {(record.system, record.external_id): record for record in records}
    before = session.scalar(select(func.count()).select_from(CustomerRow)) or 0
    for batch in batches(list(unique.values())):
        statement = insert(session, CustomerRow)
        fresh = {
            name: statement.excluded[name] for name in ("name", "email", "tier", "imported_at")
        }
        statement = statement.on_conflict_do_update(
            index_elements=["system", "external_id"], set_=fresh
        ).returning(CustomerRow.id, CustomerRow.system, CustomerRow.external_id)
        values = [
            {
                "system": record.system,
                "external_id": record.external_id,
                "name": record.name,
                "email": record.email,
                "tier": record.tier,
                "imported_at": now,
            }
            for record in batch
        ]
        ids = {(system, key): row_id for row_id, system, key in session.execute(statement, values)}
        _save_handles(session, {ids[one.system, one.external_id]: one for one in batch}, now)
    after = session.scalar(select(func.count()).select_from(CustomerRow)) or 0
    return Imported(new=after - before, known=len(unique) - (after - before))


def _save_handles(session: Session, records: Mapping[int, CustomerRecord], now: datetime) -> None:
    """Replace the handles; one that stays keeps the earliest time it is known to be on file."""
    before = {
        (row.customer_id, row.network, row.handle): row.on_file_at
        for row in session.scalars(select(HandleRow).where(HandleRow.customer_id.in_(records)))
    }
    session.execute(delete(HandleRow).where(HandleRow.customer_id.in_(records)))
    rows = [
        {
            "customer_id": customer_id,
            "network": network,
            "handle": handle,
            "on_file_at": min(
                before.get((customer_id, network, handle), now), record.updated_at or now
            ),
        }
        for customer_id, record in records.items()
        for network, handle in sorted({(n, handle_key(h)) for n, h in record.handles})
        if handle
    ]
    if rows:
        session.execute(insert(session, HandleRow), rows)


def save_orders(session: Session, system: str, orders: Sequence[OrderRecord]) -> Imported:
    """Insert orders of known customers; a row imported before is known, not doubled.

    Customers are found by the CRM's id (of any system), else by e-mail when it is of one customer.
    """
    found = _customers(session, {order.customer for order in orders})
    unknown = tuple(sorted({order.customer for order in orders if order.customer not in found}))
    keys = _keys(orders)
    rows = {
        keys[index]: {
            "customer_id": found[order.customer],
            "system": system,
            "key": keys[index],
            "ordered_on": order.ordered_on,
            "amount": order.amount,
            "currency": order.currency,
        }
        for index, order in enumerate(orders)
        if order.customer in found
    }
    before = session.scalar(select(func.count()).select_from(OrderRow)) or 0
    for batch in batches(list(rows.values())):
        statement = insert(session, OrderRow)
        # A later export may carry a refund: the row is brought up to date, not added again.
        fresh = {
            name: statement.excluded[name]
            for name in ("customer_id", "ordered_on", "amount", "currency")
        }
        session.execute(
            statement.on_conflict_do_update(index_elements=["system", "key"], set_=fresh),
            list(batch),
        )
    after = session.scalar(select(func.count()).select_from(OrderRow)) or 0
    return Imported(after - before, len(rows) - (after - before), unknown)


def _keys(orders: Sequence[OrderRecord]) -> list[str]:
    """The shop's order id; without one, the row's content and its how-manieth appearance."""
    seen: Counter[str] = Counter()
    keys = []
    for order in orders:
        content = f"{order.customer}|{order.ordered_on}|{order.amount}|{order.currency}"
        seen[content] += 1
        digest = hashlib.sha256(f"{content}|{seen[content]}".encode()).hexdigest()[:24]
        keys.append(order.external_id or f"row:{digest}")
    return keys


def _customers(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Our id by CRM id or e-mail; what is ambiguous is left out."""
    wanted = sorted(names)
    found: dict[str, set[int]] = defaultdict(set)
    for batch in batches(wanted):
        for key, row_id in session.execute(
            select(CustomerRow.external_id, CustomerRow.id).where(
                CustomerRow.external_id.in_(batch)
            )
        ):
            found[key].add(row_id)
        emails: dict[str, list[str]] = defaultdict(list)
        for name in batch:
            if "@" in name:
                emails[name.lower()].append(name)
        for email, row_id in session.execute(
            select(CustomerRow.email, CustomerRow.id).where(CustomerRow.email.in_(emails))
        ):
            for name in emails[email]:
                found[name].add(row_id)
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}


def holders(session: Session, network: str, handle: str) -> list[tuple[CustomerRow, HandleRow]]:
    """The customers who hold exactly this handle on this network, with the entry that says so."""
    if not handle_key(handle):
        return []
    rows = session.execute(
        select(CustomerRow, HandleRow)
        .join(HandleRow, HandleRow.customer_id == CustomerRow.id)
        .where(HandleRow.network == network, HandleRow.handle == handle_key(handle))
        .order_by(CustomerRow.id)
    )
    return [(customer, entry) for customer, entry in rows]


def get(session: Session, customer_id: int) -> CustomerRow | None:
    return session.get(CustomerRow, customer_id)


def every(session: Session, *, limit: int | None = None) -> list[CustomerRow]:
    """Customers by id."""
    return list(session.scalars(select(CustomerRow).order_by(CustomerRow.id).limit(limit)))


def handles(session: Session, customer_id: int) -> list[tuple[str, str]]:
    """(network, handle) on file for a customer."""
    rows = session.execute(
        select(HandleRow.network, HandleRow.handle)
        .where(HandleRow.customer_id == customer_id)
        .order_by(HandleRow.network, HandleRow.handle)
    )
    return [(network, handle) for network, handle in rows]


def orders(session: Session, customer_ids: Iterable[int]) -> dict[int, list[OrderRecord]]:
    """The orders of these customers, oldest first; a customer without orders has an empty list."""
    ids = sorted(set(customer_ids))
    found: dict[int, list[OrderRecord]] = {customer_id: [] for customer_id in ids}
    for batch in batches(ids):
        rows = session.scalars(
            select(OrderRow)
            .where(OrderRow.customer_id.in_(batch))
            .order_by(OrderRow.customer_id, OrderRow.ordered_on, OrderRow.id)
        )
        for row in rows:
            found[row.customer_id].append(
                OrderRecord(
                    customer=str(row.customer_id),
                    ordered_on=row.ordered_on,
                    amount=row.amount,
                    currency=row.currency,
                    external_id=row.key,
                )
            )
    return found
