"""What a person's decision teaches: tones, links, and what is not about a brand."""

from datetime import datetime

from sqlalchemy.orm import Session

from alerts import lifecycle
from domain.incident import Candidate, Incident, Opening
from domain.sentiment import Label
from earshot.alerting import messages, notifications, triage
from earshot.core.app import App
from storage import corrections, links, noise, outbox
from storage import incidents as stored


def correct(
    session: Session,
    app: App,
    mention_id: int,
    brand: str,
    label: Label | None,
    *,
    by: str,
    now: datetime,
    besides: int | None = None,
) -> list[Incident]:
    """Let a person's tone count for a listing, None: the model's again; its incidents note it.

    besides: an incident that is told of it otherwise. Returns the incidents that hold the mention.
    """
    if label is None:
        corrections.undo(session, mention_id, brand)
    else:
        corrections.correct(session, mention_id, brand, label, by=by, now=now)
    triage.note_asking(session, app, [mention_id], now=now)
    note = f"mention {mention_id}" + (f" is {label}" if label else ": the model's word counts")
    held = stored.with_mention(session, mention_id, brand)
    for incident in held:
        if incident.id == besides:
            continue
        change = lifecycle.correct(incident, note, by=by, now=now)
        stored.save(session, *change)
        notifications.changed(session, change.incident, now=now)
        notifications.told(session, app, change.incident, now=now)
    return held


def hide(session: Session, mention_id: int, brand: str, *, by: str, now: datetime) -> None:
    """Say that a listing is not about its brand; what reads like it is hidden from now on."""
    noise.hide(session, mention_id, brand, by=by, now=now)
    outbox.withdrawn(session, [mention_id], now=now)


def reject_customer(
    session: Session, app: App, incident: Incident, *, by: str, now: datetime
) -> int | None:
    """Say that the incident's authors are not the customer it shows; that customer, None: none."""
    found = messages.mentions_of(session, app, incident, now=now)
    customer = next((one.customer for one in found if one.customer is not None), None)
    if customer is None:
        return None
    ids = [one.mention_id for one in found]
    links.reject_customer(session, ids, customer.id, by=by, now=now)
    triage.note_asking(session, app, ids, now=now)
    return customer.id


def judged(
    session: Session, app: App, incident: Incident, *, now: datetime
) -> list[tuple[Candidate, Opening]]:
    """The incident's mentions that the rules alert for as they are now, oldest first."""
    found = messages.candidates(session, app, messages.in_incident(session, incident), as_of=now)
    decided = ((one, app.config.opening(one)) for one in found)
    return [(one, opening) for one, opening in decided if opening is not None]
