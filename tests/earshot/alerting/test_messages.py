"""What was sent is drawn anew when it is not true any more: numbers as owed, words of now."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

import pytest

from alerts import lifecycle
from alerts.kinds import KINDS, Kind
from domain.elements import Facts, Heading, Message
from domain.incident import (
    Action,
    Audit,
    Candidate,
    Incident,
    Severity,
    State,
)
from domain.mention import Mention, Standing
from domain.network import Networks
from earshot.alerting import actions, delivery, notifications
from earshot.core.app import App
from earshot.reporting import digest_schedule
from earshot.reporting import metrics as numbers
from earshot.reporting.digest_facts import digest_of
from storage import deletions, deliveries, incidents, noise, outbox
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import (
    BEN,
    HOUR,
    MINUTE,
    NOW,
    Clock,
    live,
    mention,
    with_words,
)

MORNING = NOW + 20 * HOUR


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble(channels=("C0ALERTS",)) as double:
        double.base = int(NOW.timestamp())
        yield double


@pytest.fixture
def app(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    table = f"""
    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    return with_words(make_app(table, notify_console=False).app)


def deliver(app: App, at: datetime) -> None:
    clock = Clock(at)
    for _ in range(5):
        delivery.notify(app, clock=clock, wait=clock.wait)


def edited(first: Mention, text: str) -> Mention:
    return replace(first, text=text, edited_at=NOW + MINUTE)


def told(slack: SlackDouble) -> str:
    return json.dumps(slack.messages, ensure_ascii=False)


def morning_of_two(app: App) -> None:
    """An alert and a digest that stand in Slack."""
    live(app, mention("1"), mention("2", "Acme is lovely", author=BEN))
    deliver(app, NOW)
    digest_schedule.send_due(app, now=MORNING)
    deliver(app, MORNING)


# --- words of now -------------------------------------------------------------------------------


def test_an_edit_reaches_the_alert_and_the_digest(app: App, slack: SlackDouble) -> None:
    morning_of_two(app)
    at = MORNING + HOUR
    live(app, edited(mention("1"), "Acme is awful, still awful, sorry"), now=at)
    deliver(app, at)

    root, digest = slack.roots
    assert "still awful, sorry" in json.dumps(root)
    assert "still awful, sorry" in json.dumps(digest)
    assert "not scored" not in told(slack), "its tone is that of the new words"


@pytest.mark.parametrize("standing", [Standing.HIDDEN, Standing.GONE])
def test_what_is_not_shown_any_more_leaves_slack_and_comes_back_when_it_does(
    app: App, slack: SlackDouble, standing: Standing
) -> None:
    morning_of_two(app)
    at = MORNING + HOUR
    with app.database.begin() as session:
        deletions.note(session, [1], standing, now=at)
    deliver(app, at)
    assert "Acme is awful" not in told(slack)
    assert "Acme is lovely" in told(slack)
    if standing is Standing.GONE:
        return

    with app.database.begin() as session:
        deletions.note(session, [1], Standing.THERE, now=at + HOUR)
    deliver(app, at + HOUR)
    assert all("Acme is awful" in json.dumps(one) for one in slack.roots)


def test_what_a_person_hides_as_noise_leaves_the_digest(app: App, slack: SlackDouble) -> None:
    morning_of_two(app)
    at = MORNING + HOUR
    with app.database.begin() as session:
        noise.hide(session, 2, "Acme", by="kim", now=at)
        outbox.withdrawn(session, [2], now=at)
    deliver(app, at)
    assert "Acme is lovely" not in told(slack)


def test_a_message_that_somebody_removed_is_not_posted_anew_for_words_taken_back(
    app: App, slack: SlackDouble
) -> None:
    morning_of_two(app)
    slack.messages.clear()
    with app.database.begin() as session:
        outbox.withdrawn(session, [1, 2], now=MORNING + HOUR)
    deliver(app, MORNING + HOUR)
    assert slack.messages == []
    with app.database.read() as session:
        assert deliveries.waiting(session) == []


# --- numbers as they were owed ------------------------------------------------------------------


