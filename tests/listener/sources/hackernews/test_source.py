import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Gap, Page, Watch
from listener.sources import SOURCES
from listener.sources.hackernews.settings import HackerNewsSettings
from listener.sources.hackernews.source import HackerNewsSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WATCH = Watch("Acme", parse("acme -jobs"))
SITE = "https://news.ycombinator.com"


@pytest.fixture
def source(replay: Replay) -> HackerNewsSource:
    return HackerNewsSource(HackerNewsSettings.model_validate({"base_url": replay.url}))


def collect(
    source: HackerNewsSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = WATCH,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=NOW))


def story(number: int, **changed: object) -> dict[str, object]:
    """A hit as https://hn.algolia.com/api documents it."""
    at = NINE + timedelta(minutes=number)
    return {
        "_highlightResult": {"title": {"matchLevel": "full", "value": "<em>Acme</em>"}},
        "_tags": ["story", "author_ana", f"story_{number}"],
        "author": "ana",
        "children": [number + 1],
        "created_at": at.isoformat(),
        "created_at_i": int(at.timestamp()),
        "num_comments": 4,
        "objectID": str(number),
        "points": 12,
        "story_id": number,
        "title": f"Acme {number}",
        "url": "https://acme.example/news?id=1",
        **changed,
    }


def comment(number: int, **changed: object) -> dict[str, object]:
    hit = story(number, title=None, url=None, points=None, num_comments=None)
    text = 'It&#x27;s the <i>acme</i> kettle.<p>See <a href="https:&#x2F;&#x2F;a.example">it</a>'
    said = {"comment_text": text, "parent_id": 7, "story_id": 5, "story_title": "Kettles"}
    return {**hit, **said, **changed}


def hits(*found: object, **more: object) -> Answer:
    return Answer({"hits": list(found), "nbHits": len(found), "page": 0, **more})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def bounds(asked: Asked) -> dict[str, datetime]:
    """The two sides of the window asked for."""
    found = {}
    for one in asked.query["numericFilters"].split(","):
        side = ">=" if ">=" in one else "<="
        found[side] = datetime.fromtimestamp(int(one.removeprefix(f"created_at_i{side}")), tz=UTC)
    return found


def test_reads_a_story_with_its_link_and_words(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(story(1, story_text="Two &amp; three.<p>Four.")))
    (page,) = collect(source)
    assert page.mentions == (
        Mention(
            source="hackernews",
            external_id="1",
            text="Acme 1\nhttps://acme.example/news?id=1\n\nTwo & three.\n\nFour.",
            published_at=NINE + timedelta(minutes=1),
            url=f"{SITE}/item?id=1",
            conversation_id="1",
            author=Author(id="ana", handle="ana", url=f"{SITE}/user?id=ana"),
            engagement=Engagement(likes=12, replies=4),
        ),
    )
    assert (page.fetched, page.broken, page.gap) == (1, (), None)


