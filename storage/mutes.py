"""Mutes: what the channel does not hear of, until when, and how much that was."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.mute import Mute, Muted
from storage.sql import insert
from storage.tables import AuthorRow, IncidentRow, MuteIncidentRow, MuteRow


def add(session: Session, mute: Mute, *, author_id: int | None = None) -> Mute:
    """Store a new one; its id is given here. author_id: our id of the author it is of."""
    row = MuteRow(
        what=mute.what,
        value=mute.value,
        author_id=author_id,
        brand=mute.brand,
        reason=mute.reason,
        by=mute.by,
        created_at=mute.created_at,
        until=mute.until,
    )
    session.add(row)
    session.flush()
    return get(session, row.id)


def get(session: Session, mute_id: int) -> Mute:
    """Raises EarshotError when there is no such mute."""
    found = _read(session, _all().where(MuteRow.id == mute_id))
    if not found:
        raise EarshotError(f"there is no mute {mute_id}: see earshot mute list")
    return found[0]


def listing(session: Session) -> list[Mute]:
    """Every mute there ever was, the newest first."""
    return _read(session, _all().order_by(MuteRow.id.desc()))


def holding(session: Session, *, now: datetime) -> list[Mute]:
    """Those that hold now, the one that ends last first."""
    statement = _all().where(MuteRow.until > now, MuteRow.removed_at.is_(None))
    return _read(session, statement.order_by(MuteRow.until.desc(), MuteRow.id))


def held_since(session: Session, brand: str, *, since: datetime) -> list[Mute]:
    """Those that held since then for this brand, oldest first; counted are its incidents."""
    statement = _all(brand).where(
        MuteRow.brand.in_((brand, "")),
        MuteRow.until > since,
        or_(MuteRow.removed_at.is_(None), MuteRow.removed_at > since),
    )
    return _read(session, statement.order_by(MuteRow.id))


def remove(session: Session, mute_id: int, *, now: datetime) -> Mute:
    """End it now. Raises EarshotError when it has ended or there is no such mute."""
    mute = get(session, mute_id)
    if not mute.holds(now):
        raise EarshotError(f"mute {mute_id} has ended already: see earshot mute list")
    session.execute(update(MuteRow).where(MuteRow.id == mute_id).values(removed_at=now))
    return get(session, mute_id)


def keep_quiet(session: Session, mute_id: int, incident_id: int) -> None:
    """Note that the channel does not hear of this incident because of the mute."""
    session.execute(
        insert(session, MuteIncidentRow)
        .values(mute_id=mute_id, incident_id=incident_id)
        .on_conflict_do_nothing()
    )


def incidents_of(session: Session, mute_id: int) -> Sequence[int]:
    """The incidents that the channel did not hear of because of the mute."""
    statement = select(MuteIncidentRow.incident_id).where(MuteIncidentRow.mute_id == mute_id)
    return session.scalars(statement.order_by(MuteIncidentRow.incident_id)).all()


def _all(brand: str = "") -> "Select[MuteRow, str | None, int]":
    kept = (
        select(func.count())
        .select_from(MuteIncidentRow)
        .join(IncidentRow, IncidentRow.id == MuteIncidentRow.incident_id)
        .where(MuteIncidentRow.mute_id == MuteRow.id)
    )
    if brand:
        kept = kept.where(IncidentRow.brand == brand)
    return select(MuteRow, AuthorRow.handle, kept.correlate(MuteRow).scalar_subquery()).outerjoin(
        AuthorRow, AuthorRow.id == MuteRow.author_id
    )


def _read(session: Session, statement: "Select[MuteRow, str | None, int]") -> list[Mute]:
    rows = session.execute(statement.execution_options(populate_existing=True))
    return [
        Mute(
            id=row.id,
            what=Muted(row.what),
            value=row.value,
            brand=row.brand,
            reason=row.reason,
            by=row.by,
            created_at=row.created_at,
            until=row.until,
            removed_at=row.removed_at,
            handle=handle or "",
            kept_quiet=kept,
        )
        for row, handle, kept in rows
    ]
