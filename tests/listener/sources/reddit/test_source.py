import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.reddit.settings import RedditSettings
from listener.sources.reddit.source import RedditSource
from tests.net.replay import Answer, Asked, Replay, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANARY = "canarySecret7f3a"
TOKEN = {"access_token": "canaryToken91c", "token_type": "bearer", "expires_in": 3600, "scope": "*"}
WATCH = Watch("Acme", parse("acme -jobs"))
WITH_OWN = Watch("Acme", parse("acme"), (OwnAccount("reddit", "AcmeHelp"), OwnAccount("x", "acme")))
TOKEN_PATH = "/api/v1/access_token"
SEARCH = "/r/all/search/"
ASK = "acme AND NOT jobs"


@pytest.fixture
def source(replay: Replay) -> RedditSource:
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    return RedditSource(settings(replay))


def settings(replay: Replay, **more: object) -> RedditSettings:
    given = {"client_id": "an-id", "client_secret": CANARY, "base_url": replay.url, **more}
    return RedditSettings.model_validate(given)


def collect(
    source: RedditSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = WATCH,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=NOW))


def state(page: Page) -> dict[str, Any]:
    """Where the page's only search has come to."""
    (found,) = page.cursor["asks"].values()
    assert isinstance(found, dict)
    return found


def thing(number: int, **changed: object) -> dict[str, object]:
    at = (NINE + timedelta(minutes=number)).timestamp()
    data = {"id": f"p{number}", "title": f"acme {number}", "selftext": "", "created_utc": at}
    return {"kind": "t3", "data": {**data, "author": "ana", **changed}}


def listing(*children: object, after: str | None = None) -> Answer:
    return Answer({"kind": "Listing", "data": {"after": after, "children": list(children)}})


def numbered(numbers: range, after: str | None = None) -> Answer:
    return listing(*map(thing, numbers), after=after)


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


@pytest.fixture
def mentions(
    source: RedditSource, replay: Replay, recorded: Callable[[str], Any]
) -> dict[str, Mention]:
    replay.plan(Answer(recorded("reddit_page.json")))
    (found,) = collect(source)
    assert (found.broken, found.gap, found.fetched) == ((), None, 7)
    assert len(replay.asked) == 1, "a missing field fires no request of its own"
    return {mention.external_id[-1]: mention for mention in found.mentions}


def test_reads_a_submission_as_a_reader_sees_it(mentions: dict[str, Mention]) -> None:
    assert mentions["7"] == Mention(
        source="reddit",
        external_id="1plya7",
        text="Acme kettles: is &lt;this&gt; normal?\n\nIt whistles & hums.\n\nTwo weeks now.",
        published_at=NINE,
        url="https://www.reddit.com/r/tea/comments/1plya7/some_words/",
        conversation_id="1plya7",
        author=Author(id="t2_1plya7", handle="kettle_fan"),
        engagement=Engagement(likes=5, reposts=1, replies=4),
    )


def test_nothing_is_lost_for_being_odd(mentions: dict[str, Mention]) -> None:
    assert mentions["6"].text == "Acme on the news", "a link has no text of its own"
    assert mentions["5"].parent_id == "1plya2", "a crosspost belongs to the first"
    assert "4" not in mentions, "its author took it back"
    assert "3" not in mentions, "a moderator took it back"
    assert mentions["1"].author == Author(id="old_hand", handle="old_hand"), "no author_fullname"


def test_own_answers_come_first_and_carry_ids_that_match_submissions(
    source: RedditSource, replay: Replay, recorded: Callable[[str], Any]
) -> None:
    replay.plan(Answer(recorded("reddit_comments.json")), Answer(recorded("reddit_page.json")))
    own, found = collect(source, watch=WITH_OWN)
    assert [asked.path for asked in replay.asked] == ["/user/AcmeHelp/comments/", SEARCH]
    assert [(m.external_id, m.parent_id, m.conversation_id) for m in own.mentions] == [
        ("t1_oc2", "1plya7", "1plya7"),
        ("t1_oc1", "t1_oc0", "1plya2"),
    ]
    assert own.mentions[0].text == "We are on it & sorry."
    assert own.mentions[0].author == Author(id="t2_acme1", handle="AcmeHelp")
    assert state(own)["newest_at"] is None, "the mark waits for the search"
    assert state(found)["newest_at"] == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize("status", [403, 404])
