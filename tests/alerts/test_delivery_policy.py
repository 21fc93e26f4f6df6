from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.delivery_policy import (
    BLIND_LOOK_UPS,
    Reason,
    after_absent,
    after_claim,
    after_expired_lease,
    after_failure,
    after_found,
    after_kept,
    after_look_up_failed,
    after_sent,
    backoff,
    gravest,
    is_due,
    is_unknown,
    look_up_since,
    seen_by,
)
from alerts.notifier import MessageFixedError, MessageGoneError, UnknownAnswerError
from domain.errors import RemoteError
from domain.incident import Severity
from domain.notification import Delivery, DeliveryState, Fresh, Kind, Stale
from tests.alerts.samples import NOW

SECOND = timedelta(seconds=1)
NEW = Delivery("d1", 3, Kind.POST, "C0ALERTS")
CLAIMED = after_claim(NEW, now=NOW)
UPDATE = after_claim(replace(NEW, sent_ref="C0ALERTS/1.0"), now=NOW)
THREAD = after_claim(replace(NEW, kind=Kind.THREAD, thread_ref="C0ALERTS/1.0"), now=NOW)
WAIT = RemoteError("slack: wait", retry_after=timedelta(hours=1))
NO = RemoteError("slack: no", permanent=True)
MAYBE = RemoteError("slack: lost", ambiguous=True)
FAIL = RemoteError("slack: failed")
GONE = MessageGoneError("slack: gone")
PENDING, AMBIGUOUS, DEAD = DeliveryState.PENDING, DeliveryState.AMBIGUOUS, DeliveryState.DEAD
REMOVED, SKIPPED = DeliveryState.REMOVED, DeliveryState.SKIPPED
WITHDRAWING = DeliveryState.WITHDRAWING


@pytest.mark.parametrize(
    ("delivery", "error", "state", "wait_s", "attempts", "reason"),
    [
        pytest.param(CLAIMED, WAIT, PENDING, 3600, 0, Reason.RATE_LIMITED, id="429"),
        pytest.param(CLAIMED, FAIL, PENDING, 5, 1, Reason.FAILED, id="failed"),
        pytest.param(CLAIMED, MAYBE, AMBIGUOUS, 5, 1, Reason.UNSURE, id="lost answer"),
        pytest.param(THREAD, MAYBE, AMBIGUOUS, 5, 1, Reason.UNSURE, id="lost thread answer"),
        pytest.param(UPDATE, MAYBE, PENDING, 5, 1, Reason.FAILED, id="an update is repeated"),
        pytest.param(UPDATE, GONE, REMOVED, None, 0, Reason.DELETED, id="nothing to update"),
        pytest.param(
            THREAD, GONE, SKIPPED, None, 0, Reason.ROOT_DELETED, id="no thread to write in"
        ),
        pytest.param(CLAIMED, GONE, DEAD, None, 0, Reason.REFUSED, id="gone for a post"),
        pytest.param(CLAIMED, NO, DEAD, None, 0, Reason.REFUSED, id="refused"),
    ],
)
def test_what_follows_a_failed_try(  # noqa: PLR0917 - the columns of the table
    delivery: Delivery,
    error: RemoteError,
    state: DeliveryState,
    wait_s: int | None,
    attempts: int,
    reason: Reason,
) -> None:
    after = after_failure(delivery, error, now=NOW)
    assert (after.state, after.attempts, after.reason) == (state, attempts, reason)
    assert after.next_at == (None if wait_s is None else NOW + wait_s * SECOND)
    assert after.lease_until is None


def test_what_a_person_deleted_keeps_its_reference_and_is_never_due_again() -> None:
    for stale in Stale:
        after = after_failure(replace(UPDATE, stale=stale), GONE, now=NOW)
        assert (after.kind, after.sent_ref) == (Kind.POST, "C0ALERTS/1.0")
        assert not is_due(after, now=NOW + timedelta(days=9))


