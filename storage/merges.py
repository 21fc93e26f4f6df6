"""Which ids of a system became which others, by that system's own word.

What is stored leads to the last id at once, over however many merges it went.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.sql import among, batches, insert, pairs
from storage.tables import CustomerRow, MergeRow

_Id = tuple[str, str]  # system, external id


def save(session: Session, into: Mapping[_Id, str]) -> set[_Id]:
    """Keep what each of these ids became; return those of which that was not known."""
    known: dict[_Id, str] = {}
    for batch in batches(sorted(into)):
        which = pairs(MergeRow.system, MergeRow.external_id, batch)
        rows = session.scalars(select(MergeRow).where(which))
        known.update({(row.system, row.external_id): row.into_id for row in rows})
    new: set[_Id] = set()
    for (system, gone), kept in into.items():
        last = _last(session, system, kept)
        if known.get((system, gone)) not in {last, kept} and kept != gone:
            _add(session, system, gone, kept if last == gone else last)
            new.add((system, gone))
    return new


def _last(session: Session, system: str, external_id: str) -> str:
    row = session.get(MergeRow, (system, external_id))
    return external_id if row is None else row.into_id


def _add(session: Session, system: str, gone: str, kept: str) -> None:
    """Of two that each became the other, the later word holds."""
    of_system = MergeRow.system == system
    session.execute(delete(MergeRow).where(of_system, MergeRow.external_id == kept))
    statement = insert(session, MergeRow).values(system=system, external_id=gone, into_id=kept)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["system", "external_id"], set_={"into_id": kept}
        )
    )
    session.execute(
        update(MergeRow).where(of_system, MergeRow.into_id == gone).values(into_id=kept)
    )


def records(session: Session, system: str, external_ids: Iterable[str]) -> dict[str, int]:
    """The record that each of these ids has become; nothing for one that became none we know."""
    found: dict[str, int] = {}
    for batch in batches(sorted(external_ids)):
        rows = session.execute(
            select(MergeRow.external_id, CustomerRow.id)
            .join(CustomerRow, _is(MergeRow.into_id))
            .where(MergeRow.system == system, MergeRow.external_id.in_(batch))
        )
        found.update(rows.all())
    return found


@dataclass(frozen=True, slots=True)
class Merged:
    """Records that are one for their own system."""

    gone: tuple[int, ...]  # whose ids became another
    kept: int | None  # whose id that is; None: it is not known here

    @property
    def records(self) -> tuple[int, ...]:
        return self.gone if self.kept is None else (*self.gone, self.kept)


def merged(session: Session, record_ids: Collection[int] | None = None) -> list[Merged]:
    """What merges made one of several records. record_ids: only with any of these; None: all."""
    gone = select(MergeRow.system, MergeRow.into_id, CustomerRow.id).join(
        CustomerRow, _is(MergeRow.external_id)
    )
    kept = select(MergeRow.system, MergeRow.into_id, CustomerRow.id).join(
        CustomerRow, _is(MergeRow.into_id)
    )
    only: list[ColumnElement[bool]] = [true()]
    if record_ids is not None:
        if not record_ids or session.scalars(select(MergeRow.system).limit(1)).first() is None:
            return []
        ours = among(CustomerRow.id, record_ids)
        last = {
            (system, into)
            for side in (gone, kept)
            for system, into, _ in session.execute(side.where(ours))
        }
        only = [pairs(MergeRow.system, MergeRow.into_id, one) for one in batches(sorted(last))]
    found: dict[_Id, set[int]] = defaultdict(set)
    kept_of: dict[_Id, int] = {}
    for these in only:
        for system, into, record_id in session.execute(gone.where(these)):
            found[system, into].add(record_id)
        for system, into, record_id in session.execute(kept.where(these)):
            kept_of[system, into] = record_id
    every = (Merged(tuple(sorted(ids)), kept_of.get(one)) for one, ids in found.items())
    return [one for one in every if len(one.records) > 1]


def _is(external_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return and_(CustomerRow.system == MergeRow.system, CustomerRow.external_id == external_id)
