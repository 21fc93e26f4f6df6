from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.mention import Author, Mention
from listener.query import parse
from listener.source import Page, Watch
from listener.sources import SOURCES
from listener.sources.threads.settings import ThreadsSettings
from listener.sources.threads.source import ThreadsSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WATCH = Watch("Acme", parse("acme -jobs OR globex"))
SEARCH = "/v1.0/keyword_search"


@pytest.fixture
def source(replay: Replay) -> ThreadsSource:
    replay.plan(Answer({"data": []}))
    given = {"access_token": "t", "base_url": replay.url}
    return ThreadsSource(ThreadsSettings.model_validate(given))


def collect(
    source: ThreadsSource, watch: Watch = WATCH, cursor: Mapping[str, Any] | None = None
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def post(number: int, **changed: object) -> dict[str, object]:
    return {
        "id": str(number),
        "text": f"acme {number}",
        "media_type": "TEXT_POST",
        "timestamp": f"{NOW - timedelta(minutes=number):%Y-%m-%dT%H:%M:%S+0000}",
        "username": "ana_t",
        "permalink": f"https://www.threads.net/@ana_t/post/{number}",
        **changed,
    }


def test_each_alternative_is_a_search_and_all_else_is_matched_here(
    source: ThreadsSource, replay: Replay
) -> None:
    asks = SOURCES["threads"].asks(WATCH)
    assert (asks.asks, asks.left_here) == (("acme", "globex"), ("-jobs", "whole words"))
    pages = collect(source)
    assert [asked.query["q"] for asked in replay.asked] == ["acme", "globex"]
    since = int((NOW - timedelta(hours=24)).timestamp())
    assert {asked.query["since"] for asked in replay.asked} == {str(since)}
    assert {asked.query["search_type"] for asked in replay.asked} == {"RECENT"}
    assert set(pages[-1].cursor["asks"]) == {"acme", "globex"}


def test_reads_a_reply(source: ThreadsSource, replay: Replay) -> None:
    replay.by_query = lambda asked: Answer(
        {"data": [post(1, replied_to={"id": "8"}, root_post={"id": "7"})]}
        if asked.query["q"] == "acme"
        else {"data": []}
    )
    assert collect(source)[0].mentions == (
        Mention(
            source="threads",
            external_id="1",
            text="acme 1",
            published_at=NOW - timedelta(minutes=1),
            url="https://www.threads.net/@ana_t/post/1",
            parent_id="8",
            conversation_id="7",
            author=Author("ana_t", "ana_t"),
        ),
    )


def test_pages_until_what_is_known(source: ThreadsSource, replay: Replay) -> None:
    first = {"data": [post(1), post(2)], "paging": {"cursors": {"after": "a"}}}
    old = [post(60 * 25), post(60 * 26), post(60 * 27)]
    second = {"data": [post(3), *old], "paging": {"cursors": {"after": "b"}}}
    replay.plan(Answer(first), Answer(second))
    pages = collect(source, Watch("Acme", parse("acme")))
    found = [one.external_id for page in pages for one in page.mentions]
    assert found == ["1", "2", "3", "1500", "1560", "1620"]
    assert [asked.query.get("after") for asked in replay.asked] == [None, "a"]
    (state,) = pages[-1].cursor["asks"].values()
    assert state == {"newest_at": "2026-11-20T11:59:00Z"}


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(post(2, id=None), "threads thing without id: it has no id", id="no id"),
        pytest.param(
            post(2, timestamp="soon"), "threads 2: it has no readable timestamp", id="no date"
        ),
        pytest.param({"id": "2", "body": "acme"}, "threads 2: it has no text", id="renamed"),
        pytest.param(None, "threads thing without id: it has no text", id="null"),
    ],
)
def test_one_broken_post_is_told_and_the_rest_kept(
    source: ThreadsSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(Answer({"data": [post(3), broken, post(1)]}))
    (page,) = collect(source, Watch("Acme", parse("acme")))
    assert [one.external_id for one in page.mentions] == ["3", "1"]
    assert page.broken == (told,)


def test_pictures_without_a_word_and_plain_reposts_are_no_mentions(
    source: ThreadsSource, replay: Replay
) -> None:
    bare = {"id": "1", "media_type": "IMAGE", "timestamp": "2026-11-20T09:00:00+0000"}
    replay.plan(Answer({"data": [bare, post(2, media_type="REPOST_FACADE")]}))
    (page,) = collect(source, Watch("Acme", parse("acme")))
    assert (page.mentions, page.fetched, page.broken) == ((), 2, ())


def test_a_full_page_with_none_behind_it_is_a_gap(source: ThreadsSource, replay: Replay) -> None:
    replay.plan(Answer({"data": [post(number) for number in range(1, 101)]}))
    (page,) = collect(source, Watch("Acme", parse("acme")))
    assert page.gap is not None
    told = "threads: a full page and none after it, older posts may be missing"
    assert (page.gap.reason, page.broken) == (told, ())


def test_own_replies_that_may_not_be_read_name_the_permission_and_cost_nothing_else(
    source: ThreadsSource, replay: Replay
) -> None:
    replay.plan(Answer({"data": [post(1)]}))
    denied = {"code": 10, "message": "no permission", "is_transient": False}
    replay.fixed["/v1.0/me/replies"] = Answer({"error": denied}, 500)
    watch = Watch("Acme", parse("acme"), (OwnAccount("threads", "acme"),))
    found, refused = collect(source, watch)
    assert [one.external_id for one in found.mentions] == ["1"]
    (told,) = refused.broken
    assert "sources.threads.access_token lacks a permission (code 10)" in told
    assert told.endswith(": it needs threads_read_replies")


def test_a_search_that_is_too_much_is_asked_for_by_halves(
    source: ThreadsSource, replay: Replay
) -> None:
    replay.plan(Answer({"error": {"code": 1}}, 500), Answer({"data": [post(1)]}))
    (page,) = collect(source, Watch("Acme", parse("acme")))
    assert [asked.query["limit"] for asked in replay.asked] == ["100", "50"]
    assert [one.external_id for one in page.mentions] == ["1"]


def test_own_replies_are_read_where_the_account_is_named(
    source: ThreadsSource, replay: Replay
) -> None:
    def answer(asked: Asked) -> Answer:
        own = [post(4, text="Sorry!", username="acme", replied_to={"id": "1"})]
        return Answer({"data": own if asked.path == "/v1.0/me/replies" else []})

    replay.by_query = answer
    watch = Watch("Acme", parse("acme"), (OwnAccount("threads", "acme"), OwnAccount("x", "acme")))
    _, own = collect(source, watch)
    assert [(one.text, one.parent_id, one.author) for one in own.mentions] == [
        ("Sorry!", "1", Author("acme", "acme"))
    ]


def test_one_search_that_fails_does_not_stop_the_other(
    source: ThreadsSource, replay: Replay
) -> None:
    replay.by_query = lambda asked: (
        Answer({}, 503) if asked.query["q"] == "acme" else Answer({"data": [post(1)]})
    )
    found, failed = collect(source)
    assert failed.broken == ("threads: the service fails (503)",)
    assert [one.external_id for one in found.mentions] == ["1"]
