"""Incidents, and the mentions in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ScalarResult, case, func, select, update
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.incident import (
    LIVE,
    Audit,
    Earlier,
    Incident,
    Resolution,
    Severity,
    State,
    Storm,
)
from storage import clocks, escalation_steps, incident_events
from storage.sql import among, insert
from storage.tables import (
    IncidentMentionRow,
    IncidentRow,
    MentionRow,
    OutboxRow,
)


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One message about an incident and where it has got to."""

    channel: str
    state: str
    sent_at: datetime | None
    reason: str  # why it is where it is
    quiet_until: datetime | None = None  # nobody wants to hear it before


def record(row: IncidentRow) -> Incident:
    """The stored incident; who its customer is, is for the caller to find out."""
    return Incident(
        id=row.id,
        kind=row.kind,
        key=row.key,
        brand=row.brand,
        rule=row.rule,
        severity=Severity(row.severity),
        state=State(row.state),
        posted_at=row.posted_at,
        opened_at=row.opened_at,
        due_at=row.due_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        answered_at=row.answered_at,
        resolved_at=row.resolved_at,
        resolution=Resolution(row.resolution) if row.resolution else "",
        answered_in=row.answered_in,
        duplicate_of=row.duplicate_of,
        severity_by=row.severity_by,
        clock=row.clock,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until,
        customer_id=row.customer_id,
        reasons=tuple(row.reasons),
        version=row.version,
    )


def _all(rows: Iterable[IncidentRow]) -> list[Incident]:
    return [record(row) for row in rows]


def _first(rows: ScalarResult[IncidentRow]) -> Incident | None:
    row = rows.first()
    return None if row is None else record(row)


def newest_with_key(session: Session, key: str) -> Incident | None:
    """The live incident of this key, else its most recent one."""
    return _first(
        session.scalars(
            select(IncidentRow)
            .where(IncidentRow.key == key)
            .order_by(IncidentRow.state.in_(LIVE).desc(), IncidentRow.id.desc())
            .limit(1)
        )
    )


def add(session: Session, incident: Incident, audit: Audit) -> Incident:
    """Store a new incident; its id is given here."""
    row = IncidentRow(
        kind=incident.kind,
        key=incident.key,
        brand=incident.brand,
        rule=incident.rule,
        severity=incident.severity,
        state=incident.state,
        reasons=list(incident.reasons),
        posted_at=incident.posted_at,
        opened_at=incident.opened_at,
        due_at=incident.due_at,
        resolution=incident.resolution,
        answered_in=incident.answered_in,
        clock=incident.clock,
        assignee=incident.assignee,
        customer_id=incident.customer.id if incident.customer else None,
        version=incident.version,
        moved=True,
    )
    session.add(row)
    session.flush()
    incident_events.add(session, row.id, audit)
    opened = replace(record(row), customer=incident.customer)
    clocks.keep(session, opened)
    return opened


def save(session: Session, incident: Incident, audit: Audit) -> None:
    """Store a changed incident with its present clock; who closes it ends its escalation.

    Raises EarshotError when somebody else changed it in between (its version moved on).
    """
    changed = session.execute(
        update(IncidentRow)
        .where(IncidentRow.id == incident.id, IncidentRow.version == incident.version - 1)
        .values(
            rule=incident.rule,
            severity=incident.severity,
            state=incident.state,
            posted_at=incident.posted_at,
            due_at=incident.due_at,
            acknowledged_at=incident.acknowledged_at,
            acknowledged_by=incident.acknowledged_by,
            answered_at=incident.answered_at,
            resolved_at=incident.resolved_at,
            resolution=incident.resolution,
            answered_in=incident.answered_in,
            duplicate_of=incident.duplicate_of,
            severity_by=incident.severity_by,
            clock=incident.clock,
            assignee=incident.assignee,
            snoozed_until=incident.snoozed_until,
            customer_id=incident.customer.id if incident.customer else incident.customer_id,
            reasons=list(incident.reasons),
            version=incident.version,
            moved=True,
        )
        .returning(IncidentRow.id)
    ).first()
    if changed is None:
        raise EarshotError(
            f"incident {incident.id} has just been changed by someone else: look again"
        )
    clocks.keep(session, incident)
    incident_events.add(session, incident.id, audit)
    if incident.state not in LIVE:
        escalation_steps.cancel(session, incident.id, str(incident.resolution or incident.state))


def join(session: Session, incident_id: int, mention_id: int) -> bool:
    """Put a mention into an incident; False when it was there already."""
    statement = (
        insert(session, IncidentMentionRow)
        .values(incident_id=incident_id, mention_id=mention_id)
        .on_conflict_do_nothing()
        .returning(IncidentMentionRow.mention_id)
    )
    return session.execute(statement).first() is not None


def get(session: Session, incident_id: int) -> Incident:
    """Raises EarshotError when there is no such incident."""
    row = session.get(IncidentRow, incident_id)
    if row is None:
        raise EarshotError(f"there is no incident {incident_id}: see earshot alerts list")
    return record(row)


