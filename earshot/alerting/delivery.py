"""Sends what the outbox holds: claims a message, draws it, tries it, stores what became of it."""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from alerts.delivery_policy import Reason
from alerts.notifier import ConsoleNotifier, MessageGoneError, MessageUnfitError
from domain.elements import Message
from domain.errors import EarshotError, RemoteError
from domain.incident import Incident, Severity
from domain.notification import (
    Delivery,
    DeliveryState,
    Entry,
    Kind,
    OutgoingMessage,
    Stale,
    StormOf,
)
from earshot.alerting import messages
from earshot.core import circuit_breaker
from earshot.core.app import App
from storage import incidents, outbox, source_state

log = logging.getLogger(__name__)

PATIENCE_S = 12.0  # one full pass waits this long for messages whose fate is being looked up

TOLD_HERE = "printed: Slack refuses, it is sent when the settings have changed"

Clock = Callable[[], datetime]
Wait = Callable[[float], bool | None]  # True: stop now, somebody wants to end


@dataclass(slots=True)
class Delivered:
    """What one round brought out."""

    sent: int = 0
    refused: int = 0
    trouble: str = ""

    def and_then(self, later: "Delivered") -> "Delivered":
        """Both rounds. What keeps messages waiting is told by the later one, if it still does."""
        trouble = later.trouble or (self.trouble if self.refused else "")
        return Delivered(self.sent + later.sent, self.refused + later.refused, trouble)


def notify(app: App, *, clock: Clock, wait: Wait) -> Delivered:
    """Send every message that is due, the oldest first, in the order of each incident.

    wait: called with seconds between two messages to the same channel.
    """
    result = Delivered()
    channel = app.channel
    while _may_call(app, clock()):
        entry = _next(app, clock())
        if entry is None:
            break
        after = _work(app, entry, clock)
        _count(app, after, result, clock)
        if result.trouble or after.reason is Reason.UNSURE:
            break
        if after.reason is Reason.SENT and channel.pace_s and wait(channel.pace_s):
            break
    if _is_off(app):
        _tell_here(app)
    if channel.settings is not None and (result.trouble or not _may_call(app, clock())):
        result.trouble = _why_messages_wait(app)
    if result.refused and not result.trouble:
        result.trouble = f"{result.refused} messages were refused for good and are printed instead"
    return result


def _why_messages_wait(app: App) -> str:
    """The sentence stored with the channel's last failure; "" when nothing waits."""
    with app.database.read() as session:
        state = source_state.states(session).get(app.channel.name)
        waiting, _ = outbox.backlog(session)
    trouble = state.trouble if state else ""
    return f"{trouble}; {waiting} messages wait" if trouble and waiting else ""


def notify_until_quiet(app: App, *, clock: Clock, wait: Wait) -> Delivered:
    """Like notify(), and stay a little for messages whose fate is being looked up."""
    total, waited = Delivered(), 0.0
    while True:
        one = notify(app, clock=clock, wait=wait)
        total.sent += one.sent
        total.refused += one.refused
        total.trouble = total.trouble or one.trouble
        with app.database.read() as session:
            ambiguous = DeliveryState.AMBIGUOUS
            found = outbox.waiting(session)
            doubtful = [one for one in found if one.delivery.state is ambiguous]
        if doubtful and not total.trouble and waited >= PATIENCE_S:
            total.trouble = f"{len(doubtful)} messages may not have arrived, they are looked for"
        if not doubtful or total.trouble:
            break
        wait(1.0)
        waited += 1.0
    if not total.trouble:
        total.trouble = _why_messages_wait(app)  # one may have its next try after this pass
    return total


def _may_call(app: App, now: datetime) -> bool:
    channel = app.channel
    return channel.settings is None or circuit_breaker.allows(
        app.database, channel.name, now=now, settings=channel.settings
    )


def _is_off(app: App) -> bool:
    """Whether the channel has refused us, not only one message, and nothing has changed since."""
    channel = app.channel
    return channel.settings is not None and circuit_breaker.is_off(
        app.database, channel.name, settings=channel.settings
    )


def _tell_here(app: App) -> None:
    """Print once what the channel does not take: the console is what is left."""
    with app.database.begin() as session:
        for entry in outbox.waiting(session):
            one = entry.delivery
            fresh = one.state is DeliveryState.PENDING and not rules.is_redrawn(one)
            if fresh and one.kind is Kind.POST and one.reason != TOLD_HERE:
                _print(messages.draw(session, app, entry), one)
                outbox.note(session, one.id, TOLD_HERE)


