"""The persons behind customers' records.

Each record is a row of its own, with its orders, handles and links; one of a person's records
stands for the person, and its id is the person's. Nothing is moved, so it can be undone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import merges, person_decisions, sameness, sealed_emails, valuation_runs
from storage.near import Written, near
from storage.person_decisions import Verb
from storage.sql import among, batches
from storage.tables import CustomerRow, EmailRow


def person(
    joined_to: InstrumentedAttribute[int | None], own_id: InstrumentedAttribute[int]
) -> ColumnElement[int]:
    """The id of the person a record is of."""
    return func.coalesce(joined_to, own_id)


PERSON = person(CustomerRow.joined_to, CustomerRow.id)


@dataclass(frozen=True, slots=True)
class Holder:
    """A record that holds an e-mail address."""

    record_id: int
    system: str
    person_id: int
    is_guest: bool = False  # its system knows it by nothing but its address


def of(session: Session, record_ids: Iterable[int]) -> dict[int, int]:
    """The person of each of these records."""
    rows = session.execute(select(CustomerRow.id, PERSON).where(among(CustomerRow.id, record_ids)))
    return dict(rows.all())


def count(session: Session) -> int:
    """How many persons there are."""
    everybody = select(func.count()).where(CustomerRow.joined_to.is_(None))
    return session.scalars(everybody).one()


def records(session: Session, person_ids: Iterable[int]) -> dict[int, list[CustomerRow]]:
    """The records of each person, the person's own first."""
    ids = sorted(set(person_ids))
    found: dict[int, list[CustomerRow]] = {person_id: [] for person_id in ids}
    rows = session.scalars(
        select(CustomerRow)
        .where(or_(among(CustomerRow.id, ids), among(CustomerRow.joined_to, ids)))
        .order_by(CustomerRow.joined_to.is_not(None), CustomerRow.id)
    )
    for row in rows:
        found[row.id if row.joined_to is None else row.joined_to].append(row)
    return found


def holders(session: Session, emails: Iterable[str]) -> dict[str, list[Holder]]:
    """The records that hold each of these addresses, as their own or as a further one.

    Of an address that nobody holds any more, those who held it once.
    """
    found: dict[str, list[Holder]] = defaultdict(list)
    wanted = sorted(set(emails) - {""})
    columns = (CustomerRow.id, CustomerRow.system, PERSON, sameness.IS_GUEST)
    for batch in batches(wanted):
        own = select(CustomerRow.email, *columns).where(CustomerRow.email.in_(batch))
        further = (
            select(EmailRow.email, *columns)
            .join(CustomerRow, CustomerRow.id == EmailRow.customer_id)
            .where(EmailRow.email.in_(batch))
        )
        for row in session.execute(own.union(further)):
            found[row[0]].append(Holder(*row[1:]))
    once = sealed_emails.holders(session, [one for one in wanted if one not in found])
    ids = {record_id for every in once.values() for record_id in every}
    rows = session.execute(select(*columns).where(among(CustomerRow.id, ids))) if ids else ()
    of_id = {row[0]: Holder(*row) for row in rows}
    for email, every in once.items():
        found[email] = [of_id[record_id] for record_id in every]
    return found


def join(session: Session, written: Written | None = None) -> dict[int, list[int]]:
    """Make one person of the records that are; return whose records grew, by person.

    Which these are, storage.sameness says. Records that have nothing in common any more come apart.
    written: what has changed since; only who may be one person with that is looked at. None: all.
    """
    around = None if written is None else near(session, written)
    joined = select(CustomerRow.id, CustomerRow.joined_to).where(CustomerRow.joined_to.is_not(None))
    if around is not None:
        joined = joined.where(among(CustomerRow.id, around.records))
    before = dict(session.execute(joined).all())
    after = sameness.one_person(session, around)
    moved = {
        record_id: after.get(record_id)
        for record_id in sorted({*before, *after})
        if after.get(record_id) != before.get(record_id)
    }
    grown: dict[int, list[int]] = defaultdict(list)
    for record_id, person_id in moved.items():
        if person_id is not None:
            grown[person_id].append(record_id)
    if moved:
        changed = update(CustomerRow).where(CustomerRow.id == bindparam("row_id"))
        changed = changed.values(joined_to=bindparam("person_id"), keyed=False)  # links follow
        rows = [{"row_id": one, "person_id": person_id} for one, person_id in moved.items()]
        session.connection().execute(changed, rows)
        session.expire_all()
        concerned = {*moved, *moved.values(), *map(before.get, moved)}
        valuation_runs.changed(session, filter(None, concerned))
    return dict(grown)


def join_by_hand(session: Session, first: int, second: int, *, by: str, now: datetime) -> int:
    """Make one person of these two, whatever their records hold; return who stands for them."""
    if first == second:
        return first
    ids = [row.id for of_one in records(session, [first, second]).values() for row in of_one]
    return _decide(session, Verb.JOIN, ids, by=by, now=now)[0]


def split(session: Session, person_id: int, *, by: str, now: datetime) -> list[int]:
    """Make each record of this person a customer of its own, for good; return these customers.

    None is returned, and nothing done, where the person has a single one. What a system has merged
    is a single one for it.
    """
    ids = {row.id for row in records(session, [person_id])[person_id]}
    if len(ids) == 1 or any(ids == set(one.records) for one in merges.merged(session, ids)):
        return []
    return _decide(session, Verb.SPLIT, ids, by=by, now=now)


def _decide(
    session: Session, verb: Verb, record_ids: Collection[int], *, by: str, now: datetime
) -> list[int]:
    """The persons that these records are after somebody has decided."""
    person_decisions.add(session, verb, record_ids, by=by, now=now)
    join(session, Written(frozenset(record_ids)))
    return sorted(set(of(session, record_ids).values()))
