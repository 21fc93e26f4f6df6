"""Sends what the outbox holds, message by message, in rounds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts import delivery_policy as rules
from alerts.delivery_policy import Reason
from domain.errors import RemoteError
from domain.notification import Delivery, DeliveryState, Entry, Mark, OutgoingMessage
from earshot.alerting import messages, peace, sending, storms
from earshot.alerting.marks import mark_of
from earshot.alerting.printing import print_waiting
from earshot.alerting.sending import Clock
from earshot.core import circuit_breaker
from earshot.core.app import App
from storage import deliveries, outbox, source_state, undelivered

PATIENCE_S = 12.0  # one full pass waits this long for messages whose fate is being looked up
MOST_UNKNOWN = 3  # answers that nobody knows, then a round ends: what follows may fare no better

Wait = Callable[[float], bool | None]  # True: stop now, somebody wants to end


@dataclass(slots=True)
class Delivered:
    """What one round brought out."""

    sent: int = 0
    refused: int = 0
    unknown: int = 0  # refused with a code that nobody knows; they are tried again
    trouble: str = ""

    def and_then(self, later: "Delivered") -> "Delivered":
        """Both rounds. What keeps messages waiting is told by the later one, if it still does."""
        trouble = later.trouble or (self.trouble if self.refused else "")
        return Delivered(
            self.sent + later.sent,
            self.refused + later.refused,
            self.unknown + later.unknown,
            trouble,
        )


def notify(app: App, *, clock: Clock, wait: Wait) -> Delivered:
    """Send every message that is due, the longest due first, in the order of each incident.

    wait: called with seconds between two messages to the same channel.
    """
    result = Delivered()
    channel = app.channel
    while _may_call(app, clock()):
        entry = _next(app, clock())
        if entry is None:
            break
        after = sending.work(app, entry, clock)
        _count(app, after, result, clock)
        if result.trouble or after.reason is Reason.UNSURE:
            break
        if after.reason in SPOKEN and channel.pace_s and wait(channel.pace_s):
            break
    if channel.settings is not None:
        stuck = bool(result.trouble or result.unknown) or not _may_call(app, clock())
        if stuck or _trouble(app):
            print_waiting(app, now=clock(), refused=_is_off(app))
        result.trouble = _why_messages_wait(app, clock()) if stuck else ""
    if result.refused and not result.trouble:
        result.trouble = f"{result.refused} messages were refused for good and are printed instead"
    return result


# After these the channel has just heard from us.
SPOKEN = (Reason.SENT, Reason.TOLD_IN_THREAD, Reason.TAKEN_AWAY)
# Where the next message would fare no better: the round ends here.
TROUBLES = (Reason.FAILED, Reason.LOOK_UP_FAILED, Reason.RATE_LIMITED, Reason.REFUSED)


def _trouble(app: App) -> str:
    """What the channel failed with when it was last called, "" when it went well."""
    with app.database.read() as session:
        state = source_state.states(session).get(app.channel.name)
    return state.trouble if state else ""


def _why_messages_wait(app: App, now: datetime) -> str:
    """What keeps messages from leaving; "" when nothing waits that was tried."""
    trouble = _trouble(app)
    with app.database.read() as session:
        waiting, _ = undelivered.backlog(session, now=now)
        stuck = undelivered.overdue(
            session, before=now - rules.UNSEEN_FOR, tries=rules.UNKNOWN_TRIES, now=now
        )
    if trouble and waiting:
        return f"{trouble}; {waiting} messages wait"
    return f"{len(stuck)} messages wait: {stuck[0].delivery.reason}" if stuck else ""


def notify_until_quiet(app: App, *, clock: Clock, wait: Wait) -> Delivered:
    """Like notify(), and stay a little for messages whose fate is being looked up."""
    total, waited = Delivered(), 0.0
    while True:
        one = notify(app, clock=clock, wait=wait)
        total.sent += one.sent
        total.refused += one.refused
        total.unknown += one.unknown
        total.trouble = total.trouble or one.trouble
        with app.database.read() as session:
            doubtful = undelivered.doubtful(session)
        if doubtful and not total.trouble and waited >= PATIENCE_S:
            total.trouble = f"{doubtful} messages may not have arrived, they are looked for"
        if not doubtful or total.trouble:
            break
        wait(1.0)
        waited += 1.0
    if not total.trouble:
        # One may have its next try after this pass.
        total.trouble = _why_messages_wait(app, clock())
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


def _next(app: App, now: datetime) -> Entry | None:
    """The next message that is due, unless it has to be quiet or a storm takes it in.

    Then it is the one after it.
    """
    while True:
        with app.writing() as session:
            found = deliveries.waiting(session, due=now, here=app.channel.name, limit=1)
            if not found:
                return None
            one = found[0]
            if not (
                peace.keeps_quiet(session, app, one, now) or storms.takes_in(session, app, one, now)
            ):
                return one


def send_now(app: App, message: OutgoingMessage, *, now: datetime) -> None:
    """Send one message at once, whatever else waits, and keep it as those that waited are kept.

    Raises RemoteError when it was refused: then nothing will send it. One that may have arrived is
    looked for by the next round, as any other.
    """
    with app.database.begin() as session:
        outbox.enqueue(session, message, now=now)
        entry = outbox.get(session, message.key)
        drawn = messages.draw(session, app, entry)
        mark: Mark = mark_of(session, entry)
    claimed = sending.claim(app, entry, drawn, now)
    try:
        ref = app.notifier.post(message.channel, drawn, mark)
    except RemoteError as error:
        if error.ambiguous:
            after = rules.after_failure(claimed.delivery, error, now=now)
            sending.store(app, claimed, after, now)
        else:
            with app.database.begin() as session:
                deliveries.skip_key(session, message.key, str(error))
        raise
    sending.store(app, claimed, rules.after_sent(claimed.delivery, ref), now)


def _count(app: App, after: Delivery, result: Delivered, clock: Clock) -> None:
    if after.state is DeliveryState.SENT:
        result.sent += 1
        if app.channel.settings is not None:
            circuit_breaker.succeeded(app.database, app.channel.name, now=clock())
        return
    if after.reason == Reason.REFUSED:
        result.refused += 1
    if rules.is_unknown(after):
        result.unknown += 1
    ends = after.reason in TROUBLES and after.state is not DeliveryState.DEAD
    if ends or result.unknown >= MOST_UNKNOWN:
        result.trouble = after.reason
