"""The coverage ledger: one row for each source and hour in which it was listened to."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.sql import insert
from storage.tables import CoverageRow

_COUNTS = ("passes", "failed", "limited", "fetched", "matched", "new", "counted", "came")


def add(session: Session, source: str, counts: Mapping[str, int], *, now: datetime) -> None:
    """Add to what this source did in the hour of `now`; counts: by column, without one it is 0."""
    values = {name: counts.get(name, 0) for name in _COUNTS}
    hour = now.replace(minute=0, second=0, microsecond=0)
    statement = insert(session, CoverageRow).values(source=source, hour=hour, **values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "hour"],
            set_={name: getattr(CoverageRow, name) + count for name, count in counts.items()},
        )
    )


def hours(session: Session, *, since: datetime) -> Mapping[str, list[CoverageRow]]:
    """The hours that began at or after `since`, oldest first, by source."""
    found: dict[str, list[CoverageRow]] = {}
    rows = select(CoverageRow).where(CoverageRow.hour >= since).order_by(CoverageRow.hour)
    for row in session.scalars(rows):
        found.setdefault(row.source, []).append(row)
    return found


def begun(session: Session) -> Mapping[str, datetime]:
    """The first hour of each source."""
    rows = session.execute(
        select(CoverageRow.source, func.min(CoverageRow.hour)).group_by(CoverageRow.source)
    )
    return {row[0]: row[1] for row in rows}


def forget_before(session: Session, cutoff: datetime) -> None:
    session.execute(delete(CoverageRow).where(CoverageRow.hour < cutoff))
