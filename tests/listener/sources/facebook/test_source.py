import hmac
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
    yesterday = int((NOW - timedelta(hours=24)).timestamp())
    comments = f"comments.filter(stream).order(reverse_chronological).since({yesterday}).limit(50)"
    assert f"{comments}{{id," in feed.query["fields"]


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
    behind = {"next": listing(thing(3, 3), thing(2, 60 * 24 * 3), after="last")}
    replay.by_query = lambda asked: Answer(behind.get(asked.query.get("after", ""), {"data": []}))
    found = collect(source)
    assert ids(found) == ["9_9", "9_5", "9_4", "9_3"]
    assert [page.gap for page in found] == [None, None]


def test_comments_are_asked_for_since_then_as_ranked_ones_come_in_any_order(
    source: FacebookSource, replay: Replay
) -> None:
    liked = listing(thing(2, 60 * 24 * 4), thing(3, 60 * 24 * 6), after="next")
    replay.fixed[FEED] = Answer(listing(thing(1, 60 * 24 * 9, comments=liked)))

    def answer(asked: Asked) -> Answer:
        return Answer(listing(thing(4, 30)) if asked.query.get("after") == "next" else listing())

    replay.by_query = answer
    assert ids(collect(source)) == ["9_4"]
    (behind,) = [asked for asked in replay.asked if asked.path == "/v26.0/9_1/comments"]
    assert behind.query["since"] == str(int((NOW - timedelta(hours=24)).timestamp()))


def test_comments_that_come_again_and_again_are_a_gap(
    source: FacebookSource, replay: Replay
) -> None:
    comments = listing(thing(2, 5), after="again")
    replay.fixed[FEED] = Answer(listing(thing(1, 60, comments=comments)))
    replay.fixed["/v26.0/9_1/comments"] = Answer(listing(thing(2, 5), after="again"))
    _, own = collect(source)
    assert ids([own]) == ["9_1", "9_2"]
    assert own.gap is not None
    assert own.gap.reason == "facebook: not all comments below 9_1 were listed"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(Answer({"error": {"code": 100}}, 400), "nothing is there", id="gone"),
        pytest.param(Answer({"error": {"code": 10}}, 403), "lacks a permission", id="not allowed"),
        pytest.param(Answer({"error": {"code": 2}}, 500), "the service fails", id="failing"),
        pytest.param(Answer({"data": "?"}, 503), "the service fails", id="a gateway"),
        pytest.param(Answer({"renamed": []}), "holds no list of things", id="no list"),
    ],
)
def test_comments_of_one_post_that_are_refused_cost_only_themselves(
    source: FacebookSource, replay: Replay, error: Answer, told: str
) -> None:
    cut = thing(1, 60, comments=listing(thing(2, 5), after="next"))
    replay.fixed[FEED] = Answer(listing(cut, thing(4, 90, comments=listing(thing(5, 9)))))
    replay.fixed["/v26.0/9_1/comments"] = error
    _, own = collect(source)
    assert ids([own]) == ["9_1", "9_4", "9_2", "9_5"]
    assert own.gap is not None
    assert told in own.gap.reason
    assert own.gap.reason.endswith("so comments below 9_1 are missing")


def test_as_many_comments_as_were_asked_for_and_no_bookmark_are_a_gap(
    source: FacebookSource, replay: Replay
) -> None:
    comments = [thing(number, 5) for number in range(10, 60)]
    replay.fixed[FEED] = Answer(listing(thing(1, 60, comments=listing(*comments))))
    _, own = collect(source)
    assert own.gap is not None
    assert own.gap.reason == "facebook: not all comments below 9_1 were listed"
    replay.fixed[FEED] = Answer(listing(thing(1, 60, comments=listing(*comments[1:]))))
    assert collect(source)[1].gap is None


@pytest.mark.parametrize("code", [4, 190])
def test_a_limit_or_a_dead_token_ends_the_pass_wherever_it_is_told(
    source: FacebookSource, replay: Replay, code: int
) -> None:
    replay.fixed[FEED] = Answer(listing(thing(1, 60, comments=listing(thing(2, 5), after="next"))))
    replay.fixed["/v26.0/9_1/comments"] = Answer({"error": {"code": code}}, 400)
    assert ids(collect(source)) == []


def test_a_comment_without_an_address_has_that_of_its_post(
    source: FacebookSource, replay: Replay
) -> None:
    post = thing(1, 60, comments=listing(thing(2, 5)), permalink_url="https://www.facebook.com/1")
    replay.fixed[FEED] = Answer(listing(post))
    assert [one.url for one in mentions(collect(source))] == ["https://www.facebook.com/1"] * 2


