"""Published numbers, revision by revision."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import metrics
from storage.tables import SnapshotRow, SnapshotVoicesRow


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A number to publish."""

    brand: str
    day: date
    kind: str  # "reputation", "nps" or "lists"
    timezone: str
    formula: str
    payload: dict[str, Any]
    watermark: str  # what it was computed from
    reason: str = ""  # why it is computed again; "" what it rests on tells


def publish(
    session: Session, snapshot: Snapshot, *, now: datetime, voices: bytes | None = None
) -> int:
    """Store the number as a new revision unless the newest one says the same; return which.

    voices: the persons it rests on.
    """
    newest = latest(session, snapshot.brand, snapshot.day, snapshot.kind)
    if newest is not None and newest.payload == snapshot.payload:
        newest.watermark = snapshot.watermark  # the same number, from more data
        return newest.revision
    revision = newest.revision + 1 if newest is not None else 1
    row = SnapshotRow(
        brand=snapshot.brand,
        day=snapshot.day,
        kind=snapshot.kind,
        revision=revision,
        timezone=snapshot.timezone,
        formula=snapshot.formula,
        payload=snapshot.payload,
        watermark=snapshot.watermark,
        computed_at=now,
        reason=snapshot.reason or _reason(newest, snapshot),
    )
    session.add(row)
    session.flush()
    if voices is not None:
        session.add(SnapshotVoicesRow(snapshot_id=row.id, voices=voices))
        session.flush()
    return revision


def voices(session: Session, snapshot_id: int) -> bytes | None:
    """The persons a published number rests on; None: they were not kept, or not for so long."""
    found = session.get(SnapshotVoicesRow, snapshot_id)
    return None if found is None else found.voices


def drop(session: Session, brand: str, kind: str, part: str, *, until: date) -> None:
    """Take a part out of what was published for the days before: it was kept for the next one."""
    for row in session.scalars(
        select(SnapshotRow).where(
            SnapshotRow.brand == brand, SnapshotRow.kind == kind, SnapshotRow.day < until
        )
    ):
        if part in row.payload:
            row.payload = {key: value for key, value in row.payload.items() if key != part}


def _reason(newest: SnapshotRow | None, snapshot: Snapshot) -> str:
    return "" if newest is None else metrics.why_changed(newest.watermark, snapshot.watermark)


def latest(session: Session, brand: str, day: date, kind: str) -> SnapshotRow | None:
    """The newest revision of that day's number."""
    return session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.brand == brand, SnapshotRow.day == day, SnapshotRow.kind == kind)
        .order_by(SnapshotRow.revision.desc())
        .limit(1)
    ).first()


def trend(
    session: Session, brand: str, kind: str, *, since: date, until: date
) -> list[SnapshotRow]:
    """The newest revision of each day in [since, until), oldest first, as far as there are any."""
    newest = (
        select(SnapshotRow.day, func.max(SnapshotRow.revision).label("revision"))
        .where(
            SnapshotRow.brand == brand,
            SnapshotRow.kind == kind,
            SnapshotRow.day >= since,
            SnapshotRow.day < until,
        )
        .group_by(SnapshotRow.day)
        .subquery()
    )
    return list(
        session.scalars(
            select(SnapshotRow)
            .join(
                newest,
                (SnapshotRow.day == newest.c.day) & (SnapshotRow.revision == newest.c.revision),
            )
            .where(SnapshotRow.brand == brand, SnapshotRow.kind == kind)
            .order_by(SnapshotRow.day)
        )
    )