def _print(message: Message, delivery: Delivery) -> None:
    try:
        ConsoleNotifier(sys.stdout).post("console", message, outbox_id=delivery.id)
    except RemoteError as error:
        log.warning("an alert cannot even be printed reason=%s", error)


def _next(app: App, now: datetime) -> Entry | None:
    """Read the next message that is due; in a storm the rest of the posts become one first."""
    with app.database.begin() as session:
        due = _due(session, app, now)
        calm = _calm_in_storm(session, app, due, now)
        since = now - rules.STORM_WINDOW
        if calm and not outbox.newest_storm(session, app.channel.address, since=since):
            _gather(session, app, calm, now)
            due, calm = _due(session, app, now), []
        held = {one.delivery.id for one, _ in calm}
        return next((one for one in due if one.delivery.id not in held), None)


def send_now(app: App, message: OutgoingMessage, *, now: datetime) -> None:
    """Send one message at once, whatever else waits, and keep it as those that waited are kept.

    Raises RemoteError when it was refused: then nothing will send it. One that may have arrived is
    looked for by the next round, as any other.
    """
    with app.database.begin() as session:
        outbox.enqueue(session, message, now=now)
        entry = outbox.get(session, message.key)
        drawn = messages.draw(session, app, entry)
    claimed = _claim(app, entry, drawn, rules.after_claim(entry.delivery, now=now), now)
    try:
        ref = app.notifier.post(message.channel, drawn, outbox_id=claimed.delivery.id)
    except RemoteError as error:
        if error.ambiguous:
            _store(app, claimed, rules.after_failure(claimed.delivery, error, now=now), now)
        else:
            with app.database.begin() as session:
                outbox.skip_key(session, message.key, str(error))
        raise
    _store(app, claimed, rules.after_sent(claimed.delivery, ref), now)


def _due(session: Session, app: App, now: datetime) -> list[Entry]:
    return [
        one
        for one in outbox.waiting(session)
        if rules.is_due(one.delivery, now=now) and not _stays(session, app, one)
    ]


def _stays(session: Session, app: App, entry: Entry) -> bool:
    """Whether it stands where we do not write now, and what is new of it is not said here.

    What was taken back there waits until we write there again; of an incident that has a first
    message here, too, that one tells what has changed.
    """
    one = entry.delivery
    if not rules.is_redrawn(one) or entry.message.notifier == app.channel.name:
        return False
    told_here = outbox.root_ref(session, one.incident_id, app.channel.name)
    return one.stale is Stale.WITHDRAWN or told_here is not None


def _work(app: App, entry: Entry, clock: Clock) -> Delivery:
    """One step with one message: note a lost lease, look it up, or send it."""
    now = clock()
    with app.database.read() as session:
        delivery = _addressed(session, app, entry)
        if delivery.state is DeliveryState.SENDING:
            return _store(app, entry, rules.after_expired_lease(delivery, now=now), now)
        if delivery.state is DeliveryState.AMBIGUOUS:
            return _store(app, entry, _look_up(app, delivery, now), now)
        entry = replace(entry, delivery=delivery)
        drawn = messages.draw(session, app, entry)
    claimed = _claim(app, entry, drawn, rules.after_claim(delivery, now=now), now)
    return _store(app, claimed, _send(app, claimed.delivery, drawn, clock), clock())


def _addressed(session: Session, app: App, entry: Entry) -> Delivery:
    """Where it goes. What has nothing to hang on stands alone, in the channel configured now."""
    delivery, here = entry.delivery, app.channel.name
    if rules.is_redrawn(delivery) and entry.message.notifier == here:
        return delivery
    if delivery.kind is Kind.THREAD:
        root = outbox.root_ref(session, delivery.incident_id, here)
        if root is not None:
            return replace(delivery, thread_ref=root)
    if delivery.state in (DeliveryState.SENDING, DeliveryState.AMBIGUOUS):
        return delivery  # it may stand where it was sent
    return replace(
        delivery, kind=Kind.POST, channel=app.channel.address, thread_ref=None, sent_ref=None
    )


def _claim(app: App, entry: Entry, drawn: Message, claimed: Delivery, now: datetime) -> Entry:
    """Take it for one try, and keep what it shows: from now on somebody may have seen it."""
    # The first message of an incident counts its mentions, also those that it does not show.
    all_of_it = claimed.incident_id is not None and claimed.kind is Kind.POST
    quotes = None if all_of_it else list(drawn.quotes)
    _store(app, entry, claimed, now, drawn=entry.marks, quotes=quotes)
    return replace(entry, delivery=claimed)


