"""An application that reads X and alerts in Slack, both of them doubles."""

from collections.abc import Iterator

import pytest

from earshot.core.app import App
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import NOW, with_words


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        double.base = int(NOW.timestamp())
        yield double


@pytest.fixture
def app(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("TOKEN", TOKEN)
    table = f"""
    [sources.x]
    enabled = true
    bearer_token = "env:TOKEN"
    [alerts.slack]
    bot_token = "env:TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    return with_words(make_app(table, notify_console=False).app)