def test_an_own_account_that_is_gone_does_not_stop_the_search(
    source: RedditSource, replay: Replay, status: int
) -> None:
    replay.plan(Answer({"message": "Not Found", "error": status}, status), listing(thing(1)))
    pages = collect(source, watch=WITH_OWN)
    assert pages[0].broken == ("reddit: own account AcmeHelp is not there or suspended",)
    assert ids(pages) == ["p1"]


def test_an_own_account_of_any_network_need_not_be_on_reddit(
    source: RedditSource, replay: Replay
) -> None:
    replay.plan(Answer({"error": 404}, 404), listing(thing(1)))
    watch = Watch("Acme", parse("acme"), (OwnAccount("", "acme"), OwnAccount("", "not a name/..")))
    assert [page.broken for page in collect(source, watch=watch)] == [()]
    assert len(replay.asked) == 2


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            thing(2, created_utc=None), "reddit p2: it has no readable created_utc", id="null time"
        ),
        pytest.param(
            thing(2, created_utc=1e300), "reddit p2: it has no readable created_utc", id="odd time"
        ),
        pytest.param(thing(2, title=None), "reddit p2: it has no title", id="no title"),
        pytest.param(thing(2, id=None), "reddit thing without id: it has no id", id="no id"),
        pytest.param(
            {"kind": "t5", "data": {"name": "t5_x"}},
            "reddit t5_x: it is of kind 't5', neither submission nor comment",
            id="subreddit",
        ),
        pytest.param(None, "reddit thing without id: it is no thing of Reddit", id="null"),
        pytest.param({"kind": "t1", "data": {"id": "c"}}, "reddit c: it has no body", id="no body"),
    ],
)
def test_one_broken_thing_is_told_and_the_rest_kept(
    source: RedditSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listing(thing(3), broken, thing(1)))
    (found,) = collect(source)
    assert ids([found]) == ["p3", "p1"]
    assert found.broken == (told,)
    assert found.fetched == 3


def test_odd_authors_subreddits_and_texts_cost_nothing(
    source: RedditSource, replay: Replay
) -> None:
    odd = thing(1, author={"name": "x"}, subreddit=None, poll_data=None, selftext="nul \0 \ud83d.")
    replay.plan(Answer(json.dumps(json.loads(json.dumps(listing(odd).body))).encode()))
    mention = collect(source)[0].mentions[0]
    assert mention.author is None
    assert mention.text == "acme 1\n\nnul  \ufffd."


@pytest.mark.parametrize(
    ("beside", "text"),
    [
        pytest.param(
            {
                "crosspost_parent_list": [
                    {"title": "acme 1", "selftext": "It leaks", "author": "bo"}
                ]
            },
            "acme 1\n\n[Crosspost of u/bo: It leaks]",
            id="a crosspost",
        ),
        pytest.param(
            {"crosspost_parent_list": [{"title": "Old", "selftext": "[removed]"}, None]},
            "acme 1",
            id="a crosspost of what is gone",
        ),
        pytest.param(
            {"poll_data": {"options": [{"text": "Acme"}, {"text": "Globex"}]}},
            "acme 1\n\n[Choice: Acme]\n\n[Choice: Globex]",
            id="a poll",
        ),
        pytest.param(
            {"gallery_data": {"items": [{"caption": "the lid"}, {"media_id": "m"}]}},
            "acme 1\n\n[Picture: the lid]",
            id="a gallery",
        ),
        pytest.param(
            {"crosspost_parent_list": {}, "poll_data": [], "gallery_data": 1}, "acme 1", id="odd"
        ),
    ],
)
def test_words_outside_of_the_body_are_read_with_it(
    source: RedditSource, replay: Replay, beside: dict[str, object], text: str
) -> None:
    replay.plan(listing(thing(1, **beside)))
    (found,) = collect(source)
    assert found.mentions[0].text == text


# -- the walk


def test_asks_for_the_newest_of_the_given_subreddits(replay: Replay) -> None:
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    replay.plan(listing())
    found, *_ = collect(RedditSource(settings(replay, subreddits=["r/tea", "Coffee"])))
    asked, *_ = replay.asked
    assert asked.path == "/r/tea+Coffee/search/"
    assert asked.query == {
        "q": "acme AND NOT jobs",
        "sort": "new",
        "t": "all",
        "syntax": "lucene",
        "restrict_sr": "True",
        "limit": "100",
        "raw_json": "1",
    }
    assert "prawcore" in asked.headers["user-agent"]
    assert (found.mentions, found.gap) == ((), None)


