"""Draws messages when they are sent: numbers as of when they were queued, current texts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.drafts import Draft, draft_message, fitting
from alerts.escalation_messages import (
    called,
    reminder,
    reminder_elsewhere,
    reminder_of_many,
)
from alerts.incident_messages import (
    answer_message,
    decision_message,
    deleted_message,
    edited_message,
    hidden_message,
    joined_message,
    post_button,
    removal_message,
    storm_message,
)
from alerts.kinds import KINDS
from domain.elements import Message
from domain.incident import Candidate, Incident
from domain.listing import Role
from domain.notification import (
    AnswerOf,
    DecisionOf,
    DigestOf,
    DraftOf,
    Entry,
    EscalationOf,
    EscalationsOf,
    IncidentOf,
    Kind,
    LabelOf,
    MentionOf,
    RemovalOf,
    StormOf,
)
from earshot.alerting import label_offers
from earshot.core.app import App
from earshot.customers.profile import candidate_of, customer_profiles
from storage import (
    clocks,
    customer_mentions,
    deletions,
    escalation_steps,
    incident_events,
    incidents,
    mention_orders,
    views,
)
from storage.views import MentionView

FIRST, NEWEST = 20, 20  # mentions of an incident that are read to draw it
STORM_NAMES = 60  # incidents that a storm's message names


def draw(session: Session, app: App, entry: Entry) -> Message:
    """The message with its current content, masked: all that leaves, or is printed, comes by.

    A draft is not: its words are the brand's own, which may name a phone to call.
    """
    drawn = _drawn(session, app, entry)
    own = isinstance(entry.message.subject, DraftOf) and entry.delivery.kind is Kind.THREAD
    return drawn if own else app.config.masking.message(drawn)


def _drawn(session: Session, app: App, entry: Entry) -> Message:
    as_of, threaded = entry.message.as_of, entry.delivery.kind is Kind.THREAD
    match entry.message.subject:
        case MentionOf() | DraftOf() | AnswerOf() | DecisionOf() as subject if threaded:
            return _in_thread(session, app, subject, as_of=as_of)
        # A reply whose thread is lost is posted alone, so it shows the whole incident.
        case IncidentOf() | MentionOf() | DraftOf() | AnswerOf() | DecisionOf() as subject:
            incident = incidents.get(session, subject.incident_id)
            return of_incident(session, app, incident, as_of=as_of)
        case StormOf(brand, incident_ids):
            storm = incidents.storm(session, incident_ids, named=STORM_NAMES)
            return storm_message(brand, storm, now=as_of, tz=app.config.tz)
        case RemovalOf():
            return removal_message()
        case EscalationOf() | EscalationsOf() as subject:
            return _reminder(session, app, subject, entry.delivery.kind, as_of=as_of)
        case LabelOf() | DigestOf() as subject:
            return _of_no_incident(session, app, subject, entry)


def _of_no_incident(
    session: Session, app: App, subject: LabelOf | DigestOf, entry: Entry
) -> Message:
    as_of = entry.message.as_of
    if isinstance(subject, LabelOf):
        return label_offers.drawn(session, app, subject, as_of=as_of)
    from earshot.reporting import digest_messages  # noqa: PLC0415  it loads numpy, which alerts do without

    return digest_messages.drawn(session, app, subject, entry.message.numbers, as_of=as_of)


def _in_thread(
    session: Session,
    app: App,
    subject: MentionOf | DraftOf | AnswerOf | DecisionOf,
    *,
    as_of: datetime,
) -> Message:
    match subject:
        case MentionOf():
            return _mention(session, app, subject, as_of=as_of)
        case DraftOf():
            return _draft(session, app, subject, as_of=as_of)
        case AnswerOf(incident_id, mention_id):
            return _answer(session, app, incident_id, mention_id, as_of=as_of)
        case DecisionOf(incident_id, version):
            return _decision(session, incident_id, version)


def of_incident(session: Session, app: App, incident: Incident, *, as_of: datetime) -> Message:
    """The incident's first message."""
    kind = KINDS[incident.kind]
    ids = incidents.mention_ids(session, [incident.id])[incident.id]
    drawn = _some(ids)
    found = candidates(session, app, views_of(session, incident, drawn), as_of=as_of)
    if kind.identifies:
        customer = next((one.customer for one in found if one.customer), None)
        incident = replace(incident, customer=customer)
        if customer is not None:
            incident = _with_past(session, incident, customer.id, before=found[0].published_at)
    incident = replace(
        incident,
        hidden=bool(deletions.hidden(session, drawn)),
        uncounted=len(ids) - len(drawn),
    )
    networks = app.config.networks
    return kind.message(
        incident,
        found,
        now=as_of,
        tz=app.config.tz,
        networks=networks,
        pressable=app.channel.pressable,
    )


