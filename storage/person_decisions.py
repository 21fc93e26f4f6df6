"""What people decided of whole persons: these records are one, those are not.

No decision is changed: a later one counts in an earlier one's place, and both can be read.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations, groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from storage.sql import among, insert
from storage.tables import CustomerRow, DecidedRecordRow, PersonDecisionRow


class Verb(StrEnum):
    JOIN = "join"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Decision:
    """One that somebody made."""

    id: int
    verb: Verb
    records: tuple[int, ...]  # of customers, by our id
    decided_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of all decisions together."""

    together: list[set[int]]
    apart: set[frozenset[int]]  # pairs


def add(
    session: Session, verb: Verb, record_ids: Collection[int], *, by: str, now: datetime
) -> None:
    """Write down what somebody decided of these records; a record split is joined by hand only."""
    row = PersonDecisionRow(verb=verb, decided_by=by, at=now)
    session.add(row)
    session.flush()
    session.execute(
        insert(session, DecidedRecordRow),
        [{"decision_id": row.id, "customer_id": one} for one in sorted(record_ids)],
    )
    session.execute(
        update(CustomerRow)
        .where(among(CustomerRow.id, record_ids))
        .values(split=verb == Verb.SPLIT, keyed=False)
        .execution_options(synchronize_session="fetch")
    )


def standing(session: Session, unit_of: Callable[[int], int]) -> Standing:
    """What holds by now. unit_of: records that are one for their system have one unit."""
    latest: dict[int, int] = {}
    apart: set[frozenset[int]] = set()
    joined: dict[int, set[int]] = {}
    for one in every(session):
        units = {unit_of(record_id) for record_id in one.records}
        latest.update(dict.fromkeys(units, one.id))
        pairs = {frozenset(pair) for pair in combinations(units, 2)}
        if one.verb == Verb.SPLIT:
            apart |= pairs
        else:
            apart -= pairs
            joined[one.id] = units
    together = (
        {unit for unit in units if latest[unit] == decision} for decision, units in joined.items()
    )
    return Standing([units for units in together if len(units) > 1], apart)


def every(session: Session) -> list[Decision]:
    """All of them, oldest first."""
    return _read(session, true())


def about(session: Session, record_ids: Collection[int]) -> list[Decision]:
    """Those about any of these records, oldest first."""
    theirs = select(DecidedRecordRow.decision_id).where(
        among(DecidedRecordRow.customer_id, record_ids)
    )
    return _read(session, PersonDecisionRow.id.in_(theirs))


def _read(session: Session, which: ColumnElement[bool]) -> list[Decision]:
    rows = session.execute(
        select(PersonDecisionRow, DecidedRecordRow.customer_id)
        .join(DecidedRecordRow, DecidedRecordRow.decision_id == PersonDecisionRow.id)
        .where(which)
        .order_by(PersonDecisionRow.id, DecidedRecordRow.customer_id)
    )
    return [
        Decision(
            id=row.id,
            verb=Verb(row.verb),
            records=tuple(record_id for _, record_id in records),
            decided_by=row.decided_by,
            at=row.at,
        )
        for row, records in groupby(rows, key=itemgetter(0))
    ]
