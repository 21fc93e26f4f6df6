"""Slack as the tests of alerting meet it."""

from collections.abc import Iterator

import pytest

from tests.alerts.slack_double import SlackDouble
from tests.earshot.world import NOW


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """It stamps messages from NOW on. Its channels are those that a configuration here may name."""
    with SlackDouble(channels=("C0ALERTS", "C0OTHER", "C0BOSSES")) as double:
        double.base = int(NOW.timestamp())
        yield double
