"""Customers of a shop that has no account of theirs: an e-mail address and the name on a bill."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from domain.customer import CustomerRecord, OrderRecord
from storage import customers, persons


def add(session: Session, system: str, orders: Collection[OrderRecord], *, now: datetime) -> int:
    """Make customers of who placed these orders as guests; return how many they are.

    Their addresses must be held by nobody. A record has its address for an id, as that of a contact
    without one has; of several bills the first with a name counts.
    """
    names: dict[str, str] = {}
    for order in orders:
        email = order.customer.lower()
        names[email] = names.get(email) or order.name
    records = [CustomerRecord(system, email, name, email=email) for email, name in names.items()]
    written = customers.save(session, records, now=now).written
    persons.join(session, written)
    return len(records)
