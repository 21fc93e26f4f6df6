"""Customers' records as systems hold them, and their handles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from storage.authors import handle_key
from storage.sql import batches, insert
from storage.tables import CustomerRow, EmailRow, HandleRow, MergeRow, PhoneRow, TagRow

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


def save(session: Session, records: Sequence[CustomerRecord], *, now: datetime) -> Imported:
    """Insert or replace customers and their handles; the last row of a customer wins."""
    unique = {(record.system, record.external_id): record for record in records}
    before = session.scalar(select(func.count()).select_from(CustomerRow)) or 0
    for batch in batches(list(unique.values())):
        statement = insert(session, CustomerRow)
        fresh = {name: statement.excluded[name] for name in (*_COPIED, "imported_at")}
        statement = statement.on_conflict_do_update(
            index_elements=["system", "external_id"], set_=fresh
        ).returning(CustomerRow.id, CustomerRow.system, CustomerRow.external_id)
        values = [
            {
                "system": record.system,
                "external_id": record.external_id,
                **{name: getattr(record, name) for name in _COPIED},
                "imported_at": now,
            }
            for record in batch
        ]
        ids = {(system, key): row_id for row_id, system, key in session.execute(statement, values)}
        saved = {ids[one.system, one.external_id]: one for one in batch}
        for table, column, field in _SEVERAL:
            _replace(session, table, column, saved, field)
        _save_merges(session, batch)
        _save_handles(session, saved, now)
    after = session.scalar(select(func.count()).select_from(CustomerRow)) or 0
    return Imported(new=after - before, known=len(unique) - (after - before))


def _replace(
    session: Session,
    table: type[EmailRow | PhoneRow | TagRow],
    column: str,
    records: Mapping[int, CustomerRecord],
    field: str,
) -> None:
    """Let the rows of these records hold what their field does now."""
    session.execute(delete(table).where(table.customer_id.in_(records)))
    rows = [
        {"customer_id": customer_id, column: one}
        for customer_id, record in records.items()
        for one in sorted(set(getattr(record, field)))
    ]
    if rows:
        session.execute(insert(session, table), rows)


def _save_merges(session: Session, records: Sequence[CustomerRecord]) -> None:
    """Which ids have become which other ones; of an id that became two the later word holds."""
    into = {
        (one.system, merged): one.external_id for one in records for merged in one.merged_ids
    } | {(one.system, one.external_id): one.merged_into for one in records if one.merged_into}
    if not into:
        return
    statement = insert(session, MergeRow)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["system", "external_id"],
            set_={"into_id": statement.excluded.into_id},
        ),
        [
            {"system": system, "external_id": merged, "into_id": kept}
            for (system, merged), kept in into.items()
            if merged != kept
        ],
    )


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


def holders(session: Session, network: str, handle: str) -> list[tuple[CustomerRow, HandleRow]]:
    """The records that hold exactly this handle on this network, with the entry that says so."""
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
