"""`kill -9` at random moments, then one full pass: nothing is lost and nothing is doubled."""

import logging
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage import deliveries
from storage.engine import Database
from storage.tables import (
    CursorRow,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
    OutboxRow,
    ScoreRow,
)
from tests.alerts.slack_double import TOKEN, Call, Failure, SlackDouble
from tests.clock import EARSHOT
from tests.journeys.networks import Post, XNetwork, x_post, x_reply, x_user
from tests.net.replay import serve

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)

KILLS = 44
POSTS = 300
LONGEST_LIFE_S = 5.0


class ClockedSlack(SlackDouble):
    """Its timestamps follow the clock, as Slack's do, and never repeat."""

    _last = 0

    @property
    def base(self) -> int:
        self._last = max(int(time.time()), self._last + 1)
        return self._last - self._sent

    @base.setter
    def base(self, _second: int) -> None:
        """The clock decides."""

    def answer(self, call: Call) -> tuple[Failure | None, dict[str, Any]]:
        """Take time before and after the work, so that a kill may fall on either side of it."""
        threading.Event().wait(0.4)
        done = super().answer(call)
        threading.Event().wait(0.4)
        return done


@dataclass
class Drill:
    """The far ends, the settings, and what has been seen on the way."""

    config: Path
    database: Database
    x: XNetwork
    slack: SlackDouble
    env: dict[str, str]
    posts: list[Post]
    caught: Counter[str] = field(default_factory=Counter)  # what a kill left half-done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*EARSHOT, "--config", str(self.config), "run", *arguments],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill_after(self, seconds: float) -> None:
        with self.start() as process:
            threading.Event().wait(seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        self.look()

    def look(self) -> None:
        with self.database.read() as session:
            for row in deliveries.waiting(session):
                self.caught[f"message {row.delivery.state}"] += 1
            for stage in session.scalars(
                select(MentionBrandRow.stage).where(MentionBrandRow.stage != "done").distinct()
            ):
                self.caught[f"mentions {stage}"] += 1
            if any("walk" in state for state in session.scalars(select(CursorRow.state))):
                self.caught["walk open"] += 1

    def once(self) -> subprocess.CompletedProcess[str]:
        with self.start("--once") as process:
            out, err = process.communicate(timeout=180)
        return subprocess.CompletedProcess([], process.returncode, out, err)


def timeline(now: datetime) -> list[Post]:
    """300 posts of the past hours: most are mild, 18 complain, 4 complaints are answered."""
    posts: list[Post] = []
    for number in range(POSTS):
        at = now - timedelta(hours=10) + timedelta(seconds=90 * number)
        text = f"Acme shop number {number} opens at nine o'clock"
        if number % 16 == 3:
            text = f"Acme is terrible, order {number} never arrived. Worst service ever, I hate it"
        posts.append(x_post(at, text, str(5000 + number), number=number))
    for number in (3, 51, 99, 147):
        at = now - timedelta(hours=2) + timedelta(minutes=number)
        posts.append(x_reply(at, "So sorry, we have written to you", "1000", to=posts[number]))
    return posts


@pytest.fixture
def drill(database: Database, tmp_path: Path) -> Iterator[Drill]:
    x = XNetwork(per_page=10, wait=lambda: threading.Event().wait(0.03))
    x.users = {str(5000 + n): x_user(str(5000 + n), f"author{n}") for n in range(POSTS)}
    x.users["1000"] = x_user("1000", "acme_help", 9000)
    with ClockedSlack() as slack, serve() as server:
        server.by_query = x.answer
        config = tmp_path / "config.toml"
        url = database.engine.url.render_as_string(hide_password=False)
        config.write_text(_settings(url, server.url, slack.url), encoding="utf-8")
        env = os.environ | {"X_TOKEN": "invented", "SLACK_TOKEN": TOKEN}
        yield Drill(config, database, x, slack, env, timeline(datetime.now(UTC)))


def _settings(database: str, x: str, slack: str) -> str:
    return f"""
database = '{database}'

[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000"]

[sources.x]
enabled = true
every = "1s"
bearer_token = "env:X_TOKEN"
base_url = "{x}"

[alerts.slack]
bot_token = "env:SLACK_TOKEN"
channel = "C0ALERTS"
base_url = "{slack}"

[[alerts.rules]]
name = "negative"
min_confidence = 0.5
answer_within = "24h"
"""


def test_killed_at_random_moments_everything_is_there_once(drill: Drill) -> None:
    chance = random.Random(20_261_120)  # noqa: S311 - the same moments every time
    for number in range(KILLS):
        # The network goes on posting while we die and come back.
        drill.x.posts = drill.posts[: len(drill.posts) * (number + 4) // (KILLS + 3)]
        drill.kill_after(chance.uniform(1.0, LONGEST_LIFE_S))
    drill.x.posts = drill.posts
    last = drill.once()
    log.info("%d kills left behind: %s", KILLS, dict(drill.caught))
    assert (last.returncode, last.stderr) == (0, "")

    _every_mention_once(drill)
    _every_incident_once(drill)
    _every_message_once(drill)
    _cursor_is_right(drill)
    again = drill.once()
    assert again.returncode == 0
    assert " new 0," in again.stdout
    _every_message_once(drill)


def _every_mention_once(drill: Drill) -> None:
    with drill.database.read() as session:
        stored = Counter(session.scalars(select(MentionRow.external_id)))
        stages = Counter(session.scalars(select(MentionBrandRow.stage)))
        scores = Counter(session.scalars(select(ScoreRow.mention_id)))
    assert stored == Counter(post["id"] for post in drill.posts)
    assert stages == {"done": len(drill.posts)}
    assert len(scores) == POSTS
    assert set(scores.values()) == {1}


def _every_incident_once(drill: Drill) -> None:
    complaints = [post for post in drill.posts if "terrible" in post["text"]]
    with drill.database.read() as session:
        rows = list(session.scalars(select(IncidentRow)))
        members = list(
            session.scalars(
                select(MentionRow.external_id).join(
                    IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id
                )
            )
        )
    wanted = {post["id"] for post in complaints}
    assert wanted <= set(members), "the model calls every one of these negative"
    assert set(Counter(row.key for row in rows).values()) == {1}
    assert len(members) == len(set(members)) == len(rows)
    assert sum(row.resolution == "replied" for row in rows) == 4


def _every_message_once(drill: Drill) -> None:
    with drill.database.read() as session:
        rows = list(session.scalars(select(OutboxRow)))
        incidents = {row.id for row in session.scalars(select(IncidentRow))}
    assert {row.state for row in rows} <= {"sent", "skipped"}
    posts = [row for row in rows if row.kind == "post" and row.incident_id is not None]
    assert {row.incident_id for row in posts} == incidents
    assert len(posts) == len(incidents)

    sent = Counter(_outbox_id(message) for message in drill.slack.roots)
    assert sent == Counter(row.id for row in rows if row.kind == "post" and row.state == "sent")
    below = Counter(_outbox_id(one) for one in drill.slack.messages if one.get("thread_ts"))
    assert below == Counter(row.id for row in rows if row.kind == "thread" and row.state == "sent")
    assert len(drill.slack.messages) == len(drill.slack.roots) + below.total()
    assert drill.slack.refused == []


def _outbox_id(message: dict[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["outbox_id"])


def _cursor_is_right(drill: Drill) -> None:
    now = datetime.now(UTC)
    posted = [datetime.fromisoformat(post["created_at"]) for post in drill.posts]
    newest = max(at for at in posted if at <= now - timedelta(minutes=5))
    with drill.database.read() as session:
        asks = session.get_one(CursorRow, ("x", "Acme")).state["asks"]
    (state,) = asks.values()
    assert "walk" not in state
    # One reply is from after the last pass: it does not move the mark ahead of the clock.
    assert newest <= datetime.fromisoformat(state["newest_at"]) <= now


def test_a_service_that_hangs_in_a_call_still_stops_in_time(drill: Drill) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hang() -> None:
        arrived.set()
        released.wait(60)

    drill.x._wait = hang  # noqa: SLF001 - the network does not answer
    with drill.start() as process:
        assert arrived.wait(30)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        took = time.monotonic() - began
        released.set()
    assert process.returncode == 0
    assert "earshot has stopped" in err
    assert took < 12
