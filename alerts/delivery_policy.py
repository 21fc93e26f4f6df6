"""What becomes of a row of the outbox after each try. Pure: the worker loads, calls and stores.

At least once, and as nearly once as Slack allows: a try whose fate is unknown is looked up in the
channel's history twice before it is sent again. Only what Slack refuses for good is given up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.notifier import MessageGoneError
from domain.errors import RemoteError
from domain.notification import Delivery, DeliveryState, Kind, Stale

LEASE = timedelta(seconds=60)
LOOK_UP_AGAIN = timedelta(seconds=5)  # Slack's history lags a little behind its answers
LOOK_UP_BEFORE = timedelta(seconds=5)  # their clock and ours
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
BLIND_LOOK_UPS = 8  # after so many that could not be made, a doubled alert beats a lost one
STORM_CAP, STORM_WINDOW = 20, timedelta(minutes=10)


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
    GONE = "the message it belongs to was deleted, will be posted anew"


def is_due(delivery: Delivery, *, now: datetime) -> bool:
    """Whether the worker has anything to do: send it, look it up, or note a lost lease."""
    if delivery.state is DeliveryState.SENDING:
        return delivery.lease_until is None or delivery.lease_until <= now
    waits = delivery.state in (DeliveryState.PENDING, DeliveryState.AMBIGUOUS)
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
        claimed_at=delivery.claimed_at or now,
        absent_at=None,
        reason=Reason.CLAIMED,
    )


def after_sent(delivery: Delivery, ref: str) -> Delivery:
    return _settled(delivery, ref, Reason.SENT)


def after_found(delivery: Delivery, ref: str) -> Delivery:
    return _settled(delivery, ref, Reason.FOUND)


def after_failure(delivery: Delivery, error: RemoteError, *, now: datetime) -> Delivery:
    """A try that raised: wait as told, give up, look it up, or try again ever more slowly."""
    if isinstance(error, MessageGoneError) and delivery.stale is Stale.WITHDRAWN:
        return after_sent(delivery, delivery.sent_ref or "")  # nobody sees its words any more
    hangs = delivery.kind is Kind.THREAD or is_redrawn(delivery)
    if isinstance(error, MessageGoneError) and hangs:
        anew = replace(delivery, kind=Kind.POST, thread_ref=None, sent_ref=None)
        return _pending(anew, now, Reason.GONE)
    if error.permanent:
        return replace(delivery, state=DeliveryState.DEAD, lease_until=None, reason=Reason.REFUSED)
    if error.retry_after is not None:
        return _pending(delivery, now + error.retry_after, Reason.RATE_LIMITED)
    counted = replace(delivery, attempts=delivery.attempts + 1)
    if error.ambiguous and not is_redrawn(delivery):
        return _ambiguous(counted, now + LOOK_UP_AGAIN, Reason.UNSURE)
    return _pending(counted, now + backoff(counted.attempts), Reason.FAILED)


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


def is_storm(posted_at: Sequence[datetime], *, now: datetime) -> bool:
    """Whether a channel has had its fill of new messages: the rest goes into one storm_message().

    posted_at: when its newest root messages were posted.
    """
    return sum(now - at < STORM_WINDOW for at in posted_at) >= STORM_CAP


def _settled(delivery: Delivery, ref: str, reason: Reason) -> Delivery:
    return replace(
        delivery,
        state=DeliveryState.SENT,
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