def test_a_gateway_may_have_a_path_and_logging_in_another_host(replay: Replay) -> None:
    with serve() as door:
        door.plan(Answer(TOKEN))
        replay.plan(listing())
        both = {"base_url": f"{replay.url}/reddit/", "auth_url": f"{door.url}/auth"}
        collect(RedditSource(settings(replay, **both)))
        assert replay.asked[0].path == "/reddit/r/all/search/"
        assert door.asked[0].path == "/auth/api/v1/access_token"


def test_walks_back_to_what_is_known_with_an_overlap(source: RedditSource, replay: Replay) -> None:
    replay.plan(numbered(range(50, 40, -1)))
    (page,) = collect(source)
    cursor = page.cursor
    assert state(page) == {"newest_at": "2026-11-20T09:50:00Z"}
    replay.plan(
        numbered(range(160, 60, -1), "t3_p61"),
        numbered(range(60, 39, -1), "t3_p40"),
        numbered(range(39, 30, -1), "t3_p31"),
        Answer({}, 500),
    )
    pages = collect(source, cursor)
    assert len(pages) == 3, "p40 lies within the overlap of 15 minutes, p31 before it"
    assert replay.asked[1].query["after"] == "t3_p61"
    assert state(pages[-1])["newest_at"] == "2026-11-20T11:40:00Z", "that of p160"
    assert pages[-1].gap is None


def test_a_query_longer_than_reddit_takes_becomes_several_searches(
    source: RedditSource, replay: Replay
) -> None:
    long = Watch("Acme", parse(" OR ".join(f'"acme kettle {n}"' for n in range(40))))
    with_own = replace(long, own_accounts=WITH_OWN.own_accounts)
    replay.plan(listing(), numbered(range(5, 0, -1)), numbered(range(9, 5, -1)))

    *_, last = collect(source, watch=with_own)

    own, *searched = replay.asked
    assert own.path == "/user/AcmeHelp/comments/", "asked once"
    asks = [asked.query["q"] for asked in searched]
    assert [len(ask) <= 512 for ask in asks] == [True, True]
    assert " OR ".join(asks) == long.query.text
    assert {ask: kept["newest_at"] for ask, kept in last.cursor["asks"].items()} == {
        asks[0]: "2026-11-20T09:05:00Z",
        asks[1]: "2026-11-20T09:09:00Z",
    }


def test_the_first_pass_takes_all_there_is(source: RedditSource, replay: Replay) -> None:
    replay.plan(numbered(range(0, -100, -1), "t3_p-99"), numbered(range(-100_000, -100_050, -1)))
    pages = collect(source)
    assert len(ids(pages)) == 150
    assert pages[-1].gap is None


@pytest.mark.parametrize("pages", [1, 10])
def test_a_listing_that_ends_before_what_was_known_is_a_gap(
    source: RedditSource, replay: Replay, pages: int
) -> None:
    cursor = {"newest_id": "p1", "newest_at": "2026-11-19T09:00:00Z"}
    new = [
        numbered(range(1000 - 100 * n, 900 - 100 * n, -1), None if n == pages - 1 else f"t3_{n}")
        for n in range(pages)
    ]
    replay.plan(*new)
    found = collect(source, cursor)
    assert len(ids(found)) == 100 * pages
    assert [page.gap is None for page in found] == [True] * (pages - 1) + [False]
    assert found[-1].gap is not None
    assert found[-1].gap.since == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert found[-1].gap.until == NINE + timedelta(minutes=1001 - 100 * pages)


def test_a_short_listing_without_overlap_is_no_gap(source: RedditSource, replay: Replay) -> None:
    replay.plan(numbered(range(9, 0, -1)))
    cursor = {"newest_id": "gone", "newest_at": "2026-11-19T09:00:00Z"}
    assert collect(source, cursor)[-1].gap is None


