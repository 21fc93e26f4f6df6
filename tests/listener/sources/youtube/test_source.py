import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources import SOURCES
from listener.sources.youtube.settings import YoutubeSettings
from listener.sources.youtube.source import YoutubeSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANARY = "canaryKey7f3a"
VIDEO = "acmeKettle1"
CHANNEL = "UCacmeacmeacmeacmeacmeac"
WATCH = Watch("Acme", parse("acme"))
THREADS, REPLIES, SEARCH = "commentThreads", "comments", "search"


def source_of(replay: Replay, **given: object) -> YoutubeSource:
    usual = {"api_key": CANARY, "base_url": replay.url, "videos": [VIDEO], "searches_per_day": 0}
    return YoutubeSource(YoutubeSettings.model_validate({**usual, **given}))


@pytest.fixture
def source(replay: Replay) -> YoutubeSource:
    """Of one video, and bound to the brand."""
    return source_of(replay, brand="Acme")


def collect(
    source: YoutubeSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    watch: Watch = WATCH,
    now: datetime = NOW,
) -> list[Page]:
    return list(source.collect(watch, cursor, since=since, now=now))


def answers(replay: Replay, **by_path: Answer | list[Answer]) -> None:
    """What each method of the API answers; of a list one after the other."""

    def answer(asked: Asked) -> Answer:
        planned = by_path[asked.path.removeprefix("/youtube/v3/")]
        return planned.pop(0) if isinstance(planned, list) else planned

    replay.plan()
    replay.by_query = answer


def thread(number: int, text: str = "acme", **changed: object) -> dict[str, Any]:
    at = (NINE + timedelta(minutes=number)).isoformat()
    said = {"textOriginal": text, "publishedAt": at, "updatedAt": at, "videoId": VIDEO}
    top = {"id": f"c{number}", "snippet": {**said, **changed}}
    return {"id": f"c{number}", "snippet": {"videoId": VIDEO, "topLevelComment": top}}


def items(*things: object, token: str = "") -> Answer:
    return Answer({"items": list(things), **({"nextPageToken": token} if token else {})})


def trouble(status: int, reason: str, message: str = "no", **headers: str) -> Answer:
    """An error as Google's APIs send it."""
    first = {"domain": "usageLimits", "reason": reason, "message": message}
    error = {"errors": [first], "code": status, "message": message}
    return Answer({"error": error}, status, headers)


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


@pytest.fixture
def mentions(
    source: YoutubeSource, replay: Replay, recorded: Callable[[str], Any]
) -> dict[str, Mention]:
    answers(
        replay,
        commentThreads=Answer(recorded("youtube_threads.json")),
        comments=Answer(recorded("youtube_replies.json")),
    )
    (page,) = collect(source)
    assert (page.broken, page.gap, page.fetched) == ((), None, 6)
    return {mention.external_id: mention for mention in page.mentions}


def test_reads_a_comment_as_it_was_written(mentions: dict[str, Mention]) -> None:
    channel = "UCkettlefankettlekettlek"
    assert mentions["UgyA3-leak4AaABAg"] == Mention(
        source="youtube",
        external_id="UgyA3-leak4AaABAg",
        text="My acme leaks & whistles :(",
        published_at=NINE.replace(minute=40),
        url=f"https://www.youtube.com/watch?v={VIDEO}&lc=UgyA3-leak4AaABAg",
        parent_id=VIDEO,
        conversation_id=VIDEO,
        author=Author(
            id=channel,
            handle="kettlefan",
            name="@kettlefan",
            url=f"http://www.youtube.com/channel/{channel}",
        ),
        engagement=Engagement(likes=4, replies=1),
        edited_at=NINE.replace(minute=50),
    )


def test_replies_that_came_along_and_those_that_did_not_are_read(
    mentions: dict[str, Mention], replay: Replay
) -> None:
    answer = mentions["UgyA3-leak4AaABAg.91zT3cYb5B2"]
    assert (answer.parent_id, answer.conversation_id) == ("UgyA3-leak4AaABAg", VIDEO)
    late = mentions["UgyB2-nice4AaABAg.r2"]
    assert (late.parent_id, late.conversation_id) == ("UgyB2-nice4AaABAg", VIDEO)
    assert [asked.query.get("parentId") for asked in replay.asked] == [None, "UgyB2-nice4AaABAg"]


