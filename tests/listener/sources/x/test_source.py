import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.x.asks import searches
from listener.sources.x.settings import XSettings
from listener.sources.x.source import XSource
from tests.net.replay import Answer, Asked, Replay, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = "AAAAcanaryBearer7f3a"
WATCH = Watch("Acme", parse("acme -jobs"), (OwnAccount("x", "acme_help"),))
RESET = "x-rate-limit-reset"


@pytest.fixture
def source(replay: Replay) -> XSource:
    return XSource(XSettings.model_validate({"bearer_token": CANARY, "base_url": replay.url}))


def collect(
    source: XSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    now: datetime = NOW,
    watch: Watch = WATCH,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=now))


def post(number: int, **changed: object) -> dict[str, object]:
    minutes = timedelta(minutes=number)
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + minutes
    return {
        "id": str(1991450000000000000 + number),
        "text": f"acme {number}",
        "author_id": "501",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        **changed,
    }


def page(*numbers: int, token: str | None = None) -> Answer:
    meta = {"result_count": len(numbers)} | ({"next_token": token} if token else {})
    return Answer({"meta": meta} | ({"data": [post(n) for n in numbers]} if numbers else {}))


def state(page: Page) -> dict[str, Any]:
    """Where the page's only search has come to."""
    (found,) = page.cursor["asks"].values()
    assert isinstance(found, dict)
    return found


def ids(pages: list[Page]) -> list[int]:
    return [int(m.external_id) - 1991450000000000000 for p in pages for m in p.mentions]


@pytest.fixture
def mentions(source: XSource, replay: Replay, recorded: Callable[[str], Any]) -> dict[str, Mention]:
    replay.plan(Answer(recorded("x_page.json")))
    (found,) = collect(source)
    assert found.broken == ()
    assert found.fetched == len(found.mentions) == 8
    return {mention.external_id[-1]: mention for mention in found.mentions}


def test_reads_author_counts_and_text_as_a_reader_sees_them(mentions: dict[str, Mention]) -> None:
    assert mentions["9"] == Mention(
        source="x",
        external_id="1991450000000000009",
        text="Fish & chips at Acme >>> anywhere else, &amp; is how you write an ampersand",
        published_at=datetime(2026, 11, 20, 9, 12, 16, tzinfo=UTC),
        url="https://x.com/ben_trains/status/1991450000000000009",
        lang="en",
        conversation_id="1991450000000000009",
        author=Author(
            id="501",
            handle="ben_trains",
            name="Ben & Co",
            bio="tea & trains",
            location="Lisbon",
            url="https://t.co/inventedA1",
            followers=120,
            created_at=datetime(2009, 5, 9, 8, 22, 51, tzinfo=UTC),
        ),
        engagement=Engagement(likes=3, reposts=1, replies=2, views=410),
    )


def test_a_repost_carries_the_whole_text_of_what_it_repeats(mentions: dict[str, Mention]) -> None:
    repost = mentions["8"]
    assert repost.is_repost
    assert repost.parent_id == "1991440000000000001"
    assert repost.text == "Acme finally answered me and the answer was worth the wait <3"
    assert repost.lang == "en", "its own language is 'und', the repeated post's is known"


def test_a_reply_that_also_quotes_belongs_to_what_it_answers(mentions: dict[str, Mention]) -> None:
    assert mentions["7"].parent_id == "1991430000000000001"
    assert mentions["7"].conversation_id == "1991430000000000001"
    assert not mentions["7"].is_repost
    assert mentions["3"].parent_id == "1991440000000000001", "the brand's own answer is fetched too"
    assert mentions["2"].parent_id == "1991410000000000001", "though the quoted post is gone"
    assert mentions["2"].lang == "id", "X still writes Indonesian as 'in'"


def test_a_long_post_is_read_to_its_end(mentions: dict[str, Mention]) -> None:
    assert len(mentions["6"].text) > 400
    assert mentions["6"].text.endswith("left twice; done <finally>.")


