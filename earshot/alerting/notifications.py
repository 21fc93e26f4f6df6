"""Queues the messages for a change of an incident, in the same transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.incident import LIVE, Incident
from domain.notification import (
    AnswerOf,
    DecisionOf,
    DraftOf,
    IncidentOf,
    Kind,
    MentionOf,
    OutgoingMessage,
    Subject,
)
from earshot.alerting import messages
from earshot.core.app import App
from storage import outbox


def opened(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """The first message about an incident, and below it a draft of an answer, if one fits."""
    _enqueue(session, app, incident, IncidentOf(incident.id), Kind.POST, now=now)
    draft = messages.draft_of(session, app, incident, now=now)
    if draft is not None:
        subject = DraftOf(incident.id, draft[0])
        _enqueue(session, app, incident, subject, Kind.THREAD, now=now)


def joined(
    session: Session, app: App, incident: Incident, mention_id: int, *, now: datetime
) -> None:
    """A further mention: a line in the thread, and the first message brought up to date.

    Where no message was sent yet (it was answered too soon), this is the first.
    """
    if not outbox.has_root(session, incident.id):
        opened(session, app, incident, now=now)
        return
    subject = MentionOf(incident.id, mention_id)
    _enqueue(session, app, incident, subject, Kind.THREAD, now=now)
    changed(session, incident, now=now)


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
        _enqueue(session, app, incident, subject, Kind.THREAD, now=now)


def changed(session: Session, incident: Incident, *, now: datetime) -> None:
    """Have the first message drawn anew with the incident's state.

    One that was not sent yet is cancelled when nobody needs to act any more.
    """
    if incident.state not in LIVE and outbox.withdraw(session, incident.id):
        return
    outbox.changed(session, incident.id, now=now)


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
    session: Session, app: App, incident: Incident, subject: Subject, kind: Kind, *, now: datetime
) -> None:
    message = OutgoingMessage(
        key=f"incident:{incident.id}:{kind}:{incident.version}",
        subject=subject,
        kind=kind,
        channel=app.channel.address,
        notifier=app.channel.name,
        as_of=now,
    )
    outbox.enqueue(session, message, now=now)