def listing(
    session: Session, *, live_only: bool, brand: str | None = None, limit: int | None = None
) -> list[Incident]:
    """Live ones, the most urgent first, then the closed ones, the newest first."""
    statement = select(IncidentRow)
    if live_only:
        statement = statement.where(IncidentRow.state.in_(LIVE))
    if brand is not None:
        statement = statement.where(IncidentRow.brand == brand)
    live = IncidentRow.state.in_(LIVE)
    return _all(
        session.scalars(
            statement.order_by(
                live.desc(),
                case((live, IncidentRow.due_at)),
                case((~live, IncidentRow.opened_at)).desc(),
                IncidentRow.id,
            ).limit(limit)
        )
    )


def storm(session: Session, incident_ids: Sequence[int], *, named: int) -> Storm:
    """These incidents added up; the first `named` of them stay named."""
    statement = (
        select(
            IncidentRow.severity,
            func.count(),
            func.min(case((IncidentRow.state.in_(LIVE), IncidentRow.due_at))),
        )
        .where(among(IncidentRow.id, incident_ids))
        .group_by(IncidentRow.severity)
    )
    rows = session.execute(statement).all()
    return Storm(
        severities={Severity(severity): count for severity, count, _ in rows},
        due_at=min((due_at for _, _, due_at in rows if due_at is not None), default=None),
        named=tuple(sorted(incident_ids)[:named]),
    )


def opened_since(session: Session, since: datetime, *, most: int) -> int:
    """How many incidents were opened since then; counted no further than that."""
    some = select(IncidentRow.id).where(IncidentRow.opened_at > since).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def earlier(session: Session, incident: Incident, customer_id: int) -> Earlier:
    """How the customer's incidents of the same brand and kind ended that were opened before it."""
    rows = _all(
        session.scalars(
            select(IncidentRow).where(
                IncidentRow.customer_id == customer_id,
                IncidentRow.brand == incident.brand,
                IncidentRow.kind == incident.kind,
                IncidentRow.state != State.DISMISSED,
                IncidentRow.id < incident.id,
            )
        )
    )
    answered = sum(one.answered_at is not None for one in rows)
    live = sum(one.state in LIVE and one.answered_at is None for one in rows)
    return Earlier(answered=answered, open=live, closed=len(rows) - answered - live)


def of_customer(session: Session, record_ids: Iterable[int]) -> list[Incident]:
    """A person's incidents, newest first. record_ids: of all their records."""
    rows = select(IncidentRow).where(among(IncidentRow.customer_id, record_ids))
    return _all(session.scalars(rows.order_by(IncidentRow.opened_at.desc(), IncidentRow.id.desc())))


def snoozed_out(session: Session, *, now: datetime) -> list[Incident]:
    """Snoozed incidents whose time has come."""
    return _all(
        session.scalars(
            select(IncidentRow).where(
                IncidentRow.state == State.SNOOZED, IncidentRow.snoozed_until <= now
            )
        )
    )


def with_mention(
    session: Session, mention_id: int, brand: str, kinds: Sequence[str] | None = None
) -> list[Incident]:
    """The brand's incidents that hold this mention, oldest first; kinds: only of these."""
    some = () if kinds is None else (IncidentRow.kind.in_(kinds),)
    return _all(
        session.scalars(
            select(IncidentRow)
            .join(IncidentMentionRow, IncidentMentionRow.incident_id == IncidentRow.id)
            .where(IncidentMentionRow.mention_id == mention_id, IncidentRow.brand == brand, *some)
            .order_by(IncidentRow.id)
        )
    )


def of_story(session: Session, story_id: int, brand: str, kinds: Sequence[str]) -> Incident | None:
    """The brand's newest incident of these kinds that holds a mention of this story."""
    holders = (
        select(IncidentMentionRow.incident_id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(MentionRow.story_id == story_id)
    )
    rows = session.scalars(
        select(IncidentRow).where(among(IncidentRow.id, session.scalars(holders)))
    )
    mine = [row for row in rows if row.brand == brand and row.kind in kinds]
    newest = max(mine, key=lambda row: row.id, default=None)
    return None if newest is None else record(newest)


def mention_ids(session: Session, incident_ids: Sequence[int]) -> dict[int, list[int]]:
    """The mentions of each incident, oldest published first."""
    found: dict[int, list[int]] = {incident_id: [] for incident_id in incident_ids}
    rows = session.execute(
        select(IncidentMentionRow.incident_id, IncidentMentionRow.mention_id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(among(IncidentMentionRow.incident_id, found))
        .order_by(MentionRow.published_at, MentionRow.id)
    )
    for incident_id, mention_id in rows:
        found[incident_id].append(mention_id)
    return found


def deliveries(session: Session, incident_ids: Sequence[int]) -> dict[int, list[DeliveryStatus]]:
    """The messages about each incident, oldest first."""
    found: dict[int, list[DeliveryStatus]] = {incident_id: [] for incident_id in incident_ids}
    rows = session.scalars(
        select(OutboxRow)
        .where(among(OutboxRow.incident_id, found))
        .order_by(OutboxRow.created_at, OutboxRow.key)
    )
    for row in rows:
        if row.incident_id is not None:
            found[row.incident_id].append(
                DeliveryStatus(
                    row.channel or row.notifier,
                    row.state,
                    row.sent_at,
                    row.reason,
                    row.quiet_until,
                )
            )
    return found
