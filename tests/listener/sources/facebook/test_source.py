import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.facebook.settings import FacebookSettings
from listener.sources.facebook.source import FacebookSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CANARY = "canarySecret7f3a"
PAGE = "1001"
TAGGED, FEED = f"/v26.0/{PAGE}/tagged", f"/v26.0/{PAGE}/feed"
WATCH = Watch("Acme", parse("acme"))
WITH_OWN = Watch("Acme", parse("acme"), (OwnAccount("facebook", PAGE),))
EMPTY = Answer({"data": []})


@pytest.fixture
def source(replay: Replay) -> FacebookSource:
    given = {"brand": "acme ", "page": PAGE, "access_token": CANARY, "base_url": replay.url}
    replay.plan(EMPTY)
    return FacebookSource(FacebookSettings.model_validate(given))


def collect(
    source: FacebookSource, cursor: Mapping[str, Any] | None = None, *, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def at(minutes: int) -> str:
    """As Graph writes an instant, so many minutes ago."""
    return f"{NOW - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S+0000}"


def thing(number: int, minutes: int, **changed: object) -> dict[str, object]:
    return {"id": f"9_{number}", "message": f"acme {number}", "created_time": at(minutes)} | changed


def listing(*data: object, after: str = "") -> dict[str, object]:
    return {"data": list(data), "paging": {"cursors": {"after": after}} if after else {}}


def mentions(pages: list[Page]) -> list[Mention]:
    return [mention for page in pages for mention in page.mentions]


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for mention in mentions(pages)]


def test_reads_what_tags_the_page(source: FacebookSource, replay: Replay) -> None:
    post = thing(1, 5, permalink_url="https://www.facebook.com/9/posts/1", shares={"count": 2})
    replay.fixed[TAGGED] = Answer(listing(post))
    assert mentions(collect(source)) == [
        Mention(
            source="facebook",
            external_id="9_1",
            text="acme 1",
            published_at=NOW - timedelta(minutes=5),
            url="https://www.facebook.com/9/posts/1",
            conversation_id="9_1",
            engagement=Engagement(reposts=2),
        )
    ]


def test_reads_comments_below_an_old_post(source: FacebookSource, replay: Replay) -> None:
    comments = listing(
        thing(3, 5, parent={"id": "9_2"}, like_count=4, comment_count=1),
        thing(2, 9, message="no name in it"),
    )
    replay.fixed[FEED] = Answer(listing(thing(1, 60 * 24 * 20, comments=comments)))
    reply, comment = mentions(collect(source))
    assert (reply.external_id, reply.parent_id, reply.conversation_id) == ("9_3", "9_2", "9_1")
    assert reply.engagement == Engagement(likes=4, replies=1)
    assert reply.author is None, "Facebook tells nobody who wrote it"
    assert (comment.text, comment.parent_id) == ("no name in it", "9_1")


def test_the_token_goes_into_a_header_and_the_fields_are_asked_for(
    source: FacebookSource, replay: Replay
) -> None:
    collect(source)
    tagged, feed = replay.asked
    assert (tagged.path, feed.path) == (TAGGED, FEED)
    assert tagged.headers["authorization"] == f"Bearer {CANARY}"
    assert "access_token" not in tagged.query
    assert (
        "comments.filter(stream).order(reverse_chronological).limit(50){id,"
        in (feed.query["fields"])
    )


def test_another_brand_is_asked_nothing(source: FacebookSource, replay: Replay) -> None:
    assert collect(source, watch=Watch("Globex", parse("globex"))) == []
    assert replay.asked == []


def test_what_the_page_says_itself_is_an_answer_only_where_it_is_named(
    source: FacebookSource, replay: Replay
) -> None:
    page = {"id": PAGE, "name": "Acme"}
    answer = thing(3, 1, message="We are on it", **{"from": page, "parent": {"id": "9_2"}})
    post = thing(1, 30, comments=listing(answer, thing(2, 9)), **{"from": page})
    replay.fixed[FEED] = Answer(listing(post))
    assert ids(collect(source)) == ["9_2"]
    assert ids(collect(source, watch=WITH_OWN)) == ["9_1", "9_3", "9_2"]
    assert mentions(collect(source, watch=WITH_OWN))[1].author == Author(PAGE, "", "Acme")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(thing(2, 9, created_time=None), "it has no readable created_time", id="date"),
        pytest.param(thing(2, 9, created_time=7), "it has no readable created_time", id="renamed"),
        pytest.param(thing(2, 9, id=None), "it has no id", id="no id"),
        pytest.param(thing(2, 9, message=None), "it has no message", id="no message"),
        pytest.param("a string", "it has no message", id="no thing"),
    ],
)
def test_one_broken_comment_is_told_and_the_rest_kept(
    source: FacebookSource, replay: Replay, broken: object, told: str
) -> None:
    comments = listing(thing(3, 5), broken, thing(1, 10))
    replay.fixed[FEED] = Answer(listing(thing(9, 60, comments=comments)))
    page = collect(source)[1]
    assert [mention.external_id for mention in page.mentions] == ["9_9", "9_3", "9_1"]
    assert [one.endswith(told) for one in page.broken] == [True]