def test_an_author_who_is_gone_loses_no_mention(mentions: dict[str, Mention]) -> None:
    assert mentions["5"].author == Author(id="505", handle="")
    assert mentions["5"].url == "https://x.com/i/status/1991450000000000005"
    assert mentions["4"].author is None


def test_both_spellings_of_the_answer_mean_the_same(
    source: XSource, replay: Replay, recorded: Callable[[str], Any], mentions: dict[str, Mention]
) -> None:
    renamed = json.dumps(recorded("x_page.json"))
    for old, new in {
        "note_tweet": "note_post",
        "referenced_tweets": "referenced_posts",
        "edit_history_tweet_ids": "edit_history_post_ids",
        '"tweets"': '"posts"',
        "retweet_count": "repost_count",
    }.items():
        renamed = renamed.replace(old, new)
    replay.plan(Answer(json.loads(renamed)))
    assert [m for p in collect(source) for m in p.mentions] == list(mentions.values())


def test_a_long_text_that_is_not_escaped_is_left_as_its_author_typed_it(
    source: XSource, replay: Replay
) -> None:
    long = post(1, text="a &amp; b… https://t.co/x", note_tweet={"text": "a & b and &lt; is typed"})
    replay.plan(Answer({"data": [long], "meta": {}}))
    assert collect(source)[0].mentions[0].text == "a & b and &lt; is typed"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            {"id": "1", "text": "x"}, "x post 1: it has no readable created_at", id="time"
        ),
        pytest.param({"text": "x"}, "x post without id: it has no id", id="no id"),
        pytest.param(
            {"id": "5", "created_at": "2026-11-20T09:00:00Z"}, "x post 5: it has no text", id="text"
        ),
        pytest.param("surprise", "x: something that is no post", id="no object"),
        pytest.param(None, "x: something that is no post", id="null"),
    ],
)
def test_one_broken_post_is_told_and_the_rest_kept(
    source: XSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(Answer({"data": [post(2), broken, post(1)], "meta": {}}))
    (found,) = collect(source)
    assert ids([found]) == [2, 1]
    assert found.broken == (told,)
    assert found.fetched == 3


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"created_at": "2026-11-20T09:01:00Z"}, "09:01:00", id="no fraction"),
        pytest.param({"created_at": "soon"}, "10:14:14", id="unreadable, so from the id"),
        pytest.param({"created_at": None}, "10:14:14", id="missing, so from the id"),
        pytest.param({"created_at": "2031-01-01T00:00:00Z"}, "12:00:00", id="future, so as seen"),
    ],
)
def test_the_time_of_a_post(
    source: XSource, replay: Replay, changed: dict[str, object], expected: str
) -> None:
    replay.plan(Answer({"data": [post(1, **changed)], "meta": {}}))
    assert f"{collect(source)[0].mentions[0].published_at:%H:%M:%S}" == expected


def test_what_no_database_takes_is_cleaned(source: XSource, replay: Replay) -> None:
    users = [{"id": "501", "username": "a\0b", "name": "\ud800", "url": "javascript:alert(1)"}]
    data = [post(1, text="nul \0 and \ud83d alone")]
    body = json.dumps({"data": data, "includes": {"users": users}, "meta": {}}).encode()
    replay.plan(Answer(body))
    mention = collect(source)[0].mentions[0]
    assert mention.text == "nul  and \ufffd alone"
    assert mention.author is not None
    assert (mention.author.handle, mention.author.name) == ("ab", "\ufffd")
    assert mention.author.url == ""


# -- the walk


def test_of_a_competitors_accounts_only_what_is_said_to_them_is_asked_and_paid_for() -> None:
    watch = replace(WATCH, own_accounts=(), only_addressed=WATCH.own_accounts)
    assert searches(watch).asks == ("(acme -jobs) OR to:acme_help",)


def test_asks_for_the_brand_or_what_its_own_accounts_write_and_are_answered(
    source: XSource, replay: Replay
) -> None:
    replay.plan(page())
    (found,) = collect(source)
    (asked,) = replay.asked
    assert asked.path == "/2/tweets/search/recent"
    assert asked.query["query"] == "(acme -jobs) OR from:acme_help OR to:acme_help"
    assert asked.query["start_time"] == "2026-11-19T12:00:00Z"
    assert asked.query["max_results"] == "100"
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert (found.mentions, found.fetched, found.gap) == ((), 0, None)


