"""What goes with a message so that it is found again, also by an older copy of the database.

The row's id is new in every copy. What the message tells is not: the same posts make the same
incident again, under the same key and with the same beginning.
"""

import hashlib
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from domain.incident import Incident
from domain.notification import (
    DigestOf,
    Entry,
    EscalationsOf,
    Hanging,
    Kind,
    LabelOf,
    Mark,
    RemovalOf,
    StormOf,
)
from storage import incidents


def mark_of(session: Session, entry: Entry) -> Mark:
    """Only first messages have a key: what is said twice in a thread disturbs nobody."""
    key = _key(session, entry) if entry.delivery.kind is Kind.POST else ""
    return Mark(entry.delivery.id, hashlib.sha256(key.encode()).hexdigest()[:32] if key else "")


def _key(session: Session, entry: Entry) -> str:
    subject = entry.message.subject
    if isinstance(subject, Hanging):
        return _of_incident(incidents.get(session, subject.incident_id))
    match subject:
        case StormOf(brand, incident_ids):  # others join it: its first incident stays the first
            return f"storm:{brand}\n{_of_incident(incidents.get(session, incident_ids[0]))}"
        case DigestOf():
            return entry.message.key  # brand, day and edition
        case RemovalOf() | EscalationsOf() | LabelOf():
            return ""


def _of_incident(incident: Incident) -> str:
    return f"{incident.kind}:{incident.key}:{incident.posted_at.astimezone(UTC).isoformat()}"


def possible_since(session: Session, entry: Entry) -> datetime:
    """Before this nobody can have told it: it had not happened."""
    subject = entry.message.subject
    if isinstance(subject, Hanging):
        return incidents.get(session, subject.incident_id).posted_at
    match subject:
        case StormOf(_, incident_ids):
            return incidents.get(session, incident_ids[0]).posted_at
        case DigestOf(_, day, _):
            return datetime.combine(day, time(), UTC) - timedelta(days=1)
        case RemovalOf() | EscalationsOf() | LabelOf():
            return entry.message.as_of
