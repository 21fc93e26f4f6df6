"""Reminders of what nobody answers, from the post to the message in Slack."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from domain.customer import CustomerRecord
from domain.errors import EarshotError
from domain.escalation import Step, StepState
from domain.incident import LIVE, Incident
from domain.mention import Author, Mention
from earshot.alerting import actions, answers, delivery, escalation, source_alarms
from earshot.core.app import App
from storage import customers, escalation_steps, incidents, outbox
from storage.tables import EscalationStepRow, IncidentRow, MentionRow, OutboxRow
from tests.alerts.samples import HOSTILE
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.alerts.slack_oracle import shown, tokens
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
    reply,
    with_words,
    work,
)

POSTED = NOW - 5 * MINUTE  # of every mention here; its promise is an hour
DUE = POSTED + HOUR
RULES = """
[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000"]

[noise]
spam = false  # the crowds below are of one author

[[alerts.rules]]
name = "vip"
tiers = ["gold"]
severity = "critical"
answer_within = "10m"

[[alerts.rules]]
name = "negative"
answer_within = "1h"
"""
POLICY = """
[[alerts.escalations]]
name = "on call"
severities = ["normal"]
steps = [
  { after = "50%", tell = "thread" },
  { after = "100%", tell = "S0CALL" },
  { after = "100%+60m", tell = "U0BOSS", channel = "C0BOSSES" },
]
"""
CALL, BOSS = "!subteam^S0CALL", "@U0BOSS"
MakeSlackApp = Callable[..., App]


@pytest.fixture
def make_slack_app(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> MakeSlackApp:
    """Called once more it is the service after a restart, perhaps with another configuration."""

    def make(extra: str = POLICY) -> App:
        monkeypatch.setenv("SLACK_TOKEN", TOKEN)
        table = f"""
[alerts.slack]
bot_token = "env:SLACK_TOKEN"
channel = "C0ALERTS"
base_url = "{slack.url}"
"""
        return with_words(make_app(table + extra, basic=RULES, notify_console=False).app)

    return make


@pytest.fixture
def app(make_slack_app: MakeSlackApp) -> App:
    return make_slack_app()


def deliver(app: App, now: datetime = NOW) -> None:
    clock = Clock(now)
    delivery.notify(app, clock=clock, wait=clock.wait)


def tick(app: App, now: datetime) -> int:
    """What the service does every few seconds."""
    fired = escalation.escalate(app, now=now)
    deliver(app, now)
    return fired


def opened(app: App, *mentions: Any, now: datetime = NOW) -> None:  # noqa: ANN401 -- Mention
    """Posts that became incidents, and are told."""
    live(app, *(mentions or (mention("1"),)), now=now)
    deliver(app, now)


def steps_of(app: App, incident_id: int = 1) -> list[Step]:
    with app.database.read() as session:
        return escalation_steps.of(session, incident_id)


def states(app: App, incident_id: int = 1) -> list[str]:
    return [str(step.state) for step in steps_of(app, incident_id)]


def incident(app: App, incident_id: int = 1) -> Incident:
    with app.database.read() as session:
        return incidents.get(session, incident_id)


def act(app: App, what: Callable[..., Any], now: datetime, *more: Any) -> None:  # noqa: ANN401
    what(app, 1, *more, by="mia", now=now)


def thread(slack: SlackDouble) -> list[str]:
    """What was said there to remind of it; answers and decisions are told there, too."""
    said = [shown(one) for one in slack.messages if one.get("thread_ts")]
    return [one for one in said if "⏰" in one or "Acknowledged" in one]


def called(slack: SlackDouble) -> list[tuple[str, str]]:
    """Who was called by name, and in which channel."""
    return [
        (message["channel"], token)
        for message in slack.messages
        for token in sorted(set(tokens(message)))
    ]


# --- the way of one incident ----------------------------------------------------------------------


def test_each_step_speaks_at_its_time_and_once(app: App, slack: SlackDouble) -> None:
    opened(app)
    (root,) = slack.roots
    at = POSTED
    heard: list[tuple[timedelta, int]] = []
    while at < POSTED + 4 * HOUR:
        at += 10 * MINUTE
        before = len(slack.messages)
        tick(app, at)
        heard += (
            [(at - POSTED, len(slack.messages) - before)] if len(slack.messages) > before else []
        )
    assert heard == [(HOUR / 2, 1), (HOUR, 1), (2 * HOUR, 1)]
    assert called(slack) == [("C0ALERTS", CALL), ("C0BOSSES", BOSS)]
    below = [one for one in slack.messages if one.get("thread_ts")]
    assert {one["thread_ts"] for one in below} == {root["ts"]}
    assert slack.refused == []


def test_a_message_in_another_channel_is_no_first_message(app: App, slack: SlackDouble) -> None:
    opened(app)
    tick(app, DUE + HOUR)
    (elsewhere,) = [one for one in slack.messages if one["channel"] == "C0BOSSES"]
    act(app, actions.assign, DUE + HOUR, "ana")
    deliver(app, DUE + HOUR)
    (root,) = [one for one in slack.roots if one["channel"] == "C0ALERTS"]
    assert "ana" in shown(root)
    assert "edits" not in elsewhere
    assert "alerts show 1" in shown(elsewhere)
    assert "overdue by 1 h" in shown(elsewhere)
    assert "Acme is awful" in shown(elsewhere)


@pytest.mark.parametrize("text", HOSTILE)
def test_nobody_is_called_but_by_ids_of_the_configuration(
    app: App, slack: SlackDouble, text: str
) -> None:
    text = text.encode(errors="ignore").decode().replace("\0", "")  # no database keeps these
    author = replace(BEN, handle=text[:60] or "x", name=text[:60])
    opened(app, mention("1", f"Acme is awful {text}"[:9_000], author=author))
    for at in (POSTED + HOUR / 2, DUE, DUE + HOUR):
        tick(app, at)
    links = {token for _, token in called(slack) if token.startswith("https://x.com/")}
    assert {token for _, token in called(slack)} - links == {CALL, BOSS}
    assert slack.refused == []


def test_what_was_late_when_it_was_seen_is_said_by_the_first_message(
    app: App, slack: SlackDouble
) -> None:
    opened(app, now=POSTED + 50 * MINUTE)
    tick(app, POSTED + 51 * MINUTE)
    assert thread(slack) == []
    assert states(app) == ["skipped_late", "pending", "pending"]
    assert "first message" in steps_of(app)[0].reason


def test_it_is_not_reminded_of_what_has_not_been_told_yet(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    slack.fail_next("429", retry_after="600")
    tick(app, DUE)
    assert states(app) == ["pending"] * 3
    deliver(app, DUE + HOUR / 2)
    tick(app, DUE + HOUR / 2)
    assert states(app) == ["skipped_late", "fired", "pending"]


# --- downtime, restarts, another policy -----------------------------------------------------------


def test_after_six_hours_down_only_the_newest_step_speaks(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    opened(make_slack_app())
    late = NOW + 6 * HOUR
    again = make_slack_app()
    assert [tick(again, late + n * MINUTE) for n in range(3)] == [1, 0, 0]
    assert states(again) == ["skipped_late", "skipped_late", "fired"]
    assert called(slack) == [("C0BOSSES", BOSS)]
    assert steps_of(again)[0].reason == escalation.LATE


def test_a_policy_that_is_edited_leaves_open_incidents_alone(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    opened(make_slack_app())
    edited = make_slack_app(POLICY.replace("S0CALL", "S0OTHER").replace('"50%"', '"10%"'))
    act(edited, actions.assign, NOW, "ana")
    tick(edited, POSTED + HOUR / 2 - MINUTE)
    assert thread(slack) == []
    tick(edited, DUE)
    assert called(slack) == [("C0ALERTS", CALL)]
    live(edited, mention("2", author=BEN), now=DUE)
    tick(edited, DUE + MINUTE)
    assert {step.telling.tell for step in steps_of(edited, 2)} == {"thread", "S0OTHER", "U0BOSS"}


def test_an_empty_policy_stays_empty(make_slack_app: MakeSlackApp, slack: SlackDouble) -> None:
    opened(make_slack_app(POLICY.partition("steps")[0] + "steps = []"))
    edited = make_slack_app()
    act(edited, actions.assign, NOW, "ana")
    tick(edited, DUE + DAY)
    assert steps_of(edited) == []
    assert thread(slack) == []


def test_a_crash_between_the_step_and_its_message_loses_and_doubles_nothing(
    app: App, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app)

    def crash(*_: object, **__: object) -> bool:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "enqueue", crash)
        with pytest.raises(RuntimeError, match="plug"):
            escalation.escalate(app, now=DUE)
    assert states(app) == ["pending"] * 3
    assert [tick(app, DUE), tick(app, DUE)] == [1, 0]
    assert called(slack) == [("C0ALERTS", CALL)]


def test_what_waited_while_slack_was_away_is_told_once(app: App, slack: SlackDouble) -> None:
    opened(app)
    for at in (POSTED + HOUR / 2, DUE, DUE + HOUR):
        escalation.escalate(app, now=at)
    deliver(app, DUE + 2 * HOUR)
    assert len(slack.messages) == 2
    assert called(slack) == [("C0BOSSES", BOSS)]
    assert states(app) == ["fired"] * 3


# --- people ---------------------------------------------------------------------------------------


def test_who_acknowledges_has_peace_for_an_hour_and_the_clock_runs_on(
    app: App, slack: SlackDouble
) -> None:
    opened(app)
    act(app, actions.acknowledge, DUE - MINUTE)
    for minutes in range(59):
        assert tick(app, DUE + minutes * MINUTE - timedelta(seconds=1)) == 0
    assert incident(app).due_at == DUE
    assert tick(app, DUE + 59 * MINUTE) == 1
    assert called(slack) == [("C0ALERTS", CALL)]
    assert "Acknowledged" in thread(slack)[-1]
    assert incident(app).state == "acknowledged"


def test_how_long_an_acknowledgement_gives_peace_stands_in_the_configuration(
    make_slack_app: MakeSlackApp,
) -> None:
    app = make_slack_app('[alerts]\nacknowledged_for = "5m"\n' + POLICY)
    opened(app)
    act(app, actions.acknowledge, DUE)
    assert [tick(app, DUE + minutes * MINUTE) for minutes in (4, 5)] == [0, 1]


def test_one_that_is_acknowledged_at_the_end_of_its_policy_is_not_forgotten(
    app: App, slack: SlackDouble
) -> None:
    opened(app)
    for at in (POSTED + HOUR / 2, DUE, DUE + HOUR):
        tick(app, at)
    act(app, actions.acknowledge, DUE + 2 * HOUR)
    said = len(slack.messages)
    tick(app, DUE + 3 * HOUR - MINUTE)
    assert len(slack.messages) == said
    act(app, actions.assign, DUE + 3 * HOUR - MINUTE, "ana")
    for minutes in range(0, 300, 10):
        tick(app, DUE + 3 * HOUR + minutes * MINUTE)
    assert len(slack.messages) == said + 1
    assert states(app) == ["fired"] * 4


@pytest.mark.parametrize("acknowledged_first", [True, False])
def test_at_the_instant_of_a_step_it_is_one_or_the_other(
    app: App, slack: SlackDouble, *, acknowledged_first: bool
) -> None:
    opened(app)
    if acknowledged_first:
        act(app, actions.acknowledge, DUE)
    escalation.escalate(app, now=DUE)
    if not acknowledged_first:
        act(app, actions.acknowledge, DUE)
    deliver(app, DUE)
    fired = [] if acknowledged_first else [("C0ALERTS", CALL)]
    assert called(slack) == fired
    assert ("fired" in states(app)) is not acknowledged_first


def test_an_acknowledgement_and_a_step_in_the_same_moment_are_never_both_half(app: App) -> None:
    numbers = range(1, 9)
    opened(app, *(mention(str(n), author=stranger(n)) for n in numbers))

    def acknowledge(incident_id: int) -> None:
        actions.acknowledge(app, incident_id, by="mia", now=DUE)

    with ThreadPoolExecutor(4) as pool:
        acknowledged = [pool.submit(acknowledge, n) for n in numbers]
        escalated = [pool.submit(escalation.escalate, app, now=DUE) for _ in range(4)]
        assert [job.result() for job in acknowledged] == [None] * len(numbers)
        assert sum(job.result() for job in escalated) <= len(numbers)
    with app.database.read() as session:
        owed = session.scalars(select(OutboxRow.key).where(OutboxRow.subject == "escalation")).all()
    fired = [
        f"incident:{n}:escalation:1:{step.number}"
        for n in numbers
        for step in steps_of(app, n)
        if step.state is StepState.FIRED
    ]
    assert sorted(owed) == sorted(fired)
    assert {incident(app, n).state for n in numbers} == {"acknowledged"}


def test_a_snoozed_one_is_quiet_over_a_restart_until_it_wakes(
    make_slack_app: MakeSlackApp,
) -> None:
    app = make_slack_app()
    opened(app)
    act(app, actions.snooze, NOW, "4h")
    tick(app, NOW + HOUR)
    again = make_slack_app()
    tick(again, NOW + 4 * HOUR - MINUTE)
    assert states(again) == ["pending"] * 3
    work(again, now=NOW + 4 * HOUR)
    assert [tick(again, NOW + 4 * HOUR), tick(again, NOW + 5 * HOUR)] == [1, 0]
    assert states(again) == ["skipped_late", "skipped_late", "fired"]


def resolve(app: App) -> None:
    act(app, actions.resolve, NOW)


def dismiss(app: App) -> None:
    act(app, actions.dismiss, NOW)


def answer(app: App) -> None:
    live(app, reply("9", "1"))


@pytest.mark.parametrize(
    ("close", "why"), [(resolve, "manual"), (dismiss, "dismissed"), (answer, "replied")]
)
def test_what_is_closed_is_never_spoken_of_again(
    app: App, slack: SlackDouble, close: Callable[[App], None], why: str
) -> None:
    opened(app)
    close(app)
    assert [(step.state, step.reason) for step in steps_of(app)] == [("cancelled", why)] * 3
    for hours in range(5):
        assert tick(app, NOW + hours * HOUR) == 0
    assert thread(slack) == []


def snooze(app: App) -> None:
    act(app, actions.snooze, NOW, "24h")


@pytest.mark.parametrize("end", [resolve, answer, snooze])
def test_a_reminder_that_has_not_left_when_it_is_not_needed_any_more_never_does(
    app: App, slack: SlackDouble, end: Callable[[App], None]
) -> None:
    opened(app)
    escalation.escalate(app, now=DUE)
    end(app)
    deliver(app, DUE)
    assert called(slack) == []
    assert thread(slack) == []


def test_nor_does_one_of_a_clock_that_was_stopped_and_begun_anew(
    app: App, slack: SlackDouble
) -> None:
    opened(app)
    escalation.escalate(app, now=DUE)
    live(app, reply("9", "1", published_at=DUE), now=DUE)
    live(app, mention("2", conversation_id="1", published_at=DUE + MINUTE), now=DUE + MINUTE)
    assert incident(app).state == "open"
    deliver(app, DUE + MINUTE)
    assert called(slack) == []


def test_nor_does_one_of_many_of_which_none_waits(app: App, slack: SlackDouble) -> None:
    opened(app, *crowd(22))
    escalation.escalate(app, now=DUE)
    with app.database.read() as session:
        ids = list(session.scalars(select(IncidentRow.id)))
    for incident_id in ids:
        actions.resolve(app, incident_id, by="mia", now=DUE)
    deliver(app, DUE)
    assert called(slack) == []


def test_a_second_clock_has_its_own_steps(make_slack_app: MakeSlackApp, slack: SlackDouble) -> None:
    app = make_slack_app()
    opened(app)
    tick(app, POSTED + HOUR / 2)
    live(app, reply("9", "1"), now=NOW + HOUR)
    again = make_slack_app(POLICY.replace("S0CALL", "S0OTHER"))
    later = NOW + 2 * HOUR
    opened(again, mention("2", conversation_id="1", published_at=later), now=later)
    assert [(step.clock, step.number, step.state) for step in steps_of(again)] == [
        *((1, 1, "fired"), (1, 2, "cancelled"), (1, 3, "cancelled")),
        *((2, 1, "pending"), (2, 2, "pending"), (2, 3, "pending")),
    ]
    tick(again, later + HOUR)
    assert called(slack) == [("C0ALERTS", "!subteam^S0OTHER")]


def test_a_complaint_after_an_answer_that_is_seen_late_gets_its_steps(app: App) -> None:
    opened(app, mention("1"), mention("2", conversation_id="1", published_at=NOW))
    live(app, reply("9", "1", published_at=NOW - MINUTE), now=NOW + MINUTE)
    tick(app, NOW + MINUTE)
    assert incident(app).state in LIVE
    assert [step.state for step in steps_of(app) if step.clock == 2] == ["pending"] * 3


def is_gold(app: App) -> None:
    """It becomes known that Ana is a good customer: her rule promises an answer sooner."""
    ana = CustomerRecord("crm", "1", "Ana Ruiz", handles=(("x", ANA.handle),), tier="gold")
    with app.database.begin() as session:
        customers.save(session, [ana], now=NOW)


def test_steps_follow_a_promise_that_becomes_shorter(app: App) -> None:
    opened(app)
    is_gold(app)
    work(app, now=NOW + MINUTE)
    tick(app, NOW + MINUTE)
    assert incident(app).due_at == POSTED + 10 * MINUTE
    assert [step.due_at - POSTED for step in steps_of(app)] == [
        *(5 * MINUTE, 10 * MINUTE, 70 * MINUTE),
    ]
    assert states(app) == ["fired", "pending", "pending"]


def test_a_step_that_has_fired_does_not_move_or_fire_again(app: App) -> None:
    opened(app)
    tick(app, POSTED + HOUR / 2)
    before = steps_of(app)[0]
    is_gold(app)
    work(app, now=NOW + HOUR / 2)
    tick(app, NOW + HOUR / 2)
    assert steps_of(app)[0] == before


def test_steps_keep_the_hours_of_the_office_when_the_clock_is_turned(
    make_slack_app: MakeSlackApp,
) -> None:
    """Europe turns its clocks back in the night before Sunday, 25 October 2026."""
    app = make_slack_app(f'[hours]\ntimezone = "Europe/Madrid"\n{POLICY}')
    friday = datetime.fromisoformat("2026-10-23T16:45:00+02:00")
    opened(app, mention("1", published_at=friday), now=friday)
    assert [step.due_at.isoformat() for step in steps_of(app)] == [
        "2026-10-26T08:15:00+00:00",  # 15 minutes on Friday, 15 on Monday
        "2026-10-26T08:45:00+00:00",
        "2026-10-26T09:45:00+00:00",
    ]


# --- crowds ---------------------------------------------------------------------------------------


def stranger(number: int) -> Author:
    return Author(id=f"9{number}", handle=f"stranger_{number}")


def crowd(count: int) -> list[Any]:
    return [mention(str(n), f"Acme is awful {n}", author=stranger(n)) for n in range(1, count + 1)]


def test_what_a_storm_took_in_is_spoken_of_in_one_message(app: App, slack: SlackDouble) -> None:
    opened(app, *crowd(30))
    assert len(slack.roots) == 21  # 20 alone and one for the others
    before = len(slack.messages)
    for minutes in range(10):
        tick(app, DUE + minutes * MINUTE)
    told = slack.messages[before:]
    assert len(told) == 21
    (many,) = [one for one in told if not one.get("thread_ts")]
    assert "10 incidents about Acme" in shown(many)
    assert tokens(many) == [CALL] * 2  # of the notification and of the message
    fired = [step for n in range(1, 31) for step in steps_of(app, n) if step.number == 2]
    assert {step.state for step in fired} == {StepState.FIRED}
    assert slack.refused == []


def test_a_crowd_in_its_own_threads_ends_in_one_message_too(app: App, slack: SlackDouble) -> None:
    opened(app, *crowd(19))
    later = NOW + 20 * MINUTE
    more = [mention(str(n), published_at=later, author=stranger(n)) for n in range(50, 60)]
    opened(app, *more, now=later)
    before = len(slack.messages)
    escalation.escalate(app, now=later + HOUR)  # 50% of some, 100% of the others
    deliver(app, later + HOUR)
    alone = [one for one in slack.messages[before:] if one.get("thread_ts")]
    many = [one for one in slack.messages[before:] if not one.get("thread_ts")]
    assert len(alone) == 20
    assert [message["channel"] for message in many] == ["C0ALERTS"]


# --- channels -------------------------------------------------------------------------------------


def test_a_channel_that_refuses_a_reminder_has_it_told_in_the_thread(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(POLICY.replace("C0BOSSES", "C0CLOSED"))
    opened(app)
    tick(app, DUE + HOUR)
    deliver(app, DUE + HOUR)
    assert called(slack) == [("C0ALERTS", BOSS)]
    assert len(thread(slack)) == 1
    opened(app, mention("2", author=BEN), now=DUE + HOUR)
    assert len(slack.roots) == 2  # our own channel is well


def test_the_own_channel_named_in_a_step_is_the_thread(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(POLICY.replace("C0BOSSES", "C0ALERTS"))
    opened(app)
    tick(app, DUE + HOUR)
    assert len(slack.roots) == 1
    assert len(thread(slack)) == 1


def test_words_that_are_taken_back_go_from_the_other_channel_too(
    app: App, slack: SlackDouble
) -> None:
    opened(app)
    tick(app, DUE + HOUR)
    (elsewhere,) = [one for one in slack.messages if one["channel"] == "C0BOSSES"]
    assert "Acme is awful" in shown(elsewhere)
    live(app, mention("1", "nothing of it", edited_at=DUE + HOUR), now=DUE + HOUR)
    deliver(app, DUE + HOUR)
    assert "Acme is awful" not in str(slack.messages)


def test_a_source_alarm_reminds_nobody(make_app: MakeApp) -> None:
    made = make_app("[sources.hackernews]\nenabled = true\n")
    source_alarms.watch(made.app, now=NOW)
    escalation.escalate(made.app, now=NOW + DAY)
    with made.app.database.read() as session:
        assert session.scalars(select(EscalationStepRow)).all() == []


# --- any life -------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["tick", "ack", "snooze", "answer", "assign", "resolve"]),
        st.integers(1, 50),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(EVENTS, min_size=1, max_size=2))
def test_whatever_happens_each_step_fires_at_most_once_and_never_after_an_answer(
    app: App, lives: list[list[tuple[str, int]]]
) -> None:
    with app.database.begin() as session:
        session.execute(delete(OutboxRow))
        session.execute(delete(IncidentRow))
        session.execute(delete(MentionRow))
    for number, events in enumerate(lives, start=1):
        one_life(app, mention(str(number)), events)


def one_life(app: App, post: Mention, events: list[tuple[str, int]]) -> None:
    """The clock goes on by some minutes before each event."""
    opened(app, post)
    with app.database.read() as session:
        (incident_id,) = session.scalars(select(func.max(IncidentRow.id)))
    now, ended_at = NOW, None
    for what, minutes in events:
        now += minutes * MINUTE
        happen(app, what, incident_id, post, now)
        answers.answer(app, now=now)  # it ends snoozes, too
        if ended_at is None and incident(app, incident_id).state not in LIVE:
            ended_at = now
        tick(app, now)
    steps = steps_of(app, incident_id)
    fired_at = [step.fired_at for step in steps if step.fired_at is not None]
    with app.database.read() as session:
        owed = session.scalars(
            select(OutboxRow.about).where(
                OutboxRow.incident_id == incident_id, OutboxRow.subject == "escalation"
            )
        ).all()
    assert sorted(about["step"] for about in owed) == [
        step.number for step in steps if step.state is StepState.FIRED
    ]
    if ended_at is not None:
        assert all(at < ended_at for at in fired_at)
        assert StepState.PENDING not in {step.state for step in steps}
    else:
        happen(app, "resolve", incident_id, post, now)
    assert all(step.fired_at is None or step.due_at <= step.fired_at for step in steps)


def happen(app: App, what: str, incident_id: int, post: Mention, now: datetime) -> None:
    decisions: dict[str, Callable[..., object]] = {
        "ack": actions.acknowledge,
        "snooze": partial(actions.snooze, until="1h"),
        "assign": partial(actions.assign, to=f"{now:%j %H:%M}"),
        "resolve": actions.resolve,
    }
    if what == "answer":
        live(app, reply(f"r{post.external_id}", post.external_id, published_at=now), now=now)
    elif what in decisions:
        with suppress(EarshotError):  # closed already, or acknowledged
            decisions[what](app, incident_id, by="mia", now=now)
