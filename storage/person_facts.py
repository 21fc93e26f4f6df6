"""What is known of persons from all their records together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import person_decisions
from storage.person_decisions import Decision
from storage.sql import among, batches
from storage.tables import CustomerRow, EmailRow, PhoneRow, TagRow

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """Of what is one to a person, the record that stands for them has the first say."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]  # E.164
    company: str
    city: str
    country: str
    website: str
    language: str
    tags: tuple[str, ...]
    permission: str  # to be written to: "no" where any system says no
    created_at: datetime | None  # when the first system knew them
    decisions: tuple[Decision, ...]  # oldest first


def facts(session: Session, people: Mapping[int, Sequence[CustomerRow]]) -> dict[int, Facts]:
    """people: the records of each person, see storage.persons.records."""
    ids = [row.id for rows in people.values() for row in rows]
    emails = _several(session, EmailRow.customer_id, EmailRow.email, ids)
    phones = _several(session, PhoneRow.customer_id, PhoneRow.phone, ids)
    tags = _several(session, TagRow.customer_id, TagRow.tag, ids)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for batch in batches(ids, _AT_ONCE):
        for one in person_decisions.about(session, batch):
            for record_id in one.records:
                decisions[record_id].append(one)
    return {
        person_id: Facts(
            emails=_each((row.email, *emails[row.id]) for row in rows),
            phones=_each(phones[row.id] for row in rows),
            tags=_each(tags[row.id] for row in rows),
            permission=_permission({row.permission for row in rows}),
            created_at=min((row.created_at for row in rows if row.created_at), default=None),
            decisions=_once(one for row in rows for one in decisions[row.id]),
            company=_first(row.company for row in rows),
            city=_first(row.city for row in rows),
            country=_first(row.country for row in rows),
            website=_first(row.website for row in rows),
            language=_first(row.language for row in rows),
        )
        for person_id, rows in people.items()
    }


def _several(
    session: Session,
    of: InstrumentedAttribute[int],
    column: InstrumentedAttribute[str],
    record_ids: Sequence[int],
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for batch in batches(record_ids, _AT_ONCE):
        rows = session.execute(select(of, column).where(among(of, batch)).order_by(of, column))
        for record_id, one in rows:
            found[record_id].append(one)
    return found


def _each(of_records: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for every in of_records for one in every if one))


def _first(said: Iterable[str]) -> str:
    return next(filter(None, said), "")


def _permission(said: Collection[str]) -> str:
    return next((one for one in ("no", "yes") if one in said), "")


def _once(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    found = {one.id: one for one in decisions}
    return tuple(found[one] for one in sorted(found))
