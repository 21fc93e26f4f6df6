"""Who may be one person with a record, through whoever else: all that must be looked at with it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import merges, sealed_emails
from storage.sql import among, batches
from storage.tables import CustomerRow, EmailRow, PhoneRow

_MANY = 1_000  # records with one address or number: an office, or what is typed to fill a field


@dataclass(frozen=True, slots=True)
class Written:
    """What was stored of customers, for whoever must look at them anew."""

    records: frozenset[int] = frozenset()  # that are new, or hold something else than before
    addresses: frozenset[str] = frozenset()  # which they held before, and do not any more
    phones: frozenset[str] = frozenset()  # likewise

    def __or__(self, other: "Written") -> "Written":
        return Written(
            self.records | other.records,
            self.addresses | other.addresses,
            self.phones | other.phones,
        )


@dataclass(frozen=True, slots=True)
class Near:
    """All that must be looked at together."""

    records: frozenset[int]
    crowded: frozenset[str]  # addresses and numbers of so many that they tell nothing


def near(session: Session, written: Written) -> Near:
    """What was written, and who may be one person with any of it now, or was before."""
    found: set[int] = set()
    new = set(written.records)
    addresses, phones = set(written.addresses), set(written.phones)
    asked: set[str] = set()
    crowded: set[str] = set()
    many = _MANY + len(written.records)
    while new or addresses or phones:
        found |= new
        addresses |= _held(session, CustomerRow.email, CustomerRow.id, new)
        addresses |= _held(session, EmailRow.email, EmailRow.customer_id, new)
        phones |= _held(session, PhoneRow.phone, PhoneRow.customer_id, new)
        addresses -= asked | {""}
        phones -= asked
        asked |= addresses | phones
        crowded |= _crowded(session, CustomerRow.email, addresses, many)
        crowded |= _crowded(session, EmailRow.email, addresses, many)
        crowded |= _crowded(session, PhoneRow.phone, phones, many)
        addresses -= crowded
        phones -= crowded
        holding = {
            *_holders(session, CustomerRow.email, CustomerRow.id, addresses),
            *_holders(session, EmailRow.email, EmailRow.customer_id, addresses),
            *_holders(session, PhoneRow.phone, PhoneRow.customer_id, phones),
            *sealed_emails.around(session, new, addresses),
            *(record_id for one in merges.merged(session, new) for record_id in one.records),
        }
        addresses, phones = set(), set()
        new = (holding | _same_person(session, new | holding)) - found
    return Near(frozenset(found), frozenset(crowded))


def _crowded(
    session: Session, column: InstrumentedAttribute[str], values: Collection[str], many: int
) -> set[str]:
    """Those of them that very many records hold, and held before they were written, too."""
    found: set[str] = set()
    for batch in batches(sorted(values)):
        held = select(column).where(column.in_(batch)).group_by(column)
        found.update(session.scalars(held.having(func.count() > many)))
    return found


def _held(
    session: Session,
    column: InstrumentedAttribute[str],
    of: InstrumentedAttribute[int],
    record_ids: Collection[int],
) -> set[str]:
    return (
        set(session.scalars(select(column).where(among(of, record_ids)))) if record_ids else set()
    )


def _holders(
    session: Session,
    column: InstrumentedAttribute[str],
    of: InstrumentedAttribute[int],
    values: Collection[str],
) -> Iterator[int]:
    for batch in batches(sorted(values)):
        yield from session.scalars(select(of).where(column.in_(batch)))


def _same_person(session: Session, record_ids: Collection[int]) -> set[int]:
    """All records of these records' persons, where these are several."""
    if not record_ids:
        return set()
    stand = select(CustomerRow.joined_to).where(
        among(CustomerRow.id, record_ids), CustomerRow.joined_to.is_not(None)
    )
    persons = {*record_ids, *(one for one in session.scalars(stand) if one is not None)}
    others = select(CustomerRow.id, CustomerRow.joined_to).where(
        among(CustomerRow.joined_to, persons)
    )
    return {one for pair in session.execute(others) for one in pair if one is not None}
