"""Addresses that some record held once: who held them, and who holds them, by a keyed hash.

They still tell who somebody is: whoever changes the address in one system stays one person. They
cannot be read any more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, select
from sqlalchemy.orm import Session

from storage.sealing import seal
from storage.sql import among, batches, insert
from storage.tables import CustomerRow, EmailRow, FormerEmailRow

_MANY = 1_000  # records with one address: it is an office's, and tells nothing


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record that holds or held such an address."""

    record_id: int
    sealed: str
    former: bool  # it does not hold it any more


def left(session: Session, addresses: Mapping[int, Iterable[str]]) -> None:
    """Keep the addresses that these records held and do not any more; not what very many hold."""
    held: dict[str, set[int]] = defaultdict(set)
    for record_id, every in addresses.items():
        for email in every:
            held[email].add(record_id)
    for batch in batches(sorted(held)):
        for email, record_id in session.execute(_holding(batch)):
            held[email].add(record_id)
    for email, record_ids in held.items():
        if len(record_ids) <= _MANY:
            sealed = _seal(session, email)
            _add(session, ((record_id, sealed) for record_id in record_ids))


def taken(session: Session, addresses: Mapping[int, Iterable[str]]) -> None:
    """Note which of the addresses that these records hold now somebody held once."""
    if session.scalars(select(FormerEmailRow.customer_id).limit(1)).first() is None:
        return
    by = [(_seal(session, one), row_id) for row_id, every in addresses.items() for one in every]
    known = _known(session, {sealed for sealed, _ in by})
    _add(session, {(record_id, sealed) for sealed, record_id in by if sealed in known})


def around(session: Session, record_ids: Collection[int], addresses: Collection[str]) -> set[int]:
    """Who holds or held the same as these records once, or one of these addresses."""
    if session.scalars(select(FormerEmailRow.customer_id).limit(1)).first() is None:
        return set()
    sealed = {_seal(session, one) for one in addresses}
    of_these = select(FormerEmailRow.sealed).where(among(FormerEmailRow.customer_id, record_ids))
    sealed.update(session.scalars(of_these))
    found: set[int] = set()
    for batch in batches(sorted(sealed)):
        who = select(FormerEmailRow.customer_id).where(FormerEmailRow.sealed.in_(batch))
        found.update(session.scalars(who))
    return found


def holders(session: Session, emails: Iterable[str]) -> dict[str, list[int]]:
    """The records that held each of these addresses once."""
    of = {_seal(session, email): email for email in emails}
    found: dict[str, list[int]] = defaultdict(list)
    for batch in batches(sorted(of)):
        rows = session.execute(
            select(FormerEmailRow.sealed, FormerEmailRow.customer_id)
            .where(FormerEmailRow.sealed.in_(batch))
            .order_by(FormerEmailRow.customer_id)
        )
        for sealed, record_id in rows:
            found[of[sealed]].append(record_id)
    return found


def held(session: Session, record_ids: Collection[int] | None) -> list[Sealed]:
    """Who holds and held each of them, of these records. None: of all."""
    rows = select(FormerEmailRow.customer_id, FormerEmailRow.sealed)
    if record_ids is not None:
        rows = rows.where(among(FormerEmailRow.customer_id, record_ids))
    found = [(record_id, sealed) for record_id, sealed in session.execute(rows)]
    now: set[tuple[int, str]] = set()
    for batch in batches(sorted({record_id for record_id, _ in found})):
        own = select(CustomerRow.email, CustomerRow.id).where(among(CustomerRow.id, batch))
        further = select(EmailRow.email, EmailRow.customer_id).where(
            among(EmailRow.customer_id, batch)
        )
        for email, record_id in session.execute(own.union_all(further)):
            now.add((record_id, _seal(session, email)))
    return [Sealed(*one, former=one not in now) for one in found]


def _seal(session: Session, email: str) -> str:
    return seal(session, f"email:{email}")


def _holding(emails: Collection[str]) -> CompoundSelect[str, int]:
    own = select(CustomerRow.email, CustomerRow.id).where(CustomerRow.email.in_(emails))
    further = select(EmailRow.email, EmailRow.customer_id).where(EmailRow.email.in_(emails))
    return own.union_all(further)


def _known(session: Session, sealed: Collection[str]) -> set[str]:
    found: set[str] = set()
    for batch in batches(sorted(sealed)):
        known = select(FormerEmailRow.sealed).where(FormerEmailRow.sealed.in_(batch)).distinct()
        found.update(session.scalars(known))
    return found


def _add(session: Session, rows: Iterable[tuple[int, str]]) -> None:
    values = [{"customer_id": record_id, "sealed": sealed} for record_id, sealed in sorted(rows)]
    if values:
        session.execute(insert(session, FormerEmailRow).on_conflict_do_nothing(), values)