def test_a_digest_that_waited_tells_the_numbers_of_its_morning(
    app: App, slack: SlackDouble
) -> None:
    live(app, mention("1"), mention("2", "Acme is lovely", author=BEN))
    slack.fail_next("ekm_key_not_ready", times=100, method="chat.postMessage")
    digest_schedule.send_due(app, now=MORNING)
    deliver(app, MORNING)
    slack.recover()
    late = MORNING + 5 * HOUR
    live(app, *(mention(f"late {n}", "Acme", published_at=NOW) for n in range(9)), now=late)
    close = partial(lifecycle.dismiss, by="mia", now=late)
    actions.change_incident(app, 1, close, now=late)
    deliver(app, late)

    [digest] = [json.dumps(one) for one in slack.roots if "Yesterday" in json.dumps(one)]
    assert "2 mentions yesterday" in digest
    assert "answer Ana first" in digest
    assert "overdue by 16 h 5 m" in digest, "its clock is that of the morning"
    assert "dismissed" in digest, "its state is that of now"


def test_numbers_stay_when_words_go(app: App, slack: SlackDouble) -> None:
    morning_of_two(app)
    before = slack.roots[1]["text"]
    late = MORNING + HOUR
    live(app, *(mention(f"late {n}", "Acme", published_at=NOW) for n in range(9)), now=late)
    with app.database.begin() as session:
        deletions.note(session, [2], Standing.HIDDEN, now=late)
    deliver(app, late)
    assert slack.roots[1]["text"] == before
    assert "Acme is lovely" not in told(slack)


def test_no_word_of_a_mention_waits_in_the_outbox(app: App) -> None:
    live(app, mention("1"), mention("2", "Acme is lovely", author=BEN))
    digest_schedule.send_due(app, now=MORNING)
    with app.database.read() as session:
        kept = [json.dumps(entry.message.numbers) for entry in deliveries.waiting(session)]
    assert "null" in kept, "the alert"
    for words in ("awful", "lovely", "ana_writes", "ben_brews"):
        assert all(words not in one for one in kept)


# --- a kind of incident that somebody adds ------------------------------------------------------


def spike_message(
    incident: Incident,
    _mentions: Sequence[Candidate],
    *,
    now: datetime,  # noqa: ARG001 -- every kind is given it
    tz: tzinfo,  # noqa: ARG001
    networks: Networks,  # noqa: ARG001
) -> Message:
    state = Facts((("State", incident.state.value),))
    return Message(f"Loud: {incident.brand}", (Heading(f"Loud: {incident.brand}"), state))


@pytest.fixture
def open_spike(app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Opens an incident of a new kind, which has its entry in the registry and its message."""
    spike = Kind(spike_message, identifies=False, asks=False, tells_story=False)
    monkeypatch.setitem(KINDS, "spike", spike)

    def opened() -> int:
        loud = Incident(
            id=0,
            kind="spike",
            key="spike:Acme",
            brand="Acme",
            rule="spike",
            severity=Severity.HIGH,
            state=State.OPEN,
            posted_at=NOW,
            opened_at=NOW,
            due_at=NOW + HOUR,
        )
        audit = Audit(0, 1, Action.OPENED, "earshot", NOW, None, State.OPEN)
        with app.database.begin() as session:
            added = incidents.add(session, loud, audit)
            notifications.opened(session, app, added, now=NOW)
        return added.id

    return opened


def test_a_new_kind_needs_its_entry_and_its_message(
    app: App, slack: SlackDouble, open_spike: Callable[[], int]
) -> None:
    number = open_spike()
    deliver(app, NOW)
    assert "Loud: Acme" in json.dumps(slack.roots)

    acknowledge = partial(lifecycle.acknowledge, by="mia", now=NOW + MINUTE)
    actions.change_incident(app, number, acknowledge, now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    assert "acknowledged" in json.dumps(slack.roots)


def test_a_new_kind_that_asks_for_nothing_counts_in_no_answer_time(
    app: App, open_spike: Callable[[], int]
) -> None:
    open_spike()
    day = timedelta(days=1)
    with app.database.read() as session:
        assert numbers.clocked_of(session, "Acme", since=NOW - day, until=NOW + day) == []
        made = digest_of(session, app.config.brands[0], MORNING.date(), app.config, now=MORNING)
    assert made.open_incidents == ()
