"""Published numbers, revision by revision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from storage.tables import SnapshotRow, SnapshotVoicesRow


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A number to publish."""

    brand: str
    day: date
    kind: str  # "reputation", "nps", "nps_month" or "lists"
    timezone: str
    formula: str
    payload: dict[str, Any]
    watermark: str  # what it was computed from
    reason: str = ""  # why it is computed again; "" it is the first one
    voices: bytes | None = None  # the persons it rests on, packed; None: it rests on none
    beside: Collection[str] = ()  # keys of the payload that are worth no revision of their own


@dataclass(frozen=True, slots=True)
class Published:
    """A number as it was published."""

    id: int
    brand: str
    day: date
    kind: str
    revision: int  # from 1 on
    timezone: str
    formula: str
    payload: Mapping[str, Any]
    watermark: str
    computed_at: datetime
    reason: str  # why it was revised; "" the first one


def publish(
    session: Session, snapshot: Snapshot, *, now: datetime, after: int | None = None
) -> int:
    """Store the number as a new revision unless the newest one says the same; return which.

    after: the revision that was the newest when this one was computed, 0 for none; nothing is
    stored when another one came meanwhile. None: whatever was published.
    """
    newest = _newest(session, snapshot.brand, snapshot.day, snapshot.kind)
    revision = newest.revision if newest is not None else 0
    if after is not None and after != revision:
        return revision
    if newest is not None and _tells(newest.payload, snapshot) == _tells(
        snapshot.payload, snapshot
    ):
        newest.watermark = snapshot.watermark  # the same number, from more data
        return revision
    row = SnapshotRow(
        brand=snapshot.brand,
        day=snapshot.day,
        kind=snapshot.kind,
        revision=revision + 1,
        timezone=snapshot.timezone,
        formula=snapshot.formula,
        payload=snapshot.payload,
        watermark=snapshot.watermark,
        computed_at=now,
        reason=snapshot.reason,
    )
    session.add(row)
    session.flush()
    if snapshot.voices is not None:
        session.add(SnapshotVoicesRow(snapshot_id=row.id, voices=snapshot.voices))
        session.flush()
    return row.revision


def _tells(payload: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in snapshot.beside}


def drop(session: Session, brand: str, kind: str, part: str, *, until: date) -> None:
    """Take a part out of what was published for the days before: it was kept for the next one."""
    for row in session.scalars(
        select(SnapshotRow).where(
            SnapshotRow.brand == brand, SnapshotRow.kind == kind, SnapshotRow.day < until
        )
    ):
        if part in row.payload:
            row.payload = {key: value for key, value in row.payload.items() if key != part}


def forget_voices(session: Session, *, until: date) -> int:
    """Forget the persons that the numbers of the days before rest on; return of how many numbers.

    The numbers stay.
    """
    gone = session.execute(
        delete(SnapshotVoicesRow)
        .where(
            SnapshotVoicesRow.snapshot_id.in_(select(SnapshotRow.id).where(SnapshotRow.day < until))
        )
        .returning(SnapshotVoicesRow.snapshot_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def latest(session: Session, brand: str, day: date, kind: str) -> Published | None:
    """The newest revision of that day's number."""
    row = _newest(session, brand, day, kind)
    return None if row is None else _published(row)


def latest_before(session: Session, brand: str, day: date, kind: str) -> Published | None:
    """The newest revision of the last day before this one that has a number."""
    found = session.scalars(
        _of(brand, kind, SnapshotRow.day < day)
        .order_by(SnapshotRow.day.desc(), SnapshotRow.revision.desc())
        .limit(1)
    ).first()
    return None if found is None else _published(found)


def trend(session: Session, brand: str, kind: str, *, since: date, until: date) -> list[Published]:
    """The newest revision of each day in [since, until), oldest first, as far as there are any."""
    days = (SnapshotRow.day >= since, SnapshotRow.day < until)
    newest = (
        select(SnapshotRow.day, func.max(SnapshotRow.revision).label("revision"))
        .where(SnapshotRow.brand == brand, SnapshotRow.kind == kind, *days)
        .group_by(SnapshotRow.day)
        .subquery()
    )
    found = session.scalars(
        _of(brand, kind)
        .join(
            newest,
            (SnapshotRow.day == newest.c.day) & (SnapshotRow.revision == newest.c.revision),
        )
        .order_by(SnapshotRow.day)
    )
    return [_published(row) for row in found]


def history(
    session: Session, brand: str, kind: str, *, since: date | None, until: date | None
) -> list[Published]:
    """Every revision of the days in [since, until), by day, oldest first; None: without a bound."""
    days = []
    if since is not None:
        days.append(SnapshotRow.day >= since)
    if until is not None:
        days.append(SnapshotRow.day < until)
    found = session.scalars(_of(brand, kind, *days).order_by(SnapshotRow.day, SnapshotRow.revision))
    return [_published(row) for row in found]


def voices(session: Session, snapshot_id: int) -> bytes | None:
    """The persons that a number rests on, packed; None: it rests on none, or they are forgotten."""
    return session.scalar(
        select(SnapshotVoicesRow.voices).where(SnapshotVoicesRow.snapshot_id == snapshot_id)
    )


def _of(brand: str, kind: str, *days: ColumnElement[bool]) -> Select[SnapshotRow]:
    return select(SnapshotRow).where(SnapshotRow.brand == brand, SnapshotRow.kind == kind, *days)


def _newest(session: Session, brand: str, day: date, kind: str) -> SnapshotRow | None:
    return session.scalars(
        _of(brand, kind, SnapshotRow.day == day).order_by(SnapshotRow.revision.desc()).limit(1)
    ).first()


def _published(row: SnapshotRow) -> Published:
    return Published(
        id=row.id,
        brand=row.brand,
        day=row.day,
        kind=row.kind,
        revision=row.revision,
        timezone=row.timezone,
        formula=row.formula,
        payload=row.payload,
        watermark=row.watermark,
        computed_at=row.computed_at,
        reason=row.reason,
    )
