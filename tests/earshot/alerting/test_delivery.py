import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from alerts.delivery_policy import STORM_WINDOW
from domain.customer import CustomerRecord, OrderRecord
from domain.incident import Incident
from domain.mention import Mention
from domain.source_state import SourceState
from earshot.alerting import actions, delivery
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.core.worker import Worker
from earshot.reporting import digest_schedule
from storage import customers, deliveries, orders, source_state, undelivered
from storage.tables import IncidentRow, MentionBrandRow, OutboxRow, WorkerRow
from storage.worker_lock import LostLockError, only_worker
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import (
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Clock,
    live,
    mention,
    messages_of,
    reply,
    with_words,
    work,
)

SECOND = timedelta(seconds=1)
MakeSlackApp = Callable[..., App]


@pytest.fixture
def make_slack_app(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> MakeSlackApp:
    def make(*, channel: str = "C0ALERTS", token: str = TOKEN) -> App:
        monkeypatch.setenv("SLACK_TOKEN", token)
        table = f"""
        [alerts.slack]
        bot_token = "env:SLACK_TOKEN"
        channel = "{channel}"
        base_url = "{slack.url}"

        [noise]
        spam = false
        """
        return with_words(make_app(table, notify_console=False).app)

    return make


@pytest.fixture
def app(make_slack_app: MakeSlackApp) -> App:
    return make_slack_app()


def crowd(numbers: Iterable[int], **changed: Any) -> list[Mention]:  # noqa: ANN401 - any field
    """A post by each of so many people."""
    return [
        replace(
            mention(str(number), published_at=NOW - MINUTE),
            author=replace(ANA, id=f"9{number}", handle=f"author{number}"),
            **changed,
        )
        for number in numbers
    ]


def trouble(app: App) -> SourceState | None:
    with app.database.read() as session:
        return source_state.states(session).get("slack")


def rounds(app: App, clock: Clock, *, until: timedelta, every: timedelta = 5 * SECOND) -> None:
    """What the service's job does every five seconds."""
    end = clock.at + until
    while clock.at < end:
        delivery.notify(app, clock=clock, wait=clock.wait)
        clock.at += every


def test_an_incident_becomes_one_message(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    clock = Clock()

    assert delivery.notify(app, clock=clock, wait=clock.wait).sent == 1
    assert delivery.notify(app, clock=clock, wait=clock.wait).sent == 0

    assert len(slack.roots) == 1
    assert slack.refused == slack.live == []
    assert messages_of(app) == [("post", "sent")]


def test_further_mentions_go_to_the_thread_and_the_root_is_brought_up_to_date(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    live(app, mention("2", conversation_id="1"), mention("3", conversation_id="1"))
    delivery.notify(app, clock=clock, wait=clock.wait)

    (root,) = slack.roots
    (told,) = [one for one in slack.messages if one.get("thread_ts") == root["ts"]]
    assert "2 more, post by @ana_writes" in told["text"]
    assert root["edits"] == 1  # the two updates became one


def test_however_many_posts_come_the_thread_and_the_root_change_every_45_seconds_at_most(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    rounds(app, clock, until=MINUTE)
    for number in range(30):  # every six seconds
        live(app, mention(f"more-{number}", conversation_id="1"), now=clock.at)
        delivery.notify(app, clock=clock, wait=lambda _: None)
        clock.at += 6 * SECOND
    rounds(app, clock, until=MINUTE)

    (root,) = slack.roots
    told = [one["text"] for one in slack.messages if one.get("thread_ts") == root["ts"]]
    assert len(told) <= 2 + 180 // 45
    assert root["edits"] <= 2 + 180 // 45
    assert "31 posts by @ana_writes" in root["text"]
    counts = [re.search(r": (?:([\d,]+) more|another)", text) for text in told]
    assert sum(int(one[1] or 1) for one in counts if one) == 30


def test_what_a_person_does_is_shown_at_once_whatever_came_before(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    for number in range(3):
        live(app, mention(f"more-{number}", conversation_id="1"), now=clock.at)
        delivery.notify(app, clock=clock, wait=lambda _: None)
    act(app, clock, actions.acknowledge)
    assert "kim has it" in slack.roots[0]["text"]


def test_messages_of_one_incident_leave_in_order(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    slack.fail_next("service_unavailable", method="chat.postMessage")
    clock = Clock()
    for number in range(2, 14):
        text = f"Acme is awful {number}"
        live(app, mention(str(number), text, conversation_id="1"), now=clock.at)
        delivery.notify(app, clock=clock, wait=clock.wait)
        clock.at += MINUTE
    rounds(app, clock, until=5 * MINUTE)

    told = [str(message["blocks"]) for message in slack.messages]
    numbers = [int(re.findall(r"awful (\d+)", text)[-1]) for text in told[1:]]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 13


def test_one_second_lies_between_two_messages(app: App) -> None:
    live(app, mention("1"), mention("2"), mention("3"))
    clock = Clock()
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert clock.waits == [1.0, 1.0, 1.0]


def test_a_stop_ends_the_round_after_the_message_in_hand(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"), mention("2"), mention("3"))
    delivery.notify(app, clock=Clock(), wait=lambda _: True)
    assert len(slack.roots) == 1


# --- what may go wrong (R2) -------------------------------------------------------------------

MAY_HAVE_ARRIVED = ["drop", "cut", "500", "503", "html", "truncated", "list", "bytes"]


@pytest.mark.parametrize("how", MAY_HAVE_ARRIVED)
def test_a_lost_answer_is_looked_up_and_not_posted_twice(
    app: App, slack: SlackDouble, how: str
) -> None:
    live(app, mention("1"), mention("2"))
    slack.fail_next(how, method="chat.postMessage")
    clock = Clock()
    delivery.notify_until_quiet(app, clock=clock, wait=clock.wait)

    assert len(slack.roots) == 2
    assert messages_of(app) == [("post", "sent")] * 2
    state = trouble(app)
    assert state is not None
    assert state.trouble == ""


@pytest.mark.parametrize(
    "how", [pytest.param("refuse", id="closed"), pytest.param("fatal_error", id="unsure")]
)
def test_what_did_not_arrive_is_sent_again_after_two_looks(
    app: App, slack: SlackDouble, how: str
) -> None:
    live(app, mention("1"))
    slack.fail_next(how, method="chat.postMessage")
    clock = Clock()
    rounds(app, clock, until=MINUTE)

    methods = [call.method for call in slack.calls]
    assert methods == ["chat.postMessage", *["conversations.history"] * 2, "chat.postMessage"]
    assert len(slack.roots) == 1


@pytest.mark.parametrize("how", ["503", "html", "drop"])
def test_a_failing_look_up_is_repeated_and_nothing_is_doubled(
    app: App, slack: SlackDouble, how: str
) -> None:
    live(app, mention("1"))
    slack.fail_next("drop", method="chat.postMessage")
    slack.fail_next(how, times=3, method="conversations.history")
    rounds(app, Clock(), until=5 * MINUTE)
    assert len(slack.roots) == 1
    assert messages_of(app) == [("post", "sent")]


@pytest.mark.parametrize("seconds", [1, 30, 3600])
def test_a_wish_to_wait_is_obeyed_by_every_message(
    app: App, slack: SlackDouble, seconds: int
) -> None:
    live(app, mention("1"), mention("2"))
    slack.fail_next("429", retry_after=str(seconds))
    clock = Clock()
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert len(slack.calls) == 1

    clock.at = NOW + timedelta(seconds=seconds) - SECOND / 2
    live(app, mention("3"), now=clock.at)
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert len(slack.calls) == 1

    clock.at = NOW + timedelta(seconds=seconds)
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert len(slack.roots) == 3
    with app.database.read() as session:
        assert set(session.scalars(select(OutboxRow.attempts))) == {0}


PERMANENT = ["channel_not_found", "invalid_auth", "not_in_channel", "token_revoked"]


@pytest.mark.parametrize("code", PERMANENT)
def test_a_refusal_prints_the_alerts_stops_calling_and_resumes_with_new_settings(
    make_slack_app: MakeSlackApp,
    slack: SlackDouble,
    capsys: pytest.CaptureFixture[str],
    code: str,
) -> None:
    app = make_slack_app()
    live(app, mention("1", "Acme is awful at first"), mention("2", "Acme is awful at last"))
    slack.fail_next(code)
    clock = Clock()
    rounds(app, clock, until=5 * MINUTE)

    printed = capsys.readouterr().out
    assert printed.count("awful at first") == printed.count("awful at last") == 1
    assert len(slack.calls) == 1
    state = trouble(app)
    assert state is not None
    assert state.off
    assert code in state.trouble
    assert TOKEN not in state.trouble

    live(app, mention("3", "Acme is awful again"), now=clock.at)
    rounds(app, clock, until=MINUTE)
    assert capsys.readouterr().out.count("awful again") == 1

    changed = make_slack_app(channel="C0OTHER")
    delivery.notify(changed, clock=clock, wait=clock.wait)
    assert [message["channel"] for message in slack.roots] == ["C0OTHER"] * 3
    state = trouble(changed)
    assert state is not None
    assert (state.off, state.trouble) == (False, "")


def test_somebody_who_sees_it_work_switches_it_on_again(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    slack.fail_next("not_in_channel")
    clock = Clock()
    delivery.notify(app, clock=clock, wait=clock.wait)

    assert circuit_breaker.reset(app.database, "slack")
    assert not circuit_breaker.reset(app.database, "slack")
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert len(slack.roots) == 1


@pytest.mark.parametrize("code", ["msg_too_long", "invalid_blocks", "metadata_too_large"])
def test_one_unfit_message_is_printed_and_does_not_stop_the_others(
    app: App, slack: SlackDouble, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    live(app, mention("1", "Acme is awful at first"), mention("2", "Acme is awful at last"))
    slack.fail_next(code, method="chat.postMessage")
    clock = Clock()
    rounds(app, clock, until=MINUTE)

    assert "awful at first" in capsys.readouterr().out
    assert ["awful at last" in str(message["blocks"]) for message in slack.roots] == [True]
    assert messages_of(app) == [("post", "dead"), ("post", "sent")]
    with app.database.read() as session:
        assert undelivered.refused(session) == 1


@pytest.mark.parametrize(
    ("how", "method", "told"),
    [
        pytest.param("html", "", "1 messages may not have arrived", id="in doubt to the end"),
        pytest.param("msg_too_long", "chat.postMessage", "1 messages were refused", id="refused"),
    ],
)
def test_a_pass_that_did_not_deliver_says_so(
    app: App, slack: SlackDouble, how: str, method: str, told: str
) -> None:
    live(app, mention("1"))
    slack.fail_next(how, times=1000, method=method)
    clock = Clock()
    passed = delivery.notify_until_quiet(app, clock=clock, wait=clock.wait)
    assert passed.trouble.startswith(told) or "1 messages wait" in passed.trouble
    assert passed.sent == 0


def test_what_waits_for_its_next_try_is_told_by_the_round_that_ends_the_pass(
    app: App, slack: SlackDouble
) -> None:
    live(app, mention("1"))
    slack.fail_next("ekm_key_not_ready", method="chat.postMessage")
    clock = Clock()
    first, last = (delivery.notify_until_quiet(app, clock=clock, wait=clock.wait) for _ in range(2))
    assert first.trouble.endswith("; 1 messages wait")
    assert first.and_then(last).trouble == first.trouble


def test_an_unreachable_slack_is_tried_ever_more_slowly(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    slack.fail_next("ekm_key_not_ready", times=1000)
    clock = Clock()
    rounds(app, clock, until=HOUR, every=MINUTE / 2)  # the shortest pause is a whole minute
    assert len(slack.calls) < 15
    state = trouble(app)
    assert state is not None
    assert not state.off
    assert state.failures == len(slack.calls)


def test_a_root_that_a_person_deleted_is_never_posted_again(app: App, slack: SlackDouble) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    slack.by_hand(f"C0ALERTS/{slack.roots[0]['ts']}")
    live(app, mention("2", conversation_id="1"))
    slack.fail_next("thread_not_found", method="chat.postMessage")
    rounds(app, clock, until=10 * MINUTE)
    live(app, mention("3", conversation_id="1", published_at=NOW), now=NOW + MINUTE)
    live(app, reply("4", to="1"), now=NOW + MINUTE)
    rounds(app, clock, until=10 * MINUTE)

    assert slack.messages == []
    assert messages_of(app) == [("post", "removed"), *[("thread", "skipped")] * 3]
    state = trouble(app)
    assert state is not None
    assert (state.off, state.trouble) == (False, "")


def test_an_update_in_doubt_is_simply_repeated(app: App, slack: SlackDouble) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    live(app, reply("2", to="1"))
    slack.fail_next("drop", method="chat.update")
    rounds(app, clock, until=MINUTE)
    (root,) = slack.roots
    assert root["edits"] == 2
    assert messages_of(app) == [("post", "sent"), ("update", "sent"), ("thread", "sent")]


# --- an edit that is refused ------------------------------------------------------------------


def refuse_edits(slack: SlackDouble, code: str = "edit_window_closed") -> None:
    slack.fail_next(code, times=10_000, method="chat.update")


def act(app: App, clock: Clock, verb: Callable[..., Incident], *given: str) -> None:
    verb(app, 1, *given, by="kim", now=clock())
    delivery.notify(app, clock=clock, wait=clock.wait)


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message", "msg_too_long"])
def test_four_acts_are_four_replies_below_one_root(app: App, slack: SlackDouble, code: str) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    refuse_edits(slack, code)
    act(app, clock, actions.acknowledge)
    act(app, clock, actions.assign, "ana")
    act(app, clock, actions.snooze, "4h")
    act(app, clock, actions.resolve)
    rounds(app, clock, until=MINUTE)

    (root,) = slack.roots
    told = [str(one["text"]) for one in slack.messages if one.get("thread_ts") == root["ts"]]
    assert [text.partition(", ")[2].partition(":")[0] for text in told] == [
        *("kim has it", "ana has it", "snoozed", "resolved"),
    ]
    assert {state for _, state in messages_of(app)} == {"sent"}


def test_a_further_mention_is_one_reply_where_the_root_cannot_be_changed(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    refuse_edits(slack)
    live(app, mention("2", conversation_id="1"))
    rounds(app, clock, until=MINUTE)
    assert len(slack.messages) == 2
    assert len(slack.roots) == 1


# --- what nobody knows, and what waits too long ------------------------------------------------


def test_an_unknown_refusal_is_printed_soon_tried_again_and_arrives(
    app: App, slack: SlackDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    live(app, mention("1", "Acme is awful at first"))
    slack.fail_next("kettle_not_ready", times=4, method="chat.postMessage")
    clock = Clock()
    rounds(app, clock, until=30 * SECOND)
    assert capsys.readouterr().out.count("awful at first") == 1
    with app.database.read() as session:
        [stuck] = undelivered.overdue(session, before=NOW - HOUR, tries=2, now=NOW)
    assert "kettle_not_ready" in stuck.delivery.reason

    rounds(app, clock, until=5 * MINUTE)
    assert len(slack.roots) == 1
    assert capsys.readouterr().out == ""
    with app.database.read() as session:
        assert undelivered.overdue(session, before=NOW + DAY, tries=1, now=NOW) == []


def test_an_unknown_refusal_of_one_message_does_not_keep_the_others(
    app: App, slack: SlackDouble
) -> None:
    live(app, mention("1", "Acme is awful at first"), mention("2", "Acme is awful at last"))
    slack.fail_next("kettle_not_ready", method="chat.postMessage")
    clock = Clock()
    done = delivery.notify_until_quiet(app, clock=clock, wait=clock.wait)
    assert ["awful at last" in str(message["blocks"]) for message in slack.roots] == [True]
    assert (done.sent, done.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("how", "after"),
    [
        pytest.param("team_added_to_org", 5 * MINUTE, id="five tries"),
        pytest.param("429", 15 * MINUTE, id="told to wait an hour"),
    ],
)
def test_an_alert_that_cannot_leave_is_printed_once_and_sent_later(
    app: App,
    slack: SlackDouble,
    capsys: pytest.CaptureFixture[str],
    how: str,
    after: timedelta,
) -> None:
    live(app, mention("1", "Acme is awful at first"))
    slack.fail_next(how, times=12, retry_after="3600")
    clock = Clock()
    rounds(app, clock, until=MINUTE)
    assert capsys.readouterr().out == ""
    rounds(app, clock, until=after)
    assert capsys.readouterr().out.count("awful at first") == 1
    slack.recover()
    clock.at += 2 * HOUR
    rounds(app, clock, until=MINUTE)
    assert len(slack.roots) == 1
    assert capsys.readouterr().out == ""


# --- a copy of the database from before ---------------------------------------------------------


def as_worker(app: App, clock: Clock) -> App:
    """The application while it holds the lock since now."""
    lock = only_worker(app.database)
    app.worker = Worker(lock.__enter__(), clock())
    app.__dict__["lock"] = lock
    return app


def forget_deliveries(app: App) -> None:
    """What a copy from before they were sent knows of messages; the ids are others, too."""
    app.__dict__.pop("lock").__exit__(None, None, None)
    with app.database.begin() as session:
        session.execute(delete(OutboxRow))
        session.execute(delete(IncidentRow))
        session.execute(update(MentionBrandRow).values(stage="scored"))


def test_a_restored_copy_finds_what_slack_has_by_one_look(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    clock = Clock()
    app = as_worker(make_slack_app(), clock)
    live(app, mention("1"), mention("2"), mention("3", author=BEN))
    digest_schedule.send_due(app, now=NOW + 20 * HOUR)
    clock.at = NOW + 20 * HOUR
    delivery.notify_until_quiet(app, clock=clock, wait=clock.wait)
    assert len(slack.roots) == 4
    forget_deliveries(app)

    clock.at += HOUR
    restored = as_worker(make_slack_app(), clock)
    work(restored, now=clock())
    live(restored, mention("4"), now=clock())
    digest_schedule.send_due(restored, now=clock())
    slack.calls.clear()
    delivery.notify_until_quiet(restored, clock=clock, wait=clock.wait)
    forget = [call.method for call in slack.calls]

    assert len(slack.roots) == 5
    assert forget.count("conversations.history") == 1
    assert forget.count("chat.postMessage") == 1
    assert {state for _, state in messages_of(restored)} == {"sent"}
    restored.__dict__.pop("lock").__exit__(None, None, None)


def test_what_happens_while_the_worker_is_at_work_costs_no_look(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    clock = Clock()
    app = as_worker(make_slack_app(), clock)
    for number in range(5):
        clock.at += MINUTE
        live(app, mention(str(number), published_at=clock()), now=clock())
        delivery.notify(app, clock=clock, wait=clock.wait)
    assert {call.method for call in slack.calls} == {"chat.postMessage"}
    app.__dict__.pop("lock").__exit__(None, None, None)


@pytest.mark.parametrize("code", ["missing_scope", "unknown_method"])
def test_where_nobody_can_look_an_old_alert_is_sent(
    make_slack_app: MakeSlackApp, slack: SlackDouble, code: str
) -> None:
    clock = Clock()
    app = as_worker(make_slack_app(), clock)
    live(app, mention("1"))
    slack.fail_next(code, times=100, method="conversations.history")
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert len(slack.roots) == 1
    app.__dict__.pop("lock").__exit__(None, None, None)


def test_a_look_that_fails_is_made_again_before_anything_is_sent(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    clock = Clock()
    app = as_worker(make_slack_app(), clock)
    live(app, mention("1"))
    slack.fail_next("503", times=2, method="conversations.history")
    slack.fail_next("429", method="conversations.history", retry_after="40")
    delivery.notify(app, clock=clock, wait=clock.wait)
    assert slack.roots == []
    rounds(app, clock, until=2 * MINUTE)
    assert len(slack.roots) == 1
    app.__dict__.pop("lock").__exit__(None, None, None)


def test_a_worker_that_was_taken_over_claims_nothing(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    clock = Clock()
    app = as_worker(make_slack_app(), clock)
    live(app, mention("1"))
    with app.database.begin() as session:
        session.execute(update(WorkerRow).values(tenure=WorkerRow.tenure + 1))
    with pytest.raises(LostLockError, match="another worker has taken over"):
        delivery.notify(app, clock=clock, wait=clock.wait)
    assert slack.messages == []
    assert messages_of(app) == [("post", "pending")]
    app.__dict__.pop("lock").__exit__(None, None, None)


# --- killed in the middle ---------------------------------------------------------------------


class KilledError(BaseException):
    """The process ends here."""


def die_in_post(app: App, monkeypatch: pytest.MonkeyPatch, *, before: bool) -> None:
    """Deliver until the process dies before or after the request to Slack."""
    post = app.notifier.post

    def dies(*args: object, **kwargs: object) -> str:
        if not before:
            post(*args, **kwargs)  # type: ignore[arg-type]
        raise KilledError

    with monkeypatch.context() as kill:
        kill.setattr(app.notifier, "post", dies)
        with pytest.raises(KilledError):
            delivery.notify(app, clock=Clock(), wait=Clock().wait)


@pytest.mark.parametrize(
    "before", [pytest.param(True, id="not sent"), pytest.param(False, id="sent")]
)
def test_killed_between_claim_and_answer_the_next_worker_looks_first(
    make_slack_app: MakeSlackApp,
    slack: SlackDouble,
    monkeypatch: pytest.MonkeyPatch,
    *,
    before: bool,
) -> None:
    app = make_slack_app()
    live(app, mention("1"))
    die_in_post(app, monkeypatch, before=before)
    assert messages_of(app) == [("post", "sending")]

    after = make_slack_app()
    clock = Clock(NOW + 2 * SECOND)
    assert delivery.notify(after, clock=clock, wait=clock.wait).sent == 0  # its lease holds
    with after.database.begin() as session:
        deliveries.release(session, now=clock())
    delivery.notify_until_quiet(after, clock=clock, wait=clock.wait)

    assert len(slack.roots) == 1
    assert messages_of(after) == [("post", "sent")]


def test_a_lease_ends_by_itself_after_a_minute(
    app: App, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(app, mention("1"))
    die_in_post(app, monkeypatch, before=True)
    rounds(app, Clock(), until=2 * MINUTE)
    assert len(slack.roots) == 1


def test_a_reply_in_a_thread_in_doubt_is_looked_for_in_the_thread(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    delivery.notify(app, clock=clock, wait=clock.wait)
    live(app, mention("2", conversation_id="1"))
    slack.fail_next("drop", method="chat.postMessage")
    rounds(app, clock, until=MINUTE)
    assert len(slack.messages) == 2
    assert len(slack.roots) == 1


# --- storms -----------------------------------------------------------------------------------


def gold(app: App, handle: str) -> None:
    with app.database.begin() as session:
        vip = CustomerRecord("shop", handle, "Ana", handles=(("x", handle),))
        customers.save(session, [vip], now=NOW)
        order = OrderRecord(handle, date(2026, 10, 1), Decimal(2000), "EUR")
        orders.save(session, "shop", [order])


def stormy(slack: SlackDouble) -> list[dict[str, Any]]:
    return [one for one in slack.roots if "more incidents" in str(one["blocks"][0])]


def incidents_there(app: App) -> int:
    with app.database.read() as session:
        return len(session.scalars(select(IncidentRow.id)).all())


def test_a_storm_is_told_in_one_message_and_critical_ones_come_first(
    app: App, slack: SlackDouble
) -> None:
    gold(app, "vip")
    vip = replace(ANA, id="777", handle="vip", name="Vip")
    live(app, *crowd(range(30)))
    live(app, mention("vip", "Acme is awful to me", author=vip), now=NOW + SECOND)
    live(app, *crowd([29], external_id="31", conversation_id="29"), now=NOW + SECOND)
    clock = Clock()
    delivery.notify(app, clock=clock, wait=clock.wait)

    assert len(slack.roots) == 20 + 1
    (storm,) = stormy(slack)
    assert "11 more incidents about Acme" in storm["text"]
    assert sum("awful to me" in str(one["blocks"]) for one in slack.roots) == 1
    assert [one for one in slack.messages if one.get("thread_ts")] == []
    assert incidents_there(app) == 31


def test_a_storm_of_critical_ones_has_no_more_room(app: App, slack: SlackDouble) -> None:
    for number in range(40):
        gold(app, f"author{number}")
    live(app, *crowd(range(60)))
    clock = Clock()
    rounds(app, clock, until=2 * MINUTE)

    assert len(slack.roots) == 20 + 1
    alone = [one for one in slack.roots if one not in stormy(slack)]
    assert all(one["text"].startswith("🔴") for one in alone)
    assert "20 critical, 20 normal" in str(stormy(slack)[0]["blocks"])


def test_a_storm_in_five_minutes_half_of_it_critical_ends_in_21_messages(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    """The drill has thousands."""
    app = make_slack_app()
    for number in range(0, 200, 2):
        gold(app, f"author{number}")
    clock = Clock()
    for minute in range(5):
        new = range(minute * 40, minute * 40 + 40)
        live(app, *crowd(new, published_at=clock.at), now=clock.at)
        rounds(app, clock, until=MINUTE)
    rounds(app, clock, until=HOUR)
    (storm,) = stormy(slack)
    assert len(slack.roots) == 20 + 1
    assert all(one["text"].startswith("🔴") for one in slack.roots if one is not storm)
    assert "180 more incidents" in storm["text"]
    assert "80 critical, 100 normal" in str(storm["blocks"])
    assert incidents_there(app) == 200
    with app.database.read() as session:
        assert undelivered.backlog(session, now=clock.at) == (0, None)


def test_a_lasting_storm_is_told_by_the_same_message(app: App, slack: SlackDouble) -> None:
    clock = Clock()
    for number in range(0, 90, 6):
        live(app, *crowd(range(number, number + 6), published_at=clock.at), now=clock.at)
        rounds(app, clock, until=2 * MINUTE)
    (storm,) = stormy(slack)
    assert len(slack.roots) == 20 + 1
    assert f"{90 - 20} more incidents" in storm["text"]
    assert storm["edits"] <= 30 * 60 // 45
    with app.database.read() as session:
        assert undelivered.backlog(session, now=clock.at) == (0, None)


def test_after_a_storm_an_incident_goes_alone_again(app: App, slack: SlackDouble) -> None:
    clock = Clock()
    live(app, *crowd(range(30)))
    rounds(app, clock, until=2 * MINUTE)
    clock.at += STORM_WINDOW
    live(app, *crowd([99], published_at=clock.at), now=clock.at)
    rounds(app, clock, until=MINUTE)
    assert len(slack.roots) == 20 + 1 + 1
    assert "10 more incidents" in stormy(slack)[0]["text"]


def test_a_storm_that_lasts_is_told_anew_after_an_hour(app: App, slack: SlackDouble) -> None:
    clock = Clock()
    for minute in range(70):
        new = range(minute * 6, minute * 6 + 6)
        live(app, *crowd(new, published_at=clock.at), now=clock.at)
        delivery.notify(app, clock=clock, wait=lambda _: None)
        clock.at += MINUTE
    assert len(stormy(slack)) == 2
    assert len(slack.roots) == 2 * (20 + 1)


def test_each_brand_has_its_own_message_about_a_storm(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app()
    live(app, *crowd(range(40)))
    live(app, *crowd(range(40, 50), text="Bolt is awful"))
    clock = Clock()
    rounds(app, clock, until=MINUTE)
    assert len(slack.roots) == 20 + len(stormy(slack))
    assert sum(int(one["text"].split()[1]) for one in stormy(slack)) == incidents_there(app) - 20


def test_an_update_to_an_incident_told_in_a_storm_is_no_flood_either(
    app: App, slack: SlackDouble
) -> None:
    live(app, *crowd(range(40)))
    clock = Clock()
    rounds(app, clock, until=MINUTE)
    for number in range(40):
        again = crowd([number], external_id=f"again-{number}", conversation_id=str(number))
        live(app, *again, now=clock.at)
    rounds(app, clock, until=MINUTE)
    assert len(slack.roots) == 20 + 1


def test_a_slack_that_was_away_six_hours_gets_all_of_it_in_order(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    slack.fail_next("service_unavailable", times=10_000, method="chat.postMessage")
    live(app, *crowd(range(60)))
    delivery.notify(app, clock=clock, wait=clock.wait)
    slack.recover()
    clock.at += 6 * HOUR
    more = crowd([3], external_id="more", conversation_id="3", published_at=clock.at)
    live(app, *more, now=clock.at)
    clock.waits.clear()
    rounds(app, clock, until=2 * MINUTE)

    assert len(slack.roots) == 21  # twenty, then one for the other forty
    assert set(clock.waits) == {1.0}
    assert {state for _, state in messages_of(app)} <= {"sent", "skipped"}


# --- the console ------------------------------------------------------------------------------


def test_without_slack_alerts_are_printed_once(make_app: MakeApp) -> None:
    made = make_app()
    app = with_words(made.app)
    live(app, mention("1"))
    clock = Clock()
    for _ in range(2):
        delivery.notify(app, clock=clock, wait=clock.wait)
    assert made.printed.getvalue().count("Acme is awful") == 1
    assert clock.waits == []


def test_slack_configured_later_gets_a_root_of_its_own(
    make_app: MakeApp, make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    clock = Clock()
    console = with_words(make_app().app)
    live(console, mention("1"))
    delivery.notify(console, clock=clock, wait=clock.wait)
    live(console, mention("2"))  # waits when Slack is configured

    app = make_slack_app()
    live(app, mention("3", conversation_id="1"))
    delivery.notify(app, clock=clock, wait=clock.wait)

    assert ["2 posts by @ana_writes" in one["text"] for one in slack.roots] == [True, False]
    assert slack.refused == []
