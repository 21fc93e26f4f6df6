"""GitHub, by the shapes that the documentation of its REST and GraphQL APIs gives."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.query import parse
from listener.source import Page, Watch
from listener.sources import SOURCES
from listener.sources.github.settings import GitHubSettings
from listener.sources.github.source import GitHubSource
from listener.texts import AUTOMATED
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANARY = "canarySecret7f3a"
WATCH = Watch("Acme", parse("acme -jobs"))
OWN = Watch("Acme", parse("acme"), (OwnAccount("github", "acme-bot"), OwnAccount("", "acme")))
BOT = Watch("Acme", parse("acme"), OWN.own_accounts[:1])


@pytest.fixture(autouse=True)
def pulls(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """The searches for pull requests, which find nothing; each test plans for the others."""
    asked_for: list[Asked] = []
    planned = replay.answer

    def answer(asked: Asked) -> Answer:
        if "is:pull-request" not in asked.query.get("q", ""):
            return planned(asked)
        asked_for.append(asked)
        return items()

    monkeypatch.setattr(replay, "answer", answer)
    return asked_for


@pytest.fixture
def source(replay: Replay) -> GitHubSource:
    return made(replay)


def made(replay: Replay, **more: object) -> GitHubSource:
    return GitHubSource(GitHubSettings.model_validate({"base_url": replay.url, **more}))


def collect(
    source: GitHubSource, cursor: Mapping[str, Any] | None = None, watch: Watch = WATCH
) -> list[Page]:
    return list(source.collect(watch, cursor, since=None, now=NOW))


def issue(number: int, **changed: object) -> dict[str, object]:
    at = NINE + timedelta(minutes=number)
    found = {
        "node_id": f"I_{number}",
        "id": number,
        "html_url": f"https://github.com/tea/pot/issues/{number}",
        "title": "Acme client",
        "body": "It *hangs*.",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": "2026-11-20T11:59:00Z",
        "user": {"login": "ana", "id": 41, "html_url": "https://github.com/ana"},
        "comments": 2,
        "reactions": {"total_count": 4, "+1": 3},
    }
    return {**found, **changed}


def items(*things: object, **more: object) -> Answer:
    return Answer({"total_count": 9, "incomplete_results": False, "items": list(things), **more})


def discussions(*nodes: object, after: str | None = None) -> Answer:
    info = {"hasNextPage": after is not None, "endCursor": after}
    return Answer({"data": {"search": {"nodes": list(nodes), "pageInfo": info}}})


def said(number: int, **changed: object) -> dict[str, object]:
    """What an own account said below a discussion, as GraphQL gives it."""
    found = {
        "id": f"DC_{number}",
        "url": f"https://github.com/tea/pot/discussions/1#discussioncomment-{number}",
        "bodyText": "Fixed, thanks!",
        "createdAt": f"{NINE + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}",
        "lastEditedAt": None,
        "deletedAt": None,
        "upvoteCount": 2,
        "author": {"login": "acme-bot", "url": "https://github.com/acme-bot", "databaseId": 7},
        "replyTo": None,
        "discussion": {"id": "D_1", "repository": {"isPrivate": False}},
    }
    return {**found, **changed}


def all_said(*nodes: object, before: str | None = None) -> Answer:
    """A page of what an account said: oldest first, and what is older lies before it."""
    info = {"hasPreviousPage": before is not None, "startCursor": before}
    comments = {"nodes": list(nodes), "pageInfo": info}
    return Answer({"data": {"repositoryOwner": {"repositoryDiscussionComments": comments}}})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_issues_and_pull_requests(source: GitHubSource, replay: Replay) -> None:
    pull = issue(
        1, body=None, user={"login": "ghost", "id": 10137}, pull_request={}, reactions=None
    )
    replay.plan(items(issue(2), pull))
    (found,) = collect(source)
    assert found.mentions == (
        Mention(
            source="github",
            external_id="I_2",
            text="Acme client\n\nIt *hangs*.",
            published_at=NINE + timedelta(minutes=2),
            url="https://github.com/tea/pot/issues/2",
            conversation_id="I_2",
            author=Author(id="41", handle="ana", url="https://github.com/ana"),
            engagement=Engagement(likes=3, replies=2),
        ),
        Mention(
            source="github",
            external_id="I_1",
            text="Acme client",
            published_at=NINE + timedelta(minutes=1),
            url="https://github.com/tea/pot/issues/1",
            conversation_id="I_1",
            engagement=Engagement(replies=2),
        ),
    )
    (asked,) = replay.asked
    assert asked.path == "/search/issues"
    here = "acme in:title,body is:public created:2026-11-19T12:00:00Z..*"
    assert asked.query["q"] == f"{here} is:issue", (
        "private places stay out, and so do issues that only a comment names it in"
    )
    assert "authorization" not in asked.headers


def test_issues_and_pull_requests_are_searched_apart_and_become_one_list(
    source: GitHubSource, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some kinds of token are refused a search that says neither."""
    both = issue(5, node_id="PR_5")

    def answer(asked: Asked) -> Answer:
        is_pull = asked.query["q"].endswith(" is:pull-request")
        return items(both, issue(2, node_id="PR_2")) if is_pull else items(issue(6), both, issue(1))

    monkeypatch.setattr(replay, "answer", answer)
    (found,) = collect(source)
    assert ids([found]) == ["I_6", "PR_5", "PR_2", "I_1"]


