"""How far each CRM or shop was read over its API, which records it sent, and which are gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from storage import sealing
from storage.sql import batches, insert
from storage.tables import CrmCursorRow, CrmRecordRow


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of one object of a system stands."""

    cursor: Mapping[str, Any] | None  # None: everything is to be read
    walk: int  # of the walk over everything that finds what is gone; 0 when none is going on
    finished_at: datetime | None  # when a pass last came to its end


@dataclass(frozen=True, slots=True)
class Noted:
    """What is different in records that a system has sent."""

    new: frozenset[str]  # ids of those it had not sent before, or never so that they could be read
    changed: frozenset[str]  # of those that held something else


def place(session: Session, system: str, what: str) -> Place:
    row = session.get(CrmCursorRow, (system, what))
    return Place(None, 0, None) if row is None else _place(row)


def places(session: Session) -> dict[tuple[str, str], Place]:
    """Every place there is, by system and object."""
    return {(row.system, row.object): _place(row) for row in session.scalars(select(CrmCursorRow))}


def ended(session: Session, system: str, *, after: datetime) -> frozenset[str]:
    """The objects whose pass last came to its end after this time."""
    return frozenset(
        session.scalars(
            select(CrmCursorRow.object).where(
                CrmCursorRow.system == system, CrmCursorRow.finished_at > after
            )
        )
    )


def begin_walk(session: Session, system: str, what: str, *, now: datetime) -> Place:
    """Let everything of an object be read anew, to find what is gone."""
    last = session.scalar(
        select(func.max(CrmRecordRow.walk)).where(
            CrmRecordRow.system == system, CrmRecordRow.object == what
        )
    )
    before = session.get(CrmCursorRow, (system, what))
    walk = max(last or 0, before.walk if before is not None else 0) + 1
    _save(session, system, what, {"state": {}, "walk": walk, "updated_at": now})
    return place(session, system, what)


def save_cursor(
    session: Session,
    system: str,
    what: str,
    cursor: Mapping[str, Any],
    *,
    changes: bool,
    now: datetime,
) -> None:
    """changes: whether what was stored with it has changed any orders; see unsettled()."""
    values = {"state": dict(cursor), "updated_at": now}
    _save(session, system, what, values | ({"unsettled": True} if changes else {}))


def finish(session: Session, system: str, what: str, *, changes: bool, now: datetime) -> None:
    """A pass has come to its end, and with it a walk over everything, if one was going on."""
    values: dict[str, Any] = {"walk": 0, "updated_at": now, "finished_at": now}
    _save(session, system, what, values | ({"unsettled": True} if changes else {}))


def unsettled(session: Session) -> bool:
    """Whether orders have changed since mentions that may name them were last looked at."""
    return session.scalar(select(exists().where(CrmCursorRow.unsettled))) or False


def settled(session: Session) -> None:
    session.execute(
        update(CrmCursorRow)
        .where(CrmCursorRow.unsettled)
        .values(unsettled=False)
        .execution_options(synchronize_session="fetch")
    )


def _place(row: CrmCursorRow) -> Place:
    return Place(row.state or None, row.walk, row.finished_at)


def _save(session: Session, system: str, what: str, values: Mapping[str, Any]) -> None:
    fresh = {"state": {}, "walk": 0, "unsettled": False, **values}
    session.execute(
        insert(session, CrmCursorRow)
        .values(system=system, object=what, **fresh)
        .on_conflict_do_update(index_elements=["system", "object"], set_=dict(values))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def note(
    session: Session, system: str, what: str, records: Mapping[str, str], *, walk: int
) -> Noted:
    """Note that the system has sent these records, by id with what they hold; "" if unreadable.

    walk: the number of the walk over everything that met them, 0 outside of one.
    """
    sealed = {one: sealing.seal(session, held) if held else "" for one, held in records.items()}
    before: dict[str, str] = {}
    for batch in batches(sorted(sealed)):
        rows = session.execute(
            select(CrmRecordRow.external_id, CrmRecordRow.seal).where(
                CrmRecordRow.system == system,
                CrmRecordRow.object == what,
                CrmRecordRow.external_id.in_(batch),
            )
        )
        before.update(rows.all())
        statement = insert(session, CrmRecordRow)
        kept = {"seal": statement.excluded.seal}
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["system", "object", "external_id"],
                set_=kept | ({"walk": statement.excluded.walk} if walk else {}),
            ),
            [
                {
                    "system": system,
                    "object": what,
                    "external_id": one,
                    "seal": sealed[one],
                    "walk": walk,
                }
                for one in batch
            ],
        )
    readable = {one: seal for one, seal in sealed.items() if seal}
    return Noted(
        new=frozenset(one for one in readable if not before.get(one)),
        changed=frozenset(
            one for one, seal in readable.items() if before.get(one, seal) not in ("", seal)
        ),
    )


def missed(session: Session, system: str, what: str, walk: int) -> list[str]:
    """Ids that this object had once, and that the walk has not met."""
    return list(
        session.scalars(
            select(CrmRecordRow.external_id)
            .where(
                CrmRecordRow.system == system,
                CrmRecordRow.object == what,
                CrmRecordRow.walk != walk,
            )
            .order_by(CrmRecordRow.external_id)
        )
    )


def met(session: Session, system: str, what: str, walk: int) -> bool:
    """Whether the walk has met any record at all."""
    found = select(CrmRecordRow.external_id).where(
        CrmRecordRow.system == system, CrmRecordRow.object == what, CrmRecordRow.walk == walk
    )
    return session.scalar(found.limit(1)) is not None


def forget(session: Session, system: str, what: str, external_ids: Sequence[str]) -> None:
    """Forget that the system has sent these records: it has them no more."""
    for batch in batches(external_ids):
        session.execute(
            delete(CrmRecordRow).where(
                CrmRecordRow.system == system,
                CrmRecordRow.object == what,
                CrmRecordRow.external_id.in_(batch),
            )
        )