def _with_past(
    session: Session, incident: Incident, person_id: int, *, before: datetime
) -> Incident:
    """With what this customer had written before, and how it ended."""
    accounts = customer_mentions.accounts(session, person_id)
    return replace(
        incident,
        earlier=incidents.earlier(session, incident, person_id),
        wrote=customer_mentions.earlier(
            session, accounts, incident.brand, before=before, incident_id=incident.id
        ),
    )


def _some(ids: Sequence[int]) -> list[int]:
    """Of a flood the first and the newest are enough to draw; the others are counted."""
    return [*ids[:FIRST], *ids[FIRST:][-NEWEST:]]


def drawn_of(session: Session, incident: Incident) -> list[MentionView]:
    """The mentions that an incident's first message is drawn with, oldest first."""
    ids = incidents.mention_ids(session, [incident.id])[incident.id]
    return views_of(session, incident, _some(ids))


def _reminder(
    session: Session,
    app: App,
    subject: EscalationOf | EscalationsOf,
    kind: Kind,
    *,
    as_of: datetime,
) -> Message:
    if isinstance(subject, EscalationsOf):
        stored = [incidents.get(session, one) for one in subject.incident_ids]
        return reminder_of_many(subject.brand, stored, subject.tell, now=as_of)
    step = escalation_steps.get(session, subject.incident_id, subject.clock, subject.step)
    incident, tell = incidents.get(session, subject.incident_id), step.telling.tell
    if kind is Kind.THREAD:
        return reminder(incident, tell, now=as_of, tz=app.config.tz)
    if kind is Kind.POST:  # its thread is lost: it shows the whole incident
        return called(tell, of_incident(session, app, incident, as_of=as_of))
    found, networks = mentions_of(session, app, incident, now=as_of), app.config.networks
    return reminder_elsewhere(incident, found, tell, now=as_of, tz=app.config.tz, networks=networks)


def _mention(session: Session, app: App, about: MentionOf, *, as_of: datetime) -> Message:
    incident = incidents.get(session, about.incident_id)
    candidate = _one_of(session, app, incident, about.mention_id, as_of=as_of)
    if isinstance(candidate, Message):
        return candidate
    opening = app.config.opening(candidate)
    reasons = opening.reasons if opening is not None else ()
    networks = app.config.networks
    return joined_message(
        incident,
        candidate,
        reasons,
        before=about.before,
        now=as_of,
        tz=app.config.tz,
        networks=networks,
    )


def _draft(session: Session, app: App, about: DraftOf, *, as_of: datetime) -> Message:
    incident = incidents.get(session, about.incident_id)
    candidate = _one_of(session, app, incident, about.mention_id, as_of=as_of)
    if isinstance(candidate, Message):
        return candidate
    networks = app.config.networks
    draft = fitting(app.config.top.alerts.templates, candidate, incident.rule)
    return draft_message(incident.id, draft, post_button([candidate], networks), networks)


