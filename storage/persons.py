"""Which customers' records are one person: those of several systems that hold one e-mail address.

Each record is a row of its own, with its orders, handles and links; one of a person's records
stands for the person, and its id is the person's. Nothing is moved, so it can be undone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

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
    split: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What was stored of customers, for whoever must look at them anew."""

    records: frozenset[int] = frozenset()  # that are new, or hold something else than before
    addresses: frozenset[str] = frozenset()  # which they held before, and do not any more


def of(session: Session, record_ids: Iterable[int]) -> dict[int, int]:
    """The person of each of these records."""
    rows = session.execute(select(CustomerRow.id, PERSON).where(among(CustomerRow.id, record_ids)))
    return dict(rows.all())


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
    """The records that hold each of these addresses, as their own or as a further one."""
    found: dict[str, list[Holder]] = defaultdict(list)
    for batch in batches(sorted(set(emails) - {""})):
        columns = (CustomerRow.id, CustomerRow.system, PERSON, CustomerRow.split)
        own = select(CustomerRow.email, *columns).where(CustomerRow.email.in_(batch))
        further = (
            select(EmailRow.email, *columns)
            .join(CustomerRow, CustomerRow.id == EmailRow.customer_id)
            .where(EmailRow.email.in_(batch))
        )
        for row in session.execute(own.union(further)):
            found[row[0]].append(Holder(*row[1:]))
    return found


def join(session: Session, written: Written | None = None) -> dict[int, list[int]]:
    """Make one person of the records that hold one e-mail; return whose records grew, by person.

    An address that one system has twice is several people's there, and joins nobody. A record that
    was split off by hand stays alone. Records that hold nothing in common any more come apart.
    written: what has changed since; only who may be one person with that is looked at. None: all.
    """
    around, held = _everybody(session) if written is None else _around(session, written)
    joined = select(CustomerRow.id, CustomerRow.joined_to).where(CustomerRow.joined_to.is_not(None))
    if around is not None:
        joined = joined.where(among(CustomerRow.id, around))
    before = dict(session.execute(joined).all())
    after = _joined(session, held)
    grown: dict[int, list[int]] = defaultdict(list)
    fresh: list[dict[str, int | None]] = []
    for record_id in sorted({*before, *after}):
        person_id = after.get(record_id)
        if person_id == before.get(record_id):
            continue
        fresh.append({"row_id": record_id, "person_id": person_id})
        if person_id is not None:
            grown[person_id].append(record_id)
    if fresh:
        changed = update(CustomerRow).where(CustomerRow.id == bindparam("row_id"))
        changed = changed.values(joined_to=bindparam("person_id"), keyed=False)  # links follow
        session.connection().execute(changed, fresh)
        session.expire_all()
    return dict(grown)


def without(session: Session, record_ids: Iterable[int]) -> Written:
    """What join() has to look at once these records are removed."""
    ids = set(record_ids)
    others = _same_person(session, ids) - ids
    return Written(frozenset(others), frozenset(_addresses(session, ids)))


def split(session: Session, person_id: int) -> list[int]:
    """Make each record of this person a customer of its own, for good; return them.

    None is returned, and nothing done, where the person has a single one.
    """
    ids = [row.id for row in records(session, [person_id])[person_id]]
    if len(ids) > 1:
        session.execute(
            update(CustomerRow)
            .where(CustomerRow.id.in_(ids))
            .values(joined_to=None, split=True, keyed=False)
        )
        return ids
    return []


Held = Mapping[str, Sequence[Holder]]  # address -> the records that hold it


def _everybody(session: Session) -> tuple[None, Held]:
    """Every address that several records hold."""
    own = select(CustomerRow.email.label("email"), CustomerRow.id.label("id")).where(
        CustomerRow.email != ""
    )
    both = own.union(select(EmailRow.email, EmailRow.customer_id)).subquery()
    shared = select(both.c.email).group_by(both.c.email).having(func.count() > 1)
    return None, holders(session, session.scalars(shared))


def _around(session: Session, written: Written) -> tuple[set[int], Held]:
    """Who may be one person with any of these, through whoever else, now or before.

    And every address that they hold.
    """
    found: set[int] = set()
    held: dict[str, Sequence[Holder]] = {}
    new, addresses = set(written.records), set(written.addresses)
    while new or addresses:
        found |= new
        addresses |= _addresses(session, new)
        near = holders(session, addresses - held.keys())
        held |= {address: near.get(address, ()) for address in addresses - held.keys()}
        addresses = set()
        holding = {one.record_id for records in near.values() for one in records}
        new = (holding | _same_person(session, new | holding)) - found
    return found, held


def _addresses(session: Session, record_ids: Iterable[int]) -> set[str]:
    """All that these records hold."""
    own = select(CustomerRow.email).where(
        among(CustomerRow.id, record_ids), CustomerRow.email != ""
    )
    further = select(EmailRow.email).where(among(EmailRow.customer_id, record_ids))
    return set(session.scalars(own.union_all(further)))


def _same_person(session: Session, record_ids: Iterable[int]) -> set[int]:
    """All records of these records' persons, where these are several."""
    stand = select(CustomerRow.joined_to).where(
        among(CustomerRow.id, record_ids), CustomerRow.joined_to.is_not(None)
    )
    persons = {*record_ids, *session.scalars(stand)}
    others = select(CustomerRow.id, CustomerRow.joined_to).where(
        among(CustomerRow.joined_to, persons)
    )
    return {one for pair in session.execute(others) for one in pair}


def _joined(session: Session, held: Held) -> dict[int, int]:
    """The person of every record that is joined to another one; those that stand for it are not."""
    group: dict[int, set[int]] = {}
    for holding in held.values():
        systems = [one.system for one in holding]
        alike = {one.record_id for one in holding if not one.split}
        if len(alike) > 1 and len(systems) == len(set(systems)):
            whole = alike.union(*(group.get(one, {one}) for one in alike))
            group.update(dict.fromkeys(whole, whole))
    named = _named(session, group)
    return {
        record_id: stands
        for record_id, whole in group.items()
        # Who has a name stands for the others: alerts show it.
        if (stands := min(whole, key=lambda one: (one not in named, one))) != record_id
    }


def _named(session: Session, record_ids: Iterable[int]) -> set[int]:
    return set(
        session.scalars(
            select(CustomerRow.id).where(among(CustomerRow.id, record_ids), CustomerRow.name != "")
        )
    )
