"""The audit of incidents: what happened to each, and who did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.incident import ITSELF, Action, Audit, State
from storage.tables import (
    IncidentEventRow,
    IncidentRow,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit, as it is read."""

    at: datetime
    actor: str
    action: str
    before: str
    after: str
    note: str = ""


def add(session: Session, incident_id: int, audit: Audit) -> None:
    """Store what changed an incident."""
    session.add(
        IncidentEventRow(
            incident_id=incident_id,
            at=audit.at,
            actor=audit.by,
            action=audit.action,
            before=audit.before or "",
            after=audit.after,
            note=audit.note,
        )
    )


def of(session: Session, incident_id: int) -> list[Event]:
    """The audit of an incident, oldest first."""
    rows = session.scalars(
        select(IncidentEventRow)
        .where(IncidentEventRow.incident_id == incident_id)
        .order_by(IncidentEventRow.id)
    )
    return [Event(row.at, row.actor, row.action, row.before, row.after, row.note) for row in rows]


def since(session: Session, incident_id: int, version: int) -> list[Event]:
    """What happened to an incident after that version of it, oldest first.

    Each change makes one version and one line.
    """
    return of(session, incident_id)[max(version, 0) :]


# What somebody presses who looks at an incident.
_HANDLED = (
    Action.ACKNOWLEDGED,
    Action.ASSIGNED,
    Action.SNOOZED,
    Action.RESOLVED,
    Action.DISMISSED,
)


def handled(
    session: Session, brand: str, kinds: Sequence[str], *, since: datetime, until: datetime
) -> tuple[int, int]:
    """How many incidents opened in [since, until) a person has handled, and dismissed of these."""
    by_people = (
        select(IncidentEventRow.id)
        .where(
            IncidentEventRow.incident_id == IncidentRow.id,
            IncidentEventRow.actor != ITSELF,
            IncidentEventRow.action.in_(_HANDLED),
        )
        .correlate(IncidentRow)
        .exists()
    )
    states = session.scalars(
        select(IncidentRow.state).where(
            IncidentRow.brand == brand,
            IncidentRow.kind.in_(kinds),
            IncidentRow.opened_at >= since,
            IncidentRow.opened_at < until,
            by_people,
        )
    ).all()
    return len(states), states.count(State.DISMISSED)


def dismissed_by(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> list[tuple[str, int]]:
    """Who dismissed how many incidents of the brand in [since, until)."""
    rows = session.execute(
        select(IncidentEventRow.actor, func.count())
        .join(IncidentRow, IncidentRow.id == IncidentEventRow.incident_id)
        .where(
            IncidentRow.brand == brand,
            IncidentEventRow.action == Action.DISMISSED,
            IncidentEventRow.at >= since,
            IncidentEventRow.at < until,
        )
        .group_by(IncidentEventRow.actor)
        .order_by(IncidentEventRow.actor)
    )
    return [(actor, count) for actor, count in rows]