def test_nothing_is_lost_for_being_odd(mentions: dict[str, Mention]) -> None:
    assert mentions["UgyB2-nice4AaABAg"].text == "nice", "of a brand's own video all counts"
    assert mentions["UgyC1-gone4AaABAg"].text == "acme, from nobody", "only shown as HTML"
    assert mentions["UgyC1-gone4AaABAg"].author is None


def test_asks_for_the_newest_with_the_key_in_a_header(
    source: YoutubeSource, replay: Replay
) -> None:
    answers(replay, commentThreads=items())
    (page,) = collect(source)
    (asked,) = replay.asked
    assert asked.path == "/youtube/v3/commentThreads"
    assert asked.query == {
        "part": "snippet,replies",
        "order": "time",
        "maxResults": "100",
        "videoId": VIDEO,
    }
    assert asked.headers["x-goog-api-key"] == CANARY
    assert (page.mentions, page.gap) == ((), None)


def test_a_channel_is_read_by_its_id(replay: Replay) -> None:
    answers(replay, commentThreads=items(thread(1)))
    assert ids(collect(source_of(replay, videos=[], channels=[CHANNEL]))) == ["c1"]
    assert replay.asked[0].query["allThreadsRelatedToChannelId"] == CHANNEL


def test_of_a_video_of_nobody_only_what_names_the_brand_is_kept(replay: Replay) -> None:
    own = thread(3, "Thank you!", authorChannelId={"value": "UCacme"})
    answers(replay, commentThreads=items(own, thread(2, "nice"), thread(1, "Acme leaks")))
    watch = Watch("Acme", parse("acme"), (OwnAccount("youtube", "UCacme"),))
    (page,) = collect(source_of(replay), watch=watch)
    assert ids([page]) == ["c3", "c1"], "and what its own account wrote"
    assert page.fetched == 3
    assert SOURCES["youtube"].asks(watch).left_here == ()


def test_videos_of_one_brand_are_read_for_no_other(source: YoutubeSource, replay: Replay) -> None:
    replay.plan()
    assert collect(source, watch=Watch("Globex", parse("globex"))) == []
    assert replay.asked == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            thread(2, publishedAt=None), "c2: it has no readable publishedAt", id="no date"
        ),
        pytest.param(
            thread(2, textOriginal=None),
            "c2: it has neither textOriginal nor textDisplay",
            id="no text",
        ),
        pytest.param({"id": "c2"}, "c2: it has no snippet", id="no snippet"),
        pytest.param(
            {"id": "c2", "snippet": {"topLevelComment": None}}, "c2: it has no snippet", id="null"
        ),
        pytest.param(None, "thread without id: it has no snippet", id="no object"),
        pytest.param(
            {**thread(2), "replies": {"comments": [{"id": "r"}]}},
            "r: it has no snippet",
            id="reply",
        ),
    ],
)
def test_one_broken_thing_is_told_and_the_rest_kept(
    source: YoutubeSource, replay: Replay, broken: object, told: str
) -> None:
    answers(replay, commentThreads=items(thread(3), broken, thread(1)))
    (page,) = collect(source)
    assert {"c3", "c1"} <= set(ids([page]))
    assert page.broken == (f"youtube {told}",)


# -- the walk


def test_walks_back_to_what_is_known(source: YoutubeSource, replay: Replay) -> None:
    answers(replay, commentThreads=items(thread(30)))
    cursor = json.loads(json.dumps(collect(source)[-1].cursor))
    known = map(thread, (20, 12, 11, 10))
    pages = [items(thread(60), thread(40), token="B"), items(*known, token="C")]
    answers(replay, commentThreads=pages)
    found = collect(source, cursor)
    assert ids(found)[:3] == ["c60", "c40", "c20"], "c20 lies within the overlap"
    assert replay.asked[1].query["pageToken"] == "B"
    assert found[-1].gap is None


def test_a_crash_between_pages_loses_nothing(source: YoutubeSource, replay: Replay) -> None:
    first_page = items(thread(9), thread(8), token="B")
    answers(replay, commentThreads=[first_page, Answer({}, 503)])
    walk = source.collect(WATCH, None, since=None, now=NOW)
    first = next(walk)
    with pytest.raises(RemoteError):
        next(walk)
    answers(replay, commentThreads=[first_page, items(thread(7))])
    assert ids(collect(source, json.loads(json.dumps(first.cursor)))) == ["c9", "c8", "c7"]


