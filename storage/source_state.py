"""How far each source has been read, what it missed, and how it is doing."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from domain.source_state import SourceState
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


def state(session: Session, source: str) -> SourceState:
    """The state of the source; one that was never tried is in order."""
    row = session.get(SourceStateRow, source)
    return SourceState(source) if row is None else _state(row)


def save_state(session: Session, state: SourceState) -> None:
    values = asdict(state)
    session.execute(
        insert(session, SourceStateRow)
        .values(**values)
        .on_conflict_do_update(index_elements=["source"], set_=values)
        .execution_options(synchronize_session=False)
    )


def states(session: Session) -> dict[str, SourceState]:
    """The state of everything that was ever tried, by its name."""
    return {row.source: _state(row) for row in session.scalars(select(SourceStateRow))}


def forget_states(session: Session, names: Collection[str]) -> None:
    """Forget the state of these."""
    session.execute(delete(SourceStateRow).where(SourceStateRow.source.in_(names)))


def _state(row: SourceStateRow) -> SourceState:
    return SourceState(
        source=row.source,
        first_at=row.first_at,
        last_ok_at=row.last_ok_at,
        trouble=row.trouble,
        trouble_at=row.trouble_at,
        failures=row.failures,
        next_at=row.next_at,
        off=row.off,
        fingerprint=row.fingerprint,
    )
