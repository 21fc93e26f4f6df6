"""The clocks of incidents: a row for each promise. Nothing commits here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from domain.incident import Clock, Incident, Severity
from domain.listing import Role
from storage import persons
from storage.sql import among, insert
from storage.tables import (
    ClockRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
)


@dataclass(frozen=True, slots=True)
class KeptClock:
    """A clock, and of what."""

    clock: Clock
    brand: str
    source: str  # "" when all of its posts are forgotten
    person_id: int | None = None  # the linked customer's, whose post it is; None: of nobody known


def of(session: Session, incident_ids: Sequence[int]) -> dict[int, list[Clock]]:
    """The clocks of each incident, the first one first."""
    found: dict[int, list[Clock]] = {incident_id: [] for incident_id in incident_ids}
    rows = session.scalars(
        select(ClockRow)
        .where(among(ClockRow.incident_id, found))
        .order_by(ClockRow.incident_id, ClockRow.number)
    )
    for row in rows:
        found[row.incident_id].append(_clock(row))
    return found


def keep(session: Session, incident: Incident) -> None:
    """Store the incident's present clock; a reopened one has a further row."""
    values = _values(incident.present)
    session.execute(
        insert(session, ClockRow)
        .values(incident_id=incident.id, number=incident.clock, **values)
        .on_conflict_do_update(index_elements=["incident_id", "number"], set_=values)
    )


def replace(session: Session, incident_id: int, clocks: Sequence[Clock]) -> None:
    """Store these as all the clocks of the incident."""
    session.execute(
        delete(ClockRow)
        .where(ClockRow.incident_id == incident_id)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"incident_id": incident_id, "number": number, **_values(clock)}
        for number, clock in enumerate(clocks, start=1)
    ]
    session.execute(insert(session, ClockRow), rows)


def between(
    session: Session, brand: str, kinds: Sequence[str], *, since: datetime, until: datetime
) -> list[KeptClock]:
    """The clocks of a brand's incidents of these kinds, posted or due in [since, until).

    Without those of which no post asks for an answer: a rule of one's own may be about praise.
    """
    posted = (ClockRow.posted_at >= since) & (ClockRow.posted_at < until)
    due = (ClockRow.due_at >= since) & (ClockRow.due_at < until)
    source = (  # an incident is of one conversation, so its posts are all of one network
        select(func.min(MentionRow.source))
        .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id)
        .where(IncidentMentionRow.incident_id == ClockRow.incident_id)
        .correlate(ClockRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ClockRow, IncidentRow.brand, source, persons.PERSON)
        .join(IncidentRow, IncidentRow.id == ClockRow.incident_id)
        .outerjoin(CustomerRow, CustomerRow.id == IncidentRow.customer_id)
        .where(IncidentRow.brand == brand, IncidentRow.kind.in_(kinds), posted | due, _asks())
        .order_by(ClockRow.incident_id, ClockRow.number)
    )
    return [
        KeptClock(_clock(row), brand, source or "", person_id)
        for row, brand, source, person_id in rows
    ]


def _asks() -> ColumnElement[bool]:
    """That a post of the clock's incident asks for an answer, as far as it is known."""
    posts = exists().where(IncidentMentionRow.incident_id == ClockRow.incident_id)
    asking = posts.where(
        MentionBrandRow.mention_id == IncidentMentionRow.mention_id,
        MentionBrandRow.brand == IncidentRow.brand,
        MentionBrandRow.asks_for_answer.is_not(False),
    )
    # Of what was forgotten nobody knows any more.
    return asking.correlate(ClockRow, IncidentRow) | ~posts.correlate(ClockRow)


def answers_to(session: Session, incident: Incident) -> dict[datetime, int | None]:
    """When the incident's mentions got their first answers, as it is known now, and by which reply.

    None: nobody noted which.
    """
    rows = session.execute(
        select(MentionBrandRow.answered_at, MentionBrandRow.answered_by)
        .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionBrandRow.mention_id)
        .where(
            IncidentMentionRow.incident_id == incident.id,
            MentionBrandRow.brand == incident.brand,
            MentionBrandRow.role == Role.BRAND,
        )
        .order_by(MentionBrandRow.answered_by.is_not(None), MentionBrandRow.mention_id)
    )
    return {at: by for at, by in rows if at is not None}


def _clock(row: ClockRow) -> Clock:
    return Clock(
        posted_at=row.posted_at,
        due_at=row.due_at,
        severity=Severity(row.severity),
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        how=row.how,
        channel=row.channel,
        assignee=row.assignee,
    )


def _values(clock: Clock) -> dict[str, object]:
    return {
        "posted_at": clock.posted_at,
        "due_at": clock.due_at,
        "severity": clock.severity,
        "answered_at": clock.answered_at,
        "ended_at": clock.ended_at,
        "how": clock.how,
        "channel": clock.channel,
        "assignee": clock.assignee,
    }
