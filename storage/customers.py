"""Customers' records as systems hold them, and their handles."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, or_, select, update
from sqlalchemy import insert as sql_insert
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from storage import companies, customer_keys, merges, sealed_emails
from storage.authors import handle_key
from storage.near import Written
from storage.sql import among, batches, pairs
from storage.tables import CustomerRow, EmailRow, HandleRow, PhoneRow, TagRow

# What a record and its row have by the same name.
_COPIED = (
    *("name", "email", "tier", "company", "city", "country", "website", "language"),
    *("permission", "created_at"),
)
# What a record has several of, each a row: its table, its column there, its field here.
_SEVERAL: tuple[tuple[type[EmailRow | PhoneRow | TagRow], str, str], ...] = (
    (EmailRow, "email", "other_emails"),
    (PhoneRow, "phone", "phones"),
    (TagRow, "tag", "tags"),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    new: int
    known: int
    written: Written = field(default=Written(), compare=False)


def save(session: Session, records: Sequence[CustomerRecord], *, now: datetime) -> Imported:
    """Insert or replace customers and their handles; the last row of a customer wins.

    What has not changed is not written: a file may be imported in parts, and again.
    """
    unique = {(record.system, record.external_id): record for record in records}
    fresh_ids: set[int] = set()
    written = Written()
    for batch in batches(list(unique.values())):
        stored = _stored(session, batch)
        ids = {key: row.id for key, row in stored.items()}
        fresh = [one for one in batch if (one.system, one.external_id) not in stored]
        made = _insert(session, fresh, now)
        changed = [
            one
            for one in batch
            if (row := stored.get((one.system, one.external_id))) and _differs(row, one)
        ]
        _update(session, changed, ids, now)
        ids |= made
        saved = {ids[one.system, one.external_id]: one for one in batch}
        touched = {*made.values(), *(ids[one.system, one.external_id] for one in changed)}
        before = {row.id: {row.email} for row in stored.values()}
        written |= _save_several(session, saved, before, touched)
        touched = {ids[key] for key in _save_merges(session, batch)}
        written |= Written(frozenset(touched | _save_handles(session, saved, now)))
        fresh_ids |= set(made.values())
    new = len(fresh_ids)
    customer_keys.forget(session, written.records - fresh_ids)
    if written.records:
        companies.changed(session)
    return Imported(new, len(unique) - new, written)


def _save_several(
    session: Session,
    records: Mapping[int, CustomerRecord],
    addresses: Mapping[int, set[str]],
    touched: set[int],
) -> Written:
    """Let the records hold what they have several of, and keep the addresses that they left.

    addresses: which stood in their rows before. touched: whose rows are new or were changed.
    """
    left = {record_id: set(before) for record_id, before in addresses.items()}
    phones: set[str] = set()
    for table, column, name in _SEVERAL:
        gone = _replace(session, table, column, records, name)
        touched |= gone.keys()
        if table is EmailRow:
            for record_id, before in gone.items():
                left.setdefault(record_id, set()).update(before)
        elif table is PhoneRow:
            phones.update(*gone.values())
    now = {one: {records[one].email, *records[one].other_emails} - {""} for one in touched}
    left = {one: left.get(one, set()) - addresses - {""} for one, addresses in now.items()}
    sealed_emails.taken(session, now)
    sealed_emails.left(session, {one: addresses for one, addresses in left.items() if addresses})
    return Written(frozenset(touched), frozenset().union(*left.values()), frozenset(phones))


Key = tuple[str, str]  # a record's system and its id there


def _stored(session: Session, records: Sequence[CustomerRecord]) -> dict[Key, Row[Any]]:
    """What is stored of these records."""
    columns = [getattr(CustomerRow, name) for name in _COPIED]
    wanted = pairs(
        CustomerRow.system,
        CustomerRow.external_id,
        ((one.system, one.external_id) for one in records),
    )
    rows = session.execute(
        select(CustomerRow.system, CustomerRow.external_id, CustomerRow.id, *columns).where(wanted)
    )
    return {(row.system, row.external_id): row for row in rows}


def _differs(row: Row[Any], record: CustomerRecord) -> bool:
    return any(getattr(row, name) != getattr(record, name) for name in _COPIED)


def _insert(session: Session, records: Sequence[CustomerRecord], now: datetime) -> dict[Key, int]:
    """The new records' ids."""
    if not records:
        return {}
    statement = sql_insert(CustomerRow).returning(
        CustomerRow.system, CustomerRow.external_id, CustomerRow.id
    )
    values = [
        {"system": one.system, "external_id": one.external_id, **_values(one, now)}
        for one in records
    ]
    rows = session.connection().execute(statement, values)  # sessions would take each row apart
    return {(system, external_id): row_id for system, external_id, row_id in rows}


