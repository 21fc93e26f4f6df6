"""Handles that were written into a CRM: once for a link, and cleared when it holds no more.

Of what was written only a seal is kept: it is known again when it is read, and cannot be read here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from domain.customer import Basis
from storage import sealing
from storage.link_ledger import CONFIRMED
from storage.persons import person
from storage.tables import (
    AuthorRow,
    CustomerRow,
    LinkJudgementRow,
    LinkRow,
    MergeRow,
    WriteBackRow,
)

_LINKED, _RECORD = aliased(CustomerRow), aliased(CustomerRow)
# What somebody knows; what is only weighed leaves nobody's hands.
_CERTAIN = (Basis.GIVEN, Basis.PERSON)


class WriteState(StrEnum):
    WRITING = "writing"  # it is being written, or nobody knows whether it was
    WRITTEN = "written"
    THEIRS = "theirs"  # something else stood there, which stays
    GONE = "gone"  # there is no such customer
    CLEARED = "cleared"  # the link holds no more


@dataclass(frozen=True, slots=True)
class Wanted:
    """A handle that belongs into a customer of a system."""

    link_id: int
    external_id: str
    source: str
    handle: str


def wanted(session: Session, system: str, *, limit: int) -> list[Wanted]:
    """What has yet to be written, one record of the system for each link, oldest links first."""
    tried = exists().where(
        WriteBackRow.link_id == LinkRow.id,
        WriteBackRow.system == system,
        WriteBackRow.state.not_in((WriteState.CLEARED, WriteState.WRITING)),
    )
    merged = exists().where(
        MergeRow.system == _RECORD.system, MergeRow.external_id == _RECORD.external_id
    )
    rows = session.execute(
        select(LinkRow.id, _RECORD.external_id, AuthorRow.source, AuthorRow.handle)
        .join(LinkJudgementRow, CONFIRMED)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .join(_LINKED, _LINKED.id == LinkRow.customer_id)
        .join(
            _RECORD,
            person(_RECORD.joined_to, _RECORD.id) == person(_LINKED.joined_to, _LINKED.id),
        )
        .where(
            LinkJudgementRow.basis.in_(_CERTAIN),
            _RECORD.system == system,
            AuthorRow.handle != "",
            ~merged,
            ~tried,
        )
        # The record that was linked goes before others of the same person.
        .order_by(LinkRow.id, _RECORD.id != LinkRow.customer_id, _RECORD.id)
        .limit(limit)
    )
    found: dict[int, Wanted] = {}
    for row in rows:
        found.setdefault(row[0], Wanted(*row))
    return list(found.values())


def begin(
    session: Session, system: str, field: str, one: Wanted, text: str, *, now: datetime
) -> tuple[int, bool]:
    """Note that this text is about to be written; the id of the entry, and whether it is in doubt.

    In doubt is one that was begun before and never ended: it may have been written.
    """
    row = session.scalars(
        select(WriteBackRow).where(
            WriteBackRow.link_id == one.link_id,
            WriteBackRow.system == system,
            WriteBackRow.state == WriteState.WRITING,
        )
    ).first()
    in_doubt, seal = row is not None, sealing.seal(session, text)
    if row is None:
        row = WriteBackRow(link_id=one.link_id, system=system, state=WriteState.WRITING)
        session.add(row)
    row.external_id, row.property, row.seal, row.at = one.external_id, field, seal, now
    session.flush()
    return row.id, in_doubt


def end(session: Session, entry_id: int, state: WriteState, *, now: datetime) -> None:
    session.execute(
        update(WriteBackRow).where(WriteBackRow.id == entry_id).values(state=state, at=now)
    )


def unwanted(session: Session, system: str, *, limit: int) -> list[WriteBackRow]:
    """What was written, or may have been, for links that do not hold any more."""
    return list(
        session.scalars(
            select(WriteBackRow)
            .where(
                WriteBackRow.system == system,
                WriteBackRow.state.in_((WriteState.WRITTEN, WriteState.WRITING)),
                ~_holds(),
            )
            .order_by(WriteBackRow.id)
            .limit(limit)
        )
    )


def is_ours(session: Session, entry_id: int, text: str) -> bool:
    """Whether this is what was written."""
    row = session.get_one(WriteBackRow, entry_id)
    return row.seal == sealing.seal(session, text)


def _holds() -> ColumnElement[bool]:
    return (
        exists()
        .where(
            LinkRow.id == WriteBackRow.link_id,
            CONFIRMED,
            LinkJudgementRow.basis.in_(_CERTAIN),
        )
        .correlate(WriteBackRow)
    )
