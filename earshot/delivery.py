"""Sends what the outbox holds: claims a message, tries it, and stores what became of it."""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import outbox as rules
from alerts.message import storm_message
from alerts.notifier import ConsoleNotifier, MessageGoneError, MessageUnfitError
from alerts.outbox import Delivery, DeliveryState, Kind, Reason
from domain.errors import EarshotError, RemoteError
from domain.incident import Incident, Severity
from earshot import takeback, troubles
from earshot.announce import message_of, payload_of
from earshot.wiring import App
from storage import incidents, outbox, sources
from storage.outbox import Letter
from storage.tables import OutboxRow

log = logging.getLogger(__name__)

PACE_S = 1.0  # Slack takes about one message a second in a channel
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
    slack = app.notifier.name == "slack"
    while not slack or _slack_may_be_called(app, clock()):
        row = _next(app, clock())
        if row is None:
            break
        after = _work(app, row, clock)
        _count(app, row, after, result, clock)
        if result.trouble or after.reason is Reason.UNSURE:
            break
        if after.reason is Reason.SENT and slack and wait(PACE_S):
            break
    if slack and _slack_is_off(app):
        _tell_here(app)
    if slack and (result.trouble or not _slack_may_be_called(app, clock())):
        result.trouble = _why_messages_wait(app)
    if result.refused and not result.trouble:
        result.trouble = f"{result.refused} messages were refused for good and are printed instead"
    return result


def _why_messages_wait(app: App) -> str:
    """The sentence stored with Slack's last failure; "" when nothing waits."""
    with app.database.read() as session:
        state = sources.states(session).get("slack")
        waiting, _ = outbox.backlog(session)
        return f"{state.trouble}; {waiting} messages wait" if state and waiting else ""


def notify_until_quiet(app: App, *, clock: Clock, wait: Wait) -> Delivered:
    """Like notify(), and stay a little for messages whose fate is being looked up."""
    total, waited = Delivered(), 0.0
    while True:
        one = notify(app, clock=clock, wait=wait)
        total.sent += one.sent
        total.refused += one.refused
        total.trouble = total.trouble or one.trouble
        with app.database.read() as session:
            doubtful = [row for row in outbox.waiting(session) if row.state == "ambiguous"]
        if doubtful and not total.trouble and waited >= PATIENCE_S:
            total.trouble = f"{len(doubtful)} messages may not have arrived, they are looked for"
        if not doubtful or total.trouble:
            return total
        wait(1.0)
        waited += 1.0


def _slack_may_be_called(app: App, now: datetime) -> bool:
    slack = app.config.top.alerts.slack
    return slack is None or troubles.may_call(app.database, "slack", now=now, settings=slack)


def _slack_is_off(app: App) -> bool:
    """Whether Slack has refused us, not only one message, and nothing has changed since."""
    slack = app.config.top.alerts.slack
    return slack is not None and troubles.is_off(app.database, "slack", settings=slack)


def _tell_here(app: App) -> None:
    """Print once what Slack does not take: the console is the channel that is left."""
    with app.database.begin() as session:
        for row in outbox.waiting(session):
            if row.kind == "post" and row.state == "pending" and row.reason != TOLD_HERE:
                _print(row)
                row.reason = TOLD_HERE


def _print(row: OutboxRow) -> None:
    try:
        ConsoleNotifier(sys.stdout).post("console", message_of(row.payload), outbox_id=row.id)
    except RemoteError as error:
        log.warning("an alert cannot even be printed reason=%s", error)


def _next(app: App, now: datetime) -> OutboxRow | None:
    """Read the next message that is due; in a storm the rest of the posts become one first."""
    with app.database.begin() as session:
        rows = _due(session, now)
        calm = _calm_in_storm(session, app, rows, now)
        if calm and not outbox.newest(
            session, app.channel, "storm:", since=now - rules.STORM_WINDOW
        ):
            _gather(session, app, calm, now)
            rows, calm = _due(session, now), []
        held = {row.id for row, _ in calm}
        return next((row for row in rows if row.id not in held), None)


