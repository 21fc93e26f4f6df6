"""One mention from the network's answer to the Slack text, and the reply that closes it.

The real client libraries, the shipped model and the real Slack client; only the far ends are ours.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from domain.clock import iso
from domain.customer import CustomerRecord, OrderRecord
from domain.incident import State
from earshot import cli
from earshot.core.app import App
from earshot.service import scheduler
from storage import customers, orders
from storage.tables import IncidentRow, MentionBrandRow, MentionRow
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import Made, MakeApp
from tests.earshot.world import HOUR, NOW, Clock, key_of
from tests.journeys.networks import (
    RedditNetwork,
    XNetwork,
    comment,
    minutes,
    submission,
    x_post,
    x_reply,
    x_user,
)
from tests.net.replay import Replay, serve

OURS = ("https://x.com/", "https://www.reddit.com/")
ANGRY = "Acme is terrible. My order never arrived & nobody answers. Worst service ever!"


@dataclass
class World:
    made: Made
    x: XNetwork
    reddit: RedditNetwork
    slack: SlackDouble
    clock: Clock

    @property
    def app(self) -> App:
        return self.made.app

    def passes(self, after: timedelta = timedelta(0)) -> None:
        self.clock.at += after
        found = scheduler.full_pass(self.app, clock=self.clock, wait=self.clock.wait)
        assert [one.trouble for one in found.collected] == ["", ""]
        assert found.delivered.trouble == ""

    def incident(self) -> IncidentRow:
        with self.app.database.read() as session:
            return session.scalars(select(IncidentRow)).one()

    @property
    def root(self) -> dict[str, object]:
        """The only message about an incident."""
        (message,) = [one for one in self.slack.roots if "Incident" in json.dumps(one["blocks"])]
        return message

    @property
    def shown(self) -> str:
        return json.dumps(self.root["blocks"], ensure_ascii=False)


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        double.base = int(NOW.timestamp())
        yield double


@pytest.fixture
def world(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    for name in ("X_TOKEN", "REDDIT_SECRET"):
        monkeypatch.setenv(name, "invented")
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    x, reddit = XNetwork(), RedditNetwork()
    x.users = {"501": x_user("501", "ana_writes"), "1000": x_user("1000", "acme_help", 9000)}
    with serve() as x_server, serve() as reddit_server:
        x_server.by_query, reddit_server.by_query = x.answer, reddit.answer
        made = make_app(_tables(x_server, reddit_server, slack), notify_console=False)
        yield World(made, x, reddit, slack, Clock())
    assert slack.refused == []
    assert all(link.startswith(OURS) for link in slack.live), "only links made by us are live"


def _tables(x: Replay, reddit: Replay, slack: SlackDouble) -> str:
    return f"""
    [sources.x]
    enabled = true
    bearer_token = "env:X_TOKEN"
    base_url = "{x.url}"

    [sources.reddit]
    enabled = true
    client_id = "invented"
    client_secret = "env:REDDIT_SECRET"
    base_url = "{reddit.url}"

    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """


def test_a_complaint_on_x(world: World) -> None:
    complaint = x_post(NOW - minutes(20), ANGRY.replace("&", "&amp;"), "501")
    world.x.posts = [complaint]
    world.passes()

    incident = world.incident()
    assert (incident.state, incident.rule) == (State.OPEN, "negative")
    assert incident.due_at == NOW - minutes(20) + timedelta(hours=4)
    assert ANGRY in world.shown
    assert "ana_writes" in world.shown
    assert f"https://x.com/ana_writes/status/{complaint['id']}" in world.shown

    world.x.posts += [
        x_reply(NOW + minutes(30), "So sorry, look at your DMs", "1000", to=complaint)
    ]
    world.passes(after=HOUR)

    incident = world.incident()
    assert (incident.state, incident.resolution) == (State.RESOLVED, "replied")
    assert incident.answered_at == NOW + minutes(30)
    assert world.root["edits"] == 1
    assert "50 m" in world.shown
    [told] = [one["text"] for one in world.slack.messages if "thread_ts" in one]
    assert "Answered by @acme_help after 50 m, in time" in told

    said = len(world.slack.messages)
    world.passes(after=HOUR)
    assert len(world.slack.messages) == said
    assert world.root["edits"] == 1


def test_an_answer_on_x_that_did_not_help(world: World) -> None:
    complaint = x_post(NOW - minutes(20), ANGRY.replace("&", "&amp;"), "501")
    answer = x_reply(NOW + minutes(30), "So sorry, look at your DMs", "1000", to=complaint)
    world.x.posts = [complaint, answer]
    world.passes(after=HOUR)
    assert world.incident().state == State.RESOLVED

    angrier = "@acme_help That did not help at all. Terrible, the worst support ever!"
    world.x.posts += [x_reply(NOW + minutes(70), angrier, "501", to=answer)]
    world.passes(after=HOUR)

    assert world.incident().state == State.OPEN
    assert world.incident().posted_at == NOW + minutes(70)
    assert "That did not help at all" in json.dumps(world.slack.messages)


def test_a_complaint_by_a_gold_customer_is_critical(world: World) -> None:
    with world.app.database.begin() as session:
        ana = CustomerRecord("shop", "7", "Ana Ruiz", handles=(("x", "ana_writes"),))
        customers.save(session, [ana], now=NOW)
        order = OrderRecord("7", date(2026, 10, 1), Decimal("1830.50"), "EUR")
        orders.save(session, "shop", [order])
    world.x.posts = [x_post(NOW - minutes(20), ANGRY, "501")]
    world.passes()

    assert world.incident().rule == "vip"
    assert world.incident().due_at == NOW - minutes(5)
    assert "Ana Ruiz" in world.shown
    assert "gold" in world.shown


def test_a_complaint_on_reddit(world: World) -> None:
    title = "Acme sold me a broken kettle and refuses to help"
    body = "Awful. It leaked on day one, support is rude & useless. I hate it."
    world.reddit.submissions = [submission(NOW - minutes(90), "1abc", title, body, "kettle_fan")]
    world.passes()

    assert world.incident().state == State.OPEN
    assert title in world.shown
    assert "support is rude & useless" in world.shown
    assert "https://www.reddit.com/r/tea/comments/1abc/some_words/" in world.shown

    # Whose account it is the configuration says: reddit:t2_acme.
    answer = comment(NOW + minutes(5), "oc1", "A new one is on its way.", "acme", under="1abc")
    world.reddit.comments["t2_acme"] = [answer]
    world.passes(after=HOUR)

    incident = world.incident()
    assert (incident.state, incident.answered_at) == (State.RESOLVED, NOW + minutes(5))
    with world.app.database.read() as session:
        roles = {
            row.external_id: listing.role
            for row, listing in session.execute(
                select(MentionRow, MentionBrandRow).join(
                    MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id
                )
            )
        }
    assert roles == {"1abc": "brand", "t1_oc1": "own"}


def test_a_complaint_from_a_file(world: World, tmp_path: Path) -> None:
    world.clock.at = datetime.now(UTC)  # the command line asks the real clock
    at = world.clock.at - minutes(10)
    row = {
        "source": "trustpilot",
        "external_id": "r-1",
        "text": ANGRY,
        "published_at": iso(at),
        "author": {"id": "77", "handle": "ana_ruiz", "name": "Ana"},
        "rating": 1,
    }
    file = tmp_path / "export.jsonl"
    file.write_text(f"{json.dumps(row)}\n", encoding="utf-8")

    done = CliRunner().invoke(cli.cli, ["--config", str(world.made.config), "import", str(file)])
    assert done.exit_code == 0, done.output
    assert "1 good rows, 1 new" in done.stdout
    world.passes()

    with world.app.database.read() as session:
        assert world.incident().key == key_of(session, "77", "r-1", source="trustpilot")
    assert ANGRY in world.shown