def test_reads_a_comment_with_its_place(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(comment(9)))
    (mention,) = collect(source)[0].mentions
    assert mention.text == "It's the acme kettle.\n\nSee it"
    assert (mention.parent_id, mention.conversation_id) == ("7", "5")
    assert mention.engagement == Engagement()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"author": None}, ("author", None), id="author withheld"),
        pytest.param({"author": ""}, ("author", None), id="author empty"),
        pytest.param({"points": "12"}, ("engagement", Engagement(replies=4)), id="odd points"),
        pytest.param({"url": "javascript:x"}, ("text", "Acme 1"), id="odd link"),
        pytest.param({"title": "a\0\ud800", "url": ""}, ("text", "a\ufffd"), id="odd characters"),
        pytest.param({"created_at_i": None}, ("published_at", NINE), id="only created_at"),
        pytest.param({"created_at_i": 4e9}, ("published_at", NOW), id="a date far ahead"),
        pytest.param({"objectID": 31}, ("external_id", "31"), id="a number as id"),
    ],
)
def test_odd_fields_cost_nothing(
    source: HackerNewsSource,
    replay: Replay,
    changed: dict[str, object],
    expected: tuple[str, object],
) -> None:
    hit = story(1, **{"created_at": NINE.isoformat(), **changed})
    replay.plan(Answer(json.dumps({"hits": [hit]}).encode()))
    (mention,) = collect(source)[0].mentions
    assert getattr(mention, expected[0]) == expected[1]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(story(2, objectID=None), "hit without id: it has no objectID", id="no id"),
        pytest.param(
            story(2, title=None), "2: it has neither title nor comment_text", id="no title"
        ),
        pytest.param(
            story(2, created_at_i="soon", created_at=None),
            "2: it has no readable created_at_i",
            id="no date",
        ),
        pytest.param("x", "hit without id: it is no thing of Hacker News", id="no object"),
    ],
)
def test_one_broken_hit_is_told_and_the_rest_kept(
    source: HackerNewsSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(hits(story(3), broken, story(1)))
    (page,) = collect(source)
    assert (ids([page]), page.fetched) == (["3", "1"], 3)
    assert page.broken == (f"hackernews {told}",)


def test_asks_for_exact_words_newest_first(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits())
    (page,) = collect(source)
    (asked,) = replay.asked
    assert asked.path == "/api/v1/search_by_date"
    assert asked.query["query"] == "acme -jobs"
    assert asked.query["tags"] == "(story,comment,poll)"
    assert asked.query["typoTolerance"] == "false"
    assert asked.query["advancedSyntax"] == "true"
    assert asked.query["queryType"] == "prefixNone"
    assert "author" not in asked.query["restrictSearchableAttributes"]
    assert bounds(asked) == {">=": NOW - timedelta(days=30)}
    assert (page.mentions, page.gap) == ((), None)


def test_an_or_becomes_several_searches_and_all_is_matched_here() -> None:
    query = parse('(acme OR "red kettle") -jobs author:ana')
    asked = SOURCES["hackernews"].asks(Watch("Acme", query))
    assert asked.asks == ("acme -jobs", '"red kettle" -jobs')
    assert asked.left_here == ("author:", "every word: its search cuts words in its own way")


def test_own_accounts_are_read_too(source: HackerNewsSource, replay: Replay) -> None:
    own = (OwnAccount("hackernews", "acme_hq"), OwnAccount("", "a b"), OwnAccount("x", "acme"))
    replay.plan(hits(story(1)), hits(comment(2, author="acme_hq")))
    pages = collect(source, watch=Watch("Acme", parse("acme"), own))
    assert replay.asked[1].query["tags"] == "(story,comment,poll),author_acme_hq"
    assert replay.asked[1].query.get("query", "") == ""
    assert len(replay.asked) == 2, "the others are no names there"
    assert set(pages[-1].cursor["asks"]) == {"acme", "by acme_hq"}


# -- the walk


def test_walks_on_by_time_and_asks_the_last_second_again(
    source: HackerNewsSource, replay: Replay
) -> None:
    replay.plan(hits(*map(story, range(200, 0, -1))), hits(story(1), story(0)))
    pages = collect(source)
    assert ids(pages) == [*map(str, range(200, 0, -1)), "1", "0"]
    assert bounds(replay.asked[1])["<="] == NINE + timedelta(minutes=1)
    assert replay.asked[1].query["page"] == "0"
    assert pages[-1].cursor["asks"]["acme -jobs"] == {"newest_at": "2026-11-20T12:00:00Z"}


def test_more_in_one_second_than_fit_on_a_page_are_not_lost(
    source: HackerNewsSource, replay: Replay
) -> None:
    same = [story(n, created_at_i=int(NINE.timestamp())) for n in range(250)]
    replay.plan(hits(*same[:200]), hits(*same[:200]), hits(*same[200:]))
    pages = collect(source)
    assert set(ids(pages)) == {str(n) for n in range(250)}
    assert [asked.query["page"] for asked in replay.asked] == ["0", "0", "1"]


def test_more_in_one_second_than_a_search_lists_hide_nothing_before_it(
    source: HackerNewsSource, replay: Replay
) -> None:
    same = [story(n, created_at_i=int(NINE.timestamp())) for n in range(1000, 2200)]

    def listed(asked: Asked) -> Answer:
        if bounds(asked).get("<=", NINE) < NINE:
            return hits(story(1, created_at_i=int(NINE.timestamp()) - 60))
        start = int(asked.query["page"]) * 200
        return hits(*same[start : start + 200])

    replay.by_query = listed
    pages = collect(source)
    assert set(ids(pages)) == {"1", *map(str, range(1000, 2000))}
    assert [page.gap for page in pages if page.gap] == [
        Gap(
            NINE,
            NINE + timedelta(seconds=1),
            "hackernews: more share the second 2026-11-20T09:00:00Z than it lists, some are "
            "missing",
        )
    ]


def test_fewer_at_once_than_asked_for_are_not_all_there_is(
    source: HackerNewsSource, replay: Replay
) -> None:
    replay.plan(hits(story(2), nbPages=2), hits(story(2), story(1), nbPages=1))
    assert set(ids(collect(source))) == {"1", "2"}
    assert bounds(replay.asked[1])["<="] == NINE + timedelta(minutes=2)


def test_the_next_pass_goes_back_to_what_is_known_with_an_overlap(
    source: HackerNewsSource, replay: Replay
) -> None:
    replay.plan(hits(story(30)))
    cursor = collect(source)[-1].cursor
    replay.plan(hits())
    collect(source, cursor)
    assert bounds(replay.asked[0]) == {">=": NINE + timedelta(minutes=15)}


def test_a_crash_between_pages_loses_nothing(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(*map(story, range(200, 0, -1))), Answer({}, 503))
    walk = source.collect(WATCH, None, since=None, now=NOW)
    first = next(walk)
    with pytest.raises(RemoteError):
        next(walk)
    replay.plan(hits(story(0)), hits(story(201)))
    later = collect(source, json.loads(json.dumps(first.cursor)))
    assert bounds(replay.asked[0])["<="] == NINE + timedelta(minutes=1)
    assert ids(later) == ["0", "201"]


def test_a_backfill_goes_back_to_since(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(story(1)))
    cursor = {"asks": {"acme -jobs": {"newest_at": "2026-11-20T09:50:00Z"}}}
    (page,) = collect(source, cursor, since=NINE - timedelta(days=90))
    assert bounds(replay.asked[0])[">="] == NINE - timedelta(days=90)
    assert page.backlog
    assert page.cursor["asks"]["acme -jobs"]["newest_at"] == "2026-11-20T09:50:00Z"


def full(newest: int) -> Answer:
    return hits(*map(story, range(newest, newest - 200, -1)))


def test_a_backfill_that_is_killed_goes_on_where_it_was(
    source: HackerNewsSource, replay: Replay
) -> None:
    pages = [full(600), full(400), full(200), hits(story(0))]
    since = NOW - timedelta(days=30)
    replay.plan(*pages)
    collect(source, since=since)
    assert len(replay.asked) == 4
    replay.plan(*pages)
    walk = source.collect(WATCH, None, since=since, now=NOW)
    cut = [next(walk) for _ in range(3)][-1].cursor
    assert len(replay.asked) == 3

    replay.plan(pages[-1], hits(story(601)))
    again = collect(source, json.loads(json.dumps(cut)), since=since + timedelta(minutes=1))

    assert ids(again) == ["0", "601"]
    assert bounds(replay.asked[0]) == {">=": since, "<=": NINE + timedelta(minutes=1)}
    assert len(replay.asked) == 2, "the last page of the backfill, and what is new since"


def test_a_killed_backfill_does_not_repeat_the_searches_it_had_finished(
    source: HackerNewsSource, replay: Replay
) -> None:
    watch, since = Watch("Acme", parse("acme OR apex")), NOW - timedelta(days=30)
    replay.plan(hits(story(1)), full(400), hits())
    walk = source.collect(watch, None, since=since, now=NOW)
    cut = [next(walk) for _ in range(2)][-1].cursor

    replay.plan(hits())
    collect(source, cut, since=since, watch=watch)

    first, second, third = replay.asked
    assert first.query["query"] == "acme"
    assert bounds(first)[">="] == NINE - timedelta(minutes=14), "only what is new"
    assert second.query["query"] == third.query["query"] == "apex"
    assert bounds(second)["<="] == NINE + timedelta(minutes=201)


def test_an_answer_that_repeats_itself_ends(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(*map(story, range(200))))
    pages = collect(source)
    assert len(pages) < 10


# -- deletions


@pytest.mark.parametrize(
    ("item", "standing"),
    [
        pytest.param({"id": 9, "type": "comment", "text": "Acme"}, Standing.THERE, id="there"),
        pytest.param({"id": 9, "deleted": True, "time": 1}, Standing.GONE, id="deleted"),
        pytest.param({"id": 9, "dead": True}, Standing.HIDDEN, id="killed, may be vouched for"),
        pytest.param({"id": 9, "dead": True, "deleted": True}, Standing.GONE, id="both"),
        pytest.param({"id": 9, "deleted": "no"}, Standing.THERE, id="an odd word"),
        pytest.param({"id": 9, "text": "[deleted]"}, Standing.GONE, id="deleted, in words"),
        pytest.param({"id": 9, "text": "<p>[flagged]</p>"}, Standing.HIDDEN, id="flagged"),
        pytest.param({"id": 9, "title": "[dead]"}, Standing.HIDDEN, id="dead, in words"),
        pytest.param({"id": 9, "title": "[flagged] Acme"}, Standing.THERE, id="a title"),
        pytest.param({"id": 8, "deleted": True}, None, id="another item"),
        pytest.param(None, None, id="unknown is not deleted"),
        pytest.param([], None, id="a list"),
    ],
)
def test_only_its_own_tombstone_says_that_something_is_gone(
    source: HackerNewsSource, replay: Replay, item: object, standing: Standing | None
) -> None:
    replay.plan(Answer(item))
    assert source.recheck(["9"], now=NOW) == ({} if standing is None else {"9": standing})
    (asked,) = replay.asked
    assert asked.path == "/v0/item/9.json"


def test_what_was_taken_away_before_it_is_first_seen_is_not_collected(
    source: HackerNewsSource, replay: Replay
) -> None:
    replay.plan(
        hits(
            comment(1, comment_text="[flagged]"),
            comment(2, comment_text="acme", deleted=True),
            story(3, title="[dead]"),
            comment(4),
        )
    )
    [page] = collect(source)
    assert (len(page.mentions), page.broken, page.fetched) == (1, (), 4)


def test_what_is_no_item_is_not_asked_after(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(Answer(None))
    assert source.recheck(["row 7", "9/../../user"], now=NOW) == {}
    assert replay.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer({"error": "Not found"}, 404), id="404"),
        pytest.param(Answer(b"<html>", 404), id="a gateway's 404"),
        pytest.param(Answer({"error": "Permission denied"}, 401), id="401"),
        pytest.param(Answer({}, 503), id="503"),
        pytest.param(Answer(b"<html>"), id="HTML"),
        pytest.param(Answer(reset=True), id="reset connection"),
    ],
)
def test_an_error_is_no_deletion(source: HackerNewsSource, replay: Replay, answer: Answer) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError):
        source.recheck(["9"], now=NOW)


# -- checks and logs


def test_check_asks_for_one_hit(source: HackerNewsSource, replay: Replay) -> None:
    replay.plan(hits(story(1)))
    assert source.check() == "hackernews: search answers"
    assert replay.asked[0].query["hitsPerPage"] == "1"


def test_what_is_written_is_in_no_log(
    source: HackerNewsSource, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    replay.plan(hits(story(1, title="Acme canary7f3a"), story(2, title=None, author="canary7f3a")))
    collect(source)
    assert "canary7f3a" not in caplog.text