@pytest.mark.parametrize("account", ["acme help", "x) OR (y", "-a"])
def test_an_own_account_that_is_none_is_refused_before_it_is_asked(
    source: XSource, replay: Replay, account: str
) -> None:
    replay.plan(page())
    with pytest.raises(ConfigError, match="own account"):
        collect(source, watch=Watch("Acme", parse("acme"), (OwnAccount("x", account),)))
    collect(source, watch=Watch("Acme", parse("acme"), (OwnAccount("", account),)))
    assert replay.asked[0].query["query"] == "acme"


def test_goes_on_from_the_newest_post_with_an_overlap(source: XSource, replay: Replay) -> None:
    replay.plan(page(40, 30, token="t1"), page(20))
    first = collect(source)
    assert ids(first) == [40, 30, 20]
    assert "walk" in state(first[0])
    assert state(first[1]) == {
        "newest_at": "2026-11-20T09:40:00Z",
        "covered_at": "2026-11-20T12:00:00Z",
    }
    replay.plan(page(45))
    again = collect(source, first[1].cursor, now=NOW + timedelta(minutes=15))
    assert replay.asked[0].query["start_time"] == "2026-11-20T09:25:00Z"
    assert "since_id" not in replay.asked[0].query
    assert state(again[-1])["newest_at"] == "2026-11-20T09:45:00Z"


def test_a_quiet_week_makes_no_gap(source: XSource, replay: Replay) -> None:
    replay.plan(page())
    cursor = collect(source)[-1].cursor
    for day in range(1, 20):
        (found,) = collect(source, cursor, now=NOW + timedelta(days=day))
        assert found.gap is None
        cursor = found.cursor


def test_a_collector_that_stood_still_for_nine_days_says_what_it_missed(
    source: XSource, replay: Replay
) -> None:
    replay.plan(page(5))
    cursor = collect(source)[-1].cursor
    now = NOW + timedelta(days=9)
    (found,) = collect(source, cursor, now=now)
    assert replay.asked[-1].query["start_time"] == "2026-11-22T12:05:00Z", "within the 7 days"
    assert found.gap is not None
    assert (found.gap.since, found.gap.until) == (NOW, now - timedelta(days=7, minutes=-5))


def test_a_backfill_further_than_search_sees_is_a_gap(source: XSource, replay: Replay) -> None:
    replay.plan(page(5))
    (found,) = collect(source, since=NOW - timedelta(days=30))
    assert found.gap is not None
    assert found.gap.since == NOW - timedelta(days=30)