def test_more_than_a_pass_takes_is_a_gap(source: YoutubeSource, replay: Replay) -> None:
    numbers = iter(range(100, 0, -1))
    replay.plan()
    replay.by_query = lambda _: items(thread(n := next(numbers)), token=f"t{n}")
    pages = collect(source)
    assert len(pages) == 10
    assert pages[-1].gap is not None
    assert "more than 10 posts at once" in pages[-1].gap.reason


def test_replies_are_asked_for_again_only_when_there_are_more(
    source: YoutubeSource, replay: Replay
) -> None:
    def with_replies(total: int) -> Answer:
        one = thread(1)
        one["snippet"]["totalReplyCount"] = total
        return items(one)

    answers(replay, commentThreads=with_replies(2), comments=items())
    cursor = json.loads(json.dumps(collect(source)[-1].cursor))
    collect(source, cursor)
    asked = [asked.path.rpartition("/")[2] for asked in replay.asked]
    assert asked == [THREADS, REPLIES, THREADS]
    answers(replay, commentThreads=with_replies(3), comments=trouble(404, "commentNotFound"))
    assert ids(collect(source, cursor)) == ["c1"], "deleted meanwhile"
    assert len(replay.asked) == 2


# -- the search


def test_videos_that_name_the_brand_are_found(
    replay: Replay, recorded: Callable[[str], Any]
) -> None:
    answers(replay, search=Answer(recorded("youtube_search.json")))
    (page,) = collect(source_of(replay, videos=[], searches_per_day=20))
    assert (ids([page]), page.fetched) == (["testAcme-01"], 2)
    (video,) = page.mentions
    assert video.text == (
        "ACME'S KETTLE || ONE YEAR & A DAY\n\nIs it worth it? We boil 1000 times ..."
    )
    assert video.url == "https://www.youtube.com/watch?v=testAcme-01"
    assert video.author == Author(
        id="UCteachannelteachannelte", handle="Tea & Kettles", name="Tea & Kettles"
    )
    asked = replay.asked[0].query
    assert (asked["q"], asked["order"], asked["type"]) == ("acme", "date", "video")
    assert asked["publishedAfter"] == "2026-11-13T12:00:00Z"


def test_searches_are_spread_over_the_day(replay: Replay) -> None:
    source = source_of(replay, videos=[], searches_per_day=24)
    answers(replay, search=items())
    cursor = collect(source)[-1].cursor
    assert collect(source, cursor, now=NOW + timedelta(minutes=59)) == []
    assert len(collect(source, cursor, now=NOW + timedelta(minutes=60))) == 1
    assert len(collect(source, cursor, since=NINE)) == 1, "asked for by hand"
    answers(replay, search=[items(token="B"), items()])
    cursor = collect(source)[-1].cursor
    assert collect(source, cursor, now=NOW + timedelta(minutes=119)) == [], "two pages are two"


def test_searching_too_much_does_not_stop_the_comments(replay: Replay) -> None:
    source = source_of(replay, searches_per_day=20)
    answers(replay, commentThreads=items(thread(1)), search=trouble(403, "quotaExceeded"))
    pages = collect(source)
    assert ids(pages) == ["c1"]
    (told,) = pages[-1].broken
    assert told.endswith("used up (403), for searching; until tomorrow only comments are read")
    later = collect(source, pages[-1].cursor, now=datetime(2026, 11, 21, 7, 59, tzinfo=UTC))
    assert {asked.path for asked in replay.asked[2:]} == {"/youtube/v3/commentThreads"}
    assert later[-1].broken == ()


def test_what_the_search_cannot_say_becomes_words(replay: Replay) -> None:
    query = parse('("red kettle" OR acme) -jobs')
    assert SOURCES["youtube"].asks(Watch("Acme", query)).asks == ("red kettle -jobs", "acme -jobs")
    answers(replay, search=items())
    collect(source_of(replay, videos=[], searches_per_day=1), watch=Watch("Acme", query))
    assert [asked.query["q"] for asked in replay.asked] == ["red kettle -jobs", "acme -jobs"]


