"""Twenty thousand posts in five minutes: the channel hears of them in at most 21 messages."""

import logging
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.mention import Mention
from earshot.alerting import delivery, triage
from earshot.core.app import App
from earshot.customers import link
from earshot.pipeline import score
from storage import incidents, undelivered
from storage.engine import Database
from storage.tables import IncidentMentionRow, IncidentRow
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import ANA, NOW, Clock, mention, store, with_words

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)

POSTS, LASTS = 20_000, timedelta(minutes=5)
AT_ONCE = 2_000  # as they come in; the channel hears after each
MOST_BYTES = 10**9

RULES = """
[[brands]]
name = "Acme"
query = "acme"

[noise]
spam = false

[[alerts.rules]]
name = "burns"
min_followers = 1000
severity = "critical"
answer_within = "1h"

[[alerts.rules]]
name = "negative"
answer_within = "24h"
"""


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        yield double


@pytest.fixture
def app(
    make_app: MakeApp, database: Database, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> App:
    if not database.is_sqlite:
        pytest.skip("the rules are the same, and the machine would hold its server, too")
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    table = f"""
    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    return with_words(make_app(table, basic=RULES, notify_console=False).app)


def by_many(number: int) -> Mention:
    """Every second one is critical; no two read alike."""
    writer = replace(ANA, id=f"9{number}", handle=f"author{number}", followers=2_000 * (number % 2))
    return post(number, author=writer)


def by_one(number: int) -> Mention:
    return post(number)


def post(number: int, **changed: object) -> Mention:
    words = " ".join(f"w{number * 31 + n}" for n in range(4))
    made = mention(str(number), f"Acme is awful, {words}", **changed)
    return replace(made, published_at=NOW + LASTS * (number / POSTS))


def comes(app: App, make: Callable[[int], Mention]) -> Clock:
    """They come, each pass takes every step, and the channel hears after it."""
    clock = Clock()
    began = time.monotonic()
    for first in range(0, POSTS, AT_ONCE):
        some = range(first, first + AT_ONCE)
        clock.at = max(clock.at, NOW + LASTS * (some.stop / POSTS))
        store(app, *map(make, some), now=clock.at)
        score.score(app, now=clock.at)
        link.link(app, now=clock.at)
        triage.triage(app, now=clock.at)
        delivery.notify(app, clock=clock, wait=lambda _: None)
    for _ in range(240):  # twenty minutes of the service's rounds
        clock.at += timedelta(seconds=5)
        delivery.notify(app, clock=clock, wait=lambda _: None)
    took, most = time.monotonic() - began, peak_bytes()
    log.warning("%d posts in %.0f s, at most %.0f MB", POSTS, took, most / 1e6)
    assert most < MOST_BYTES
    return clock


def peak_bytes() -> int:
    """Of this process, the test's own posts among it."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_a_storm_by_many_half_of_it_critical(app: App, slack: SlackDouble) -> None:
    clock = comes(app, by_many)

    assert len(slack.roots) == 20 + 1
    assert sum(one["text"].startswith("🔴") for one in slack.roots) == 20
    (storm,) = [one for one in slack.roots if "more incidents" in one["text"]]
    assert f"{POSTS - 20:,} more incidents about Acme" in storm["text"]
    assert f"{POSTS // 2 - 20:,} critical, {POSTS // 2:,} normal" in str(storm["blocks"])
    with app.database.read() as session:
        assert len(incidents.listing(session, live_only=True)) == POSTS
        assert undelivered.backlog(session, now=clock.at) == (0, None)


def test_a_flood_by_one(app: App, slack: SlackDouble) -> None:
    comes(app, by_one)

    with app.database.read() as session:
        assert session.scalar(select(func.count()).select_from(IncidentRow)) == 1
        held = select(func.count()).select_from(IncidentMentionRow)
        assert session.scalar(held) == POSTS
    (root,) = slack.roots
    assert f"{POSTS:,} posts about Acme" in root["text"]
    assert len(slack.messages) <= 2 + 25 * 60 // 45
