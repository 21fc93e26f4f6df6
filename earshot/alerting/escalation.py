"""Reminds of incidents that nobody answers: of each at most once per step, and of many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import delivery_policy, escalation
from domain.escalation import Step
from domain.incident import GRAVITY, REMINDED, Incident
from domain.notification import EscalationOf, EscalationsOf, Subject
from earshot.alerting import escalation_plan, notifications
from earshot.alerting.storms import TOGETHER
from earshot.core.app import App
from storage import escalation_steps, escalations, outbox
from storage import incidents as stored
from storage.escalations import Due

LATE = "a later step was due as well"
WITH_OTHERS = "told together with others"
SUPERSEDED = "a later reminder says it"


def escalate(app: App, *, now: datetime) -> int:
    """Fire what is due; return how many steps did.

    A step and the message it owes are one transaction, and one transaction at a time writes: an
    acknowledgement comes before it or after it.
    """
    with app.database.read() as session:
        if not escalations.anything(session, now=now):
            return 0
    more = True
    while more:
        with app.database.begin() as session:
            more = escalation_plan.follow_all(session, app, now=now)
    with app.database.begin() as session:
        found = _speaking(session, app, now=now)
        return _fire(session, app, found, now=now) if found else 0


def _speaking(session: Session, app: App, *, now: datetime) -> list[Due]:
    """Those with steps that are due and of which somebody may be reminded now."""
    found = escalations.due(session, now=now)
    quiet = [quiet_until(app, one.incident, one.acknowledged_at) for one in found]
    return [one for one, until in zip(found, quiet, strict=True) if until is None or until <= now]


def quiet_until(app: App, incident: Incident, acknowledged_at: datetime | None) -> datetime | None:
    """Until when nobody is reminded of it; None: it is open. acknowledged_at: for the last time."""
    peace, hours = app.config.top.alerts.acknowledged_for, app.config.hours_of(incident)
    return escalation.quiet_until(incident, acknowledged_at, peace, hours)


def is_over(session: Session, subject: Subject) -> bool:
    """Whether a message is a reminder of what needs none any more."""
    match subject:
        case EscalationOf(incident_id, clock, _):
            asked_again = escalations.clock_of(session, incident_id) != clock
            return asked_again or stored.get(session, incident_id).state not in REMINDED
        case EscalationsOf(_, _, incident_ids):
            return all(stored.get(session, one).state not in REMINDED for one in incident_ids)
    return False


def _fire(session: Session, app: App, found: Sequence[Due], *, now: datetime) -> int:
    """Alone as long as the channel has room, the gravest first; the others together.

    What has no first message in the channel yet waits for it. What a storm took in will have none,
    so it is told of with others, too.
    """
    untold = escalations.untold(session, [one.incident.id for one in found], together=TOGETHER)
    recent = escalation_steps.fired_since(session, now - delivery_policy.STORM_WINDOW)
    room = delivery_policy.STORM_CAP - sum(step.reason != WITH_OTHERS for step in recent)
    crowd: list[Due] = []
    fired = 0
    for one in sorted(found, key=lambda one: -GRAVITY[one.incident.severity]):
        if one.incident.id in untold.waiting:
            continue
        if one.incident.id in untold.together or fired >= room:
            crowd.append(one)
        else:
            fired += _alone(session, app, one, now=now)
    return fired + _together(session, app, crowd, recent, now=now)


def _alone(session: Session, app: App, one: Due, *, now: datetime) -> int:
    fire, late = escalation.turn(one.steps)
    outbox.skip_reminders(session, one.incident.id, SUPERSEDED)
    for step in escalation_steps.fire(session, fire, at=now):
        notifications.reminded(session, app, step, now=now)
    escalation_steps.skip(session, late, LATE)
    return len(fire)


def _together(
    session: Session, app: App, crowd: Sequence[Due], recent: Sequence[Step], *, now: datetime
) -> int:
    """One message for each brand and each one who is told, at most every few minutes."""
    quiet = {_whom(step) for step in recent if step.reason == WITH_OTHERS}
    groups: dict[tuple[str, str, str], list[Step]] = {}
    late: list[Step] = []
    for one in crowd:
        turn = escalation.turn(one.steps)
        told = [step for step in turn.fire if _whom(step) not in quiet]
        late += turn.late if told else ()
        for step in told:
            groups.setdefault((one.incident.brand, *_whom(step)), []).append(step)
    escalation_steps.skip(session, late, LATE)
    for (brand, *_), steps in groups.items():
        fired = escalation_steps.fire(session, steps, at=now, reason=WITH_OTHERS)
        notifications.reminded_of_many(session, app, brand, fired, now=now)
    return sum(map(len, groups.values()))


def _whom(step: Step) -> tuple[str, str]:
    return step.telling.tell, step.telling.channel