def test_of_two_searches_the_fuller_one_is_gone_on_from(
    source: GitHubSource, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = {
        "is:issue": [issue(n) for n in range(150, -1, -1)],
        "is:pull-request": [issue(n, node_id=f"PR_{n}") for n in range(160, -60, -2)],
    }

    def answer(asked: Asked) -> Answer:
        until, _, kind = asked.query["q"].rpartition("..")[2].partition(" ")
        things = [one for one in world[kind] if until == "*" or str(one["created_at"]) <= until]
        return items(*things[:100])

    monkeypatch.setattr(replay, "answer", answer)
    found = ids(collect(source))
    assert {one for one in found if one.startswith("I_")} == {f"I_{n}" for n in range(151)}
    assert len({one for one in found if one.startswith("PR_")}) == 110


def test_check_sends_the_searches_of_a_pass(replay: Replay, pulls: list[Asked]) -> None:
    replay.plan(items(), discussions())
    made(replay, token=CANARY).check()
    searched, discussed = replay.asked
    assert searched.query["q"].endswith("is:issue")
    assert searched.query["sort"] == "created"
    assert len(pulls) == 1
    assert discussed.path == "/graphql"


@pytest.mark.parametrize(
    ("user", "bio"),
    [
        pytest.param({"login": "kettlebot[bot]", "id": 9, "type": "Bot"}, AUTOMATED, id="a bot"),
        pytest.param({"login": "kettlebot[bot]", "id": 9}, AUTOMATED, id="by its name"),
        pytest.param({"login": "ana", "id": 9, "type": "User"}, "", id="a person"),
    ],
)
def test_hears_that_github_calls_an_account_a_bot(
    source: GitHubSource, replay: Replay, user: dict[str, object], bio: str
) -> None:
    replay.plan(items(issue(1, user=user)))
    author = collect(source)[0].mentions[0].author
    assert author is not None
    assert author.bio == bio


def test_every_alternative_is_a_search_and_what_must_not_be_there_is_left_here() -> None:
    asks = SOURCES["github"].asks(Watch("Acme", parse('("red kettle" OR author:ana acme) -jobs')))
    assert asks.asks == ('"red kettle"', "author:ana acme")
    assert asks.left_here == ("-jobs",)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(issue(2, node_id=None), "issues/2: it has no node_id", id="no id"),
        pytest.param(issue(2, title=None), "issues/2: it has no title", id="no title"),
        pytest.param(
            issue(2, created_at="soon"), "issues/2: it has no readable created_at", id="odd date"
        ),
        pytest.param(None, "thing without address: it has no node_id", id="null"),
    ],
)
def test_one_broken_issue_is_told_and_the_rest_kept(
    source: GitHubSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(items(issue(3), broken, issue(1)))
    (found,) = collect(source)
    assert ids([found]) == ["I_3", "I_1"]
    (said,) = found.broken
    assert said.endswith(told)


def test_a_search_that_took_too_long_is_told(source: GitHubSource, replay: Replay) -> None:
    replay.plan(items(issue(1), incomplete_results=True))
    gap = collect(source)[0].gap
    assert gap is not None
    assert "took too long" in gap.reason
    assert (gap.since, gap.until) == (NOW - timedelta(days=1), NOW)


def test_more_than_a_search_lists_is_reached_by_date_and_after_a_crash(
    source: GitHubSource, replay: Replay
) -> None:
    things = [issue(n) for n in range(150, -1, -1)]

    def by_query(asked: Asked) -> Answer:
        until = asked.query["q"].rpartition("..")[2].removesuffix(" is:issue")
        until = "9" if until == "*" else until
        return items(*[one for one in things if str(one["created_at"]) <= until][:100])

    replay.by_query = by_query
    replay.plan()
    first = next(source.collect(WATCH, None, since=None, now=NOW))
    assert len(first.mentions) == 100
    later = collect(made(replay), json.loads(json.dumps(first.cursor)))
    assert {*ids([first]), *ids(later)} == {f"I_{n}" for n in range(151)}
    assert "created:2026-11-19T12:00:00Z..2026-11-20T09:51:00Z" in replay.asked[1].query["q"]


def test_discussions_are_found_with_a_token(replay: Replay) -> None:
    node = {
        "id": "D_1",
        "url": "https://github.com/tea/pot/discussions/1",
        "title": "Acme or not",
        "bodyText": "Which?",
        "createdAt": "2026-11-20T09:00:00Z",
        "lastEditedAt": "2026-11-20T10:00:00Z",
        "upvoteCount": 5,
        "author": {"login": "bo", "url": "https://github.com/bo", "databaseId": 42},
        "comments": {"totalCount": 6},
    }
    broken = {**node, "id": None, "author": "bo"}
    replay.plan(items(), discussions(node, {}, broken, after="abc"), discussions(after=None))
    _, found, last = collect(made(replay, token=CANARY))
    assert found.mentions == (
        Mention(
            source="github",
            external_id="D_1",
            text="Acme or not\n\nWhich?",
            published_at=NINE,
            url="https://github.com/tea/pot/discussions/1",
            conversation_id="D_1",
            author=Author(id="42", handle="bo", url="https://github.com/bo"),
            engagement=Engagement(likes=5, replies=6),
            edited_at=NINE + timedelta(hours=1),
        ),
    )
    assert found.broken == ("github https://github.com/tea/pot/discussions/1: it has no id",)
    assert last.mentions == ()
    asked = [json.loads(one.body)["variables"] for one in replay.asked[1:]]
    assert asked[0]["asked"].startswith("acme in:title,body is:public created:")
    assert [one["after"] for one in asked] == [None, "abc"]
    assert replay.asked[1].headers["authorization"] == f"Bearer {CANARY}"


def test_own_comments_answer_their_issue(source: GitHubSource, replay: Replay) -> None:
    comment = {
        "node_id": "IC_1",
        "body": "Fixed, thanks!",
        "created_at": "2026-11-20T10:00:00Z",
        "html_url": "https://github.com/tea/pot/issues/1#issuecomment-1",
        "user": {"login": "acme-bot", "id": 7},
    }
    said = {"action": "created", "comment": comment, "issue": issue(1)}
    replay.plan(
        items(issue(1)),
        Answer(
            [
                {"type": "IssueCommentEvent", "payload": said},
                {"type": "IssueCommentEvent", "payload": {**said, "action": "edited"}},
                {"type": "IssueCommentEvent", "payload": {}},
                {"type": "PushEvent", "payload": {}},
            ]
        ),
        Answer({"message": "Not Found"}, 404),
    )
    found, answered = collect(source, watch=OWN)
    assert [asked.path for asked in replay.asked] == [
        "/search/issues",
        "/users/acme-bot/events/public",
        "/users/acme/events/public",
    ]
    (reply,) = answered.mentions
    assert (reply.external_id, reply.parent_id, reply.conversation_id) == ("IC_1", "I_1", "I_1")
    assert OWN.own_accounts[0].is_author("github", reply.author)
    assert answered.broken == ("github thing without address: it has no comment or no issue",)
    assert ids([found]) == ["I_1"], "an account of any network need not exist here"


def test_own_comments_below_discussions_answer_them(replay: Replay) -> None:
    reply = said(8, replyTo={"id": "DC_5"}, lastEditedAt="2026-11-20T10:00:00Z")
    not_public = {"id": "D_2", "repository": {"isPrivate": True}}
    newest = [
        said(3),
        said(4, deletedAt="2026-11-20T10:00:00Z", bodyText=""),
        said(5, discussion=not_public),
        said(6, discussion=None),
        None,
        said(7, bodyText=None),
        reply,
    ]
    replay.plan(items(), discussions(), Answer([]), all_said(*newest, before="abc"), all_said())
    _, _, _, found, _ = collect(made(replay, token=CANARY), watch=BOT)
    answer = Mention(
        source="github",
        external_id="DC_3",
        text="Fixed, thanks!",
        published_at=NINE + timedelta(minutes=3),
        url="https://github.com/tea/pot/discussions/1#discussioncomment-3",
        parent_id="D_1",
        conversation_id="D_1",
        author=Author(id="7", handle="acme-bot", url="https://github.com/acme-bot"),
        engagement=Engagement(likes=2),
    )
    assert found.mentions == (
        replace(
            answer,
            external_id="DC_8",
            published_at=NINE + timedelta(minutes=8),
            url="https://github.com/tea/pot/discussions/1#discussioncomment-8",
            parent_id="DC_5",
            edited_at=NINE + timedelta(hours=1),
        ),
        answer,
    ), "newest first; neither what was deleted nor what is not public"
    assert [told.rpartition(": ")[2] for told in found.broken] == ["it has no bodyText"]
    asked = [json.loads(one.body)["variables"] for one in replay.asked[-2:]]
    assert asked == [
        {"login": "acme-bot", "before": None},
        {"login": "acme-bot", "before": "abc"},
    ]


def test_one_request_tells_what_an_account_said_since_the_last_pass(replay: Replay) -> None:
    older = [said(number - 3000) for number in range(3)]
    replay.plan(items(), discussions(), Answer([]), all_said(*older, said(1), before="abc"))
    assert ids(collect(made(replay, token=CANARY), watch=BOT))[0] == "DC_1"
    assert len(replay.asked) == 4


@pytest.mark.parametrize(
    "errors", [pytest.param([], id="null"), pytest.param([{"type": "NOT_FOUND"}], id="told")]
)
def test_an_account_that_is_not_there_said_nothing_below_discussions(
    replay: Replay, errors: list[object]
) -> None:
    nobody = Answer({"data": {"repositoryOwner": None}, "errors": errors})
    replay.plan(items(issue(1)), discussions(), Answer({"message": "Not Found"}, 404), nobody)
    pages = collect(made(replay, token=CANARY), watch=BOT)
    assert ids(pages) == ["I_1"]
    assert [told for page in pages for told in page.broken] == [
        "github: own account acme-bot is not there"
    ]


def test_an_own_account_that_the_token_may_not_read_is_told(replay: Replay) -> None:
    refused = Answer({"data": {"repositoryOwner": None}, "errors": [{"type": "FORBIDDEN"}]})
    replay.plan(items(issue(1)), discussions(), Answer([]), refused)
    pages = collect(made(replay, token=CANARY), watch=BOT)
    assert ids(pages) == ["I_1"]
    assert pages[-1].broken == (
        "github: the token may not read what acme-bot says below discussions",
    )


def test_apps_are_not_asked_for_below_discussions(replay: Replay) -> None:
    replay.plan(items(), discussions(), Answer([]))
    watch = Watch("Acme", parse("acme"), (OwnAccount("github", "acme[bot]"),))
    collect(made(replay, token=CANARY), watch=watch)
    assert [asked.path for asked in replay.asked] == [
        "/search/issues",
        "/graphql",
        "/users/acme%5Bbot%5D/events/public",
    ]


def test_an_own_account_that_is_not_there_is_told(source: GitHubSource, replay: Replay) -> None:
    replay.plan(items(issue(1)), Answer({"message": "Not Found"}, 404))
    watch = Watch("Acme", parse("acme"), (OwnAccount("github", "nobody"),))
    found, told = collect(source, watch=watch)
    assert told.broken == ("github: own account nobody is not there",)
    assert ids([found]) == ["I_1"]


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s"),
    [
        pytest.param(
            Answer(
                {"message": "API rate limit exceeded"},
                403,
                {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795176020"},
            ),
            False,
            20,
            id="limit",
        ),
        pytest.param(
            Answer({"message": "You have exceeded a secondary rate limit"}, 403),
            False,
            60,
            id="secondary limit",
        ),
        pytest.param(
            Answer({"message": "a secondary rate limit"}, 403, {"retry-after": "30"}),
            False,
            30,
            id="secondary limit, with a wait",
        ),
        pytest.param(
            Answer({"message": "Validation Failed", "errors": [{"message": "too long"}]}, 422),
            True,
            None,
            id="refused search",
        ),
    ],
)
def test_its_own_refusals_are_understood(
    source: GitHubSource, replay: Replay, answer: Answer, *, permanent: bool, wait_s: int | None
) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError, match=str(answer.status)) as caught:
        collect(source)
    waits = caught.value.retry_after
    assert caught.value.permanent is permanent
    assert (None if waits is None else waits.total_seconds()) == wait_s


