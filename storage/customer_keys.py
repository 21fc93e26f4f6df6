"""Keys that lead to customers' records: keyed hashes, so that their index tells nothing by itself.

A saved record is only marked; its keys are made in large batches in the order of the keys, since
one by one they would touch a page of the index each. Authors who were looked for by a key of a
record that has changed are looked at again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from storage.sql import among
from storage.tables import (
    AuthorKeyRow,
    AuthorRow,
    CustomerKeyRow,
    CustomerRow,
    EmailRow,
    HandleRow,
    LinkRow,
    PhoneRow,
)

BATCH = 20_000  # records whose keys are made at once
# Written out, so that SQLite takes the index of those that have to be done.
_UNKEYED = text("NOT customer.keyed")
_Ids = Select[int]  # of records


@dataclass(frozen=True, slots=True)
class Held:
    """A record with all that tells who it is."""

    row: CustomerRow
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    handles: tuple[HandleRow, ...]


def unkeyed(session: Session, *, limit: int = BATCH) -> list[Held]:
    """Records whose keys have to be made, by id."""
    last = session.scalar(
        select(func.max(CustomerRow.id)).where(
            CustomerRow.id.in_(
                select(CustomerRow.id).where(_UNKEYED).order_by(CustomerRow.id).limit(limit)
            )
        )
    )
    if last is None:
        return []
    return _held(session, select(CustomerRow.id).where(_UNKEYED, CustomerRow.id <= last))


def held(session: Session, record_ids: Iterable[int]) -> list[Held]:
    """These records, by id."""
    ids = set(record_ids)
    return _held(session, select(CustomerRow.id).where(among(CustomerRow.id, ids))) if ids else []


def _held(session: Session, ids: _Ids) -> list[Held]:
    rows = session.scalars(
        select(CustomerRow).where(CustomerRow.id.in_(ids)).order_by(CustomerRow.id)
    ).all()
    emails: dict[int, list[str]] = defaultdict(list)
    phones: dict[int, list[str]] = defaultdict(list)
    handles: dict[int, list[HandleRow]] = defaultdict(list)
    for customer_id, email in session.execute(
        select(EmailRow.customer_id, EmailRow.email)
        .where(EmailRow.customer_id.in_(ids))
        .order_by(EmailRow.customer_id, EmailRow.email)
    ):
        emails[customer_id].append(email)
    for customer_id, phone in session.execute(
        select(PhoneRow.customer_id, PhoneRow.phone)
        .where(PhoneRow.customer_id.in_(ids))
        .order_by(PhoneRow.customer_id, PhoneRow.phone)
    ):
        phones[customer_id].append(phone)
    for entry in session.scalars(
        select(HandleRow)
        .where(HandleRow.customer_id.in_(ids))
        .order_by(HandleRow.customer_id, HandleRow.network, HandleRow.handle)
    ):
        handles[entry.customer_id].append(entry)
    return [
        Held(
            row,
            tuple(filter(None, (row.email, *emails[row.id]))),
            tuple(phones[row.id]),
            tuple(handles[row.id]),
        )
        for row in rows
    ]


def replace(session: Session, keys: Mapping[int, Iterable[int]]) -> None:
    """Let these be the keys of these records, by id; authors with one of them are looked at again.

    So are authors who are linked to one of the records: what else it says may have changed.
    """
    if not keys:
        return
    first, last = min(keys), max(keys)
    these = and_(CustomerKeyRow.customer_id.between(first, last))
    rows = session.execute(select(CustomerKeyRow.key, CustomerKeyRow.customer_id).where(these))
    before = {(key, record_id) for key, record_id in rows if record_id in keys}
    after = {(key, record_id) for record_id, found in keys.items() for key in found}
    _insert(session, sorted(after - before))
    _look_again(session, first, last)
    gone = [{"_key": key, "_id": record_id} for key, record_id in sorted(before - after)]
    if gone:
        session.connection().execute(
            delete(CustomerKeyRow).where(
                CustomerKeyRow.key == bindparam("_key"),
                CustomerKeyRow.customer_id == bindparam("_id"),
            ),
            gone,
        )
    session.execute(
        update(CustomerRow)
        .where(CustomerRow.id.between(first, last), _UNKEYED)
        .values(keyed=True)
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session, rows: Sequence[tuple[int, int]]) -> None:
    """Through the driver: to make a million records' keys ready for it takes half a minute."""
    if rows:
        connection = session.connection()
        value = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(
            f"INSERT INTO customer_key (key, customer_id) VALUES ({value}, {value})",  # noqa: S608
            list(rows),
        )


def _look_again(session: Session, first: int, last: int) -> None:
    """Before what is gone is deleted: an author who was found by it has lost it."""
    if not session.scalar(select(exists().where(AuthorRow.link_checked_at.is_not(None)))):
        return
    changed = select(CustomerRow.id).where(CustomerRow.id.between(first, last), _UNKEYED)
    asking = (
        select(AuthorKeyRow.author_id)
        .join(CustomerKeyRow, CustomerKeyRow.key == AuthorKeyRow.key)
        .where(CustomerKeyRow.customer_id.in_(changed))
    )
    linked = select(LinkRow.author_id).where(LinkRow.customer_id.in_(changed))
    session.execute(
        update(AuthorRow)
        .where(or_(AuthorRow.id.in_(asking), AuthorRow.id.in_(linked)))
        .values(link_checked_at=None)
        .execution_options(synchronize_session=False)
    )


def holders(session: Session, keys: Iterable[int]) -> dict[int, list[int]]:
    """The records that each of these keys leads to, by key; in one statement."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = session.execute(
        select(CustomerKeyRow.key, CustomerKeyRow.customer_id).where(
            among(CustomerKeyRow.key, keys)
        )
    )
    for key, record_id in rows:
        found[key].append(record_id)
    return found


def forget(session: Session, record_ids: Iterable[int]) -> None:
    """Have the keys of these records made anew."""
    ids = set(record_ids)
    if ids:
        session.execute(
            update(CustomerRow)
            .where(among(CustomerRow.id, ids))
            .values(keyed=False)
            .execution_options(synchronize_session=False)
        )
