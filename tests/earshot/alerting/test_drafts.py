"""A draft of an answer stands below its incident, and goes with the post."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from domain.mention import Standing
from earshot.alerting import actions, delivery
from earshot.core.app import App
from storage import deletions, incidents
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import BEN, HOUR, NOW, Clock, live, mention, messages_of, with_words

TEMPLATES = """
[[alerts.templates]]
name = "german"
lang = "de"
text = "Hallo {name}, ruf uns an: +49 30 23125 123"

[[alerts.templates]]
name = "sorry"
rules = ["negative"]
text = "Hi @{handle}, call us: +1 202 555 0143"
"""
ENGLISH, GERMAN = "Hi @ana_writes, call us: +1 202 555 0143", "Hallo Ana, ruf uns an"
MakeSlack = Callable[[str], App]


@pytest.fixture
def make(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> MakeSlack:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    table = (
        f'[alerts.slack]\nbot_token = "env:SLACK_TOKEN"\nchannel = "C0ALERTS"\n'
        f'base_url = "{slack.url}"\n'
    )
    return lambda extra: with_words(make_app(table + extra, notify_console=False).app)


@pytest.fixture
def app(make: MakeSlack) -> App:
    return make(TEMPLATES)


def deliver(app: App, at: datetime = NOW) -> None:
    clock = Clock(at)
    for _ in range(4):
        delivery.notify(app, clock=clock, wait=clock.wait)


def replies(slack: SlackDouble) -> list[str]:
    return [json.dumps(one, ensure_ascii=False) for one in slack.messages if one.get("thread_ts")]


def test_it_stands_in_the_thread_beside_what_opens_the_post(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    deliver(app)

    [draft] = replies(slack)
    assert ENGLISH in draft, "its words are the brand's own: the phone is no private person's"
    assert "https://x.com/ana_writes/status/1" in draft
    assert len(slack.roots) == 1


def test_the_language_of_the_post_chooses(app: App, slack: SlackDouble) -> None:
    live(app, mention("1", lang="de"))
    deliver(app)

    [draft] = replies(slack)
    assert GERMAN in draft


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param("", id="no templates"),
        pytest.param(TEMPLATES.partition("\n\n")[0], id="none fits"),
    ],
)
def test_without_one_that_fits_nothing_is_sent(
    make: MakeSlack, slack: SlackDouble, extra: str
) -> None:
    app = make(extra)
    live(app, mention("1"))
    deliver(app)

    assert len(slack.messages) == 1


def test_an_incident_has_one_draft_however_many_posts_join(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    live(app, mention("2", "Acme is awful again", conversation_id="1"))
    deliver(app)

    assert [ENGLISH in one for one in replies(slack)].count(True) == 1


@pytest.mark.parametrize("standing", [Standing.GONE, Standing.HIDDEN])
def test_it_goes_with_the_post(app: App, slack: SlackDouble, standing: Standing) -> None:
    live(app, mention("1"))
    deliver(app)
    with app.database.begin() as session:
        deletions.note(session, [1], standing, now=NOW + HOUR)
    deliver(app, NOW + HOUR)

    assert "ana_writes" not in json.dumps(slack.messages)


def test_what_is_answered_before_it_is_sent_has_none(app: App, slack: SlackDouble) -> None:
    live(app, mention("1"))
    actions.resolve(app, 1, by="mia", now=NOW)
    deliver(app)

    assert slack.messages == []
    assert messages_of(app) == [("post", "skipped"), ("thread", "skipped")]


def test_below_a_message_that_was_told_with_others_there_is_none(
    app: App, slack: SlackDouble
) -> None:
    """In a storm the first messages are taken in, and their drafts with them."""
    storm = [
        mention(str(n), f"Acme is awful {n}", author=replace(BEN, id=str(n), handle=f"ben{n}"))
        for n in range(40)
    ]
    live(app, *storm)
    for _ in range(60):
        deliver(app)

    with app.database.read() as session:
        told = incidents.listing(session, live_only=True)
    assert len(told) == 40
    assert len(slack.roots) == 21
    assert len(replies(slack)) == 20
