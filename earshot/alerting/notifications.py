"""Queues the messages for a change of an incident, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.escalation import Step
from domain.incident import LIVE, Incident
from domain.notification import (
    AnswerOf,
    DecisionOf,
    DraftOf,
    Entry,
    EscalationOf,
    EscalationsOf,
    IncidentOf,
    Kind,
    MentionOf,
    OutgoingMessage,
    Subject,
)
from earshot.alerting import escalation_plan, messages
from earshot.core.app import App
from storage import deliveries, outbox

# However many posts come, an incident's thread and its first message tell of them so often at most.
PACE = timedelta(seconds=45)


def opened(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """The first message about an incident, and below it a draft of an answer, if one fits.

    From now on somebody is reminded of it.
    """
    _of_version(session, app, incident, IncidentOf(incident.id), Kind.POST, now=now)
    draft = messages.draft_of(session, app, incident, now=now)
    if draft is not None:
        subject = DraftOf(incident.id, draft[0])
        _of_version(session, app, incident, subject, Kind.THREAD, now=now)
    escalation_plan.follow(session, app, incident, now=now)


def joined(
    session: Session, app: App, incident: Incident, mention_id: int, *, now: datetime
) -> None:
    """A further mention: a line in the thread, and the first message brought up to date.

    Where no message was sent yet (it was answered too soon), this is the first. Of many that come
    together the newest is shown and the others are counted.
    """
    if not outbox.has_root(session, incident.id):
        opened(session, app, incident, now=now)
        return
    free_at = outbox.tell_with(session, incident.id, mention_id, now=now, pace=PACE)
    if free_at is not None:
        subject = MentionOf(incident.id, mention_id)
        _of_version(session, app, incident, subject, Kind.THREAD, now=now, not_before=free_at)
    changed(session, incident, now=now, pace=PACE)
    escalation_plan.follow(session, app, incident, now=now)


def answered(
    session: Session, app: App, incident: Incident, mention_id: int, *, now: datetime
) -> None:
    """The brand's answer was seen: a line in the thread, where there is one."""
    _hang(session, app, incident, AnswerOf(incident.id, mention_id), now=now)


def told(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """What a person has just decided of it: a line in the thread, where there is one."""
    _hang(session, app, incident, DecisionOf(incident.id, incident.version), now=now)


def _hang(
    session: Session, app: App, incident: Incident, subject: Subject, *, now: datetime
) -> None:
    if outbox.has_root(session, incident.id):
        _of_version(session, app, incident, subject, Kind.THREAD, now=now)


def changed(
    session: Session, incident: Incident, *, now: datetime, pace: timedelta = timedelta()
) -> None:
    """Have the first message drawn anew with the incident's state.

    One that was not sent yet is cancelled when nobody needs to act any more.
    pace: so long after it was last drawn anew it may wait.
    """
    if incident.state not in LIVE and outbox.withdraw(session, incident.id):
        return
    deliveries.hear_again(session, [incident.id], now=now)  # it may be louder than it was
    outbox.changed(session, incident.id, now=now, pace=pace)


def reminded(session: Session, app: App, step: Step, *, now: datetime) -> None:
    """A reminder of an incident: in its thread, or in a channel of its own."""
    key = f"incident:{step.incident_id}:escalation:{step.clock}:{step.number}"
    subject = EscalationOf(step.incident_id, step.clock, step.number)
    there = _elsewhere(app, step)
    kind = Kind.ELSEWHERE if there else Kind.THREAD
    _enqueue(session, app, key, subject, kind, channel=there, now=now)


def reminded_of_many(
    session: Session, app: App, brand: str, steps: Sequence[Step], *, now: datetime
) -> None:
    """One reminder of many incidents, for those whom each of these steps would tell."""
    first = min(steps, key=lambda step: (step.incident_id, step.clock, step.number))
    key = f"escalations:{first.incident_id}:{first.clock}:{first.number}"
    ids = tuple(sorted({step.incident_id for step in steps}))
    subject = EscalationsOf(brand, first.telling.tell, ids)
    there = _elsewhere(app, first)
    kind = Kind.ELSEWHERE if there else Kind.POST
    _enqueue(session, app, key, subject, kind, channel=there, now=now)


def reminded_here(session: Session, app: App, refused: Entry, *, now: datetime) -> None:
    """A reminder whose own channel refuses it, in the channel where incidents are told."""
    message = refused.message
    one = refused.delivery.incident_id is not None
    kind = Kind.THREAD if one else Kind.POST
    _enqueue(session, app, f"{message.key}:here", message.subject, kind, now=now)


def _elsewhere(app: App, step: Step) -> str:
    """The channel a step tells, where that is not the one in which incidents are told."""
    channel = step.telling.channel
    return "" if channel == app.channel.address else channel


def _of_version(
    session: Session,
    app: App,
    incident: Incident,
    subject: Subject,
    kind: Kind,
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    key = f"incident:{incident.id}:{kind}:{incident.version}"
    _enqueue(session, app, key, subject, kind, now=now, not_before=not_before)


def settled(
    session: Session, app: App, before: Incident, after: Incident, *, now: datetime
) -> None:
    """Answers have moved its clocks. One that nobody was told of, and that is open now, is told."""
    is_news = before.state not in LIVE and after.state in LIVE
    if is_news and not outbox.has_root(session, after.id):
        opened(session, app, after, now=now)
    else:
        changed(session, after, now=now)


def _enqueue(
    session: Session,
    app: App,
    key: str,
    subject: Subject,
    kind: Kind,
    *,
    channel: str = "",
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    message = OutgoingMessage(
        key=key,
        subject=subject,
        kind=kind,
        channel=channel or app.channel.address,
        notifier=app.channel.name,
        as_of=now,
    )
    outbox.enqueue(session, message, now=now, not_before=not_before)
