"""Stores what a CRM or shop sends over its API, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from crm.api.source import CrmObject, CrmSource, Holds, Page
from storage import crm_removal, crm_sync, customers, orders, persons

TOLD = 20  # refused records of one pass that get a sentence


@dataclass(slots=True)
class Synced:
    """What came of one object of a system in one pass."""

    system: str
    what: str  # "contacts", "deals"; "" where the system was not asked at all
    read: int = 0  # records the system sent; some of them again, see crm.api.source.OVERLAP
    new: int = 0
    changed: int = 0
    deleted: int = 0
    refused: int = 0
    guests: int = 0  # who became customers by their orders
    told: list[str] = field(default_factory=list)  # a sentence for the first refused ones
    stands_at: datetime | None = None  # what changed there until then is here; None: not yet all
    trouble: str = ""  # why the pass ended early


def store(
    session: Session,
    source: CrmSource,
    what: CrmObject,
    page: Page,
    result: Synced,
    *,
    walk: int,
    now: datetime,
) -> bool:
    """Store a page; whether orders are different now, which mentions may name."""
    refused = {one.external_id: one.reason for one in page.refused}
    held = {one.external_id: repr(replace(one, updated_at=None)) for one in page.customers}
    new = 0
    if page.customers:
        saved = customers.save(session, page.customers, now=now)
        persons.join(session, saved.written)
        new += saved.new
    if page.orders:
        listed = [replace(one, line=at) for at, one in enumerate(page.orders)]
        done = orders.save(session, source.name, listed, now=now)
        result.guests += done.guests
        refused |= {page.orders[one.line].external_id: one.reason for one in done.refused}
        held |= {one.external_id: repr(one) for one in page.orders}
        new += done.new
    ids = {one for one in (*held, *refused) if one}
    noted = crm_sync.note(
        *(session, source.name, what.name),
        {one: "" if one in refused else held[one] for one in ids},
        walk=walk,
    )
    result.read += page.read
    result.new += new
    # What a file has brought before is known, though this system had not sent it yet.
    result.changed += max(len(noted.new | noted.changed) - new, 0)
    removed = _remove(session, source, page.deleted, page.deleted_orders, now=now)
    result.deleted += removed
    result.refused += len(page.refused) + len(
        refused.keys() - {one.external_id for one in page.refused}
    )
    room = TOLD - len(result.told)
    result.told += [f"{one}: {why}" if one else why for one, why in refused.items()][:room]
    return bool(page.orders and (noted.new or noted.changed)) or removed > 0


def _remove(
    session: Session,
    source: CrmSource,
    customer_ids: Sequence[str],
    order_ids: Sequence[str],
    *,
    now: datetime,
) -> int:
    for one in source.objects:
        gone = customer_ids if one.holds is Holds.CUSTOMERS else order_ids
        if one.holds is not Holds.DELETIONS:
            crm_sync.forget(session, source.name, one.name, gone)
    removed = crm_removal.remove_customers(session, source.name, customer_ids, now=now)
    return removed + crm_removal.remove_orders(session, source.name, order_ids)


def remove_missed(
    session: Session,
    source: CrmSource,
    what: CrmObject,
    result: Synced,
    *,
    walk: int,
    now: datetime,
) -> bool:
    """After a walk over everything: what it has not met is gone. Whether anything was."""
    place = crm_sync.place(session, source.name, what.name)
    # Another process may have ended this walk: what is new since would look missed.
    whole = what.holds in (Holds.CUSTOMERS, Holds.ORDERS)
    if not walk or place.walk != walk or not whole:
        return False
    ids = crm_sync.missed(session, source.name, what.name, walk)
    if ids and not crm_sync.met(session, source.name, what.name, walk):
        result.trouble = (
            f"{source.name}: it has no {what.name} at all, where it had {len(ids)}: nothing was "
            "removed; see whether its token may still read them"
        )
        return False
    are_customers = what.holds is Holds.CUSTOMERS
    mine = (ids, ()) if are_customers else ((), ids)
    gone = _remove(session, source, *mine, now=now)
    result.deleted += gone
    return gone > 0