@pytest.mark.parametrize(
    ("body", "permanent", "words"),
    [
        pytest.param({"errors": [{"type": "RATE_LIMITED"}]}, False, "rate limited", id="limit"),
        pytest.param(
            {"data": None, "errors": [{"type": "INSUFFICIENT_SCOPES"}]},
            True,
            "INSUFFICIENT_SCOPES",
            id="scopes",
        ),
        pytest.param({"errors": "?"}, False, "no reason given", id="odd"),
    ],
)
def test_what_graphql_refuses_is_told(
    replay: Replay, body: object, *, permanent: bool, words: str
) -> None:
    replay.plan(items(), Answer(body))
    with pytest.raises(RemoteError, match=words) as caught:
        collect(made(replay, token=CANARY))
    assert caught.value.permanent is permanent


def test_an_account_that_cannot_be_asked_for_now_is_not_taken_to_be_silent(replay: Replay) -> None:
    refused = Answer({"data": {"repositoryOwner": None}, "errors": [{"type": "RATE_LIMITED"}]})
    replay.plan(items(), discussions(), Answer([]), refused)
    with pytest.raises(RemoteError, match="rate limited"):
        collect(made(replay, token=CANARY), watch=BOT)


def test_a_deleted_comment_that_only_holds_its_replies_together_is_gone(replay: Replay) -> None:
    nodes = [{"id": "a", "deletedAt": None}, {"id": "b", "deletedAt": "2026-11-20T10:00:00Z"}]
    replay.plan(Answer({"data": {"nodes": nodes}}))
    found = made(replay, token=CANARY).recheck(["a", "b"], now=NOW)
    assert found == {"a": Standing.THERE, "b": Standing.GONE}
    assert "deletedAt" in json.loads(replay.asked[0].body)["query"]


