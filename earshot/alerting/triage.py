"""Lets the rules look at every scored listing once: incidents are opened, joined, identified."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.kinds import named
from alerts.lifecycle import Placement
from alerts.rules import evaluate
from domain.incident import Opening, Resolution, Triaged
from domain.listing import Role, Stage
from earshot.alerting import messages, notifications, withdrawals
from earshot.core.app import App
from earshot.customers.profile import known_customers, triaged_of
from storage import (
    incident_customers,
    mentions,
    outbox,
    views,
)
from storage import incidents as stored
from storage.mentions import Work

TRIAGE_BATCH = 100


def triage(app: App, *, now: datetime) -> int:
    """Let the rules look at every scored listing once; return how many incidents they opened."""
    opened = 0
    while True:
        with app.database.begin() as session:
            works = mentions.waiting(session, Stage.SCORED, limit=TRIAGE_BATCH)
            withdrawals.edited_out(session, app, works, now=now)
            # One that is judged again was edited: what shows it shows its newest words and tone.
            outbox.withdrawn(session, [work.mention_id for work in works], now=now)
            for one in _to_judge(session, works, app, now=now):
                opened += _judge(session, one, app, now=now)
            mentions.move(session, works, Stage.DONE)
        if len(works) < TRIAGE_BATCH:
            return opened


def identify(app: App, *, now: datetime) -> int:
    """Tell live incidents whose customer is another than before, or none any more; return how many.

    The CRM is imported, or a link confirmed, after the complaint came: the promise becomes the
    customer's. A link is rejected, or two customers turn out to be one: its customer goes with it.
    """
    told = 0
    with app.database.begin() as session:
        for incident in incident_customers.misidentified(session, named(attrgetter("identifies"))):
            mentions_of = messages.mentions_of(session, app, incident, now=now)
            triaged = next((one for one in mentions_of if one.customer is not None), None)
            customer = triaged.customer if triaged is not None else None
            if (customer.id if customer is not None else None) == incident.customer_id:
                continue  # of a mention that does not name the brand any more
            rules = app.config.top.alerts.rules
            opening = None if triaged is None else evaluate(rules, triaged)
            change = incidents.identify(incident, triaged, opening, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
            told += 1
    return told


def _to_judge(session: Session, works: Sequence[Work], app: App, *, now: datetime) -> list[Triaged]:
    """The listings the rules may judge, in the order they were published."""
    keys = {(work.mention_id, work.brand) for work in works}
    wanted = views.Filter(ids=[work.mention_id for work in works], roles=(Role.BRAND,))
    found = [
        view
        for view in views.search(session, wanted)
        if (view.mention.id, view.listing.brand) in keys
        and not view.listing.quiet
        and not view.mention.is_repost
    ]
    known = known_customers(session, found, app.config, now=now)
    return sorted(
        (triaged_of(view, known) for view in found),
        key=lambda one: (one.published_at, one.mention_id),
    )


def _judge(session: Session, triaged: Triaged, app: App, *, now: datetime) -> bool:
    """Open, join or reopen an incident for this mention, or leave it; True when one was opened."""
    newest = stored.newest_with_key(session, incidents.key_of(triaged))
    opening = evaluate(app.config.top.alerts.rules, triaged)
    where = incidents.placement(newest, triaged)
    if opening is None or newest is None or where is Placement.NEW:
        if opening is None or _is_told(session, triaged, opening):
            return False
        return _open(session, triaged, opening, app, now=now)
    # Of one that was closed because its words were edited away, they are back.
    joined = stored.join(session, newest.id, triaged.mention_id)
    told = not joined and newest.resolution != Resolution.EDITED
    if told or where is Placement.COVERED:
        return False
    if where is Placement.REOPEN:
        change = incidents.reopen(newest, triaged, opening, now=now)
    else:
        change = incidents.join(newest, triaged, opening, now=now)
    stored.save(session, *change)
    notifications.joined(session, app, change.incident, triaged.mention_id, now=now)
    return where is Placement.REOPEN


def _is_told(session: Session, triaged: Triaged, opening: Opening) -> bool:
    """Whether an incident has told this story already: one story alerts once."""
    if triaged.story_id is None:
        return False
    kinds = named(attrgetter("tells_story"))
    told = stored.of_story(session, triaged.story_id, triaged.brand, kinds)
    return told is not None and not incidents.tells_anew(told, triaged, opening)


def _open(session: Session, triaged: Triaged, opening: Opening, app: App, *, now: datetime) -> bool:
    change = incidents.open_incident(triaged, opening, now=now)
    opened = stored.add(session, *change)
    stored.join(session, opened.id, triaged.mention_id)
    notifications.opened(session, app, opened, now=now)
    return True