# -- trouble


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s", "told"),
    [
        pytest.param(
            trouble(400, "keyInvalid"), True, None, "check sources.youtube.api_key", id="key"
        ),
        pytest.param(
            trouble(400, "badRequest", "API key not valid. Please pass a valid API key."),
            True,
            None,
            "check sources.youtube.api_key",
            id="key, as today",
        ),
        pytest.param(
            trouble(403, "accessNotConfigured"),
            True,
            None,
            "enable the YouTube Data API v3 in the Cloud project of the key",
            id="the key's project",
        ),
        pytest.param(trouble(403, "forbidden"), True, None, "403 forbidden", id="403"),
        pytest.param(
            trouble(400, "processingFailure"), False, None, "fails (400 processing", id="a failure"
        ),
        pytest.param(
            trouble(403, "unheardOf"), False, None, "fails (403 unheardOf)", id="a name not known"
        ),
        pytest.param(
            trouble(403, "quotaExceeded"), False, 20 * 3600, "quota is used up", id="quota"
        ),
        pytest.param(trouble(403, "rateLimitExceeded"), False, None, "rate limited", id="too fast"),
        pytest.param(trouble(429, "x", **{"retry-after": "7"}), False, 7, "rate limited", id="429"),
        pytest.param(
            trouble(404, "videoNotFound"),
            True,
            None,
            f"{VIDEO} of videos is not there; take it out of sources.youtube",
            id="no such video",
        ),
        pytest.param(trouble(500, "backendError"), False, None, "fails (500)", id="500"),
    ],
)
def test_its_own_errors_say_whether_trying_again_can_help(
    source: YoutubeSource,
    replay: Replay,
    answer: Answer,
    wait_s: int | None,
    told: str,
    *,
    permanent: bool,
) -> None:
    answers(replay, commentThreads=answer)
    with pytest.raises(RemoteError) as caught:
        collect(source)
    assert str(caught.value).startswith("youtube: ")
    assert told in str(caught.value)
    assert caught.value.permanent is permanent
    wait = caught.value.retry_after
    assert (wait and wait.total_seconds()) == wait_s


def test_switched_off_comments_are_no_trouble(source: YoutubeSource, replay: Replay) -> None:
    answers(replay, commentThreads=trouble(403, "commentsDisabled"))
    assert collect(source) == []


def test_one_video_that_is_gone_does_not_stop_the_others(replay: Replay) -> None:
    source = source_of(replay, videos=["goneVideo01", VIDEO])
    answers(replay, commentThreads=[trouble(404, "videoNotFound"), items(thread(1))])
    *pages, told = collect(source)
    assert ids(pages) == ["c1"]
    assert told.broken == (
        "youtube: goneVideo01 of videos is not there; take it out of sources.youtube",
    )


@pytest.mark.parametrize("answer", [trouble(403, "quotaExceeded"), Answer(reset=True)])
def test_what_all_videos_would_meet_stops_the_pass_at_once(replay: Replay, answer: Answer) -> None:
    answers(replay, commentThreads=answer)
    with pytest.raises(RemoteError):
        collect(source_of(replay, videos=["another-011", VIDEO]))
    assert len(replay.asked) == 1


# -- what becomes of it


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param(items({"id": "c1"}), id="left out"),
        pytest.param(trouble(404, "commentNotFound"), id="404"),
    ],
)
def test_what_is_missing_is_asked_for_alone_and_then_not_shown(
    source: YoutubeSource, replay: Replay, missing: Answer
) -> None:
    def answer(asked: Asked) -> Answer:
        wanted = asked.query["id"].split(",")
        if asked.path.endswith("videos"):
            return items({"id": VIDEO})
        there = [{"id": one} for one in wanted if one in ("c1", "c2")]
        return missing if len(wanted) > 1 else items(*there)

    replay.plan()
    replay.by_query = answer
    found = source.recheck(["c1", "c2", "c3", VIDEO], now=NOW)
    assert found == {
        "c1": Standing.THERE,
        "c2": Standing.THERE,
        "c3": Standing.HIDDEN,
        VIDEO: Standing.THERE,
    }


@pytest.mark.parametrize(
    ("alone", "standing"),
    [
        pytest.param(items(), Standing.HIDDEN, id="left out"),
        pytest.param(trouble(404, "commentNotFound"), Standing.GONE, id="not found"),
        pytest.param(trouble(403, "forbidden"), Standing.HIDDEN, id="below a private video"),
        pytest.param(items({"id": "c2"}), Standing.THERE, id="there after all"),
    ],
)
def test_one_comment_that_is_not_shown_does_not_speak_for_the_others(
    source: YoutubeSource, replay: Replay, alone: Answer, standing: Standing
) -> None:
    def answer(asked: Asked) -> Answer:
        wanted = asked.query["id"].split(",")
        if len(wanted) > 1:
            return trouble(403, "forbidden")
        return alone if wanted == ["c2"] else items({"id": "c1"})

    replay.plan()
    replay.by_query = answer
    assert source.recheck(["c1", "c2"], now=NOW) == {"c1": Standing.THERE, "c2": standing}


