"""Feeds as they are stored, pass after pass: no article twice, corrections once, no age made up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from earshot.core.app import App
from earshot.pipeline import collect as collecting
from storage import source_state
from storage.tables import MentionBrandRow, MentionRow
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, MINUTE, NOW, mention, store
from tests.net.replay import Answer, Replay, serve

LINK = "https://n.example/1"


def feed(*entries: str) -> Answer:
    body = "".join(f"<item>{entry}</item>" for entry in entries)
    xml = f"<rss version='2.0'><channel><title>News</title>{body}</channel></rss>"
    return Answer(xml.encode(), headers={"content-type": "application/rss+xml"})


def entry(title: str, guid: str, at: datetime | None = NOW - HOUR) -> str:
    date = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if at else ""
    return f"<title>{title}</title><link>{LINK}</link><guid>{guid}</guid>{date}"


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serve() as made:
        yield made


@pytest.fixture
def app(make_app: MakeApp, replay: Replay) -> App:
    table = f"[sources.rss]\nenabled = true\nallow_private = true\nfeeds = ['{replay.url}/f']\n"
    return make_app(table).app


def passes(app: App, replay: Replay, *answers: Answer) -> None:
    replay.plan(*answers)
    for number in range(len(answers)):
        done = collecting.collect(app, "rss", now=NOW + number * 15 * MINUTE)
        assert done.trouble == ""


def rows(app: App) -> list[tuple[str, str, bool]]:
    with app.database.read() as session:
        asked = select(MentionRow.external_id, MentionRow.text, MentionBrandRow.quiet).join(
            MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id
        )
        found = session.execute(asked.order_by(MentionRow.id))
        return [(name, text, quiet) for name, text, quiet in found]


def test_an_article_whose_id_changes_with_each_pass_is_one(app: App, replay: Replay) -> None:
    passes(app, replay, *(feed(entry("Acme burns", f"id-{number}")) for number in range(3)))
    assert len(rows(app)) == 1


def test_a_shorter_correction_stands_and_stays(app: App, replay: Replay) -> None:
    first, then = entry("Acme burns and burns", "urn:1"), entry("Acme is well", "urn:1")
    passes(app, replay, feed(first), feed(then), feed(then))
    assert [text for _, text, _ in rows(app)] == ["Acme is well"]


def test_entries_of_unknown_age_wake_nobody_in_the_first_pass(app: App, replay: Replay) -> None:
    old, new = entry("Acme burns", "urn:1", None), entry("Acme smokes", "urn:2", None)
    passes(app, replay, feed(old), feed(new, old))
    assert [(name, quiet) for name, _, quiet in rows(app)] == [("urn:1", True), ("urn:2", False)]


def test_after_an_upgrade_nothing_that_was_stored_is_new(app: App, replay: Replay) -> None:
    """An earlier release knew entries by other ids, and its cursor says nothing of corrections."""
    at = NOW - DAY
    stored = mention(
        "post:1", "Acme burns", source="rss", url=LINK, published_at=at, author=None, lang=None
    )
    store(app, stored)
    with app.database.begin() as session:
        cursor = {"asks": {f"{replay.url}/f": {"newest_at": at.isoformat(), "etag": ""}}}
        source_state.save_cursor(session, "rss", "", "", state=cursor, now=at + timedelta(hours=1))

    old, older = entry("Acme burns", "post:1", at), entry("Acme smokes", "post:2", NOW - 30 * DAY)
    passes(app, replay, feed(old, older), feed(old, older))

    assert [(name.rpartition(":")[2], quiet) for name, _, quiet in rows(app)] == [
        ("1", False),
        ("2", True),
    ]
