"""What was sent is drawn anew when it is not true any more: numbers as owed, words of now."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

import pytest

from alerts.kinds import KINDS, Kind
from domain.customer import CustomerRecord, OrderRecord
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
from domain.press import Elsewhere, NoAnswerNeeded
from domain.valuation import Segment
from earshot.alerting import actions, delivery, notifications
from earshot.core.app import App
from earshot.reporting import answer_times, digest_schedule
from earshot.reporting.digest_facts import digest_of
from storage import (
    customers,
    deletions,
    deliveries,
    incidents,
    links,
    noise,
    outbox,
    valuation_runs,
    valuations,
)
from storage import orders as stored_orders
from tests.alerts import slack_oracle
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
    said,
    with_words,
)
from tests.storage.test_valuations import shop_of, worth

MORNING = NOW + 20 * HOUR


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
    actions.dismiss(app, 1, by="mia", now=late)
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
    pressable: bool,  # noqa: ARG001
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

    actions.acknowledge(app, number, by="mia", now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    assert "acknowledged" in json.dumps(slack.roots)


def test_a_new_kind_that_asks_for_nothing_counts_in_no_answer_time(
    app: App, open_spike: Callable[[], int]
) -> None:
    open_spike()
    day = timedelta(days=1)
    with app.database.read() as session:
        assert answer_times.clocked_of(session, "Acme", since=NOW - day, until=NOW + day) == []
        made = digest_of(session, app.config.brands[0], MORNING.date(), app.config, now=MORNING)
    assert made.open_incidents == ()


# --- what can be pressed --------------------------------------------------------------------------


def pressed(slack: SlackDouble) -> dict[str, list[str]]:
    [root] = slack.roots
    return slack_oracle.pressed(root)


def test_there_are_no_buttons_where_nobody_would_hear_them(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    deliver(app, NOW)
    assert pressed(slack) == {}


def test_buttons_say_what_was_seen_and_change_with_it(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    table = f"""
    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    app_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    app = with_words(make_app(table, notify_console=False).app)
    live(app, mention("1"))
    deliver(app, NOW)
    assert list(pressed(slack)) == ["acknowledge", "assign", "snooze", "resolve", "more"]
    assert pressed(slack)["resolve"] == ["1:1"]

    actions.acknowledge(app, 1, by="kim", now=NOW, version=1)
    deliver(app, NOW + MINUTE)
    assert "acknowledge" not in pressed(slack)
    assert pressed(slack)["resolve"] == ["1:2"]

    actions.dismiss(app, 1, by="kim", now=NOW, version=2)
    deliver(app, NOW + 2 * MINUTE)
    assert pressed(slack) == {"note": ["1:3"]}


def test_the_customers_story_is_that_of_confirmed_links(app: App) -> None:
    record = CustomerRecord("shop", "c-1", "Ana Ruiz", handles=(("x", "ana_writes"),), tier="gold")
    order = OrderRecord("c-1", (NOW - 30 * 24 * HOUR).date(), Decimal(90), "EUR")
    with app.database.begin() as session:
        customers.save(session, [record], now=NOW)
        stored_orders.save(session, "shop", [order])
    for number, text in enumerate(("awful lid", "awful price", "awful shop"), 1):
        live(app, mention(str(number), f"The Acme {text}"))
    actions.resolve(app, 1, Elsewhere("phone", NOW), by="kim", now=NOW)
    actions.resolve(app, 2, NoAnswerNeeded(), by="kim", now=NOW)
    elsewhere = replace(BEN, id="77", handle="ana@social.example")
    past = mention("m", "Acme is fine", source="mastodon", author=elsewhere)
    live(app, replace(past, published_at=NOW - 20 * HOUR))
    with app.database.begin() as session:
        author = links.find_author(session, "mastodon", "ana@social.example")
        assert author is not None
        links.add(session, author, 1, by="kim", now=NOW)
        run = valuation_runs.begin(session)
    valuations.store(app.database, run, [replace(worth(1), segment=Segment.SPORADIC)], shop_of())
    live(app, mention("4", "What an awful day with Acme", published_at=NOW - MINUTE))

    told = said(app)["incident:4:post:1"]
    assert "3: 1 answered, 1 open, 1 closed · 4 mentions (x 3, mastodon 1), no answer" in told
    assert "· sporadic ·" in told
    assert f"1 order, the last on {order.ordered_on:%d %b %Y}" in told

    actions.not_this_customer(app, 4, by="kim", now=NOW)
    told = said(app)["incident:4:post:1"]
    for gone in ("1 answered", "Ana Ruiz", "sporadic", "mentions ("):
        assert gone not in told