@pytest.mark.parametrize("crash_after", [1, 2])
def test_a_crash_between_pages_loses_nothing(
    source: XSource, replay: Replay, crash_after: int
) -> None:
    world = {"": (50, 40), "t1": (30,), "t2": (20, 10)}
    following = {"": "t1", "t1": "t2", "t2": None}

    def answer(asked: Asked) -> Answer:
        at = asked.query.get("next_token", "")
        return page(*world[at], token=following[at])

    replay.by_query = answer
    replay.plan()
    walk = source.collect(WATCH, None, since=None, now=NOW)
    stored = [next(walk) for _ in range(crash_after)]
    del walk
    cursor = json.loads(json.dumps(stored[-1].cursor))
    world[""] = (60, 50, 40)  # one more was posted while we were down

    later = collect(source, cursor, now=NOW + timedelta(days=1))

    assert {*ids(stored), *ids(later)} == {60, 50, 40, 30, 20, 10}
    assert state(later[-1])["newest_at"] == "2026-11-20T10:00:00Z", "that of 60"
    assert "walk" not in state(later[-1])
    starts = [asked.query["start_time"] for asked in replay.asked]
    assert starts[0] == starts[crash_after], "the resumed walk goes back as far as it meant to"


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1)])
def test_a_backfill_that_is_killed_goes_on_where_it_was(
    source: XSource, replay: Replay, later: timedelta
) -> None:
    pages = [page(50, token="t1"), page(40, token="t2"), page(30, token="t3"), page(20)]
    since = NOW - timedelta(days=30)
    replay.plan(*pages)
    collect(source, since=since)
    assert len(replay.asked) == 4
    replay.plan(*pages)
    walk = source.collect(WATCH, None, since=since, now=NOW)
    cut = [next(walk) for _ in range(3)][-1].cursor

    replay.plan(page(20), page(60))
    again = collect(source, json.loads(json.dumps(cut)), since=since + later, now=NOW + later)

    assert ids(again) == [20, 60]
    rest, new = replay.asked
    # What search sees has moved on meanwhile, and a bookmark belongs to the search it came from.
    assert rest.query.get("next_token") == (None if later else "t3")
    assert ("until_id" in rest.query) is bool(later)
    assert rest.query["start_time"] == f"2026-11-13T{12 + later // timedelta(hours=1)}:05:00Z"
    assert "until_id" not in new.query

    replay.plan(page())
    (nothing,) = collect(source, again[-1].cursor, since=since + later, now=NOW + later)
    assert nothing.gap is None, "what could not be reached is told once"
    assert replay.asked[0].query["start_time"] > "2026-11-20", "finished, it is not made again"


def test_an_expired_bookmark_is_replaced_by_the_oldest_post_seen(
    source: XSource, replay: Replay, recorded: Callable[[str], Any]
) -> None:
    refused = Answer(recorded("x_errors.json")["400"], status=400)
    replay.plan(page(50, 40, token="old"))
    cursor = next(source.collect(WATCH, None, since=None, now=NOW)).cursor
    replay.plan(refused, page(30), page(60))
    assert ids(collect(source, cursor)) == [30, 60]
    assert replay.asked[1].query["until_id"].endswith("40")
    assert "next_token" not in replay.asked[1].query

    replay.plan(refused, refused, page(60, 50, 40, 30))
    later = collect(source, cursor)
    assert ids(later) == [60, 50, 40, 30], "then from the top"
    assert "walk" not in state(later[-1])


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        pytest.param({"token": "t1"}, {"next_token": "t1"}, id="a bookmark"),
        pytest.param(
            {"until_id": "1991450000000000040"}, {"until_id": "1991450000000000040"}, id="an id"
        ),
    ],
)
def test_a_walk_that_a_former_version_left_is_gone_on_with(
    source: XSource, replay: Replay, where: dict[str, str], asked: dict[str, str]
) -> None:
    left = {
        "query": "(acme -jobs) OR from:acme_help OR to:acme_help",
        "start": "2026-11-19T12:00:00Z",
        "began_at": "2026-11-20T12:00:00Z",
        "token": "",
        "until_id": "",
        "newest_id": "1991450000000000050",
        "newest_at": "2026-11-20T09:50:00Z",
        "oldest_id": "1991450000000000040",
        "oldest_at": "2026-11-20T09:40:00Z",
        "deep": False,
        "backfill": False,
        "unheard_since": "2026-11-19T12:00:00Z",
        "counted": None,
        "came": 2,
        **where,
    }
    mark = {"newest_id": "", "newest_at": "", "covered_at": ""}
    replay.plan(page(30), page(60))

    pages = collect(source, {"asks": {str(left["query"]): {**mark, "walk": left}}})

    rest, new = replay.asked
    assert ids(pages) == [30, 60]
    assert {key: rest.query.get(key) for key in asked} == asked
    assert rest.query["start_time"] == "2026-11-19T12:00:00Z"
    assert new.query["start_time"] == "2026-11-20T09:35:00Z"


