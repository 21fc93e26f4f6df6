"""One message's next step: looked up, sent, changed or taken away; and what became of it."""

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from alerts.delivery_policy import Reason
from alerts.notifier import (
    ChannelRefusedError,
    MessageFixedError,
    MessageGoneError,
    MessageUnfitError,
)
from domain.elements import Message
from domain.errors import EarshotError, RemoteError
from domain.notification import (
    Delivery,
    DeliveryState,
    DraftOf,
    Entry,
    Kind,
    Mark,
    MentionOf,
    RemovalOf,
    Stale,
)
from earshot.alerting import earlier, escalation, messages, notifications, refused_edits
from earshot.alerting.channel_health import channel_failed
from earshot.alerting.marks import mark_of
from earshot.alerting.printing import print_alert
from earshot.core.app import App
from storage import deliveries

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def work(app: App, entry: Entry, clock: Clock) -> Delivery:
    """One step with one message: note a lost lease, look it up, or send it."""
    now = clock()
    with app.database.read() as session:
        delivery = _not_needed(session, entry) or _addressed(session, app, entry)
        mark = mark_of(session, replace(entry, delivery=delivery))
    if delivery.state is DeliveryState.SENDING:
        return store(app, entry, rules.after_expired_lease(delivery, now=now), now)
    if delivery.state is DeliveryState.AMBIGUOUS:
        return store(app, entry, _look_up(app, delivery, mark, now), now)
    if delivery.state is DeliveryState.SKIPPED:
        return store(app, entry, delivery, now)
    if not rules.is_redrawn(delivery):
        try:
            ref = earlier.find(app, entry, mark, now=now)
        except RemoteError as error:
            return store(app, entry, _look_up_failed(app, delivery, error, now), now)
        if ref is not None:
            return _found_again(app, entry, rules.after_found(delivery, ref), now)
    entry = replace(entry, delivery=delivery)
    with app.database.read() as session:
        drawn = messages.draw(session, app, entry)
    claimed = claim(app, entry, drawn, now)
    return store(app, claimed, _send(app, claimed, drawn, mark, clock), clock())


def _not_needed(session: Session, entry: Entry) -> Delivery | None:
    """A reminder of what was answered or put off before it left, as skipped."""
    one = entry.delivery
    fresh = one.state is DeliveryState.PENDING and not rules.is_redrawn(one)
    over = fresh and escalation.is_over(session, entry.message.subject)
    return rules.after_skipped(one, Reason.NOT_NEEDED) if over else None


def _addressed(session: Session, app: App, entry: Entry) -> Delivery:
    """Where it goes. What never had anything to hang on stands alone, in the channel of now."""
    delivery, here = entry.delivery, app.channel.name
    stands = rules.is_redrawn(delivery) and entry.message.notifier == here
    if stands or delivery.kind is Kind.ELSEWHERE:
        return delivery
    if isinstance(entry.message.subject, RemovalOf):
        return replace(delivery, thread_ref=entry.message.subject.thread)
    below = _below(session, entry, here) if delivery.kind is Kind.THREAD else None
    if below is not None:
        return below
    if delivery.state in (DeliveryState.SENDING, DeliveryState.AMBIGUOUS):
        return delivery  # it may stand where it was sent
    return replace(
        delivery, kind=Kind.POST, channel=app.channel.address, thread_ref=None, sent_ref=None
    )


def _below(session: Session, entry: Entry, here: str) -> Delivery | None:
    """In the thread of its incident, or nowhere; None: it has to stand alone."""
    delivery = entry.delivery
    root = deliveries.root(session, delivery.incident_id, here)
    if root is not None and root.delivery.reason == Reason.DELETED:
        return rules.after_skipped(delivery, Reason.ROOT_DELETED)
    if root is not None:
        return replace(delivery, thread_ref=root.delivery.sent_ref)
    if isinstance(entry.message.subject, DraftOf):  # without the post beside it is no help
        return rules.after_skipped(delivery, Reason.NO_ROOT)
    return None


def claim(app: App, entry: Entry, drawn: Message, now: datetime) -> Entry:
    """Take it for one try, and keep what it shows: from now on somebody may have seen it."""
    claimed = rules.after_claim(entry.delivery, now=now)
    store(app, entry, claimed, now, drawn=entry.marks, quotes=_quotes(entry, claimed, drawn))
    return replace(entry, delivery=claimed)