def test_a_crash_between_pages_loses_nothing(source: RedditSource, replay: Replay) -> None:
    replay.plan(numbered(range(20, 10, -1), "t3_p11"), Answer({}, 503))
    walk = source.collect(
        WATCH, {"newest_id": "p1", "newest_at": "2026-11-20T09:01:00Z"}, since=None, now=NOW
    )
    first = next(walk)
    with pytest.raises(RemoteError):
        next(walk)
    replay.plan(numbered(range(25, 10, -1), "t3_p11"), numbered(range(10, -30, -1), "t3_x"))
    later = collect(source, json.loads(json.dumps(first.cursor)))
    assert {f"p{n}" for n in range(1, 26)} <= {*ids([first]), *ids(later)}
    assert state(later[-1])["newest_at"] == "2026-11-20T09:25:00Z", "that of p25"


def test_a_backfill_goes_back_to_since_and_is_finished_after_a_crash(
    source: RedditSource, replay: Replay
) -> None:
    cursor = {"newest_id": "p50", "newest_at": "2026-11-20T09:50:00Z"}
    replay.plan(numbered(range(50, 0, -1), "t3_p1"), numbered(range(0, -60, -1), "t3_y"))
    walk = source.collect(WATCH, cursor, since=NINE - timedelta(minutes=30), now=NOW)
    first = next(walk)
    del walk
    replay.plan(numbered(range(50, 0, -1), "t3_p1"), numbered(range(0, -60, -1), "t3_y"))
    later = collect(source, first.cursor)
    assert "p-30" in ids(later)
    assert state(later[-1])["newest_at"] == "2026-11-20T09:50:00Z", "the mark does not go back"


def test_a_backfill_that_a_former_version_left_is_finished(
    source: RedditSource, replay: Replay
) -> None:
    mark = {"newest_id": "p50", "newest_at": "2026-11-20T09:50:00Z"}
    replay.plan(numbered(range(50, 0, -1), "t3_p1"), numbered(range(0, -60, -1), "t3_y"))
    pages = collect(source, {"asks": {ASK: {**mark, "back_to": "2026-11-20T08:30:00Z"}}})
    assert "p-30" in ids(pages)
    assert state(pages[-1]) == {"newest_at": "2026-11-20T09:50:00Z"}


@pytest.mark.parametrize("children", [(), (thing(5),)])
def test_a_listing_that_repeats_itself_ends(
    source: RedditSource, replay: Replay, children: tuple[object, ...]
) -> None:
    replay.plan(listing(*children, after="t3_same"))
    assert len(collect(source)) == 2


def test_a_listing_without_end_is_left(source: RedditSource, replay: Replay) -> None:
    numbers = iter(range(10_000))
    replay.by_query = lambda _: listing(thing(-next(numbers)), after=f"t3_{next(numbers)}")
    replay.plan()
    assert len(collect(source)) == 20


# -- the streams of named subreddits


def comment(number: int, **changed: object) -> dict[str, object]:
    at = (NINE + timedelta(minutes=number)).timestamp()
    data = {"id": f"c{number}", "body": f"acme {number}", "created_utc": at, "link_id": "t3_p1"}
    return {"kind": "t1", "data": {**data, "author": "ana", **changed}}


@pytest.fixture
def tea(replay: Replay) -> RedditSource:
    """A source that reads two subreddits whole; its search finds nothing."""
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    replay.fixed["/r/all+tea+Coffee/search/"] = listing()
    return RedditSource(settings(replay, subreddits=["all", "tea", "Coffee"]))


def test_comments_and_new_submissions_of_named_subreddits_are_matched_here(
    tea: RedditSource, replay: Replay
) -> None:
    replay.plan(
        listing(comment(9), comment(8, body="tea is fine"), comment(7, body="acme jobs")),
        listing(thing(6), thing(5, title="what a kettle")),
    )

    searched, comments, new = collect(tea)

    assert [asked.path for asked in replay.asked] == [
        "/r/tea+Coffee/comments/",
        "/r/tea+Coffee/new/",
    ]
    assert replay.asked[0].query == {"limit": "100", "raw_json": "1"}
    assert (ids([comments]), comments.fetched) == (["t1_c9"], 3)
    assert comments.mentions[0].conversation_id == "p1"
    assert (ids([new]), new.fetched) == (["p6"], 2)
    assert searched.mentions == ()