def test_a_cursor_of_before_there_were_several_searches_is_gone_on_from(
    source: XSource, replay: Replay
) -> None:
    replay.plan(page(50, token="t1"))
    before = state(next(source.collect(WATCH, None, since=None, now=NOW)))
    replay.plan(page(40, 30))
    assert ids(collect(source, before)) == [40, 30, 40, 30], "its rest, then what is new"
    assert replay.asked[0].query["next_token"] == "t1"

    replay.plan(page(50))
    later = NOW + timedelta(hours=30)
    collect(source, before, watch=Watch("Acme", parse("acme OR acmeco")), now=later)
    assert "next_token" not in replay.asked[0].query, "another query has other bookmarks"
    assert replay.asked[0].query["start_time"] == "2026-11-19T12:00:00Z", "as far back as before"


def test_searches_that_were_worded_otherwise_go_on_where_the_last_of_them_was(
    source: XSource, replay: Replay
) -> None:
    old, newer = (
        {"newest_id": "1", "newest_at": f"2026-11-17T{hour}:00:00Z", "covered_at": covered_at}
        for hour, covered_at in (("08", "2026-11-17T09:00:00Z"), ("10", "2026-11-17T10:00:00Z"))
    )
    cursor = {"asks": {"from:acme_help": newer, "acme": old, "mentions:900": {}}}
    replay.plan(page())

    (found,) = collect(source, cursor)

    assert replay.asked[0].query["start_time"] == "2026-11-17T07:45:00Z"
    assert set(found.cursor["asks"]) == {"(acme -jobs) OR from:acme_help OR to:acme_help"}
    assert found.gap is None


def test_a_pass_that_came_to_its_timelines_alone_begins_its_searches(
    source: XSource, replay: Replay
) -> None:
    replay.plan(page())
    collect(source, {"asks": {"mentions:900": {"newest_at": "2026-11-17T08:00:00Z"}}})
    assert replay.asked[0].query["start_time"] == "2026-11-19T12:00:00Z"


def test_a_query_longer_than_x_takes_becomes_several_searches_with_a_cursor_each(
    source: XSource, replay: Replay
) -> None:
    long = Watch("Acme", parse(" OR ".join(f'"acme kettle {n}"' for n in range(40))))
    replay.plan(page(50, 40), page(30))

    walk = source.collect(long, None, since=None, now=NOW)
    first, second = next(walk), next(walk)

    asks = [asked.query["query"] for asked in replay.asked]
    assert [len(ask) <= 512 for ask in asks] == [True, True]
    assert " OR ".join(asks) == long.query.text
    newest = {
        ask: (kept.get("walk") or kept)["newest_at"] for ask, kept in second.cursor["asks"].items()
    }
    assert newest == {asks[0]: "2026-11-20T09:50:00Z", asks[1]: "2026-11-20T09:30:00Z"}
    replay.plan(page(55), page(45))
    again = collect(source, json.loads(json.dumps(first.cursor)), watch=long)
    starts = [asked.query["start_time"] for asked in replay.asked]
    assert starts == ["2026-11-20T09:35:00Z", "2026-11-19T12:00:00Z"], "the second has not begun"
    assert ids(again) == [55, 45]


def test_empty_pages_with_a_next_token_are_walked_through(source: XSource, replay: Replay) -> None:
    replay.plan(page(50, token="a"), page(token="b"), page(token="c"), page(10))
    assert ids(collect(source)) == [50, 10]


def test_a_repeated_token_ends_without_loss(source: XSource, replay: Replay) -> None:
    def answer(asked: Asked) -> Answer:
        if "until_id" in asked.query:
            return page(20, 10)
        return (
            page(50, 40, token="same")
            if not asked.query.get("next_token")
            else page(30, token="same")
        )

    replay.by_query = answer
    replay.plan()
    pages = collect(source)
    assert ids(pages) == [50, 40, 30, 20, 10]
    assert pages[-1].gap is None


def test_a_service_that_only_repeats_itself_is_left_with_a_gap(
    source: XSource, replay: Replay
) -> None:
    replay.plan(page(50, 40, token="same"))
    pages = collect(source)
    assert len(pages) < 6
    assert pages[-1].gap is not None
    assert "walk" not in state(pages[-1])