def test_pictures_and_stickers_without_a_word_are_no_mentions_and_no_trouble(
    source: FacebookSource, replay: Replay
) -> None:
    picture = thing(1, 5, comments=listing(thing(2, 3, message="")))
    del picture["message"]
    replay.fixed[FEED] = Answer(listing(picture))
    page = collect(source)[1]
    assert (page.mentions, page.fetched, page.broken) == ((), 2, ())


def test_more_comments_than_come_with_a_post_are_asked_for(
    source: FacebookSource, replay: Replay
) -> None:
    first = listing(thing(5, 1), thing(4, 2), after="next")
    replay.fixed[FEED] = Answer(listing(thing(9, 600, comments=first)))
    replay.fixed["/v26.0/9_9/comments"] = Answer(
        listing(thing(3, 3), thing(2, 60 * 24 * 3), after="last")
    )
    assert ids(collect(source)) == ["9_9", "9_5", "9_4", "9_3"]


def test_walks_until_what_is_known_and_goes_on_after_a_crash(
    source: FacebookSource, replay: Replay
) -> None:
    old = thing(1, 60 * 24 * 2)
    pages = {"": listing(thing(4, 5), after="a"), "a": listing(thing(3, 9), old, after="b")}

    def answer(asked: Asked) -> Answer:
        if asked.path == FEED:
            return EMPTY
        return Answer(pages[asked.query.get("after", "")])

    replay.by_query = answer
    walk = source.collect(WATCH, None, since=None, now=NOW)
    cut = json.loads(json.dumps(next(walk).cursor))
    del walk
    assert ids(collect(source, cut)) == ["9_4", "9_3", "9_1"], "from the top: bookmarks do not last"
    replay.asked.clear()
    pages[""] = listing(thing(5, 1), thing(4, 5), thing(3, 60), after="a")
    assert ids(collect(source, collect(source)[-1].cursor))[:3] == ["9_5", "9_4", "9_3"]


def test_one_edge_that_is_refused_does_not_stop_the_other(
    source: FacebookSource, replay: Replay
) -> None:
    replay.fixed[TAGGED] = Answer({"error": {"code": 10, "message": "no permission"}}, 400)
    replay.fixed[FEED] = Answer(listing(thing(1, 5)))
    read, refused = collect(source)
    assert refused.broken == (
        "facebook: the token of sources.facebook.access_token lacks a permission (code 10)",
    )
    assert ids([read]) == ["9_1"]


@pytest.mark.parametrize(
    ("error", "permanent", "wait_s", "told"),
    [
        pytest.param({"code": 190, "error_subcode": 463}, True, None, "make a new one", id="token"),
        pytest.param({"code": 200}, True, None, "lacks a permission (code 200)", id="permission"),
        pytest.param({"code": 100}, True, None, "check the id in [sources.facebook]", id="no page"),
        pytest.param({"code": 12}, True, None, "refused (code 12)", id="another"),
        pytest.param({"code": 4}, False, 300, "rate limited (code 4)", id="of the app"),
        pytest.param({"code": 32}, False, 300, "rate limited (code 32)", id="of the page"),
        pytest.param({"code": 80001}, False, 300, "rate limited (code 80001)", id="of the use"),
        pytest.param({"code": 2}, False, 300, "the service fails (code 2)", id="passing"),
        pytest.param({"code": 7, "is_transient": True}, False, 300, "fails (code 7)", id="passes"),
        pytest.param({"message": "odd"}, True, None, "refused (400)", id="no code"),
    ],
)
def test_the_code_of_an_error_says_whether_trying_again_can_help(
    source: FacebookSource,
    replay: Replay,
    error: dict[str, object],
    *,
    permanent: bool,
    wait_s: int | None,
    told: str,
) -> None:
    usage = {"x-business-use-case-usage": '{"1001": [{"estimated_time_to_regain_access": 5}]}'}
    replay.plan(Answer({"error": {"message": CANARY, **error}}, 400, usage))
    with pytest.raises(RemoteError) as caught:
        collect(source)
    assert told in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.permanent is permanent
    wait = caught.value.retry_after
    assert (None if wait is None else wait.total_seconds()) == wait_s


def test_check_asks_for_the_page_alone(source: FacebookSource, replay: Replay) -> None:
    replay.plan(Answer({"id": PAGE}))
    assert source.check() == "facebook: 1001 answers and the token is accepted"
    assert [asked.path for asked in replay.asked] == [f"/v26.0/{PAGE}"]
