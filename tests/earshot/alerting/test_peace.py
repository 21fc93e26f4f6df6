"""Mutes and quiet hours: what the channel does not hear of now, and what becomes of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from domain.incident import State
from domain.mention import Author
from domain.mute import Mute, Muted
from domain.notification import EscalationsOf, IncidentOf, Kind, OutgoingMessage
from earshot.alerting import actions, delivery
from earshot.alerting.peace import author_value
from earshot.core.app import App
from storage import deliveries, incidents, mutes, outbox, undelivered
from storage.tables import IncidentRow, OutboxRow
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

RULES = """
[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:acme_help"]

[[brands]]
name = "Bolt"
query = "bolt"

[noise]
spam = false

[[alerts.rules]]
name = "burns"
sentiment = "negative"
min_followers = 1000
severity = "critical"
answer_within = "1h"

[[alerts.rules]]
name = "negative"
answer_within = "24h"
"""
QUIET = """
[alerts.quiet]
from = "22:00"
to = "07:00"
"""
NIGHT, MORNING = NOW.replace(hour=23), NOW.replace(day=21, hour=7)
FAMED = replace(ANA, id="77", handle="famed", followers=20_000)
MakeSlackApp = Callable[..., App]


@pytest.fixture
def make_slack_app(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> MakeSlackApp:
    def make(extra: str = "") -> App:
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


def mute(app: App, what: Muted, value: str, *, brand: str = "", hours: int = 24) -> int:
    with app.database.begin() as session:
        asked = Mute(0, what, value, brand, "a joke", "ana", NOW, NOW + hours * HOUR)
        return mutes.add(session, asked).id


def lift(app: App, mute_id: int, clock: Clock) -> None:
    with app.database.begin() as session:
        mutes.remove(session, mute_id, now=clock.at)
        deliveries.hear_again(session, mutes.incidents_of(session, mute_id), now=clock.at)


def deliver(app: App, clock: Clock) -> None:
    delivery.notify(app, clock=clock, wait=lambda _: None)


def posted(slack: SlackDouble) -> int:
    return sum(call.method == "chat.postMessage" for call in slack.calls)


def states(app: App) -> list[State]:
    with app.database.read() as session:
        return [State(one) for one in session.scalars(select(IncidentRow.state))]


def why(app: App, incident_id: int = 1) -> list[str]:
    with app.database.read() as session:
        its = select(OutboxRow).where(OutboxRow.incident_id == incident_id)
        return [row.reason for row in session.scalars(its.order_by(OutboxRow.key))]


def kept(app: App, mute_id: int) -> int:
    with app.database.read() as session:
        return mutes.get(session, mute_id).kept_quiet


BY_ANA = "muted by ana until 2026-11-21T12:00:00Z: a joke"


# --- what a mute covers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "value", "quiet"),
    [
        pytest.param(Muted.SOURCE, "x", True, id="its source"),
        pytest.param(Muted.SOURCE, "reddit", False, id="another source"),
        pytest.param(Muted.RULE, "negative", True, id="its rule"),
        pytest.param(Muted.RULE, "burns", False, id="another rule"),
        pytest.param(Muted.QUERY, "awful -kettle", True, id="a query that finds it"),
        pytest.param(Muted.QUERY, "awful author:ana_writes", True, id="words of an author"),
        pytest.param(Muted.QUERY, "awful source:reddit", False, id="words on another network"),
        pytest.param(Muted.QUERY, "kettle", False, id="a query that does not"),
        pytest.param(Muted.STORY, "1", True, id="this very mention"),
        pytest.param(Muted.STORY, "9", False, id="another story"),
    ],
)
def test_what_is_muted_is_an_incident_that_the_channel_does_not_hear_of(
    app: App, slack: SlackDouble, what: Muted, value: str, *, quiet: bool
) -> None:
    muted = mute(app, what, value)
    live(app, mention("1"))
    deliver(app, Clock())

    assert posted(slack) == (0 if quiet else 1)
    assert states(app) == [State.OPEN]
    assert kept(app, muted) == int(quiet)
    assert why(app) == ([BY_ANA] if quiet else ["sent"])


def test_an_author_is_known_by_a_seal_alone(app: App, slack: SlackDouble) -> None:
    with app.database.begin() as session:
        value = author_value(session, "x", ANA.id)
    assert value != f"x:{ANA.id}"
    assert value.startswith("x:sealed-")
    mute(app, Muted.AUTHOR, value)
    live(
        app,
        mention("1"),
        mention("2", "Awful service, Acme", author=BEN),
        mention("3", "Today the lid of my Acme kettle was awful", source="reddit"),
    )
    deliver(app, Clock())
    assert posted(slack) == 2
    assert why(app) == [BY_ANA]


def test_a_mute_of_one_brand_leaves_the_others_alone(app: App, slack: SlackDouble) -> None:
    mute(app, Muted.SOURCE, "x", brand="Bolt")
    live(app, mention("1"), mention("2", "Bolt is awful"))
    deliver(app, Clock())
    assert ["Bolt" in one["text"] for one in slack.roots] == [False]


def test_copies_of_a_muted_story_are_muted(app: App) -> None:
    long = "Acme is awful: the new kettle loses its lid when you pour and the handle gets hot"
    live(app, mention("1", long, published_at=NOW - DAY))
    mute(app, Muted.STORY, "1")
    live(app, mention("2", long, author=FAMED))
    deliver(app, Clock())
    assert why(app, 2) == [BY_ANA]


def test_what_is_critical_is_muted_too_and_counted(app: App, slack: SlackDouble) -> None:
    muted = mute(app, Muted.SOURCE, "x")
    live(app, mention("1", author=FAMED))
    deliver(app, Clock())
    assert (posted(slack), kept(app, muted)) == (0, 1)


def test_a_rule_of_incidents_without_mentions_can_be_muted(app: App) -> None:
    with app.database.begin() as session:
        from alerts import source_alarm  # noqa: PLC0415

        made = incidents.add(
            session, *source_alarm.open_alarm("x", "silent", since=NOW - HOUR, now=NOW)
        )
        outbox.enqueue(session, _owed(made.id, app), now=NOW)
    mute(app, Muted.SOURCE, "x")
    mute(app, Muted.RULE, source_alarm.RULE)
    deliver(app, Clock())
    assert why(app) == [BY_ANA]


def _owed(incident_id: int, app: App) -> Any:  # noqa: ANN401
    subject = IncidentOf(incident_id)
    return OutgoingMessage("k", subject, Kind.POST, app.channel.address, app.channel.name, NOW)


# --- its end ------------------------------------------------------------------------------------


def test_when_a_mute_ends_what_needs_somebody_still_is_told(app: App, slack: SlackDouble) -> None:
    muted = mute(app, Muted.SOURCE, "x", hours=2)
    live(app, mention("1"), mention("2", conversation_id="2"))
    clock = Clock()
    deliver(app, clock)
    live(app, reply("3", to="2", published_at=NOW + HOUR), now=NOW + HOUR)
    deliver(app, Clock(NOW + HOUR))
    assert posted(slack) == 0

    deliver(app, Clock(NOW + 2 * HOUR))
    assert posted(slack) == 1
    assert messages_of(app) == [("post", "sent"), ("post", "skipped")]
    assert kept(app, muted) == 2


def test_a_mute_that_is_removed_ends_at_once(app: App, slack: SlackDouble) -> None:
    muted = mute(app, Muted.SOURCE, "x")
    live(app, mention("1"))
    clock = Clock()
    deliver(app, clock)
    clock.at += HOUR
    lift(app, muted, clock)
    deliver(app, clock)
    assert posted(slack) == 1
    assert why(app) == ["sent"]


def test_another_mute_that_holds_goes_on(app: App, slack: SlackDouble) -> None:
    first, second = mute(app, Muted.SOURCE, "x"), mute(app, Muted.RULE, "negative", hours=48)
    live(app, mention("1"))
    clock = Clock()
    deliver(app, clock)
    lift(app, second, clock)
    deliver(app, clock)
    assert posted(slack) == 0
    assert (kept(app, first), kept(app, second)) == (1, 1)


def test_many_that_were_muted_are_told_as_a_storm(app: App, slack: SlackDouble) -> None:
    mute(app, Muted.SOURCE, "x", hours=1)
    people = [replace(ANA, id=str(n), handle=f"author{n}") for n in range(50)]
    live(app, *(mention(one.id, author=one) for one in people))
    deliver(app, Clock())
    deliver(app, Clock(NOW + HOUR))
    assert posted(slack) == 20 + 1
    assert "30 more incidents" in str([one["text"] for one in slack.roots])


# --- an incident that the channel knows ---------------------------------------------------------


def test_a_muted_mention_of_a_told_incident_is_shown_by_its_first_message_alone(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    deliver(app, clock)
    muted = mute(app, Muted.SOURCE, "x")
    live(app, mention("2", conversation_id="1"))
    deliver(app, clock)

    assert len(slack.messages) == 1
    assert "2 posts" in slack.roots[0]["text"]
    assert why(app) == ["sent", BY_ANA]
    assert kept(app, muted) == 1
    deliver(app, Clock(NOW + 2 * DAY))
    assert len(slack.messages) == 1, "yesterday's posts are no news"


def test_a_mention_that_is_not_muted_is_told_with_those_that_are(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    mute(app, Muted.QUERY, "joke")
    live(app, mention("1", "Acme is awful, what a joke"))
    deliver(app, clock)
    assert posted(slack) == 0
    live(app, mention("2", "Acme is awful, it burnt me", conversation_id="1"))
    deliver(app, clock)
    assert "2 posts" in slack.roots[0]["text"]


def test_what_a_person_does_to_a_muted_incident_is_shown_where_it_is_told(
    app: App, slack: SlackDouble
) -> None:
    clock = Clock()
    live(app, mention("1"))
    deliver(app, clock)
    mute(app, Muted.SOURCE, "x")
    actions.acknowledge(app, 1, by="ana", now=NOW)
    deliver(app, clock)
    assert "ana has it" in slack.roots[0]["text"]


# --- quiet hours --------------------------------------------------------------------------------


def test_in_quiet_hours_only_what_is_critical_is_told(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    live(app, mention("1", published_at=NIGHT), now=NIGHT)
    live(app, mention("2", author=FAMED, published_at=NIGHT), now=NIGHT)
    deliver(app, Clock(NIGHT))
    assert ["Critical" in one["text"] for one in slack.roots] == [True]
    assert why(app, 1) == ["quiet hours until 2026-11-21T07:00:00Z"]
    with app.database.read() as session:
        assert undelivered.backlog(session, now=NIGHT + HOUR) == (0, None)
        assert undelivered.quiet(session, now=NIGHT + HOUR) == 1

    deliver(app, Clock(MORNING - MINUTE))
    assert len(slack.roots) == 1
    with app.database.read() as session:
        assert undelivered.backlog(session, now=MORNING + MINUTE) == (1, MORNING)
    deliver(app, Clock(MORNING))
    assert len(slack.roots) == 2


def test_after_quiet_hours_messages_leave_in_their_order(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    for number in range(3):
        at = NIGHT + number * MINUTE
        author = replace(ANA, id=str(number), handle=f"author{number}")
        live(app, mention(f"{number}", author=author, published_at=at), now=at)
        deliver(app, Clock(at))
    live(app, mention("more", conversation_id="0", author=replace(ANA, id="0")), now=NIGHT + HOUR)
    deliver(app, Clock(NIGHT + HOUR))
    assert slack.messages == []
    deliver(app, Clock(MORNING))
    assert [one["text"].count("author") for one in slack.roots] == [1, 1, 1]
    told = [f"author{n}" in str(slack.roots[n]["text"]) for n in range(1, 3)]
    assert told == [True, True]


def test_after_quiet_hours_much_is_told_as_a_storm(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    people = [replace(ANA, id=str(n), handle=f"author{n}") for n in range(50)]
    live(app, *(mention(one.id, author=one, published_at=NIGHT) for one in people), now=NIGHT)
    deliver(app, Clock(NIGHT))
    assert slack.messages == []
    deliver(app, Clock(MORNING))
    assert len(slack.messages) == 20 + 1


def test_what_stands_there_changes_and_words_are_withdrawn_at_night_too(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    live(app, mention("1", "Acme is awful, my secret"))
    deliver(app, Clock())
    with app.database.begin() as session:
        outbox.withdrawn(session, [1], now=NIGHT)
    actions.acknowledge(app, 1, by="ana", now=NIGHT)
    deliver(app, Clock(NIGHT))
    assert "ana has it" in slack.roots[0]["text"]
    assert slack.roots[0]["edits"] == 1


def test_an_incident_that_becomes_critical_at_night_is_told(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    live(app, mention("1", published_at=NIGHT), now=NIGHT)
    deliver(app, Clock(NIGHT))
    grave = mention("2", conversation_id="1", author=replace(ANA, followers=9_000))
    live(app, replace(grave, published_at=NIGHT), now=NIGHT + MINUTE)
    deliver(app, Clock(NIGHT + MINUTE))
    assert [one["text"].startswith("🔴") for one in slack.roots] == [True]


@pytest.mark.parametrize("author", [ANA, FAMED], ids=["calm", "critical"])
def test_a_reminder_of_many_is_heard_at_night_where_one_is_critical(
    make_slack_app: MakeSlackApp, slack: SlackDouble, author: Author
) -> None:
    app = make_slack_app(QUIET)
    live(app, mention("1", author=author))
    deliver(app, Clock())
    subject = EscalationsOf("Acme", "thread", (1,))
    owed = OutgoingMessage("e", subject, Kind.POST, "C0ALERTS", "slack", NIGHT)
    with app.database.begin() as session:
        outbox.enqueue(session, owed, now=NIGHT)
    deliver(app, Clock(NIGHT))
    assert len(slack.roots) == (2 if author is FAMED else 1)


def test_what_was_answered_at_night_is_not_told_in_the_morning(
    make_slack_app: MakeSlackApp, slack: SlackDouble
) -> None:
    app = make_slack_app(QUIET)
    live(app, mention("1", published_at=NIGHT), now=NIGHT)
    deliver(app, Clock(NIGHT))
    live(app, reply("2", to="1", published_at=NIGHT + HOUR), now=NIGHT + HOUR)
    work(app, now=NIGHT + HOUR)
    deliver(app, Clock(MORNING))
    assert slack.messages == []


def test_while_slack_refuses_us_what_is_kept_quiet_is_not_printed(
    make_slack_app: MakeSlackApp, slack: SlackDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_slack_app()
    mute(app, Muted.QUERY, "joke")
    live(app, mention("1", "Acme is awful, a joke"), mention("2", author=BEN))
    slack.fail_next("invalid_auth", method="chat.postMessage")
    deliver(app, Clock())
    printed = capsys.readouterr().out
    assert "ben_brews" in printed
    assert "joke" not in printed