def test_endless_empty_pages_end(source: XSource, replay: Replay) -> None:
    numbers = iter(range(10_000))
    replay.by_query = lambda _: page(token=f"t{next(numbers)}")
    replay.plan()
    pages = collect(source)
    assert len(pages) < 30
    assert pages[-1].gap is not None


def test_a_flood_is_continued_in_the_next_pass(source: XSource, replay: Replay) -> None:
    def answer(asked: Asked) -> Answer:
        at = int(asked.query.get("next_token", "150"))
        return page(at, token=str(at - 1) if at > 1 else None)

    replay.by_query = answer
    replay.plan()
    first = collect(source)
    assert len(first) == 100
    second = collect(source, first[-1].cursor)
    assert {*ids(first), *ids(second)} == set(range(1, 151))


# -- trouble


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(("401", 401, {}), (True, None, "bearer_token"), id="401"),
        pytest.param(("403", 403, {}), (True, None, "attached to a Project"), id="403"),
        pytest.param(("402", 402, {}), (True, None, "no credits left"), id="402"),
        pytest.param(("400", 400, {}), (True, None, "must be on or after"), id="400"),
        pytest.param(
            ("429", 429, {RESET: "1795176300"}), (False, 300, "429"), id="429, in 5 minutes"
        ),
        pytest.param(("cap", 429, {RESET: "1795176300"}), (True, None, "monthly cap"), id="cap"),
        pytest.param(
            ("503", 503, {"retry-after": "30", RESET: "1795176300"}),
            (False, 30, "503"),
            id="503, retry after",
        ),
    ],
)
def test_its_own_errors_say_whether_trying_again_can_help(
    source: XSource,
    replay: Replay,
    recorded: Callable[[str], Any],
    answer: tuple[str, int, dict[str, str]],
    expected: tuple[bool, int | None, str],
) -> None:
    (name, status, headers), (permanent, wait_s, words) = answer, expected
    replay.plan(Answer(recorded("x_errors.json")[name], status, headers))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent is permanent
    waits = caught.value.retry_after
    assert (None if waits is None else waits.total_seconds()) == wait_s
    assert "\n" not in str(caught.value)
    assert len(replay.asked) == 1, "no retry of its own"


@pytest.mark.parametrize(
    "body", [None, [], ["odd"], 7, {"errors": None}, {"errors": [None]}, {"detail": 5}], ids=str
)
def test_an_odd_body_hides_no_status(source: XSource, replay: Replay, body: object) -> None:
    replay.plan(Answer(body, 429, {"retry-after": "30"}))
    with pytest.raises(RemoteError, match=r"rate limited \(429\)") as caught:
        collect(source)
    assert caught.value.retry_after == timedelta(seconds=30)
    replay.plan(Answer(body, 401))
    with pytest.raises(RemoteError, match=r"refused \(401\)") as caught:
        collect(source)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer({"errors": None}, 500), id="500 with null errors"),
        pytest.param(Answer({"errors": [{"title": "Oops"}]}), id="200 with errors only"),
    ],
)
def test_errors_without_a_word_are_one_line_and_may_be_tried_again(
    source: XSource, replay: Replay, answer: Answer
) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError) as caught:
        collect(source)
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)


def test_pages_before_the_trouble_stay_good(source: XSource, replay: Replay) -> None:
    replay.plan(page(50, token="t1"), Answer(reset=True))
    walk = source.collect(WATCH, None, since=None, now=NOW)
    first = next(walk)
    with pytest.raises(RemoteError):
        next(walk)
    replay.plan(page(40), page(50))
    assert 40 in ids(collect(source, first.cursor))


def test_nobody_there_is_one_line() -> None:
    with serve() as gone:
        address = gone.url
    source = XSource(XSettings.model_validate({"bearer_token": CANARY, "base_url": address}))
    with pytest.raises(RemoteError, match="ConnectionError") as caught:
        source.check()
    assert not caught.value.permanent


def test_check_reads_no_post(source: XSource, replay: Replay) -> None:
    replay.plan(page())
    assert "answers" in source.check()
    assert replay.asked[0].query["max_results"] == "10"
