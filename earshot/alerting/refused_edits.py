"""What follows when a message may not be changed: its thread says what is new, or it goes.

It is never posted a second time. Words that were taken back do not stay because an edit is refused:
the message is deleted, and where that is refused, too, somebody is asked to do it.
"""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from alerts.delivery_policy import Reason
from domain.errors import RemoteError
from domain.incident import LIVE
from domain.notification import (
    Delivery,
    Entry,
    IncidentOf,
    Kind,
    OutgoingMessage,
    RemovalOf,
    Stale,
    Subject,
)
from earshot.alerting.channel_health import channel_failed
from earshot.core.app import App
from storage import deliveries, incidents, outbox

log = logging.getLogger(__name__)


def follow_up(app: App, entry: Entry, error: RemoteError, *, now: datetime) -> Delivery:
    """What becomes of a message whose edit was refused with this error."""
    delivery = entry.delivery
    if delivery.stale is not Stale.WITHDRAWN:
        _tell_in_thread(app, entry, now=now)
        return rules.after_told_in_thread(delivery)
    if _still_needed(app, entry) and _tell_in_thread(app, entry, now=now, gone=True):
        return rules.before_removal(delivery, now=now)
    try:
        app.notifier.delete(delivery.channel, delivery.sent_ref or "")
    except RemoteError as refused:
        if not refused.permanent:
            channel_failed(app, refused, now=now)
        after = rules.after_kept(delivery, refused, now=now)
        if after.reason == Reason.STANDS:
            log.warning("withdrawn words stand in %s: %s; %s", delivery.channel, error, refused)
            _ask_for_removal(app, entry, now=now)
        return after
    return rules.after_removed(delivery, Reason.TAKEN_AWAY)


def _still_needed(app: App, entry: Entry) -> bool:
    """Whether it is the first message of an incident that needs somebody still."""
    incident_id = entry.delivery.incident_id
    if incident_id is None or entry.delivery.kind is not Kind.POST:
        return False
    with app.database.read() as session:
        return incidents.get(session, incident_id).state in LIVE


def _tell_in_thread(app: App, entry: Entry, *, now: datetime, gone: bool = False) -> bool:
    """Owe the incident as it now stands to its thread, once per change; whether it was new.

    gone: also when nothing has changed, because the first message will not be there.
    """
    incident_id = entry.delivery.incident_id
    if incident_id is None or entry.delivery.kind is not Kind.POST:
        return False
    with app.writing() as session:
        turns = deliveries.turns(session, incident_id)
        if not turns and not gone:
            return False
        key = f"incident:{incident_id}:state:{turns}"
        return _owe(app, session, key, IncidentOf(incident_id), now=now)


def _ask_for_removal(app: App, entry: Entry, *, now: datetime) -> None:
    """Tell the channel once, below the message, that a person has to delete it."""
    one = entry.delivery
    with app.writing() as session:
        above = deliveries.root(session, one.incident_id, app.channel.name)
        replies_to = above.delivery.sent_ref if one.kind is Kind.THREAD and above else one.sent_ref
        subject = RemovalOf(replies_to or "")
        _owe(app, session, f"{entry.message.key}:removal", subject, now=now)


def _owe(app: App, session: Session, key: str, subject: Subject, *, now: datetime) -> bool:
    message = OutgoingMessage(
        key=key,
        subject=subject,
        kind=Kind.THREAD,
        channel=app.channel.address,
        notifier=app.channel.name,
        as_of=now,
    )
    return outbox.enqueue(session, message, now=now)
