"""Stops the clocks of what the brand has answered, and ends snoozes whose time is over."""

from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.grouping import Placement, placement
from alerts.kinds import named
from domain.incident import Incident
from earshot.alerting import messages, notifications
from earshot.core.app import App
from storage import (
    answers,
    outbox,
)
from storage import incidents as stored

ANSWERABLE = timedelta(days=30)  # a reply to something older is not looked for


def answer(app: App, *, now: datetime) -> int:
    """Stop the clock of every mention its brand has answered; end snoozes that are over.

    Returns how many mentions got their answer. Order does not matter: a reply seen before the
    mention it answers is found again.
    """
    answered = 0
    with app.database.begin() as session:
        for one in answers.candidates(session, since=now - ANSWERABLE):
            if not answers.mark(session, one.mention_id, one.brand, at=one.reply_published_at):
                continue  # an earlier reply has answered it
            answered += 1
            _close(session, app, one, now=now)
        for incident in stored.snoozed_out(session, now=now):
            change = incidents.wake(incident, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
    return answered


def _close(session: Session, app: App, one: answers.Candidate, *, now: datetime) -> None:
    asking = named(attrgetter("asks"))
    for incident in stored.with_mention(session, one.mention_id, one.brand, asking):
        if not incidents.is_news(incident, one.reply_published_at):
            continue
        change = incidents.answer(incident, answered_at=one.reply_published_at, now=now)
        stored.save(session, *change)
        again = _asked_again(session, app, change.incident, now=now)
        notifications.changed(session, again or change.incident, now=now)
        notifications.answered(session, app, change.incident, one.reply_id, now=now)


def overdue(app: App, *, now: datetime) -> int:
    """Have the messages drawn anew whose promise was just broken; how many."""
    with app.writing() as session:
        late = outbox.fallen_due(session, named(attrgetter("asks")), now=now)
        for incident_id in late:
            outbox.changed(session, incident_id, now=now)
    return len(late)


def _asked_again(
    session: Session, app: App, answered: Incident, *, now: datetime
) -> Incident | None:
    """Reopen an incident whose answer was seen late, after its author had complained once more."""
    for candidate in messages.mentions_of(session, app, answered, now=now):
        opening = app.config.opening(candidate)
        if opening is not None and placement(answered, candidate) is Placement.REOPEN:
            change = incidents.reopen(answered, candidate, opening, now=now)
            stored.save(session, *change)
            return change.incident
    return None
