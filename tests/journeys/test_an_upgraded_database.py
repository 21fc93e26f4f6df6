"""What a former release has told Slack stays within reach after the upgrade."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from earshot.alerting import delivery
from earshot.compliance import redaction
from earshot.config.load import load
from earshot.core.app import App
from storage import incidents, schema
from storage.engine import Database
from storage.tables import OutboxRow
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.earshot.world import NOW, Clock, with_words
from tests.storage.made import upgrade_to

FORMER = json.loads(
    (Path(__file__).parent / "fixtures" / "schema_0010.json").read_text(encoding="utf-8")
)
NEXT_DAY = NOW + timedelta(hours=21)
CONFIG = """
database = '{database}'
timezone = "Europe/Madrid"

[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000"]

[[alerts.rules]]
name = "deaf"
min_confidence = 0.5
severity = "critical"
answer_within = "2h"

[alerts.slack]
bot_token = "env:SLACK_TOKEN"
channel = "C0ALERTS"
base_url = "{slack}"
"""


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """Slack as the former release has left it."""
    with SlackDouble(channels=("C0ALERTS",)) as double:
        double.base = int(NEXT_DAY.timestamp())
        double.messages.extend(json.loads(json.dumps(FORMER["slack"])))
        yield double


@pytest.fixture
def app(
    empty: Database, slack: SlackDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    """The former release's database, upgraded."""
    with empty.begin() as session:
        upgrade_to(session, "0010")
        for name, rows in FORMER["rows"].items():
            _fill(session, name, rows)
    schema.upgrade(empty)
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    url = empty.engine.url.render_as_string(hide_password=False)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(database=url, slack=slack.url), encoding="utf-8")
    made = with_words(App(load(path)))
    yield made
    made.close()


def _fill(session: Session, name: str, rows: list[dict[str, Any]]) -> None:
    """Rows as SQLite keeps them, whatever database this is."""
    connection = session.connection()
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    connection.execute(
        table.insert(),
        [{key: _read(table.c[key].type, value) for key, value in row.items()} for row in rows],
    )
    if connection.dialect.name == "postgresql" and isinstance(rows[0].get("id"), int):
        last = max(row["id"] for row in rows)
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"),
            {"table": name, "last": last},
        )


def _read(kind: sa.types.TypeEngine[Any], value: Any) -> Any:  # noqa: ANN401 -- of any column
    if value is None:
        return None
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, sa.Boolean):
        return bool(value)
    return json.loads(value) if isinstance(kind, sa.JSON) else value


def deliver(app: App, at: datetime) -> None:
    clock = Clock(at)
    for _ in range(10):
        delivery.notify(app, clock=clock, wait=clock.wait)
        clock.at += timedelta(seconds=5)


def shown(slack: SlackDouble) -> str:
    return json.dumps(slack.messages, ensure_ascii=False)


def test_nothing_is_lost_doubled_or_given_another_name(app: App, slack: SlackDouble) -> None:
    former = {row["key"]: row for row in FORMER["rows"]["outbox"]}
    with app.database.read() as session:
        rows = {row.key: row for row in session.scalars(sa.select(OutboxRow))}
        kinds = [one.kind for one in incidents.listing(session, live_only=True)]
    assert {key: row.id for key, row in rows.items()} == {
        key: row["id"] for key, row in former.items()
    }
    assert {key: row.ref for key, row in rows.items()} == {
        key: row["ref"] for key, row in former.items()
    }
    assert rows["incident:3:post:1"].state == "ambiguous"
    assert rows["incident:4:post:1"].state == "pending"
    assert sorted(kinds) == ["complaint", "complaint", "complaint", "source_alarm"]
    assert "canary" not in json.dumps([row.payload for row in rows.values()])

    deliver(app, NEXT_DAY)

    roots = [json.dumps(one, ensure_ascii=False) for one in slack.roots]
    assert sum("the ambiguous canary" in one for one in roots) == 1
    assert sum("the pending canary" in one for one in roots) == 1
    first, alarm = slack.messages[0], slack.messages[2]
    assert "mia has it" in first["text"], "the update that waited"
    assert "the first canary" in json.dumps(first), "a rule may be called deaf"
    assert "Quiet because deaf? x" in alarm["text"]
    assert slack.refused == []


@pytest.mark.parametrize(
    ("mention_id", "words"),
    [(1, "the first canary"), (2, "the second canary"), (3, "the ambiguous"), (4, "the pending")],
)
def test_a_post_that_is_deleted_later_leaves_slack(
    app: App, slack: SlackDouble, mention_id: int, words: str
) -> None:
    deliver(app, NEXT_DAY)
    assert words in shown(slack)

    with app.database.begin() as session:
        redaction.take_back(session, app, [mention_id], now=NEXT_DAY + timedelta(hours=1))
    deliver(app, NEXT_DAY + timedelta(hours=1))

    assert words not in shown(slack)
    others = {"the first canary", "the second canary", "the ambiguous", "the pending"} - {words}
    assert all(other in shown(slack) for other in others)
    assert slack.refused == []


def test_all_of_them_deleted_before_anything_is_sent_leave_no_word(
    app: App, slack: SlackDouble
) -> None:
    with app.database.begin() as session:
        redaction.take_back(session, app, [1, 2, 3, 4], now=NEXT_DAY)
    deliver(app, NEXT_DAY)
    assert "canary" not in shown(slack)
    assert "Quiet because deaf? x" in shown(slack), "the source alarm still stands"
