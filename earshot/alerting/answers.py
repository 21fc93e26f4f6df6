"""Stops the clocks of what the brand has answered, and ends snoozes whose time is over."""

from collections.abc import Collection
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts import clocks, lifecycle
from alerts.kinds import named
from domain.incident import LIVE, Action, Candidate, Clock, Incident, Opening, Resolution
from earshot.alerting import messages, notifications
from earshot.core.app import App
from storage import answers, outbox
from storage import clocks as kept
from storage import incidents as stored

ANSWERABLE = timedelta(days=30)  # a reply to something older is not looked for


def answer(app: App, *, now: datetime) -> int:
    """Stop the clock of every mention its brand has answered; end snoozes that are over.

    Returns how many mentions got their answer. Order does not matter: a reply seen before the
    mention it answers is found again.
    """
    with app.database.begin() as session:
        answered = look_for_answers(session, app, now=now)
        for incident in stored.snoozed_out(session, now=now):
            change = lifecycle.wake(incident, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
    return answered


def look_for_answers(session: Session, app: App, *, now: datetime) -> int:
    """Note what is answered now and what is not any more, and have the clocks follow.

    Returns how many mentions got their first answer.
    """
    found = answers.changed(session, since=now - ANSWERABLE)
    asking = named(attrgetter("asks"))
    moved: dict[int, set[datetime]] = {}
    for one in found:
        answers.note(session, one)
        if one.at == one.noted_at:
            continue  # only by which reply was not known
        for incident in stored.with_mention(session, one.mention_id, one.brand, asking):
            former = moved.setdefault(incident.id, set())
            former |= {one.noted_at} if one.noted_at is not None else set()
    for incident_id, former in moved.items():
        settle(session, app, stored.get(session, incident_id), former, now=now)
    return sum(one.at is not None and one.noted_at is None for one in found)


def settle(
    session: Session,
    app: App,
    incident: Incident,
    former: Collection[datetime] = (),
    *,
    now: datetime,
) -> None:
    """Have the incident's clocks follow its posts and the answers to them, and tell of it.

    former: answers of it that do not count any more.
    """
    before = kept.of(session, [incident.id])[incident.id]
    # An answer stays known when the post that it answered is forgotten.
    known = {one.answered_at for one in before if _is_known(one, former)}
    by = kept.answers_to(session, incident)
    replies = {at for at in known if at is not None}.union(by)
    if not replies and not former:
        return
    begun = _begun(session, app, incident, now=now)
    after = clocks.settled(before, [clock for clock, _ in begun], replies)
    opening = next((why for one, why in begun if one.posted_at == after[-1].posted_at), None)
    changes = lifecycle.follow(incident, before, after, opening, now=now)
    if not changes or _has_successor(session, incident, changes[-1].incident):
        return
    for change in changes:
        stored.save(session, *change)
    kept.replace(session, incident.id, after)
    notifications.settled(session, app, incident, changes[-1].incident, now=now)
    for change in changes:
        at = change.incident.answered_at
        reply = by.get(at) if at is not None and at not in known else None
        if change.audit.action is Action.ANSWERED and reply is not None:
            notifications.answered(session, app, change.incident, reply, now=now)


def overdue(app: App, *, now: datetime) -> int:
    """Have the messages drawn anew whose promise was just broken; how many."""
    with app.writing() as session:
        late = outbox.fallen_due(session, named(attrgetter("asks")), now=now)
        for incident_id in late:
            outbox.changed(session, incident_id, now=now)
    return len(late)


def _has_successor(session: Session, before: Incident, after: Incident) -> bool:
    """Whether it would open again though the same author complains in a newer one already."""
    if before.state in LIVE or after.state not in LIVE:
        return False
    newest = stored.newest_with_key(session, before.key)
    return newest is not None and newest.id != before.id and newest.state in LIVE


def _is_known(clock: Clock, former: Collection[datetime]) -> bool:
    return clock.how == Resolution.ELSEWHERE or clock.answered_at not in former


def _begun(
    session: Session, app: App, incident: Incident, *, now: datetime
) -> list[tuple[Clock, Opening]]:
    """For each post of the incident that asks, the clock that it would begin, and why."""
    return [
        (_clock(candidate, opening, incident, now), opening)
        for candidate in messages.mentions_of(session, app, incident, now=now)
        if (opening := app.config.opening(candidate)) is not None
    ]


def _clock(candidate: Candidate, opening: Opening, incident: Incident, now: datetime) -> Clock:
    posted_at = min(candidate.published_at, now)
    return Clock(
        posted_at=posted_at,
        due_at=opening.due_at(posted_at),
        severity=opening.severity,
        assignee=incident.assignee,
    )
