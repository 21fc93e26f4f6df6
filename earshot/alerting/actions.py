"""What people do with incidents, from wherever they do it: the verbs of the command line and Slack.

Each takes `by`, for the audit, and `version`: of the incident as that person saw it. It raises
StaleError when somebody has decided something since; None asks for no such care.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import lifecycle
from alerts.kinds import KINDS
from alerts.severity import PROMISES
from domain.business_hours import deadline, next_opening
from domain.clock import parse_duration, wall
from domain.deciding import RULE
from domain.errors import ConfigError, EarshotError, StaleError
from domain.incident import ITSELF, Action, Change, Incident, Severity, State
from domain.press import OPENING, DuplicateOf, Elsewhere, Settled
from domain.sentiment import Label
from earshot.alerting import lessons, messages, notifications
from earshot.core.app import App
from storage import corrections, incident_events
from storage import incidents as stored
from storage.incident_events import Event

LONGEST_SNOOZE = timedelta(days=366)

# --- that move an incident ------------------------------------------------------------------------


def acknowledge(
    app: App, incident_id: int, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Somebody has seen it. The clock runs on."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        return _save(session, lifecycle.acknowledge(incident, by=by, now=now), now=now)


def assign(
    app: App, incident_id: int, to: str, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Give it to somebody."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        return _save(session, lifecycle.assign(incident, to, by=by, now=now), now=now)


def snooze(
    app: App, incident_id: int, until: str, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Keep quiet for a length of time (4h), or until the office opens on a later day (opening)."""
    length = None if until == OPENING else _length(until)
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        hours = app.config.hours.get(incident.brand)
        at = next_opening(now, hours, app.config.tz) if length is None else now + length
        return _save(session, lifecycle.snooze(incident, at, by=by, now=now), now=now)


def _length(until: str) -> timedelta:
    length = parse_duration(until)
    if length > LONGEST_SNOOZE:
        raise ConfigError(f"{until!r} is longer than a year: resolve or dismiss it instead")
    return length