@pytest.mark.parametrize(
    "error",
    [
        pytest.param({"code": 1, "message": "Please reduce the amount of data"}, id="code 1"),
        pytest.param({"code": -3, "message": "Please reduce the amount of data"}, id="code -3"),
        pytest.param({"code": 1, "message": "An unknown error occurred"}, id="no reason"),
        pytest.param({"code": 2, "message": "reduce the amount of data you ask for"}, id="code 2"),
    ],
)
def test_what_is_too_much_at_once_is_asked_for_by_halves(
    source: FacebookSource, replay: Replay, error: dict[str, object]
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == TAGGED:
            return EMPTY
        if int(asked.query["limit"]) > 12:
            return Answer({"error": error}, 500)
        return Answer(
            listing(thing(2, 9), after="end") if "after" not in asked.query else listing()
        )

    replay.by_query = answer
    assert ids(collect(source)) == ["9_2"]
    feed = [asked for asked in replay.asked if asked.path == FEED]
    assert [asked.query["limit"] for asked in feed] == ["50", "25", "12", "12"]
    assert all(f".limit({asked.query['limit']}){{" in asked.query["fields"] for asked in feed)


def test_what_is_too_much_even_alone_is_told_and_may_be_tried_again(
    source: FacebookSource, replay: Replay
) -> None:
    replay.plan(Answer({"error": {"code": 1, "message": "reduce the amount of data"}}, 500))
    with pytest.raises(RemoteError, match=r"\Afacebook: the service fails \(code 1\)\Z") as caught:
        collect(source)
    assert not caught.value.permanent
    asked = [one.query["limit"] for one in replay.asked if one.path == FEED]
    assert asked == ["50", "25", "12", "6", "3", "1"]


def test_the_app_proves_its_secret_where_it_is_given(replay: Replay) -> None:
    given = {"brand": "acme", "page": PAGE, "access_token": "t0ken", "base_url": replay.url}
    replay.plan(EMPTY)
    source = FacebookSource(FacebookSettings.model_validate({**given, "app_secret": CANARY}))
    collect(source)
    source.check()
    proof = hmac.new(CANARY.encode(), b"t0ken", "sha256").hexdigest()
    assert {asked.query.get("appsecret_proof") for asked in replay.asked} == {proof}
    collect(FacebookSource(FacebookSettings.model_validate(given)))
    assert "appsecret_proof" not in replay.asked[-1].query


@pytest.mark.parametrize(
    ("secret", "message", "told"),
    [
        pytest.param(
            "", "API calls from the server require an appsecret_proof argument", "set", id="asked"
        ),
        pytest.param(
            "", "… requires either app secret proof or an app token", "set", id="in words"
        ),
        pytest.param(
            CANARY, "Invalid appsecret_proof provided in the API argument", "check", id="bad"
        ),
    ],
)
def test_a_refusal_for_want_of_a_proof_names_the_secret_and_not_the_page(
    replay: Replay, secret: str, message: str, told: str
) -> None:
    given = {"brand": "acme", "page": PAGE, "access_token": "t", "base_url": replay.url}
    source = FacebookSource(FacebookSettings.model_validate({**given, "app_secret": secret}))
    replay.plan(Answer({"error": {"code": 100, "message": message}}, 400))
    with pytest.raises(RemoteError, match=rf"{told}.* sources\.facebook\.app_secret") as caught:
        source.check()
    assert caught.value.permanent
    assert "check the id" not in str(caught.value)


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
        (
            "facebook: the token of sources.facebook.access_token lacks a permission (code 10): it "
            "needs pages_read_engagement and pages_read_user_content"
        ),
    )
    assert ids([read]) == ["9_1"]


@pytest.mark.parametrize(
    ("error", "permanent", "wait_s", "told"),
    [
        pytest.param({"code": 190, "error_subcode": 463}, True, None, "make a new one", id="token"),
        pytest.param({"code": 200}, True, None, "lacks a permission (code 200)", id="permission"),
        pytest.param({"code": 100}, True, None, "check the id in [sources.facebook]", id="no page"),
        pytest.param({"code": 12}, True, None, "refused (code 12)", id="another"),
        pytest.param({"code": 21}, True, None, "the page has another id now", id="moved"),
        pytest.param({"code": 3}, True, None, "Meta has reviewed it (code 3)", id="capability"),
        pytest.param({"code": 210}, True, None, "give the page's own", id="a user's token"),
        pytest.param(
            {"code": 190, "error_subcode": 460},
            True,
            None,
            "has changed the password",
            id="password",
        ),
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


def test_a_permission_that_the_refusal_names_is_told(
    source: FacebookSource, replay: Replay
) -> None:
    message = f"(#200) Requires pages_read_user_content to see {CANARY}"
    replay.plan(Answer({"error": {"code": 200, "message": message}}, 403))
    with pytest.raises(RemoteError, match=r"it needs pages_read_user_content\Z"):
        source.check()


def test_check_asks_for_both_lists_and_nothing_below(
    source: FacebookSource, replay: Replay
) -> None:
    replay.plan(Answer(listing(thing(1, 5))))
    assert source.check() == "facebook: 1001 answers and the token is accepted"
    assert [asked.path for asked in replay.asked] == [TAGGED, FEED]