def send_now(app: App, letter: Letter, *, now: datetime) -> None:
    """Send one letter at once, whatever else waits, and keep it as those that waited are kept.

    Raises RemoteError when it was refused: then nothing will send it. One that may have arrived is
    looked for by the next round, as any other.
    """
    with app.database.begin() as session:
        outbox.enqueue(session, letter, now=now)
        row = outbox.get(session, letter.key)
        claimed = rules.after_claim(_delivery(row, None), now=now)
        row.state, row.lease_until, row.claimed_at = "sending", claimed.lease_until, now
    try:
        ref = app.notifier.post(letter.channel, message_of(row.payload), outbox_id=row.id)
    except RemoteError as error:
        if error.ambiguous:
            _store(app, row, rules.after_failure(claimed, error, now=now), now)
        else:
            with app.database.begin() as session:
                outbox.skip_key(session, letter.key, str(error))
        raise
    _store(app, row, rules.after_sent(claimed, ref), now)


def _due(session: Session, now: datetime) -> list[OutboxRow]:
    return [row for row in outbox.waiting(session) if rules.is_due(_delivery(row, None), now=now)]


def _work(app: App, row: OutboxRow, clock: Clock) -> Delivery:
    """One step with one message: note a lost lease, look it up, or send it."""
    with app.database.read() as session:
        root = outbox.root_ref(session, row.incident_id, app.notifier.name)
    delivery = _delivery(row, root)
    now = clock()
    if delivery.state is DeliveryState.SENDING:
        return _store(app, row, rules.after_expired_lease(delivery, now=now), now)
    if delivery.state is DeliveryState.AMBIGUOUS:
        return _store(app, row, _look_up(app, delivery, now), now)
    claimed = rules.after_claim(_addressed(delivery, root, app.channel), now=now)
    _store(app, row, claimed, now)
    row.state, row.lease_until = "sending", claimed.lease_until
    return _store(app, row, _send(app, claimed, row, clock), clock())


def _addressed(delivery: Delivery, root: str | None, channel: str) -> Delivery:
    """What has nothing to hang on stands alone, in the channel that is configured now."""
    if delivery.kind is Kind.REDACT or (delivery.kind is not Kind.POST and root is not None):
        return delivery
    return replace(delivery, kind=Kind.POST, channel=channel, thread_ref=None, sent_ref=None)


def _send(app: App, delivery: Delivery, row: OutboxRow, clock: Clock) -> Delivery:
    message = message_of(row.payload)
    try:
        if delivery.kind in rules.REPLACES and delivery.sent_ref is not None:
            app.notifier.update(delivery.channel, delivery.sent_ref, message)
            return rules.after_sent(delivery, delivery.sent_ref)
        ref = app.notifier.post(
            delivery.channel, message, outbox_id=delivery.id, thread=delivery.thread_ref
        )
    except RemoteError as error:
        log.warning("send failed kind=%s reason=%s", delivery.kind, error)
        return _failed(app, delivery, row, error, clock())
    return rules.after_sent(delivery, ref)


def _failed(
    app: App, delivery: Delivery, row: OutboxRow, error: RemoteError, now: datetime
) -> Delivery:
    after = rules.after_failure(delivery, error, now=now)
    if isinstance(error, MessageGoneError | MessageUnfitError):  # Slack itself is well
        if after.state is DeliveryState.DEAD:
            _print(row)
        return after
    slack = app.config.top.alerts.slack
    if slack is not None and app.notifier.name == "slack":
        # Each message has its own pause; all of them wait only where Slack asks for it.
        alone = error.retry_after or timedelta()
        # What it refuses for good it says in its own JSON: no gateway's page looks like that.
        troubles.note(app.database, "slack", error, now=now, settings=slack, alone=alone, sure=True)
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


