"""Lets the rules look at every scored listing once: incidents are opened and joined."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.grouping import (
    FLOOD,
    FLOOD_WITHIN,
    Placement,
    flooding,
    key_of,
    needs_own_incident,
    placement,
)
from alerts.kinds import named
from domain.incident import LIVE, Candidate, Incident, Opening, Resolution
from domain.listing import Role, Stage
from earshot.alerting import answers, notifications, withdrawals
from earshot.core.app import App
from earshot.customers.profile import candidate_of, customer_profiles
from storage import answers as noted_answers
from storage import (
    authors,
    clocks,
    listings,
    outbox,
    sealing,
    views,
)
from storage import incidents as stored
from storage.listings import Work

TRIAGE_BATCH = 500


def triage(app: App, *, now: datetime) -> int:
    """Let the rules look at every new listing once; return how many incidents they opened."""
    return _triage(app, quiet=False, now=now)


def triage_history(app: App, *, now: datetime) -> None:
    """Note what of history asks for an answer. It opens no incident."""
    _triage(app, quiet=True, now=now)


def _triage(app: App, *, quiet: bool, now: datetime) -> int:
    opened = 0
    while True:
        with app.database.begin() as session:
            works = listings.waiting(session, Stage.SCORED, limit=TRIAGE_BATCH, quiet=quiet)
            withdrawals.edited_out(session, app, works, now=now)
            # A mention that is judged again was edited: messages with it are drawn anew.
            outbox.withdrawn(session, [work.mention_id for work in works], now=now)
            for one in judged(session, works, app, now=now):
                opened += _judge(session, one, app, now=now)
            listings.move(session, works, Stage.DONE)
        if len(works) < TRIAGE_BATCH:
            return opened


def judged(session: Session, works: Sequence[Work], app: App, *, now: datetime) -> list[Candidate]:
    """Note which of these listings ask for an answer; return those that may open an incident.

    In the order they were published. History opens none, whatever it asks.
    """
    quiet = {(work.mention_id, work.brand): work.quiet for work in works}
    found = note_asking(session, app, [work.mention_id for work in works], now=now)
    loud = [one for one in found if not one.silent and not quiet.get(_listing(one), True)]
    return sorted(loud, key=lambda one: (one.published_at, one.mention_id))


def note_asking(
    session: Session, app: App, mention_ids: Sequence[int], *, now: datetime
) -> list[Candidate]:
    """Note whether these mentions ask for an answer, under each brand; return what was judged."""
    found = views.search(session, views.Filter(ids=mention_ids, roles=(Role.BRAND,)))
    known = customer_profiles(session, found, app.config, now=now)
    candidates = [candidate_of(view, known) for view in found]
    asks = {_listing(one): bool(app.config.why_asks(one)) for one in candidates}
    listings.decided(session, asks)
    return candidates


def _listing(candidate: Candidate) -> tuple[int, str]:
    return candidate.mention_id, candidate.brand


def _judge(session: Session, candidate: Candidate, app: App, *, now: datetime) -> bool:
    """Open, join or reopen an incident for this mention, or leave it; True when one was opened."""
    opening = app.config.opening(candidate)
    given, candidate = candidate, _sealed(session, candidate)
    newest = stored.newest_with_key(session, key_of(candidate))
    where = placement(newest, candidate)
    if opening is not None and where is Placement.NEW:
        flood = stored.newest_with_key(session, key_of(flooding(candidate)))
        if _floods(session, given, flood):
            candidate, newest = flooding(candidate), flood
            where = placement(newest, candidate)
    if opening is None or newest is None or where is Placement.NEW:
        if opening is None or _is_covered(session, candidate, opening):
            return False
        return _open(session, candidate, opening, app, now=now)
    # An incident that was closed by an edit opens again when the words are back.
    joined = stored.join(session, newest.id, candidate.mention_id)
    seen = not joined and newest.resolution != Resolution.EDITED
    if seen:
        return False
    if where is Placement.COVERED or _is_of_an_earlier_clock(session, newest, candidate):
        answers.settle(session, app, newest, now=now)
        return False
    if where is Placement.REOPEN:
        change = incidents.reopen(newest, candidate, opening, now=now)
    else:
        change = incidents.join(newest, candidate, opening, now=now)
    stored.save(session, *change)
    notifications.joined(session, app, change.incident, candidate.mention_id, now=now)
    _settle_if_answered(session, candidate, change.incident, app, now=now)
    return where is Placement.REOPEN


def _floods(session: Session, candidate: Candidate, flood: Incident | None) -> bool:
    """Whether its author's posts about the brand are one flood: one is on, or this makes it one."""
    if not candidate.author_id:
        return False
    if flood is not None and flood.state in LIVE:
        return True
    talks = authors.conversations(
        session,
        candidate.source,
        candidate.author_id,
        candidate.brand,
        since=candidate.published_at - FLOOD_WITHIN,
        until=candidate.published_at + FLOOD_WITHIN,
        most=FLOOD,
    )
    return talks >= FLOOD


def _is_of_an_earlier_clock(session: Session, incident: Incident, candidate: Candidate) -> bool:
    """Whether it was written before an answer that ended one of the clocks before this one."""
    if incident.clock == 1:
        return False
    earlier = clocks.of(session, [incident.id])[incident.id][:-1]
    ends = [one.answered_at for one in earlier if one.answered_at is not None]
    return bool(ends) and candidate.published_at <= max(ends)


def _sealed(session: Session, candidate: Candidate) -> Candidate:
    """With seals in the place of names: an incident outlives the posts it is about."""

    def seal(name: str) -> str:
        return sealing.seal(session, name) if name else ""

    return replace(
        candidate,
        author_id=seal(candidate.author_id),
        external_id=seal(candidate.external_id),
        conversation_id=seal(candidate.conversation_id or "") or None,
    )


def _is_covered(session: Session, candidate: Candidate, opening: Opening) -> bool:
    """Whether an incident of the same story covers this copy: one story alerts once."""
    if candidate.story_id is None:
        return False
    kinds = named(attrgetter("tells_story"))
    newest = stored.of_story(session, candidate.story_id, candidate.brand, kinds)
    return newest is not None and not needs_own_incident(newest, candidate, opening)


def _open(
    session: Session, candidate: Candidate, opening: Opening, app: App, *, now: datetime
) -> bool:
    change = incidents.open_incident(candidate, opening, now=now)
    opened = stored.add(session, *change)
    stored.join(session, opened.id, candidate.mention_id)
    notifications.opened(session, app, opened, now=now)
    _settle_if_answered(session, candidate, opened, app, now=now)
    return True


def _settle_if_answered(
    session: Session, candidate: Candidate, incident: Incident, app: App, *, now: datetime
) -> None:
    """An answer may be noted before the mention is scored; those of other mentions have been."""
    if noted_answers.is_noted(session, candidate.mention_id, candidate.brand):
        answers.settle(session, app, incident, now=now)
