"""Decisions of the outbox, the notifier and a failing Slack together: one alert, one message."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from alerts.delivery_policy import (
    Reason,
    after_absent,
    after_claim,
    after_expired_lease,
    after_failure,
    after_found,
    after_look_up_failed,
    after_sent,
    is_due,
    look_up_since,
)
from alerts.incident_messages import incident_message
from alerts.notifier import Notifier
from alerts.slack.notifier import SlackNotifier, SlackSettings
from domain.errors import RemoteError
from domain.notification import Delivery, DeliveryState, Kind, Mark
from tests.alerts.samples import NOW, incident, triaged
from tests.alerts.slack_double import FIRST_TS, TOKEN, SlackDouble

ALERT = incident_message(incident(), [triaged()], now=NOW)
START = datetime.fromtimestamp(FIRST_TS, UTC)
NEW = Delivery("d1", 3, Kind.POST, "C0ALERTS")


def step(notifier: Notifier, delivery: Delivery, now: datetime) -> Delivery:
    """One turn of the worker, as earshot takes it, without a database."""
    if delivery.state is DeliveryState.SENDING:
        return after_expired_lease(delivery, now=now)
    if delivery.state is DeliveryState.AMBIGUOUS:
        try:
            mark = Mark(delivery.id)
            since = look_up_since(delivery, now=now)
            found = notifier.find(delivery.channel, [mark], since).get(mark)
        except RemoteError as error:
            return after_look_up_failed(delivery, error, now=now)
        return after_found(delivery, found) if found else after_absent(delivery, now=now)
    claimed = after_claim(delivery, now=now)
    try:
        return after_sent(claimed, notifier.post(claimed.channel, ALERT, Mark(claimed.id)))
    except RemoteError as error:
        return after_failure(claimed, error, now=now)


def settle(notifier: Notifier, delivery: Delivery) -> tuple[Delivery, timedelta]:
    """Turn until nothing is left to do; also how long that took by the clock."""
    now = START
    for _ in range(100):
        if delivery.state in (DeliveryState.SENT, DeliveryState.DEAD):
            return delivery, now - START
        now = max(now, delivery.lease_until or delivery.next_at or now)
        assert is_due(delivery, now=now)
        delivery = step(notifier, delivery, now)
    raise AssertionError(delivery)


@pytest.fixture
def notifier(slack: SlackDouble) -> Notifier:
    return SlackNotifier(
        SlackSettings(bot_token=SecretStr(TOKEN), channel="C0ALERTS", base_url=slack.url)
    )


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize(
    "how",
    [
        *("drop", "cut", "500", "503", "html", "truncated", "list", "bytes", "refuse", "429"),
        *("internal_error", "rollup_error", "message_limit_exceeded"),
    ],
)
def test_whatever_slack_does_the_alert_stands_there_once(
    slack: SlackDouble, notifier: Notifier, how: str, times: int
) -> None:
    slack.fail_next(how, times=times, method="chat.postMessage")
    done, _ = settle(notifier, NEW)
    assert done.state is DeliveryState.SENT
    assert len(slack.roots) == 1
    assert done.sent_ref == f"C0ALERTS/{slack.roots[0]['ts']}"


def test_history_that_fails_too_is_asked_again_before_anything_is_resent(
    slack: SlackDouble, notifier: Notifier
) -> None:
    slack.fail_next("drop", method="chat.postMessage")
    slack.fail_next("500", times=3, method="conversations.history")
    done, _ = settle(notifier, NEW)
    assert (done.reason, len(slack.roots)) == (Reason.FOUND, 1)


def test_an_hour_asked_is_an_hour_waited(slack: SlackDouble, notifier: Notifier) -> None:
    slack.fail_next("429", retry_after="3600")
    done, took = settle(notifier, NEW)
    assert took == timedelta(hours=1)
    assert (done.attempts, len(slack.roots)) == (0, 1)


def test_a_worker_killed_after_slack_accepted_does_not_post_again(
    slack: SlackDouble, notifier: Notifier
) -> None:
    claimed = after_claim(NEW, now=START)
    notifier.post(claimed.channel, ALERT, Mark(claimed.id))
    done, took = settle(notifier, claimed)
    assert (done.reason, len(slack.roots)) == (Reason.FOUND, 1)
    assert took == timedelta(seconds=60)


def test_a_worker_killed_before_the_call_posts_after_two_looks(
    slack: SlackDouble, notifier: Notifier
) -> None:
    done, took = settle(notifier, after_claim(NEW, now=START))
    assert (done.reason, len(slack.roots)) == (Reason.SENT, 1)
    assert took == timedelta(seconds=65)


def test_a_refusal_is_final_and_takes_one_call(slack: SlackDouble, notifier: Notifier) -> None:
    slack.fail_next("is_archived")
    done, _ = settle(notifier, NEW)
    assert (done.state, done.reason, len(slack.calls)) == (
        DeliveryState.DEAD,
        Reason.REFUSED,
        1,
    )


def test_without_the_right_to_read_history_an_alert_may_double_but_never_vanish(
    slack: SlackDouble, notifier: Notifier
) -> None:
    slack.fail_next("refuse", method="chat.postMessage")
    slack.fail_next("missing_scope", method="conversations.history")
    done, _ = settle(notifier, NEW)
    assert done.state is DeliveryState.SENT
    assert len(slack.roots) == 1