def resolve(
    app: App,
    incident_id: int,
    how: Settled | None = None,
    *,
    by: str,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Incident:
    """Close it; how: None when the person does not say. Counts as answered only if elsewhere."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        if how is None:
            change = lifecycle.resolve(incident, by=by, now=now, note=note)
            return _save(session, change, now=now)
        if isinstance(how, Elsewhere):
            _must_be_about_posts(incident)
        if isinstance(how, DuplicateOf):
            _must_fit(incident, stored.get(session, how.incident_id))
        after = _save(session, lifecycle.settle(incident, how, by=by, now=now, note=note), now=now)
        if isinstance(how, Elsewhere):
            notifications.told(session, app, after, now=now)
        return after


def _must_fit(incident: Incident, other: Incident) -> None:
    if (incident.brand, incident.kind) != (other.brand, other.kind):
        raise EarshotError(
            f"incident {incident.id} cannot be a duplicate of {other.id}, which is about "
            f"{other.brand or 'a source'}"
        )
    if other.duplicate_of == incident.id:
        raise EarshotError(f"incident {other.id} is a duplicate of {incident.id} already")


def dismiss(
    app: App,
    incident_id: int,
    *,
    by: str,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Incident:
    """Say that it never needed an answer."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        return _save(session, lifecycle.dismiss(incident, by=by, now=now, note=note), now=now)


def set_severity(
    app: App,
    incident_id: int,
    severity: Severity,
    *,
    by: str,
    now: datetime,
    version: int | None = None,
) -> Incident:
    """Take a person's word for how grave it is. It is never due later than it was."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        _must_be_about_posts(incident)
        hours = app.config.hours.get(incident.brand)
        due_at = deadline(incident.posted_at, PROMISES[severity], hours)
        change = lifecycle.rate(incident, severity, due_at=due_at, by=by, now=now)
        after = _save(session, change, now=now)
        notifications.told(session, app, after, now=now)
        return after


def note(
    app: App, incident_id: int, text: str, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Keep a person's words in its history."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        return _save(session, lifecycle.note(incident, text, by=by, now=now), now=now)


# --- that teach -----------------------------------------------------------------------------------


def wrong_tone(
    app: App, incident_id: int, label: Label, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Correct the tone of its mentions: dismissed when none asks for an answer, else judged anew.

    Raises EarshotError when none of its posts is left.
    """
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        _must_be_about_posts(incident)
        found = _posts_of(session, incident)
        for mention_id in found:
            lessons.correct(
                session, app, mention_id, incident.brand, label, by=by, now=now, besides=incident.id
            )
        note = f"mention {', '.join(map(str, found))} is {label}"
        return _judge_anew(session, app, incident, Action.CORRECTED, note, by=by, now=now)


def not_this_customer(
    app: App, incident_id: int, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Reject the link to its customer and judge it from scratch: dismissed when no rule fires.

    Raises EarshotError when it shows no customer.
    """
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        _must_be_about_posts(incident)
        rejected = lessons.reject_customer(session, app, incident, by=by, now=now)
        if rejected is None:
            raise EarshotError(f"incident {incident.id} shows no customer: nothing to reject")
        note = f"not customer {rejected}"
        left = messages.mentions_of(session, app, incident, now=now)
        customer = next((one.customer for one in left if one.customer is not None), None)
        known = replace(incident, customer=customer, customer_id=None)
        return _judge_anew(session, app, known, Action.IDENTIFIED, note, by=by, now=now)


def not_about_us(
    app: App, incident_id: int, *, by: str, now: datetime, version: int | None = None
) -> Incident:
    """Hide its mentions as noise, learn from them, and dismiss it."""
    with _pressed(app, incident_id, version, by=by, now=now) as (session, incident):
        _must_be_about_posts(incident)
        change = lifecycle.dismiss(incident, by=by, now=now, note="not about the brand")
        for mention_id in _posts_of(session, incident):
            lessons.hide(session, mention_id, incident.brand, by=by, now=now)
        return _save(session, change, now=now)


def correct(
    app: App,
    mention_id: int,
    brand: str | None,
    label: Label | None,
    *,
    by: str,
    now: datetime,
) -> tuple[str, list[Incident]]:
    """Note what a person says of a mention's tone, for its incidents, too; None: no more.

    Returns the brand it is noted for and the incidents that hold the mention. Raises EarshotError
    when there is no such listing, or when `brand` must say which.
    """
    with app.database.begin() as session:
        listed = corrections.brand_of(session, mention_id, brand)
        return listed, lessons.correct(session, app, mention_id, listed, label, by=by, now=now)


# --- how each of them is done ---------------------------------------------------------------------


@contextmanager
def _pressed(
    app: App, incident_id: int, version: int | None, *, by: str, now: datetime
) -> Iterator[tuple[Session, Incident]]:
    """One transaction about an incident that nobody has decided on since that version."""
    if not by.strip() or by.startswith(RULE):
        raise ConfigError(f"{by!r} names nobody: say who decides it")
    with app.database.begin() as session:
        incident = stored.get(session, incident_id)
        since = [] if version is None else incident_events.since(session, incident_id, version)
        decided = [one for one in since if _is_decision(one)]
        if decided:
            raise StaleError(_what_happened(app, incident_id, decided[-1], now))
        yield session, incident
    app.prompt("deliver")  # whoever pressed sees at once what came of it


def _is_decision(event: Event) -> bool:
    """Whether it makes a press on what stood there before a different one."""
    by_person = event.actor != ITSELF and event.action != Action.NOTED
    return by_person or event.before != event.after


def _what_happened(app: App, incident_id: int, event: Event, now: datetime) -> str:
    who = "" if event.actor == ITSELF else f" by {event.actor}"
    more = f" {event.note}" if event.action == Action.ASSIGNED else ""
    at = wall(event.at, now, app.config.tz)
    return f"incident {incident_id} was already {event.action}{more}{who} at {at}"


def _must_be_about_posts(incident: Incident) -> None:
    if not KINDS[incident.kind].asks:
        raise EarshotError(f"incident {incident.id} is about a source, not about posts")


def _posts_of(session: Session, incident: Incident) -> list[int]:
    """What is left of its posts. Raises EarshotError when nothing is."""
    found = [one.mention.id for one in messages.in_incident(session, incident)]
    if not found:
        raise EarshotError(f"incident {incident.id} has no post left: dismiss it instead")
    return found


def _judge_anew(
    session: Session,
    app: App,
    incident: Incident,
    action: Action,
    note: str,
    *,
    by: str,
    now: datetime,
) -> Incident:
    """Store a lesson and what follows from it: another severity, or that it needed no answer."""
    judged = lessons.judged(session, app, incident, now=now)
    change = lifecycle.judge_anew(incident, judged, action, by=by, now=now, note=note)
    after = _save(session, change, now=now)
    if not judged and after.state is not State.DISMISSED:
        dismissed = lifecycle.dismiss(after, by=by, now=now, note=f"{note}: no answer is asked for")
        return _save(session, dismissed, now=now)
    notifications.told(session, app, after, now=now)
    return after


def _save(session: Session, change: Change, *, now: datetime) -> Incident:
    stored.save(session, *change)
    notifications.changed(session, change.incident, now=now)
    return change.incident