def _quotes(entry: Entry, claimed: Delivery, drawn: Message) -> list[int] | None:
    """The mentions it shows, and those it has shown: what is hidden may be shown again.

    None: all of its incident. The first message counts them, also those that it does not show.
    """
    if claimed.incident_id is not None and claimed.kind is Kind.POST:
        return None
    subject = entry.message.subject
    about = (subject.mention_id,) if isinstance(subject, MentionOf | DraftOf) else ()
    return sorted({*drawn.quotes, *(entry.quotes or ()), *about} - {None})


def _send(app: App, entry: Entry, message: Message, mark: Mark, clock: Clock) -> Delivery:
    delivery = entry.delivery
    try:
        if delivery.sent_ref is None:
            ref = app.notifier.post(delivery.channel, message, mark, delivery.thread_ref)
            return rules.after_sent(delivery, ref)
        app.notifier.update(delivery.channel, delivery.sent_ref, message)
    except RemoteError as error:
        log.warning("send failed kind=%s reason=%s", delivery.kind, error)
        now = clock()
        if delivery.sent_ref is not None and _stands(delivery, error):
            return refused_edits.follow_up(app, entry, error, now=now)
        return _failed(app, entry, message, error, now)
    return rules.after_sent(delivery, delivery.sent_ref)


def _stands(delivery: Delivery, error: RemoteError) -> bool:
    """Whether it is there and will not be changed. Words taken back wait for no settings."""
    if isinstance(error, MessageFixedError | MessageUnfitError):
        return True
    withdrawn = delivery.stale is Stale.WITHDRAWN
    return withdrawn and error.permanent and not isinstance(error, MessageGoneError)


def _failed(
    app: App, entry: Entry, message: Message, error: RemoteError, now: datetime
) -> Delivery:
    delivery = entry.delivery
    after = rules.after_failure(delivery, error, now=now)
    elsewhere = delivery.kind is Kind.ELSEWHERE and isinstance(error, ChannelRefusedError)
    if elsewhere and not rules.is_redrawn(delivery):
        with app.writing() as session:
            notifications.reminded_here(session, app, entry, now=now)
    if elsewhere or isinstance(error, MessageGoneError | MessageUnfitError):  # our channel is well
        if after.state is DeliveryState.DEAD:
            print_alert(message, delivery)
        return after
    channel_failed(app, error, now=now)
    if after.state is DeliveryState.DEAD:  # no message would pass: this one waits with the others
        return replace(after, state=DeliveryState.PENDING, next_at=now)
    return after


def _look_up(app: App, delivery: Delivery, mark: Mark, now: datetime) -> Delivery:
    since = rules.look_up_since(delivery, now=now)
    try:
        found = app.notifier.find(delivery.channel, [mark], since, thread=delivery.thread_ref)
    except RemoteError as error:
        return _look_up_failed(app, delivery, error, now)
    if mark in found:
        return rules.after_found(delivery, found[mark])
    return rules.after_absent(delivery, now=now)


def _look_up_failed(app: App, delivery: Delivery, error: RemoteError, now: datetime) -> Delivery:
    in_doubt = delivery.state is DeliveryState.AMBIGUOUS
    if error.retry_after is not None or not in_doubt:
        channel_failed(app, error, now=now)
    if in_doubt:
        return rules.after_look_up_failed(delivery, error, now=now)
    return rules.after_failure(delivery, error, now=now)


def _found_again(app: App, entry: Entry, found: Delivery, now: datetime) -> Delivery:
    """It was sent before this database's time: what it says there may be older, or newer."""
    after = store(app, entry, found, now)
    with app.writing() as session:
        deliveries.redraw(session, after.id, now=now)
    return after


STORED = (
    *("kind", "channel", "attempts", "state", "lease_until", "claimed_at", "absent_at", "reason"),
)


def store(
    app: App,
    before: Entry,
    after: Delivery,
    now: datetime,
    **also: Any,  # noqa: ANN401 -- further columns
) -> Delivery:
    """Write the outcome. Raises EarshotError when another worker took the message meanwhile."""
    values = {key: value for key, value in asdict(after).items() if key in STORED} | also
    values |= {
        "next_at": after.next_at or now,
        "notifier": app.channel.name,
        "ref": after.sent_ref,
    }
    if after.reason is Reason.ABSENT_TWICE:
        values["next_at"] = before.owed_at  # it has its place in the line still
    if after.state is DeliveryState.SENT:
        again = rules.is_redrawn(before.delivery)
        values |= {"redrawn_at" if again else "sent_at": now}
    with app.writing() as session:
        if not deliveries.store(session, before, values):
            raise EarshotError("another worker is sending the same messages: run only one")
    return after
