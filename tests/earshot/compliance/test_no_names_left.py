"""Of a deleted post nothing is left that tells who wrote it or what it said, in no table."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from domain.mention import Author, Mention
from domain.sentiment import Label
from earshot.alerting import actions
from earshot.compliance import redaction
from earshot.core.app import App
from earshot.reporting import digest_schedule
from storage import corrections, costs, customers, links, sealing
from storage.tables import Base, MentionRow
from tests.conftest import MakeApp
from tests.earshot.world import ACME, BEN, DAY, HOUR, MINUTE, NOW, live, mention, store, with_words

WORDS = "Acme is awful, canary7f3a, order NL-770077"
# Of each network the shape of its ids: of a post, of an author, and the author's handle.
SHAPES = {
    "x": ("1991450000000000001", "90071992", "nordlicht77"),
    "reddit": ("t1_lnk77aa", "t2_abc9zz", "nordlicht77"),
    "mastodon": (
        "https://tea.example/users/nordlicht77/statuses/115",
        "https://tea.example/@nordlicht77",
        "nordlicht77@tea.example",
    ),
    "bluesky": (
        "at://did:plc:n0rdl1cht77/app.bsky.feed.post/3k2",
        "did:plc:n0rdl1cht77",
        "nordlicht77.example",
    ),
    "discourse": ("forum.example/81723/6", "4711@forum.example", "nordlicht77@forum.example"),
    "hackernews": ("44100200", "nordlicht77", "nordlicht77"),
    "github": ("IC_kwDOnordlicht77", "90071992", "nordlicht77"),
    "stackexchange": ("superuser/811234", "superuser/9007199", ""),
    "trustpilot": ("64ff00aa11", "5e00ff7712", ""),
    "googleplay": ("gp:AOqpTOE77", "gp:AOqpTOE77", ""),
    "threads": ("17900000000000077", "nordlicht77", "nordlicht77"),
    "instagram": ("18000000000000077", "17841400077", "nordlicht77"),
    "email": ("<77@nordlicht77.example>", "n@nordlicht77.example", "n@nordlicht77.example"),
    "rss": ("https://blog.example/nordlicht77/1", "nordlicht77", "nordlicht77"),
}


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return with_words(make_app().app)


def everything(session: Session) -> str:
    """Every value of every table, as JSON."""
    rows = [
        list(map(str, row))
        for table in Base.metadata.sorted_tables
        for row in session.execute(select(table))
    ]
    found = session.scalar(
        text("SELECT count(*) FROM mention_text WHERE mention_text MATCH 'canary7f3a'")
        if session.get_bind().dialect.name == "sqlite"
        else text("SELECT count(*) FROM mention WHERE text_vector @@ to_tsquery('canary7f3a')")
    )
    return json.dumps(rows) + "canary7f3a" * (found or 0)


def post(source: str) -> Mention:
    name, author_id, handle = SHAPES[source]
    author = Author(
        author_id, handle, name="Nora Licht", bio="of nordlicht77", url=f"https://{handle}/"
    )
    return mention(
        name, WORDS, source=source, author=author, conversation_id=name, url=f"https://e/{name}"
    )


def below(top: Mention, name: str, **changed: object) -> Mention:
    made = replace(top, external_id=name, author=BEN, text="Acme, me too", url="")
    return replace(made, parent_id=top.external_id, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", SHAPES)
def test_nothing_is_left_of_who_wrote_a_deleted_post(app: App, source: str) -> None:
    top = post(source)
    live(app, top, below(top, "b1"), below(top, "o1", author=ACME, published_at=NOW))
    with app.database.begin() as session:
        corrections.correct(session, 1, "Acme", Label.NEGATIVE, by="kim", now=NOW)
        record = CustomerRecord("shop", "C1", "Somebody", "s@example.com", handles=())
        customers.save(session, [record], now=NOW)
        author = links.author(session, 1)
        if author is not None:
            links.add(session, author, 1, evidence=["told us"], by="kim", now=NOW)
        paid = {"users": [f"user:{top.author.id if top.author else ''}"]}
        costs.add_reads(session, source, paid, lambda _: Decimal(), day=NOW.date())
    actions.correct(app, 1, "Acme", Label.NEGATIVE, by="kim", now=NOW)
    live(app, below(top, "b2"), now=NOW + MINUTE)
    digest_schedule.send_due(app, now=NOW + 20 * HOUR)

    with app.database.begin() as session:
        redaction.take_back(session, app, [1], now=NOW + DAY)
    store(app, top, below(top, "b3"), now=NOW + DAY)
    store(app, replace(below(top, "b2"), edited_at=NOW), now=NOW + DAY)

    with app.database.read() as session:
        left = everything(session)
        for told in (*SHAPES[source], WORDS, "canary7f3a", "770077", "nordlicht77", "Nora Licht"):
            assert told == "" or told not in left, told
        sealed = sealing.seal(session, top.external_id)
        rows = session.scalars(select(MentionRow).order_by(MentionRow.id)).all()
        assert [row.external_id for row in rows] == [sealed, "b1", "o1", "b2", "b3"]
        assert {row.parent_id for row in rows[1:]} == {sealed}, "the thread still holds together"
        assert {row.conversation_id for row in rows} == {sealed}


def test_the_seals_of_two_databases_tell_nothing_of_each_other(make_app: MakeApp) -> None:
    app = make_app().app
    with app.database.read() as session:
        one = sealing.seal(session, "501")
        session.info[sealing.SETTING] = b"another key"
        assert sealing.seal(session, "501") != one


def test_a_late_reply_to_a_deleted_post_answers_nobody_else_above_it(app: App) -> None:
    root = mention("1", "Acme is awful, all of it", author=BEN)
    middle = mention("2", "Acme, same here", parent_id="1", conversation_id="1")
    live(app, root, middle)
    with app.database.begin() as session:
        redaction.take_back(session, app, [2], now=NOW + HOUR)
    answer = mention(
        "3", "Sorry!", author=ACME, parent_id="2", conversation_id="1", published_at=NOW + HOUR
    )
    live(app, answer, now=NOW + 2 * HOUR)
    with app.database.read() as session:
        rows = session.execute(text("SELECT state FROM incident")).scalars().all()
    assert rows == ["open"]