def test_each_stream_goes_on_from_where_it_was(tea: RedditSource, replay: Replay) -> None:
    replay.plan(listing(comment(9, body="no name")), listing(thing(6)))
    cursor = collect(tea)[-1].cursor
    replay.plan(listing(comment(12), comment(-30)), listing(thing(-30)))

    *_, comments, _ = collect(tea, json.loads(json.dumps(cursor)))

    kept = cursor["asks"]["r/tea+Coffee/comments/"]
    assert kept == {"newest_at": "2026-11-20T09:09:00Z"}, "named or not"
    assert ids([comments]) == ["t1_c12", "t1_c-30"]
    assert comments.gap is None


def test_a_stream_that_ends_before_what_was_known_is_a_gap(
    tea: RedditSource, replay: Replay
) -> None:
    state = {"newest_id": "t1_c0", "newest_at": "2026-11-19T09:00:00Z"}
    busy = [comment(number, body="tea") for number in range(100, 0, -1)]
    replay.plan(listing(*busy), listing())

    *_, comments, _ = collect(tea, {"asks": {"r/tea+Coffee/comments/": state}})

    assert comments.gap is not None
    assert comments.gap.since == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert (comments.mentions, comments.fetched) == ((), 100)


@pytest.mark.parametrize("subreddits", [["all"], ["ALL", "popular"]])
def test_all_of_reddit_is_not_read_whole(replay: Replay, subreddits: list[str]) -> None:
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    replay.plan(listing(thing(1)))
    assert len(collect(RedditSource(settings(replay, subreddits=subreddits)))) == 1


# -- edits and deletions


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        pytest.param(
            {"edited": NINE.timestamp() + 60.5}, NINE + timedelta(seconds=60.5), id="edited"
        ),
        pytest.param({"edited": 4102444800}, NOW, id="in 2100"),
        pytest.param({"edited": False}, None, id="never"),
        pytest.param({"edited": True}, None, id="long ago, untold"),
        pytest.param({"edited": 1e300}, None, id="no time"),
        pytest.param({}, None, id="not told"),
    ],
)
def test_when_it_was_edited(
    source: RedditSource, replay: Replay, edited: dict[str, object], expected: datetime | None
) -> None:
    replay.plan(listing(thing(1, **edited), comment(0, **edited)))
    (found,) = collect(source)
    assert [mention.edited_at for mention in found.mentions] == [expected, expected]


def test_what_was_taken_back_is_gone_and_what_is_left_out_is_not_shown(
    source: RedditSource, replay: Replay
) -> None:
    replay.plan(
        listing(
            thing(1, name="t3_p1"),
            thing(2, name="t3_p2", author="[deleted]"),
            thing(3, name="t3_p3", selftext="[removed]"),
            comment(4, name="t1_c4", body="[deleted]"),
            comment(5, name="t1_c5"),
            thing(6, name="t3_other"),
        )
    )
    found = source.recheck(["p1", "p2", "p3", "t1_c4", "t1_c5", "p9"], now=NOW)
    assert found == {
        "p1": Standing.THERE,
        "p2": Standing.GONE,
        "p3": Standing.GONE,
        "t1_c4": Standing.GONE,
        "t1_c5": Standing.THERE,
        "p9": Standing.HIDDEN,
    }
    assert replay.asked[0].path == "/api/info/"
    assert replay.asked[0].query["id"] == "t3_p1,t3_p2,t3_p3,t1_c4,t1_c5,t3_p9"
    assert source.recheck_at_once == 100


@pytest.mark.parametrize("odd", [None, {"kind": "t3"}, {"kind": "t3", "data": {"id": "p9"}}])
def test_where_something_cannot_be_read_nothing_is_called_gone(
    source: RedditSource, replay: Replay, odd: object
) -> None:
    replay.plan(listing(thing(1, name="t3_p1"), odd))
    assert source.recheck(["p1", "p9"], now=NOW) == {"p1": Standing.THERE}


@pytest.mark.parametrize(
    "answer", [Answer({}, 503), Answer([]), Answer({"data": {}}), Answer(reset=True)]
)
def test_an_error_is_no_deletion(source: RedditSource, replay: Replay, answer: Answer) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError):
        source.recheck(["p1"], now=NOW)