def _update(
    session: Session, records: Sequence[CustomerRecord], ids: Mapping[Key, int], now: datetime
) -> None:
    if not records:
        return
    values = [{"row_id": ids[one.system, one.external_id], **_values(one, now)} for one in records]
    statement = update(CustomerRow).where(CustomerRow.id == bindparam("row_id"))
    session.connection().execute(statement, values)


def _values(record: CustomerRecord, now: datetime) -> dict[str, object]:
    return {name: getattr(record, name) for name in _COPIED} | {"imported_at": now}


def _replace(
    session: Session,
    table: type[EmailRow | PhoneRow | TagRow],
    column: str,
    records: Mapping[int, CustomerRecord],
    name: str,
) -> dict[int, set[str]]:
    """Let the rows of these records hold what their field does now.

    Returned are the records of which that is something else than before, and what they held.
    """
    held: dict[int, set[str]] = defaultdict(set)
    rows = select(table.customer_id, getattr(table, column)).where(
        among(table.customer_id, records)
    )
    for customer_id, one in session.execute(rows):
        held[customer_id].add(one)
    before = {
        customer_id: held[customer_id]
        for customer_id, record in records.items()
        if held.get(customer_id, set()) != set(getattr(record, name))
    }
    if any(before.values()):
        session.execute(delete(table).where(among(table.customer_id, before)))
    values = [
        {"customer_id": customer_id, column: one}
        for customer_id in before
        for one in sorted(set(getattr(records[customer_id], name)))
    ]
    if values:
        session.connection().execute(sql_insert(table), values)
    return before


def _save_merges(session: Session, records: Sequence[CustomerRecord]) -> set[Key]:
    """Which ids have become which other ones; the records that say something new of it."""
    into = {
        (one.system, merged): one.external_id for one in records for merged in one.merged_ids
    } | {(one.system, one.external_id): one.merged_into for one in records if one.merged_into}
    new = merges.save(session, into) if into else set()
    return {
        (one.system, one.external_id)
        for one in records
        for merged in (*one.merged_ids, one.external_id)
        if (one.system, merged) in new
    }


def _save_handles(
    session: Session, records: Mapping[int, CustomerRecord], now: datetime
) -> set[int]:
    """Replace the handles; one that stays keeps the earliest time it is known to be on file.

    Returned are the records that had others, or other times.
    """
    held: dict[int, dict[tuple[str, str], datetime]] = defaultdict(dict)
    columns = (HandleRow.customer_id, HandleRow.network, HandleRow.handle, HandleRow.on_file_at)
    for customer_id, network, handle, at in session.execute(
        select(*columns).where(among(HandleRow.customer_id, records))
    ):
        held[customer_id][network, handle] = at
    fresh = {
        customer_id: _on_file(record, held.get(customer_id, {}), now)
        for customer_id, record in records.items()
        if record.handles or customer_id in held
    }
    changed = {one for one, handles in fresh.items() if handles != held.get(one, {})}
    if changed & held.keys():
        session.execute(delete(HandleRow).where(among(HandleRow.customer_id, changed)))
    values = [
        {"customer_id": customer_id, "network": network, "handle": handle, "on_file_at": at}
        for customer_id in sorted(changed)
        for (network, handle), at in sorted(fresh[customer_id].items())
    ]
    if values:
        session.connection().execute(sql_insert(HandleRow), values)
    return changed


def _on_file(
    record: CustomerRecord, before: Mapping[tuple[str, str], datetime], now: datetime
) -> dict[tuple[str, str], datetime]:
    """Since when each handle of a record is known to be on file."""
    handles = {(network, handle_key(handle)) for network, handle in record.handles}
    return {one: min(before.get(one, now), record.updated_at or now) for one in handles if one[1]}


def get(session: Session, customer_id: int) -> CustomerRow | None:
    """The person whose record this is; None when there is no such record."""
    row = session.get(CustomerRow, customer_id)
    return row if row is None or row.joined_to is None else session.get(CustomerRow, row.joined_to)


def every(session: Session, *, limit: int | None = None) -> list[CustomerRow]:
    """Persons by id."""
    return list(
        session.scalars(
            select(CustomerRow)
            .where(CustomerRow.joined_to.is_(None))
            .order_by(CustomerRow.id)
            .limit(limit)
        )
    )


def handles(session: Session, person_id: int) -> list[tuple[str, str]]:
    """(network, handle) on file for a person, in any of their records."""
    rows = session.execute(
        select(HandleRow.network, HandleRow.handle)
        .join(CustomerRow, CustomerRow.id == HandleRow.customer_id)
        .where(or_(CustomerRow.id == person_id, CustomerRow.joined_to == person_id))
        .order_by(HandleRow.network, HandleRow.handle)
        .distinct()
    )
    return [(network, handle) for network, handle in rows]
