"""How far each source has been read, what it missed, and how it is doing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.sql import insert
from storage.tables import CursorRow, GapRow, SourceStateRow


def cursor(session: Session, source: str, brand: str, query: str) -> Mapping[str, Any] | None:
    """Where the last pass stopped; None the first time, or when the query was another one."""
    row = session.get(CursorRow, (source, brand))
    return row.state if row is not None and row.query == query else None


def save_cursor(
    session: Session,
    source: str,
    brand: str,
    query: str,
    *,
    state: Mapping[str, Any],
    now: datetime,
) -> None:
    values = {"query": query, "state": dict(state), "updated_at": now}
    session.execute(
        insert(session, CursorRow)
        .values(source=source, brand=brand, **values)
        .on_conflict_do_update(index_elements=["source", "brand"], set_=values)
    )


def add_gap(
    session: Session,
    source: str,
    brand: str,
    *,
    since: datetime | None,
    until: datetime,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        GapRow(source=source, brand=brand, since=since, until=until, reason=reason, noted_at=now)
    )


def gaps(session: Session, *, since: datetime) -> list[GapRow]:
    """Gaps noted at or after `since`, oldest first."""
    return list(session.scalars(select(GapRow).where(GapRow.noted_at >= since).order_by(GapRow.id)))


def gaps_within(session: Session, *, since: datetime, until: datetime) -> list[GapRow]:
    """Gaps that overlap [since, until), whenever they were noted, oldest first."""
    return list(
        session.scalars(
            select(GapRow)
            .where(GapRow.until > since, or_(GapRow.since.is_(None), GapRow.since < until))
            .order_by(GapRow.until, GapRow.id)
        )
    )


def state(session: Session, source: str) -> SourceStateRow:
    """How the source is doing; a source never tried has a clean row."""
    row = session.get(SourceStateRow, source)
    if row is None:
        row = SourceStateRow(
            source=source,
            last_ok_at=None,
            trouble="",
            trouble_at=None,
            failures=0,
            next_at=None,
            off=False,
            fingerprint="",
        )
        session.add(row)
    return row


def states(session: Session) -> dict[str, SourceStateRow]:
    return {row.source: row for row in session.scalars(select(SourceStateRow))}