# -- trouble


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        pytest.param(401, {}, "key is refused", id="401 without www-authenticate"),
        pytest.param(
            401,
            {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'},
            "key is refused",
            id="401",
        ),
        pytest.param(403, {}, "key is refused", id="403"),
        pytest.param(403, {"www-authenticate": "Odd"}, "key is refused", id="403, odd header"),
        pytest.param(404, {}, "subreddits", id="404"),
        pytest.param(302, {"location": "/subreddits/search"}, "subreddits", id="302"),
    ],
)
def test_a_refusal_says_what_to_look_at(
    source: RedditSource, replay: Replay, status: int, headers: dict[str, str], words: str
) -> None:
    replay.plan(Answer({"message": "no", "error": status}, status, headers))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent
    assert caught.value.retry_after is None


@pytest.mark.parametrize("reason", ["private", "gated", "quarantined", "gold_only", "unheard_of"])
def test_a_subreddit_that_is_closed_is_told_as_such(replay: Replay, reason: str) -> None:
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    replay.plan(Answer({"reason": reason, "message": "Forbidden", "error": 403}, 403))
    with pytest.raises(RemoteError) as caught:
        collect(RedditSource(settings(replay, subreddits=["kettles"])))
    assert str(caught.value) == (
        f"reddit: r/kettles is closed to us (403 {reason}); take it out of "
        "sources.reddit.subreddits"
    )
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        pytest.param(Answer({"message": "Unauthorized", "error": 401}, 401), True, id="401"),
        pytest.param(Answer({"error": "invalid_grant"}), True, id="200 with an error"),
        pytest.param(Answer({"error": 400}, 400), True, id="400"),
        pytest.param(Answer({}, 500), False, id="500"),
        pytest.param(Answer({}, 429), False, id="429"),
        pytest.param(Answer({"surprise": 1}), False, id="another shape"),
        pytest.param(Answer(b"<html>"), False, id="HTML"),
        pytest.param(Answer(reset=True), False, id="reset connection"),
    ],
)
def test_trouble_at_the_door(
    source: RedditSource, replay: Replay, answer: Answer, *, permanent: bool
) -> None:
    replay.fixed[TOKEN_PATH] = answer
    replay.plan(listing())
    with pytest.raises(RemoteError) as caught:
        source.check()
    assert caught.value.permanent is permanent


def test_a_passing_failure_is_not_even_told(
    source: RedditSource, replay: Replay, capsys: pytest.CaptureFixture[str]
) -> None:
    replay.plan(Answer({}, 503), listing(thing(1)))
    assert ids(collect(source)) == ["p1"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-used": "600",
                "x-ratelimit-reset": "99999999",
            },
            id="a year",
        ),
        pytest.param(
            {"x-ratelimit-remaining": "nan", "x-ratelimit-used": "8", "x-ratelimit-reset": "1"},
            id="no number",
        ),
        pytest.param(
            {
                "x-ratelimit-remaining": "592.0",
                "x-ratelimit-used": "8.0",
                "x-ratelimit-reset": "315",
            },
            id="fractions",
        ),
        pytest.param({"x-ratelimit-remaining": "5"}, id="alone"),
    ],
)
def test_an_odd_rate_limit_never_stops_the_pass(
    source: RedditSource, replay: Replay, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    first = listing(thing(2), after="t3_p2").body
    replay.plan(Answer(first, headers=headers), listing(thing(1)))
    assert ids(collect(source)) == ["p2", "p1"]
    assert all(pause <= 60 for pause in slept)


def test_nothing_around_the_program_changes_where_the_key_goes(
    replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "praw.ini").write_text("[DEFAULT]\noauth_url=http://127.0.0.1:9\n[evil]\nx=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("praw_site", "evil")
    monkeypatch.setenv("praw_username", "someone")
    monkeypatch.setenv("praw_password", "else")
    replay.fixed[TOKEN_PATH] = Answer(TOKEN)
    replay.plan(listing(thing(1)))
    assert ids(collect(RedditSource(settings(replay)))) == ["p1"]


def test_asked_is_what_praw_would_ask(source: RedditSource, replay: Replay) -> None:
    replay.plan(listing())
    collect(source)
    asked: Asked = replay.asked[0]
    assert asked.path == SEARCH
    assert asked.query["restrict_sr"] == "False"
    assert asked.headers["authorization"] == "bearer canaryToken91c"
