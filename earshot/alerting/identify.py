"""Lets incidents follow the links of their authors: whom they name, and what that promised."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.kinds import named
from domain.incident import GRAVITY, ITSELF, Action, Candidate, Clock, Incident, Opening, State
from earshot.alerting import messages, notifications
from earshot.core.app import App
from storage import clocks, incident_customers, link_ledger
from storage import incidents as stored

Judged = Sequence[tuple[Candidate, Opening]]  # mentions that ask, with what each opens now
FOLLOWED = "incidents"


def identify(app: App, *, now: datetime) -> int:
    """Update live incidents whose customer is another than before, or none any more; how many.

    The CRM may be imported, or a link confirmed, after the complaint came: the deadline becomes
    that of the customer's rule. A link may be taken back, or two customers turn out to be one: the
    incident is judged as if the former customer had never been named, also when it is closed.
    """
    identified = 0
    with app.database.begin() as session:
        kinds = named(attrgetter("identifies"))
        for incident in incident_customers.misidentified(session, kinds):
            found = messages.mentions_of(session, app, incident, now=now)
            candidate = next((one for one in found if one.customer is not None), None)
            customer = candidate.customer if candidate is not None else None
            if (customer.id if customer is not None else None) == incident.customer_id:
                continue  # of a mention that does not name the brand any more
            if incident.customer_id is not None:
                _lose(session, app, replace(incident, customer=customer), found, now=now)
            else:
                opening = None if candidate is None else app.config.opening(candidate)
                change = incidents.identify(incident, candidate, opening, now=now)
                stored.save(session, *change)
                notifications.changed(session, change.incident, now=now)
            identified += 1
        _follow_closed(session, app, kinds, now=now)
    return identified


def _lose(
    session: Session, app: App, incident: Incident, found: Sequence[Candidate], *, now: datetime
) -> None:
    """Judge an incident whose customer is not whom it named: it is dismissed when no rule fires.

    incident: with whom the links name now, or nobody.
    """
    judged = _judged(app, found)
    note = f"customer {incident.customer.id}" if incident.customer else "nobody we know"
    known = replace(incident, customer_id=None)
    change = incidents.judge_anew(known, judged, Action.IDENTIFIED, by=ITSELF, now=now, note=note)
    stored.save(session, *change)
    if not judged and found:
        why = f"{note}: no answer is asked for"
        change = incidents.dismiss(change.incident, by=ITSELF, now=now, note=why)
        stored.save(session, *change)
    _promise_anew(session, change.incident, judged, now=now)
    notifications.changed(session, change.incident, now=now)


def _judged(app: App, found: Sequence[Candidate]) -> Judged:
    openings = ((one, app.config.opening(one)) for one in found)
    return [(one, opening) for one, opening in openings if opening is not None]


def _follow_closed(session: Session, app: App, kinds: Sequence[str], *, now: datetime) -> None:
    """What closed incidents had promised for the sake of a link that was taken back meanwhile."""
    ended = link_ledger.ended(session, after=link_ledger.followed(session, FOLLOWED))
    if not ended:
        return
    authors = [one.author_id for one in ended]
    for incident in incident_customers.closed_of(session, authors, kinds):
        found = messages.mentions_of(session, app, incident, now=now)
        if incident.state is State.DISMISSED or not found:
            continue  # it was no promise, or nothing is left to judge
        judged = _judged(app, found)
        if judged:
            change = incidents.promised_anew(incident, judged, now=now, note="nobody we know")
        else:
            why = "nobody we know: no answer was asked for"
            change = incidents.dismiss(incident, by=ITSELF, now=now, note=why)
        if replace(change.incident, version=incident.version) != incident:
            stored.save(session, *change)
        _promise_anew(session, change.incident, judged, now=now)
    link_ledger.follow_to(session, FOLLOWED, ended[-1].judgement_id)


def _promise_anew(session: Session, incident: Incident, judged: Judged, *, now: datetime) -> None:
    """Give the clocks before the present one the promises of what the rules say now."""
    ran = clocks.of(session, [incident.id])[incident.id]
    earlier = [
        _promised(clock, judged, until=following.posted_at, now=now)
        for clock, following in pairwise(ran)
    ]
    if earlier != ran[:-1]:
        clocks.replace(session, incident.id, [*earlier, ran[-1]])


def _promised(clock: Clock, judged: Judged, *, until: datetime, now: datetime) -> Clock:
    its_own = [
        (posted_at, opening)
        for one, opening in judged
        if clock.posted_at <= (posted_at := min(one.published_at, now)) < until
    ]
    if not its_own:
        return clock
    return replace(
        clock,
        severity=max((one.severity for _, one in its_own), key=GRAVITY.__getitem__),
        due_at=min(opening.due_at(posted_at) for posted_at, opening in its_own),
    )
