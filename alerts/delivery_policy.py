"""What becomes of a row of the outbox after each try. Pure: the worker loads, calls and stores.

At least once, and as nearly once as Slack allows: a try whose fate is unknown is looked up in the
channel's history twice before it is sent again. Only what Slack refuses for good is given up, and
what stood in the channel is never posted a second time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.notifier import MessageGoneError, UnknownAnswerError
from domain.errors import RemoteError
from domain.incident import GRAVITY
from domain.notification import Delivery, DeliveryState, Fresh, Kind, Stale

LEASE = timedelta(seconds=60)
LOOK_UP_AGAIN = timedelta(seconds=5)  # Slack's history lags a little behind its answers
LOOK_UP_BEFORE = timedelta(seconds=5)  # their clock and ours
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
BLIND_LOOK_UPS = 8  # after so many that could not be made, a doubled alert beats a lost one
# So many new incidents in so long go alone, the others are told together. A storm that lasts is
# told by the same message for so long, then the channel hears anew.
STORM_CAP, STORM_WINDOW, STORM_LASTS = 20, timedelta(minutes=10), timedelta(hours=1)
# So long an alert may fail before it is told elsewhere, too: printed, and by doctor.
UNSEEN_FOR, UNSEEN_TRIES = timedelta(minutes=15), 5
UNKNOWN_TRIES = 2  # of what nobody can say that it will pass


class Reason(StrEnum):
    """Why a delivery is where it is; logged, stored and shown."""

    NEW = "new"
    CLAIMED = "claimed"
    SENT = "sent"
    FOUND = "found in the channel's history"
    RATE_LIMITED = "told to wait"
    REFUSED = "refused for good"
    FAILED = "failed, will be tried again"
    UNSURE = "may have arrived, will be looked up"
    LEASE_EXPIRED = "the worker was lost in the middle, will be looked up"
    ABSENT_ONCE = "not in the history yet, will be looked up again"
    ABSENT_TWICE = "not in the history, will be sent again"
    LOOK_UP_FAILED = "could not be looked up, will be looked up again"
    LOOK_UP_IMPOSSIBLE = "cannot be looked up, will be sent again and may be doubled"
    UNKNOWN = "refused with a code Earshot does not know, will be tried again"
    DELETED = "a person deleted it in Slack: it is not posted again"
    ROOT_DELETED = "a person deleted the first message of its incident in Slack"
    NO_ROOT = "the message that it belongs under is not there"
    NOT_NEEDED = "nobody has to be reminded any more"
    TOLD_IN_THREAD = "the edit was refused: what is new stands in its thread"
    STANDS = "its words were taken back, but it can be neither changed nor deleted: do it by hand"
    THREAD_FIRST = "its words were taken back and the edit was refused: it will be deleted"
    TAKEN_AWAY = "deleted: its words were taken back and the edit was refused"


WAITING = (DeliveryState.PENDING, DeliveryState.AMBIGUOUS, DeliveryState.WITHDRAWING)


def is_due(delivery: Delivery, *, now: datetime) -> bool:
    """Whether the worker has anything to do: send it, look it up, or note a lost lease."""
    if delivery.state is DeliveryState.SENDING:
        return delivery.lease_until is None or delivery.lease_until <= now
    waits = delivery.state in WAITING
    outdated = delivery.state is DeliveryState.SENT and delivery.stale is not Stale.NO
    return (waits or outdated) and (delivery.next_at is None or delivery.next_at <= now)


def is_redrawn(delivery: Delivery) -> bool:
    """Whether it stands in the channel already: to put it there again doubles nothing."""
    return delivery.sent_ref is not None


def after_claim(delivery: Delivery, *, now: datetime) -> Delivery:
    """Taken for one try; store it, by a conditional update, before the call."""
    return replace(
        delivery,
        state=DeliveryState.SENDING,
        lease_until=now + LEASE,
        next_at=now + LEASE,
        claimed_at=delivery.claimed_at or now,
        absent_at=None,
        reason=Reason.CLAIMED,
    )


def after_sent(delivery: Delivery, ref: str) -> Delivery:
    return _settled(delivery, ref, Reason.SENT)


def after_found(delivery: Delivery, ref: str) -> Delivery:
    return _settled(delivery, ref, Reason.FOUND)


def after_failure(delivery: Delivery, error: RemoteError, *, now: datetime) -> Delivery:
    """A try that raised: wait as told, give up, look it up, or try again ever more slowly.

    Not for words that were taken back and stand there: see after_kept().
    """
    if isinstance(error, MessageGoneError) and is_redrawn(delivery):
        return after_removed(delivery, Reason.DELETED)
    if isinstance(error, MessageGoneError) and delivery.kind is Kind.THREAD:
        return after_skipped(delivery, Reason.ROOT_DELETED)
    if error.permanent:
        return _ended(delivery, DeliveryState.DEAD, Reason.REFUSED)
    return _again(delivery, error, now)


def _again(delivery: Delivery, error: RemoteError, now: datetime) -> Delivery:
    if error.retry_after is not None:
        return _pending(delivery, now + error.retry_after, Reason.RATE_LIMITED)
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if error.ambiguous and not is_redrawn(delivery):
        return _ambiguous(counted, now + LOOK_UP_AGAIN, Reason.UNSURE)
    after = _pending(counted, now + backoff(counted.attempts), Reason.FAILED)
    if isinstance(error, UnknownAnswerError):
        return replace(after, reason=f"{Reason.UNKNOWN} ({error})")
    return after


def after_told_in_thread(delivery: Delivery) -> Delivery:
    """Its edit was refused; what is new of it was owed to its thread."""
    return _settled(delivery, delivery.sent_ref or "", Reason.TOLD_IN_THREAD)


def after_removed(delivery: Delivery, why: Reason) -> Delivery:
    """It stands there no more, and is never posted again."""
    return _ended(delivery, DeliveryState.REMOVED, why)


def after_skipped(delivery: Delivery, why: Reason) -> Delivery:
    """Nobody needs it any more."""
    return _ended(delivery, DeliveryState.SKIPPED, why)


def before_removal(delivery: Delivery, *, now: datetime) -> Delivery:
    """It will be deleted as soon as its thread says what still holds."""
    return replace(
        delivery,
        state=DeliveryState.WITHDRAWING,
        next_at=now,
        lease_until=None,
        reason=Reason.THREAD_FIRST,
    )


def after_kept(delivery: Delivery, error: RemoteError, *, now: datetime) -> Delivery:
    """Words that were taken back stand there still: try again until they are gone."""
    if isinstance(error, MessageGoneError):
        return after_removed(delivery, Reason.DELETED)
    if not error.permanent:
        return after_failure(delivery, error, now=now)
    counted = replace(delivery, attempts=delivery.attempts + 1)
    return replace(
        counted,
        state=DeliveryState.WITHDRAWING,
        next_at=now + backoff(counted.attempts),
        lease_until=None,
        reason=Reason.STANDS,
    )


def is_unknown(delivery: Delivery) -> bool:
    """Whether its last answer was one that nobody has documented."""
    return delivery.reason.startswith(Reason.UNKNOWN)


def seen_by(delivery: Delivery, *, owed_at: datetime, due_at: datetime | None) -> datetime:
    """From when on an alert that cannot leave has to be told elsewhere.

    due_at: the promised answer time: half of it belongs to who has to answer.
    """
    tries = UNKNOWN_TRIES if is_unknown(delivery) else UNSEEN_TRIES
    if delivery.attempts >= tries:
        return owed_at
    half = UNSEEN_FOR if due_at is None else max((due_at - owed_at) / 2, timedelta())
    return owed_at + min(UNSEEN_FOR, half)


def after_expired_lease(delivery: Delivery, *, now: datetime) -> Delivery:
    """The worker died between claim and answer: nobody knows whether it was sent."""
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if is_redrawn(delivery):
        return _pending(counted, now, Reason.LEASE_EXPIRED)
    return _ambiguous(counted, now, Reason.LEASE_EXPIRED)


def look_up_since(delivery: Delivery, *, now: datetime) -> datetime:
    """From when on the history could hold any try: an early one may turn up late."""
    return (delivery.claimed_at or now - LEASE) - LOOK_UP_BEFORE


def after_absent(delivery: Delivery, *, now: datetime) -> Delivery:
    """A look-up found nothing. Absent twice, at least 5 s apart, it is sent again."""
    first = delivery.absent_at
    if first is None:
        once = replace(delivery, absent_at=now)
        return _ambiguous(once, now + LOOK_UP_AGAIN, Reason.ABSENT_ONCE)
    if now - first < LOOK_UP_AGAIN:
        return _ambiguous(delivery, first + LOOK_UP_AGAIN, Reason.ABSENT_ONCE)
    return _pending(replace(delivery, absent_at=None), now, Reason.ABSENT_TWICE)


def after_look_up_failed(delivery: Delivery, error: RemoteError, *, now: datetime) -> Delivery:
    """A look-up raised. What can never be looked up is sent again: better twice than not at all."""
    if error.retry_after is not None:
        return _ambiguous(delivery, now + error.retry_after, Reason.RATE_LIMITED)
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if error.permanent or counted.attempts > BLIND_LOOK_UPS:
        return _pending(counted, now, Reason.LOOK_UP_IMPOSSIBLE)
    return _ambiguous(counted, now + backoff(counted.attempts), Reason.LOOK_UP_FAILED)


def backoff(attempts: int) -> timedelta:
    """5, 10, 20 … seconds, 15 minutes at most; the same for the same number, so tests can tell."""
    return min(FIRST_WAIT * (1 << min(max(attempts, 1) - 1, 10)), LONGEST_WAIT)


def gravest(due: Sequence[Fresh], room: int) -> frozenset[int]:
    """The incidents that go alone when there is room for so many: critical ones first.

    Among equals the one whose answer is due first.
    """
    by_weight = sorted(due, key=lambda one: (-GRAVITY[one.severity], one.due_at, one.incident_id))
    return frozenset(one.incident_id for one in by_weight[:room])


def _ended(delivery: Delivery, state: DeliveryState, reason: Reason) -> Delivery:
    return replace(delivery, state=state, lease_until=None, next_at=None, reason=reason)


def _settled(delivery: Delivery, ref: str, reason: Reason) -> Delivery:
    return replace(
        delivery,
        state=DeliveryState.SENT,
        attempts=0,
        sent_ref=ref,
        lease_until=None,
        next_at=None,
        reason=reason,
    )


def _pending(delivery: Delivery, next_at: datetime, reason: Reason) -> Delivery:
    return replace(
        delivery,
        state=DeliveryState.PENDING,
        next_at=next_at,
        lease_until=None,
        reason=reason,
    )


def _ambiguous(delivery: Delivery, next_at: datetime, reason: Reason) -> Delivery:
    return replace(
        delivery,
        state=DeliveryState.AMBIGUOUS,
        next_at=next_at,
        lease_until=None,
        reason=reason,
    )