def test_what_github_does_not_find_may_stand_in_a_repository_that_is_closed(replay: Replay) -> None:
    replay.plan(
        Answer(
            {
                "data": {"nodes": [{"id": "a"}, None, None, None]},
                "errors": [
                    {"type": "NOT_FOUND", "path": ["nodes", 1]},
                    {"type": "FORBIDDEN", "path": ["nodes", 2]},
                ],
            }
        )
    )
    found = made(replay, token=CANARY).recheck(["a", "b", "c", "d"], now=NOW)
    assert found == {"a": Standing.THERE, "b": Standing.HIDDEN, "c": Standing.HIDDEN}


@pytest.mark.parametrize(
    ("node", "standing"),
    [
        pytest.param({"repository": {"isPrivate": True}}, Standing.HIDDEN, id="closed, not for us"),
        pytest.param(
            {"discussion": {"repository": {"isPrivate": True}}}, Standing.HIDDEN, id="below one"
        ),
        pytest.param({"repository": {"isPrivate": False}}, Standing.THERE, id="open"),
        pytest.param(
            {"isMinimized": True, "minimizedReason": "abuse"}, Standing.HIDDEN, id="abuse"
        ),
        pytest.param({"isMinimized": True, "minimizedReason": None}, Standing.HIDDEN, id="folded"),
        pytest.param(
            {"isMinimized": True, "minimizedReason": "resolved"}, Standing.THERE, id="in order"
        ),
        pytest.param({"isMinimized": False, "minimizedReason": ""}, Standing.THERE, id="open wide"),
    ],
)
def test_what_github_tells_of_a_thing(
    replay: Replay, node: dict[str, object], standing: Standing
) -> None:
    replay.plan(Answer({"data": {"nodes": [{"id": "a", **node}]}}))
    assert made(replay, token=CANARY).recheck(["a"], now=NOW) == {"a": standing}


def test_without_a_token_nothing_is_said_to_be_gone(source: GitHubSource, replay: Replay) -> None:
    replay.plan()
    assert source.recheck(["a"], now=NOW) == {}
    assert replay.asked == []


def test_the_token_is_in_no_error_and_no_log(
    replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    told = ""
    for answer in (Answer({}, 401), Answer({"message": "no"}, 422), Answer(reset=True)):
        replay.plan(answer)
        with pytest.raises(RemoteError) as caught:
            made(replay, token=CANARY).check()
        told += repr(caught.value) + repr(caught.value.__cause__)
    assert CANARY not in told + caplog.text
