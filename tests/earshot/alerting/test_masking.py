"""Nothing leaves unmasked; what is stored stays as it was written."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.digest import digest_html, digest_text
from domain.clock import local_day
from earshot.alerting import delivery
from earshot.core.app import App
from earshot.reporting import digest_schedule
from earshot.reporting.digest_facts import digest_of
from storage import views
from storage.views import Filter
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import ANA, HOUR, NOW, Clock, live, mention, with_words

PHONE, MAIL = "+1 202 555 0143", "ana@example.com"
IBAN, CARD = "DE89 3704 0044 0532 0130 00", "4242 4242 4242 4242"
WORDS = f"Acme is awful: call {PHONE}, {MAIL}, pay to {IBAN}, you charged {CARD}"
MORNING = NOW + 20 * HOUR


@pytest.fixture
def in_slack(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    table = f"""
    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    return with_words(make_app(table, notify_console=False).app)


def deliver(app: App, at: datetime = NOW) -> None:
    clock = Clock(at)
    delivery.notify(app, clock=clock, wait=clock.wait)


def shown_of(text: str) -> list[str]:
    """Which of the four stand in it, wherever its rows break."""
    told = " ".join(re.sub("[│┃|]", " ", text).split())
    return [one for one in (PHONE, MAIL, IBAN, CARD) if one in told]


def test_neither_an_alert_nor_its_thread_nor_the_digest_shows_them(
    in_slack: App, slack: SlackDouble
) -> None:
    live(in_slack, mention("1", WORDS), mention("2", WORDS, conversation_id="1"))
    deliver(in_slack)
    digest_schedule.send_due(in_slack, now=MORNING)
    deliver(in_slack, MORNING)

    told = json.dumps(slack.messages, ensure_ascii=False)
    assert shown_of(told) == []
    assert told.count("[phone …43]") > 2
    assert len(slack.messages) == 3
    for one in slack.messages:
        assert "0143" not in one["text"], "the line of a notification"


def test_the_database_keeps_the_words(in_slack: App) -> None:
    live(in_slack, mention("1", WORDS))
    deliver(in_slack)

    with in_slack.database.read() as session:
        [view] = views.search(session, Filter())
    assert view.mention.text == WORDS


def test_what_cannot_leave_is_printed_masked(
    in_slack: App, slack: SlackDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.fail_next("channel_not_found", method="chat.postMessage")
    live(in_slack, mention("1", WORDS))
    deliver(in_slack)

    printed = capsys.readouterr().out
    assert "[phone …43]" in printed
    assert shown_of(printed) == []


def test_a_number_that_a_notification_cuts_shows_no_half_of_it(
    in_slack: App, slack: SlackDouble
) -> None:
    for length in range(250, 282):
        lead = "Acme is awful " + "x" * (length - 14)
        live(in_slack, mention(str(length), f"{lead} {PHONE}", author=None))
    deliver(in_slack)

    lines = [one["text"] for one in slack.messages]
    assert len(lines) > 10
    assert [line for line in lines if "202 55" in line] == []


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        pytest.param("[]", [PHONE, MAIL, IBAN, CARD], id="nothing"),
        pytest.param('["card"]', [PHONE, MAIL, IBAN], id="cards alone"),
    ],
)
def test_only_what_is_configured_is_hidden(make_app: MakeApp, mask: str, shown: list[str]) -> None:
    made = make_app(f"[privacy]\nmask = {mask}\n")
    with_words(made.app)
    live(made.app, mention("1", WORDS))
    deliver(made.app)

    assert shown_of(made.printed.getvalue()) == shown


def test_a_digest_in_a_file_is_masked(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", WORDS))
    day = local_day(NOW, app.config.tz) + timedelta(days=1)

    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day, app.config, now=NOW + 24 * HOUR)

    page = digest_html(made, app.config.networks, app.config.masking)
    text = digest_text(made, app.config.networks, app.config.masking)
    assert "[phone …43]" in page
    assert "[phone …43]" in text
    assert shown_of(page) == shown_of(text) == []


def test_a_handle_on_a_server_is_no_address(in_slack: App, slack: SlackDouble) -> None:
    handle = "ana@social.example"
    author = replace(ANA, handle=handle, name="")
    live(in_slack, mention("1", author=author, source="mastodon", url=""))
    deliver(in_slack)

    (told,) = slack.messages
    assert f"@{handle}" in json.dumps(told)
    assert "[email]" not in json.dumps(told)
