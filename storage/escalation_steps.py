"""The rows of escalation: each step that an incident was given, told at most once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from domain.escalation import Step, StepState, Telling
from storage.sql import among
from storage.tables import EscalationStepRow


def record(row: EscalationStepRow) -> Step:
    return Step(
        incident_id=row.incident_id,
        clock=row.clock,
        number=row.number,
        telling=Telling(row.after, row.tell, row.channel),
        due_at=row.due_at,
        promised_at=row.promised_at,
        state=StepState(row.state),
        fired_at=row.fired_at,
        reason=row.reason,
    )


def add(session: Session, steps: Sequence[Step]) -> None:
    """Store the steps an incident is given."""
    session.add_all(
        EscalationStepRow(
            incident_id=step.incident_id,
            clock=step.clock,
            number=step.number,
            after=step.telling.after,
            tell=step.telling.tell,
            channel=step.telling.channel,
            due_at=step.due_at,
            promised_at=step.promised_at,
            state=step.state,
            fired_at=step.fired_at,
            reason=step.reason,
        )
        for step in steps
    )
    session.flush()


def of(session: Session, incident_id: int, clock: int | None = None) -> list[Step]:
    """All steps of an incident, in their order; clock: only those of this one."""
    statement = select(EscalationStepRow).where(EscalationStepRow.incident_id == incident_id)
    if clock is not None:
        statement = statement.where(EscalationStepRow.clock == clock)
    ordered = statement.order_by(EscalationStepRow.clock, EscalationStepRow.number)
    return [
        record(row) for row in session.scalars(ordered.execution_options(populate_existing=True))
    ]


def get(session: Session, incident_id: int, clock: int, number: int) -> Step:
    """A step that must be there."""
    key = (incident_id, clock, number)
    return record(session.get_one(EscalationStepRow, key, populate_existing=True))


def move(session: Session, step: Step) -> None:
    """Store the new due time of a step that is pending."""
    session.execute(
        update(EscalationStepRow)
        .where(*_pending([step], step.clock, step.number))
        .values(due_at=step.due_at, promised_at=step.promised_at)
        .execution_options(synchronize_session=False)
    )


def fire(session: Session, steps: Sequence[Step], *, at: datetime, reason: str = "") -> list[Step]:
    """Take steps to be told now; those that were still pending, so that none is told twice."""
    return _end(session, steps, {"state": StepState.FIRED, "fired_at": at, "reason": reason})


def skip(session: Session, steps: Sequence[Step], reason: str) -> list[Step]:
    """End steps that come too late; those that were still pending."""
    return _end(session, steps, {"state": StepState.SKIPPED_LATE, "reason": reason})


def _end(session: Session, steps: Sequence[Step], values: Mapping[str, object]) -> list[Step]:
    ended: list[Step] = []
    for clock, number in sorted({(step.clock, step.number) for step in steps}):
        alike = [step for step in steps if (step.clock, step.number) == (clock, number)]
        taken = session.scalars(
            update(EscalationStepRow)
            .where(*_pending(alike, clock, number))
            .values(**values)
            .returning(EscalationStepRow.incident_id)
            .execution_options(synchronize_session=False)
        ).all()
        ids = set(taken)
        ended += [step for step in alike if step.incident_id in ids]
    return ended


def _pending(steps: Sequence[Step], clock: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return (
        among(EscalationStepRow.incident_id, [step.incident_id for step in steps]),
        EscalationStepRow.clock == clock,
        EscalationStepRow.number == number,
        EscalationStepRow.state == StepState.PENDING,
    )


def cancel(session: Session, incident_id: int, reason: str) -> None:
    """End everything that is pending about an incident: nobody has to be reminded any more."""
    session.execute(
        update(EscalationStepRow)
        .where(
            EscalationStepRow.incident_id == incident_id,
            EscalationStepRow.state == StepState.PENDING,
        )
        .values(state=StepState.CANCELLED, reason=reason)
        .execution_options(synchronize_session=False)
    )


def fired_since(session: Session, since: datetime) -> list[Step]:
    """What fired of late, the oldest first."""
    rows = session.scalars(
        select(EscalationStepRow)
        .where(EscalationStepRow.fired_at >= since)
        .order_by(EscalationStepRow.fired_at)
    )
    return list(map(record, rows))