def test_an_answer_nobody_knows_is_tried_again_and_kept() -> None:
    odd = UnknownAnswerError("slack: chat.postMessage says odd_code, which Earshot does not know")
    after = after_failure(CLAIMED, odd, now=NOW)
    assert (after.state, after.attempts, after.next_at) == (PENDING, 1, NOW + 5 * SECOND)
    assert is_unknown(after)
    assert "odd_code" in after.reason
    assert not is_unknown(after_failure(CLAIMED, FAIL, now=NOW))


@pytest.mark.parametrize(
    ("attempts", "promise_m", "seen_after_s"),
    [
        pytest.param(1, 24 * 60, 15 * 60, id="a long promise"),
        pytest.param(1, 10, 5 * 60, id="half of a short one"),
        pytest.param(1, -3, 0, id="one that has passed"),
        pytest.param(4, 24 * 60, 15 * 60, id="four tries"),
        pytest.param(5, 24 * 60, 0, id="five tries"),
    ],
)
def test_an_alert_that_cannot_leave_is_told_elsewhere_in_time(
    attempts: int, promise_m: int, seen_after_s: int
) -> None:
    failed = replace(NEW, attempts=attempts, reason=Reason.FAILED)
    due_at = NOW + timedelta(minutes=promise_m)
    assert seen_by(failed, owed_at=NOW, due_at=due_at) == NOW + seen_after_s * SECOND
    odd = replace(failed, attempts=2, reason=f"{Reason.UNKNOWN} (odd)")
    assert seen_by(odd, owed_at=NOW, due_at=None) == NOW
    assert seen_by(NEW, owed_at=NOW, due_at=None) == NOW + timedelta(minutes=15)


def test_withdrawn_words_that_stand_are_tried_until_they_are_gone() -> None:
    fixed = MessageFixedError("slack: chat.delete says cant_delete_message")
    kept, waits = replace(UPDATE, stale=Stale.WITHDRAWN), []
    for _ in range(10):
        kept = after_kept(after_claim(kept, now=NOW), fixed, now=NOW)
        assert (kept.state, kept.reason) == (WITHDRAWING, Reason.STANDS)
        assert kept.next_at
        waits.append((kept.next_at - NOW).total_seconds())
        assert is_due(kept, now=kept.next_at)
    assert (waits[:3], waits[-1]) == ([5, 10, 20], 900)
    assert after_kept(kept, GONE, now=NOW).state is REMOVED
    assert after_kept(kept, WAIT, now=NOW).next_at == NOW + timedelta(hours=1)


def test_what_is_stale_is_due_again() -> None:
    sent = after_sent(UPDATE, "C0ALERTS/1.0")
    assert not is_due(sent, now=NOW)
    for why in (Stale.CHANGED, Stale.WITHDRAWN):
        assert is_due(replace(sent, stale=why), now=NOW)


def test_nothing_is_given_up_however_often_it_fails() -> None:
    delivery, waits = NEW, []
    for _ in range(50):
        delivery = after_failure(after_claim(delivery, now=NOW), FAIL, now=NOW)
        assert delivery.next_at
        waits.append((delivery.next_at - NOW).total_seconds())
    assert waits[:9] == [5, 10, 20, 40, 80, 160, 320, 640, 900]
    assert set(waits[8:]) == {900}
    assert delivery.state is PENDING
    assert backoff(10**9) == timedelta(minutes=15)


def test_absent_twice_it_is_sent_again() -> None:
    unsure = after_failure(CLAIMED, MAYBE, now=NOW)
    once = after_absent(unsure, now=NOW + 5 * SECOND)
    assert (once.state, once.next_at, once.reason) == (
        AMBIGUOUS,
        NOW + 10 * SECOND,
        Reason.ABSENT_ONCE,
    )
    hasty = after_absent(once, now=NOW + 9 * SECOND)
    assert (hasty.state, hasty.next_at) == (AMBIGUOUS, NOW + 10 * SECOND)
    twice = after_absent(hasty, now=NOW + 10 * SECOND)
    assert (twice.state, twice.reason) == (PENDING, Reason.ABSENT_TWICE)