def test_a_comment_that_is_held_back_is_not_collected(
    source: YoutubeSource, replay: Replay, recorded: Callable[[str], Any]
) -> None:
    threads = recorded("youtube_threads.json")
    answers(replay, commentThreads=Answer(threads), comments=items())
    before = [mention.external_id for page in collect(source) for mention in page.mentions]
    for thread in threads["items"]:
        thread["snippet"]["topLevelComment"]["snippet"]["moderationStatus"] = "heldForReview"
    answers(replay, commentThreads=Answer(threads), comments=items())
    after = [mention.external_id for page in collect(source) for mention in page.mentions]
    held = {thread["snippet"]["topLevelComment"]["id"] for thread in threads["items"]}
    assert held <= set(before)
    assert held.isdisjoint(after)


@pytest.mark.parametrize(
    ("video", "standing"),
    [
        pytest.param({"status": {"privacyStatus": "public"}}, Standing.THERE, id="public"),
        pytest.param({"status": {"privacyStatus": "unlisted"}}, Standing.THERE, id="unlisted"),
        pytest.param({"status": {"privacyStatus": "private"}}, Standing.HIDDEN, id="private"),
        pytest.param({"status": {"uploadStatus": "rejected"}}, Standing.HIDDEN, id="rejected"),
        pytest.param({"status": {"uploadStatus": "deleted"}}, Standing.GONE, id="deleted"),
    ],
)
def test_what_is_told_of_a_video(
    source: YoutubeSource, replay: Replay, video: dict[str, object], standing: Standing
) -> None:
    answers(replay, videos=items({"id": VIDEO, **video}))
    assert source.recheck([VIDEO], now=NOW) == {VIDEO: standing}


def test_an_error_is_no_deletion(source: YoutubeSource, replay: Replay) -> None:
    answers(replay, comments=trouble(500, "backendError"))
    with pytest.raises(RemoteError):
        source.recheck(["c1"], now=NOW)


def test_check_tries_the_key(source: YoutubeSource, replay: Replay) -> None:
    answers(replay, commentThreads=items(thread(1)))
    assert source.check() == "youtube: the key is accepted"
    answers(replay, commentThreads=trouble(403, "quotaExceeded"))
    with pytest.raises(RemoteError, match="quota is used up"):
        source.check()


def test_check_asks_as_a_pass_does(replay: Replay) -> None:
    source = source_of(replay, videos=["goneVideo01", VIDEO])
    answers(replay, commentThreads=[trouble(403, "commentsDisabled"), items(thread(1))])
    source.check()
    assert [asked.query["videoId"] for asked in replay.asked] == ["goneVideo01", VIDEO]
    assert replay.asked[0].query["order"] == "time"
    answers(replay, commentThreads=trouble(404, "videoNotFound"))
    with pytest.raises(RemoteError, match="goneVideo01 of videos is not there"):
        source.check()


def test_check_searches_where_nothing_else_is_read(replay: Replay) -> None:
    answers(replay, search=items())
    source_of(replay, videos=[], searches_per_day=2).check()
    assert replay.asked[0].query["type"] == "video"


def test_more_replies_than_are_read_are_a_gap(source: YoutubeSource, replay: Replay) -> None:
    one = thread(1)
    one["snippet"]["totalReplyCount"] = 900
    reply = {"id": "c1.r", "snippet": thread(2)["snippet"]["topLevelComment"]["snippet"]}
    answers(replay, commentThreads=items(one), comments=items(reply, token="more"))
    (page,) = collect(source)
    assert page.gap is not None
    assert (page.gap.since, page.gap.until) == (NINE + timedelta(minutes=1), NOW)
    assert "more replies than are read" in page.gap.reason


def test_a_key_that_an_error_quotes_is_not_told(
    source: YoutubeSource, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers(replay, commentThreads=trouble(403, CANARY, CANARY))
    with pytest.raises(RemoteError) as caught:
        collect(source)
    assert CANARY not in repr(caught.value) + repr(caught.value.__cause__) + caplog.text
