"""What escalation looks for: incidents that have changed, and steps whose time has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain.escalation import Step
from domain.incident import LIVE, REMINDED, Action, Incident, State
from domain.notification import ENDED, Kind
from storage import escalation_steps, incidents
from storage.sql import among
from storage.tables import (
    MOVED,
    PENDING,
    EscalationStepRow,
    IncidentEventRow,
    IncidentRow,
    OutboxRow,
)


@dataclass(frozen=True, slots=True)
class Due:
    """The steps of one live incident whose time has come."""

    incident: Incident
    steps: Sequence[Step]
    acknowledged_at: datetime | None  # for the last time


def anything(session: Session, *, now: datetime) -> bool:
    """Whether an incident has changed, or a step is due."""
    is_due = select(EscalationStepRow.number).where(PENDING, EscalationStepRow.due_at <= now)
    found = session.scalars(is_due.limit(1)).first()
    return found is not None or bool(moved(session, limit=1))


def moved(session: Session, *, limit: int) -> list[Incident]:
    """Incidents that have changed since their steps were held against them."""
    statement = select(IncidentRow).where(MOVED).order_by(IncidentRow.id).limit(limit)
    return [incidents.record(row) for row in session.scalars(statement)]


def settle(session: Session, incident_id: int) -> None:
    """Note that the steps fit the incident as it is now."""
    session.execute(
        update(IncidentRow)
        .where(IncidentRow.id == incident_id)
        .values(moved=False)
        .execution_options(synchronize_session=False)
    )


def begin(session: Session, incident_id: int, clock: int) -> bool:
    """Note, as settle() does, that this clock gets its policy now; False when it had it before."""
    begun = session.execute(
        update(IncidentRow)
        .where(IncidentRow.id == incident_id, IncidentRow.escalated_clock != clock)
        .values(moved=False, escalated_clock=clock)
        .returning(IncidentRow.id)
        .execution_options(synchronize_session=False)
    )
    return begun.first() is not None


def clock_of(session: Session, incident_id: int) -> int:
    """Which run of its clocks it is: the first, or one more each time that it opened again.

    It opens again for a new complaint, and where its answer turned out to be none.
    """
    opened_again = IncidentEventRow.action.in_((Action.REOPENED, Action.UNANSWERED))
    was_closed = IncidentEventRow.before.not_in(LIVE) & IncidentEventRow.after.in_(LIVE)
    of_it = IncidentEventRow.incident_id == incident_id
    statement = select(func.count()).where(of_it, opened_again, was_closed)
    return 1 + (session.scalar(statement.select_from(IncidentEventRow)) or 0)


def acknowledged_at(session: Session, incident_id: int) -> datetime | None:
    """When it was acknowledged last."""
    newest = func.max(IncidentEventRow.at)
    of_it = IncidentEventRow.incident_id == incident_id
    acknowledged = IncidentEventRow.action == Action.ACKNOWLEDGED
    return session.scalar(select(newest).where(of_it, acknowledged))


def due(session: Session, *, now: datetime) -> list[Due]:
    """What is due of incidents that are open or acknowledged, the incident due first at first."""
    rows = session.execute(
        select(EscalationStepRow, IncidentRow)
        .join(IncidentRow, IncidentRow.id == EscalationStepRow.incident_id)
        .where(
            PENDING,
            EscalationStepRow.due_at <= now,
            IncidentRow.state.in_(REMINDED),
        )
        .order_by(IncidentRow.due_at, IncidentRow.id, EscalationStepRow.number)
        .execution_options(populate_existing=True)
    )
    steps: dict[int, list[Step]] = {}
    found: dict[int, Incident] = {}
    for row, incident in rows:
        found.setdefault(incident.id, incidents.record(incident))
        steps.setdefault(incident.id, []).append(escalation_steps.record(row))
    return [Due(one, steps[one.id], _hushed_at(session, one)) for one in found.values()]


def _hushed_at(session: Session, incident: Incident) -> datetime | None:
    if incident.state is State.ACKNOWLEDGED:
        return acknowledged_at(session, incident.id)
    return None


@dataclass(frozen=True, slots=True)
class Untold:
    """Incidents whose first message stands in no channel."""

    waiting: Collection[int]  # it has yet to leave
    together: Collection[int]  # they were told in one message with others


def untold(session: Session, incident_ids: Collection[int], *, together: str) -> Untold:
    """Those of these incidents. together: the reason of what was told with others."""
    rows = session.execute(
        select(OutboxRow.incident_id, OutboxRow.ref, OutboxRow.state, OutboxRow.reason).where(
            among(OutboxRow.incident_id, incident_ids), OutboxRow.kind == Kind.POST
        )
    ).all()
    told = {row.incident_id for row in rows if row.ref is not None}
    waiting = {row.incident_id for row in rows if row.state not in ENDED} - told
    skipped = {row.incident_id for row in rows if row.reason == together}
    return Untold(waiting, skipped - told - waiting)
