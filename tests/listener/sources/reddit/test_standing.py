"""What was taken back on Reddit: one judgement, when collecting and when asking after it."""

from datetime import UTC, datetime

import pytest

from domain.mention import Standing
from listener.query import parse
from listener.source import Watch
from listener.sources.reddit.settings import RedditSettings
from listener.sources.reddit.source import RedditSource
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WATCH = Watch("Acme", parse("acme"))
SUBMISSION = {"kind": "t3", "name": "t3_p1", "title": "acme leaks", "selftext": "since May"}
COMMENT = {"kind": "t1", "name": "t1_c1", "body": "acme leaks"}


@pytest.fixture
def source(replay: Replay) -> RedditSource:
    token = {"access_token": "t", "token_type": "bearer", "expires_in": 3600, "scope": "*"}
    replay.fixed["/api/v1/access_token"] = Answer(token)
    given = {"client_id": "an-id", "client_secret": "secret", "base_url": replay.url}
    return RedditSource(RedditSettings.model_validate(given))


def listing(*things: dict[str, object]) -> Answer:
    children = [
        {
            "kind": one["kind"],
            "data": {
                "id": str(one["name"])[3:],
                "author": "ana",
                "created_utc": NOW.timestamp() - 60,
                **one,
            },
        }
        for one in things
    ]
    return Answer({"kind": "Listing", "data": {"after": None, "children": children}})


def said_both_ways(
    source: RedditSource, replay: Replay, thing: dict[str, object]
) -> tuple[Standing, bool]:
    """How it stands when asked after, and whether it is collected."""
    name = str(thing["name"]).removeprefix("t3_")
    replay.plan(listing(thing), listing(thing))
    [standing] = source.recheck([name], now=NOW).values()
    [page] = source.collect(WATCH, None, since=None, now=NOW)
    assert page.broken == ()
    return standing, [one.external_id for one in page.mentions] == [name]


@pytest.mark.parametrize(
    "said",
    [
        *({"removed_by_category": who} for who in ("deleted", "author", "moderator", "reddit")),
        *({"removed_by_category": who} for who in ("automod_filtered", "anti_evil_ops", "newly")),
        {"title": "[deleted by user]", "author": "[deleted]", "selftext": "[removed]"},
        {"title": "[ Removed by moderator ]", "selftext": ""},
        {"title": "[ Removed by Reddit ]"},
        {"selftext": "[deleted]"},
        {"selftext": " [removed] "},
        {"selftext": "[ Removed by reddit in response to a copyright notice. ]"},
        {"selftext": "[ Removed by Reddit on account of violating the [policy](/help/p). ]"},
        {"author": "[deleted]"},
        {"banned_by": True},
        {"banned_by": "a_moderator", "banned_at_utc": 1},
        {"removed": True},
    ],
    ids=str,
)
def test_every_spelling_of_what_was_taken_back(
    source: RedditSource, replay: Replay, said: dict[str, object]
) -> None:
    assert said_both_ways(source, replay, {**SUBMISSION, **said}) == (Standing.GONE, False)


@pytest.mark.parametrize(
    "said",
    [{"body": "[deleted]"}, {"body": "[removed]"}, {"body": "[ Removed by Reddit ]"}],
    ids=str,
)
def test_a_comment_that_was_taken_back(
    source: RedditSource, replay: Replay, said: dict[str, object]
) -> None:
    watch = Watch("Acme", parse("removed OR deleted"))
    replay.plan(listing({**COMMENT, **said}), listing({**COMMENT, **said}))
    assert source.recheck(["t1_c1"], now=NOW) == {"t1_c1": Standing.GONE}
    assert [page.mentions for page in source.collect(watch, None, since=None, now=NOW)][:1] == [()]


def test_what_somebody_who_blocks_us_wrote_may_be_shown_again(
    source: RedditSource, replay: Replay
) -> None:
    said = {"body": "[unavailable]", "author": "[unavailable]"}
    assert said_both_ways(source, replay, {**COMMENT, **said}) == (Standing.HIDDEN, False)


@pytest.mark.parametrize(
    "said",
    [
        {"removed_by_category": None, "banned_by": None, "removed": False, "removal_reason": ""},
        {"title": "[Removed] acme lid [question]"},
        {"title": "[deleted scenes] acme"},
        {"selftext": "they wrote [removed] over my review"},
        {"quarantine": True, "locked": True, "over_18": True},
    ],
    ids=str,
)
def test_what_stands(source: RedditSource, replay: Replay, said: dict[str, object]) -> None:
    assert said_both_ways(source, replay, {**SUBMISSION, **said}) == (Standing.THERE, True)
