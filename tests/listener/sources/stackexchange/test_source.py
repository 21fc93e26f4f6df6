"""Stack Exchange, by the shapes that the documentation of API 2.3 gives."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources import SOURCES
from listener.sources.stackexchange.settings import StackExchangeSettings
from listener.sources.stackexchange.source import StackExchangeSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = int(datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp())
CANARY = "canarySecret7f3a"
WATCH = Watch("Acme", parse("acme -jobs"))
OWN = Watch("Acme", parse("acme"), (OwnAccount("stackexchange", "stackoverflow/7"),))


@pytest.fixture
def source(replay: Replay) -> StackExchangeSource:
    return made(replay)


def made(replay: Replay, **more: object) -> StackExchangeSource:
    given = {"base_url": replay.url, **more}
    return StackExchangeSource(StackExchangeSettings.model_validate(given))


def collect(
    source: StackExchangeSource, cursor: Mapping[str, Any] | None = None, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def question(number: int, **changed: object) -> dict[str, object]:
    found = {
        "item_type": "question",
        "question_id": number,
        "title": "Acme &quot;kettle&quot; SDK",
        "answer_count": 2,
        "creation_date": NINE + 60 * number,
        "excerpt": '… <span class="highlight">Acme</span> …',
    }
    return {**found, **changed}


def answer(number: int, to: int) -> dict[str, object]:
    return {**question(to), "item_type": "answer", "answer_id": number, "title": "Acme SDK"}


def whole(number: int, **changed: object) -> dict[str, object]:
    found = {
        "post_id": number,
        "body": "<p>It fails &amp; hangs.</p>",
        "creation_date": NINE + 60 * number,
        "score": 3,
        "link": f"https://stackoverflow.com/q/{number}",
        "owner": {
            "user_id": 22,
            "display_name": "Ana &amp; Bo",
            "link": "https://stackoverflow.com/users/22/ana",
            "user_type": "registered",
        },
    }
    return {**found, **changed}


def items(*things: object, **more: object) -> Answer:
    return Answer({"items": list(things), "has_more": False, "quota_remaining": 290, **more})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_questions_and_answers_whole(source: StackExchangeSource, replay: Replay) -> None:
    gone = whole(1, owner={"user_type": "does_not_exist", "display_name": "user9"})
    edited = whole(2, last_edit_date=NINE + 9_000)
    replay.plan(items(answer(2, to=5), question(1)), items(gone, edited))
    (found,) = collect(source)
    assert found.mentions == (
        Mention(
            source="stackexchange",
            external_id="stackoverflow/2",
            text="It fails & hangs.",
            published_at=datetime(2026, 11, 20, 9, 2, tzinfo=UTC),
            url="https://stackoverflow.com/q/2",
            parent_id="stackoverflow/5",
            conversation_id="stackoverflow/5",
            author=Author(
                id="stackoverflow/22",
                handle="",
                name="Ana & Bo",
                url="https://stackoverflow.com/users/22/ana",
            ),
            engagement=Engagement(likes=3),
            edited_at=datetime(2026, 11, 20, 11, 30, tzinfo=UTC),
        ),
        Mention(
            source="stackexchange",
            external_id="stackoverflow/1",
            text='Acme "kettle" SDK\n\nIt fails & hangs.',
            published_at=datetime(2026, 11, 20, 9, 1, tzinfo=UTC),
            url="https://stackoverflow.com/q/1",
            conversation_id="stackoverflow/1",
            engagement=Engagement(likes=3, replies=2),
        ),
    )
    search, posts = replay.asked
    assert search.path == "/2.3/search/excerpts"
    assert search.query == {
        "q": "acme",
        "site": "stackoverflow",
        "order": "desc",
        "sort": "creation",
        "pagesize": "100",
        "page": "1",
        "fromdate": str(int((NOW - timedelta(days=1)).timestamp())),
    }
    assert (posts.path, posts.query["filter"]) == ("/2.3/posts/2;1", "withbody")


def test_what_it_finds_loosely_is_matched_here() -> None:
    asks = SOURCES["stackexchange"].asks(Watch("Acme", parse('("red kettle" OR acme) -jobs')))
    assert asks.asks == ('"red kettle"', "acme")
    assert "every word: its search is loose" in asks.left_here


@pytest.mark.parametrize(
    ("hit", "body", "told"),
    [
        pytest.param(
            question(2, question_id=None),
            whole(2),
            "stackoverflow, without id: it has no id",
            id="no id",
        ),
        pytest.param(
            question(2), whole(2, body=None), "stackoverflow/2: it has no body", id="no body"
        ),
        pytest.param(
            question(2),
            whole(2, creation_date="soon"),
            "stackoverflow/2: it has no readable creation_date",
            id="odd date",
        ),
        pytest.param(None, whole(2), "stackoverflow, without id: it has no id", id="null"),
    ],
)
def test_one_broken_post_is_told_and_the_rest_kept(
    source: StackExchangeSource, replay: Replay, hit: object, body: object, told: str
) -> None:
    replay.plan(items(question(3), hit, question(1)), items(whole(1), body, whole(3)))
    (found,) = collect(source)
    assert ids([found]) == ["stackoverflow/3", "stackoverflow/1"]
    assert found.broken == (f"stackexchange {told}",)


def test_a_post_deleted_since_it_was_indexed_is_left_out(
    source: StackExchangeSource, replay: Replay
) -> None:
    replay.plan(items(question(3), question(1)), items(whole(1)))
    (found,) = collect(source)
    assert (ids([found]), found.broken) == (["stackoverflow/1"], ())


def test_pages_go_down_by_date_and_on_after_a_crash(
    source: StackExchangeSource, replay: Replay
) -> None:
    things = [question(n) for n in range(150, -1, -1)]

    def by_query(asked: Asked) -> Answer:
        if "posts" in asked.path:
            numbers = asked.path.rpartition("/")[2].split(";")
            return items(*(whole(int(number)) for number in numbers))
        until = int(asked.query.get("todate", NINE * 2))
        seen = [one for one in things if int(str(one["creation_date"])) <= until]
        return items(*seen[:100])

    replay.by_query = by_query
    replay.plan()
    first = next(source.collect(WATCH, None, since=None, now=NOW))
    assert len(first.mentions) == 100
    later = collect(made(replay), first.cursor)
    assert {*ids([first]), *ids(later)} == {f"stackoverflow/{n}" for n in range(151)}
    replay.asked.clear()
    collect(source, later[-1].cursor)
    assert int(replay.asked[0].query["fromdate"]) == NINE + 60 * 135, "the newest, less 15 minutes"


def test_own_accounts_answers_and_comments_are_seen(
    source: StackExchangeSource, replay: Replay
) -> None:
    own = {"user_id": 7, "display_name": "Acme"}
    said = {"body": "<p>Sorry!</p>", "creation_date": NINE, "owner": own}
    replay.plan(
        items(),
        items({**said, "answer_id": 8, "question_id": 5}),
        items({**said, "comment_id": 9, "post_id": 6}),
    )
    _, answered, commented = collect(source, watch=OWN)
    assert [asked.path for asked in replay.asked] == [
        "/2.3/search/excerpts",
        "/2.3/users/7/answers",
        "/2.3/users/7/comments",
    ]
    assert [(m.external_id, m.parent_id) for m in (*answered.mentions, *commented.mentions)] == [
        ("stackoverflow/8", "stackoverflow/5"),
        ("stackoverflow/c9", "stackoverflow/6"),
    ]
    reply = answered.mentions[0]
    assert reply.text == "Sorry!"
    assert OWN.own_accounts[0].is_author("stackexchange", reply.author)


def test_an_own_account_without_its_site_is_a_matter_of_configuration() -> None:
    watch = Watch("Acme", parse("acme"), (OwnAccount("stackexchange", "acme"),))
    with pytest.raises(ConfigError, match="stackexchange:SITE/USER_ID"):
        SOURCES["stackexchange"].asks(watch)


# -- what it asks for beside


def test_a_long_rest_ends_the_pass_once_the_page_is_kept(
    source: StackExchangeSource, replay: Replay
) -> None:
    replay.plan(items(question(1)), items(whole(1), backoff=40), items())
    assert ids(collect(source)) == ["stackoverflow/1"]
    with pytest.raises(RemoteError, match="left alone for 40 s") as caught:
        collect(source)
    assert caught.value.retry_after is not None
    assert 38 < caught.value.retry_after.total_seconds() <= 40
    assert len(replay.asked) == 2, "it was not asked in between"


def test_a_short_rest_is_waited_out(
    source: StackExchangeSource, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    replay.plan(items(question(1), backoff=5), items(whole(1)))
    assert ids(collect(source)) == ["stackoverflow/1"]
    assert len(slept) == 1
    assert 4 < slept[0] <= 5


@pytest.mark.parametrize(
    ("status", "body", "permanent", "wait_s", "words"),
    [
        pytest.param(
            400,
            {
                "error_id": 502,
                "error_name": "throttle_violation",
                "error_message": "too many requests from this IP, more requests available in "
                "35893 seconds",
            },
            False,
            35_893,
            "rate limited",
            id="quota used up",
        ),
        pytest.param(
            502,
            {"error_id": 502, "error_name": "throttle_violation", "error_message": "slow down"},
            False,
            None,
            "rate limited",
            id="throttled",
        ),
        pytest.param(
            400,
            {"error_id": 400, "error_name": "bad_parameter", "error_message": f"{CANARY} is bad"},
            True,
            None,
            "400 bad_parameter",
            id="bad key or site",
        ),
        pytest.param(
            400,
            {"error_id": 503, "error_name": "temporarily_unavailable", "error_message": ""},
            False,
            None,
            "the service fails",
            id="down",
        ),
    ],
)
def test_its_own_errors_are_understood(  # noqa: PLR0917
    source: StackExchangeSource,
    replay: Replay,
    status: int,
    body: object,
    permanent: bool,  # noqa: FBT001
    wait_s: int | None,
    words: str,
) -> None:
    replay.plan(Answer(body, status))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(source)
    assert caught.value.permanent is permanent
    waits = caught.value.retry_after
    assert (None if waits is None else waits.total_seconds()) == wait_s
    assert CANARY not in str(caught.value)


def test_the_key_goes_along_and_into_no_log(
    replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    source = made(replay, api_key=CANARY)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    replay.plan(items())
    collect(source)
    assert replay.asked[0].query["key"] == CANARY
    assert CANARY not in caplog.text


def test_check_tells_what_is_left_of_the_day(source: StackExchangeSource, replay: Replay) -> None:
    replay.plan(items())
    assert source.check() == (
        "stackexchange: search answers on stackoverflow, 290 requests are left today"
    )


def test_a_post_missing_from_a_whole_answer_is_gone(
    source: StackExchangeSource, replay: Replay
) -> None:
    replay.plan(items({"post_id": 1}))
    asked = ["stackoverflow/1", "stackoverflow/2", "stackoverflow/c9", "other/1"]
    assert source.recheck(asked, now=NOW) == {
        "stackoverflow/1": Standing.THERE,
        "stackoverflow/2": Standing.GONE,
    }
    assert replay.asked[0].path == "/2.3/posts/1;2"