def _count(app: App, row: OutboxRow, after: Delivery, result: Delivered, clock: Clock) -> None:
    if after.state is DeliveryState.SENT:
        result.sent += 1
        if app.notifier.name == "slack":
            troubles.clear(app.database, "slack", now=clock())
        return
    if after.reason is Reason.REFUSED:
        result.refused += 1
    if after.reason is Reason.RATE_LIMITED and after.next_at is not None:
        with app.database.begin() as session:
            outbox.postpone(session, row.notifier, until=after.next_at)
    if after.reason in TROUBLES and after.state is not DeliveryState.DEAD:
        result.trouble = str(after.reason)


def _delivery(row: OutboxRow, root: str | None) -> Delivery:
    kind = Kind(row.kind)
    return Delivery(
        id=row.id,
        incident_id=row.incident_id,
        kind=kind,
        channel=row.channel,
        thread_ref=root if kind is Kind.THREAD else None,
        attempts=row.attempts,
        state=DeliveryState(row.state),
        next_at=row.next_at,
        lease_until=row.lease_until,
        sent_ref=root if kind is Kind.UPDATE else row.ref,
        claimed_at=row.claimed_at,
        absent_at=row.absent_at,
    )


# Where the next message would fare no better: the round ends here.
TROUBLES = (Reason.FAILED, Reason.LOOK_UP_FAILED, Reason.RATE_LIMITED, Reason.REFUSED)
STORED = (
    *("kind", "channel", "attempts", "state", "lease_until", "claimed_at", "absent_at", "reason"),
)


def _store(app: App, row: OutboxRow, after: Delivery, now: datetime) -> Delivery:
    """Write the outcome. Raises EarshotError when another worker took the message meanwhile."""
    values = {key: value for key, value in asdict(after).items() if key in STORED}
    values |= {"next_at": after.next_at or now, "notifier": app.notifier.name}
    if after.state is DeliveryState.SENT:
        values |= {"ref": after.sent_ref, "sent_at": now}
    with app.database.begin() as session:
        if not outbox.store(session, row.id, was=row.state, lease=row.lease_until, values=values):
            raise EarshotError("another worker is sending the same messages: run only one")
        if after.state is DeliveryState.SENT and after.kind is not Kind.REDACT:
            kept = session.get_one(OutboxRow, row.id)
            if kept.payload != row.payload:  # words were taken back while it was on its way
                takeback.replace_sent(session, kept, now=now)
    return after


Calm = Sequence[tuple[OutboxRow, Incident]]


def _calm_in_storm(
    session: Session, app: App, rows: Sequence[OutboxRow], now: datetime
) -> list[tuple[OutboxRow, Incident]]:
    """The posts that a channel which has had its fill does not get one by one.

    Critical ones always go alone.
    """
    posts = [(row, row.incident_id) for row in rows if row.kind == "post"]
    sent = outbox.posted_since(session, app.channel, now - rules.STORM_WINDOW) if posts else []
    if not rules.is_storm(sent, now=now):
        return []
    found = [(row, incidents.get(session, of)) for row, of in posts if of is not None]
    return [(row, one) for row, one in found if one.severity is not Severity.CRITICAL]


def _gather(session: Session, app: App, calm: Calm, now: datetime) -> None:
    """Tell them in one message per brand; what comes later waits until the window is over."""
    outbox.skip_all_of(session, [one.id for _, one in calm], "told together with others: a storm")
    for brand in sorted({one.brand for _, one in calm}):
        told = [one for _, one in calm if one.brand == brand]
        letter = Letter(
            key=f"storm:{brand}:{min(one.id for one in told)}",
            kind="post",
            channel=app.channel,
            notifier=app.notifier.name,
            payload=payload_of(storm_message(brand, told, now=now, tz=app.config.tz)),
        )
        outbox.enqueue(session, letter, now=now)