def draft_of(
    session: Session, app: App, incident: Incident, *, now: datetime
) -> tuple[int, Draft] | None:
    """A draft of an answer to the incident's newest mention, and its id; None: no template fits."""
    templates = app.config.top.alerts.templates
    if not templates or not KINDS[incident.kind].asks:
        return None
    left = [one for one in drawn_of(session, incident) if not one.no_longer_named]
    found = candidates(session, app, left[-1:], as_of=now)
    draft = fitting(templates, found[-1], incident.rule) if found else None
    return None if draft is None else (found[-1].mention_id, draft)


def _one_of(
    session: Session, app: App, incident: Incident, mention_id: int | None, *, as_of: datetime
) -> Candidate | Message:
    """The mention of the incident, or what stands in the place of one that is not shown."""
    found = views_of(session, incident, [mention_id]) if mention_id is not None else []
    if not found:
        is_hidden = mention_id is not None and deletions.hidden(session, [mention_id])
        return hidden_message(incident.id) if is_hidden else deleted_message(incident.id)
    if found[0].no_longer_named:
        return edited_message(incident.id)
    [candidate] = candidates(session, app, found, as_of=as_of)
    return candidate


def _answer(
    session: Session, app: App, incident_id: int, mention_id: int, *, as_of: datetime
) -> Message:
    """By whom, as far as that reply is still there."""
    incident = incidents.get(session, incident_id)
    wanted = views.Filter(ids=[mention_id], brand=incident.brand, roles=(Role.OWN,), hidden=None)
    reply = next(iter(views.search(session, wanted)), None)
    author = reply.author if reply is not None else None
    at = reply.mention.published_at if reply is not None else None
    return answer_message(
        _as_answered(session, incident, at),
        f"@{author.handle}" if author is not None and author.handle else "",
        (reply.mention.source, reply.mention.url) if reply is not None else ("", ""),
        now=as_of,
        tz=app.config.tz,
        networks=app.config.networks,
    )


def _as_answered(session: Session, incident: Incident, at: datetime | None) -> Incident:
    """With the clock that the answer of then has stopped: meanwhile the next one may run."""
    ran = [one for one in clocks.of(session, [incident.id])[incident.id] if one.answered_at]
    stopped = [one for one in ran if one.answered_at == at] or ran
    if not stopped:
        return incident
    last = stopped[-1]
    return replace(
        incident, posted_at=last.posted_at, due_at=last.due_at, answered_at=last.answered_at
    )


def _decision(session: Session, incident_id: int, version: int) -> Message:
    # Each change makes one version and one line of the history.
    [decided, *_] = incident_events.since(session, incident_id, version - 1)
    return decision_message(decided.actor, decided.action, decided.note)


def mentions_of(
    session: Session, app: App, incident: Incident, *, now: datetime
) -> Sequence[Candidate]:
    """The mentions of an incident that name the brand, with their customers, oldest first."""
    found = [one for one in in_incident(session, incident) if not one.no_longer_named]
    return candidates(session, app, found, as_of=now)


def in_incident(session: Session, incident: Incident) -> list[MentionView]:
    """What is left of the incident's mentions, oldest first."""
    ids = incidents.mention_ids(session, [incident.id])[incident.id]
    return views_of(session, incident, ids)


def views_of(session: Session, incident: Incident, ids: Sequence[int]) -> list[MentionView]:
    """Of these mentions what is left as the incident's brand has them, oldest first."""
    wanted = views.Filter(ids=ids, brand=incident.brand, roles=(Role.BRAND,), hidden=None)
    return views.search(session, wanted)[::-1]


def candidates(
    session: Session, app: App, found: Sequence[MentionView], *, as_of: datetime
) -> list[Candidate]:
    known = customer_profiles(session, found, app.config, now=as_of)
    about = mention_orders.about(session, [view.mention.id for view in found])
    return [
        replace(
            candidate_of(view, known),
            orders=tuple(one.in_words for one in about.get(view.mention.id, ())),
        )
        for view in found
    ]