def _send(app: App, delivery: Delivery, message: Message, clock: Clock) -> Delivery:
    try:
        if delivery.sent_ref is not None:
            app.notifier.update(delivery.channel, delivery.sent_ref, message)
            return rules.after_sent(delivery, delivery.sent_ref)
        ref = app.notifier.post(
            delivery.channel, message, outbox_id=delivery.id, thread=delivery.thread_ref
        )
    except RemoteError as error:
        log.warning("send failed kind=%s reason=%s", delivery.kind, error)
        return _failed(app, delivery, message, error, clock())
    return rules.after_sent(delivery, ref)


def _failed(
    app: App, delivery: Delivery, message: Message, error: RemoteError, now: datetime
) -> Delivery:
    after = rules.after_failure(delivery, error, now=now)
    if isinstance(error, MessageGoneError | MessageUnfitError):  # the channel itself is well
        if after.state is DeliveryState.DEAD:
            _print(message, delivery)
        return after
    channel = app.channel
    if channel.settings is not None:
        # Each message has its own pause; all of them wait only where the channel asks for it.
        alone = error.retry_after or timedelta()
        # What it refuses for good it says in its own JSON: no gateway's page looks like that.
        circuit_breaker.failed(
            app.database,
            channel.name,
            error,
            now=now,
            settings=channel.settings,
            alone=alone,
            sure=True,
        )
    if after.state is DeliveryState.DEAD:  # no message would pass: this one waits with the others
        return replace(after, state=DeliveryState.PENDING, next_at=now)
    return after


def _look_up(app: App, delivery: Delivery, now: datetime) -> Delivery:
    since = rules.look_up_since(delivery, now=now)
    try:
        ref = app.notifier.find(delivery.channel, delivery.id, since, thread=delivery.thread_ref)
    except RemoteError as error:
        return rules.after_look_up_failed(delivery, error, now=now)
    return rules.after_found(delivery, ref) if ref else rules.after_absent(delivery, now=now)


def _count(app: App, after: Delivery, result: Delivered, clock: Clock) -> None:
    if after.state is DeliveryState.SENT:
        result.sent += 1
        if app.channel.settings is not None:
            circuit_breaker.succeeded(app.database, app.channel.name, now=clock())
        return
    if after.reason is Reason.REFUSED:
        result.refused += 1
    if after.reason is Reason.RATE_LIMITED and after.next_at is not None:
        with app.database.begin() as session:
            outbox.postpone(session, app.channel.name, until=after.next_at)
    if after.reason in TROUBLES and after.state is not DeliveryState.DEAD:
        result.trouble = str(after.reason)


# Where the next message would fare no better: the round ends here.
TROUBLES = (Reason.FAILED, Reason.LOOK_UP_FAILED, Reason.RATE_LIMITED, Reason.REFUSED)
STORED = (
    *("kind", "channel", "attempts", "state", "lease_until", "claimed_at", "absent_at", "reason"),
)


def _store(
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
    if after.state is DeliveryState.SENT:
        again = rules.is_redrawn(before.delivery)
        values |= {"redrawn_at" if again else "sent_at": now}
    with app.database.begin() as session:
        if not outbox.store(session, before, values):
            raise EarshotError("another worker is sending the same messages: run only one")
    return after


Calm = Sequence[tuple[Entry, Incident]]


def _calm_in_storm(
    session: Session, app: App, due: Sequence[Entry], now: datetime
) -> list[tuple[Entry, Incident]]:
    """The posts that a channel which has had its fill does not get one by one.

    Critical ones always go alone.
    """
    posts = [
        (one, one.delivery.incident_id)
        for one in due
        if one.message.kind is Kind.POST and not rules.is_redrawn(one.delivery)
    ]
    sent = (
        outbox.posted_since(session, app.channel.address, now - rules.STORM_WINDOW) if posts else []
    )
    if not rules.is_storm(sent, now=now):
        return []
    found = [(one, incidents.get(session, of)) for one, of in posts if of is not None]
    return [(one, of) for one, of in found if of.severity is not Severity.CRITICAL]


def _gather(session: Session, app: App, calm: Calm, now: datetime) -> None:
    """Tell them in one message per brand; what comes later waits until the window is over."""
    outbox.skip_all_of(session, [one.id for _, one in calm], "told together with others: a storm")
    for brand in sorted({one.brand for _, one in calm}):
        told = tuple(one.id for _, one in calm if one.brand == brand)
        message = OutgoingMessage(
            key=f"storm:{brand}:{min(told)}",
            subject=StormOf(brand, told),
            kind=Kind.POST,
            channel=app.channel.address,
            notifier=app.channel.name,
            as_of=now,
        )
        outbox.enqueue(session, message, now=now)