def test_a_new_try_is_looked_up_anew_and_from_the_first_one_on() -> None:
    once = after_absent(after_failure(CLAIMED, MAYBE, now=NOW), now=NOW + 5 * SECOND)
    resent = after_claim(once, now=NOW + 60 * SECOND)
    assert resent.absent_at is None
    assert look_up_since(resent, now=NOW) == NOW - 5 * SECOND


def test_found_in_the_history_it_is_sent() -> None:
    found = after_found(after_failure(CLAIMED, MAYBE, now=NOW), "C0ALERTS/2.0")
    assert (found.state, found.sent_ref, found.reason) == (
        DeliveryState.SENT,
        "C0ALERTS/2.0",
        Reason.FOUND,
    )
    assert not is_due(found, now=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("error", "attempts", "state", "reason"),
    [
        pytest.param(FAIL, 1, AMBIGUOUS, Reason.LOOK_UP_FAILED, id="failed"),
        pytest.param(WAIT, 1, AMBIGUOUS, Reason.RATE_LIMITED, id="told to wait"),
        pytest.param(NO, 1, PENDING, Reason.LOOK_UP_IMPOSSIBLE, id="history not allowed"),
        pytest.param(FAIL, BLIND_LOOK_UPS, PENDING, Reason.LOOK_UP_IMPOSSIBLE, id="too often"),
    ],
)
def test_a_look_up_that_cannot_be_made_never_loses_the_alert(
    error: RemoteError, attempts: int, state: DeliveryState, reason: Reason
) -> None:
    unsure = replace(after_failure(CLAIMED, MAYBE, now=NOW), attempts=attempts)
    after = after_look_up_failed(unsure, error, now=NOW)
    assert (after.state, after.reason) == (state, reason)


@pytest.mark.parametrize(
    ("delivery", "state"),
    [
        pytest.param(CLAIMED, AMBIGUOUS, id="post"),
        pytest.param(THREAD, AMBIGUOUS, id="thread"),
        pytest.param(UPDATE, PENDING, id="update"),
    ],
)
def test_a_worker_killed_in_the_middle_leaves_it_unsure(
    delivery: Delivery, state: DeliveryState
) -> None:
    assert not is_due(delivery, now=NOW + 59 * SECOND)
    assert is_due(delivery, now=NOW + 60 * SECOND)
    after = after_expired_lease(delivery, now=NOW + 60 * SECOND)
    assert (after.state, after.reason) == (state, Reason.LEASE_EXPIRED)


def test_due_only_when_its_time_has_come() -> None:
    waiting = after_failure(CLAIMED, WAIT, now=NOW)
    assert is_due(NEW, now=NOW)
    assert not is_due(waiting, now=NOW + timedelta(seconds=3599))
    assert is_due(waiting, now=NOW + timedelta(hours=1))
    assert not is_due(after_failure(CLAIMED, NO, now=NOW), now=NOW + timedelta(days=9))
    assert not is_due(after_sent(CLAIMED, "C0ALERTS/1.0"), now=NOW + timedelta(days=9))


def test_critical_incidents_get_what_room_there_is_then_those_that_are_due_first() -> None:
    due = [
        Fresh(1, "Acme", Severity.NORMAL, NOW),
        Fresh(2, "Acme", Severity.CRITICAL, NOW + SECOND),
        Fresh(3, "Bolt", Severity.CRITICAL, NOW),
        Fresh(4, "Bolt", Severity.HIGH, NOW),
    ]
    assert [gravest(due, room) for room in (0, 1, 2, 3)] == [set(), {3}, {2, 3}, {2, 3, 4}]
