from datetime import UTC, datetime, timedelta

import pytest

from domain.brand import OwnAccount
from domain.mention import Author, Engagement, Mention
from listener.query import parse
from listener.source import Page, Watch
from listener.sources.instagram.settings import InstagramSettings
from listener.sources.instagram.source import InstagramSource
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = "2026-11-20T09:00:00+0000"
ACCOUNT = "17841400000000001"
TAGS, MEDIA = f"/v26.0/{ACCOUNT}/tags", f"/v26.0/{ACCOUNT}/media"
WATCH = Watch("Acme", parse("acme"))
WITH_OWN = Watch("Acme", parse("acme"), (OwnAccount("instagram", "acme_kettles"),))


@pytest.fixture
def source(replay: Replay) -> InstagramSource:
    given = {"brand": "Acme", "account": ACCOUNT, "access_token": "t", "base_url": replay.url}
    replay.plan(Answer({"data": []}))
    return InstagramSource(InstagramSettings.model_validate(given))


def collect(source: InstagramSource, watch: Watch = WATCH) -> list[Page]:
    return list(source.collect(watch, None, since=None, now=NOW))


def test_reads_media_that_tag_the_account(source: InstagramSource, replay: Replay) -> None:
    media = {
        "id": "179",
        "caption": "My acme & I",
        "timestamp": NINE,
        "username": "tea_ana",
        "permalink": "https://www.instagram.com/p/x/",
        "like_count": 7,
        "comments_count": 2,
    }
    bare = {"id": "180", "timestamp": NINE, "username": "tea_ana"}
    replay.fixed[TAGS] = Answer({"data": [media, bare]})
    tagged, _ = collect(source)
    assert tagged.mentions == (
        Mention(
            source="instagram",
            external_id="179",
            text="My acme & I",
            published_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
            url="https://www.instagram.com/p/x/",
            conversation_id="179",
            author=Author("tea_ana", "tea_ana"),
            engagement=Engagement(likes=7, replies=2),
        ),
    )
    assert (tagged.fetched, tagged.broken) == (2, ()), "a picture without a caption is no trouble"


def own_media() -> Answer:
    person = {"id": "55", "username": "tea_ana"}
    answer = {
        "id": "32",
        "text": "So sorry!",
        "timestamp": NINE,
        "username": "acme_kettles",
        "parent_id": "31",
    }
    comment = {
        "id": "31",
        "text": "It leaks",
        "timestamp": NINE,
        "from": person,
        "like_count": 1,
        "replies": {"data": [answer]},
    }
    broken = {"id": "33", "timestamp": NINE}
    media = {
        "id": "30",
        "caption": "New!",
        "timestamp": NINE,
        "username": "acme_kettles",
        "permalink": "https://www.instagram.com/p/k/",
        "comments": {"data": [comment, broken]},
    }
    return Answer({"data": [media]})


def test_reads_comments_and_tells_what_cannot_be_read(
    source: InstagramSource, replay: Replay
) -> None:
    replay.fixed[MEDIA] = own_media()
    _, found = collect(source)
    (comment,) = found.mentions
    assert (comment.external_id, comment.text, comment.parent_id) == ("31", "It leaks", "30")
    assert comment.author == Author("55", "tea_ana")
    assert comment.engagement == Engagement(likes=1)
    assert comment.url == "https://www.instagram.com/p/k/", "it has no address of its own"
    assert found.broken == ("instagram 33: it has no text",)
    assert found.fetched == 4


def said(number: int, hours: float = 1, **more: object) -> dict[str, object]:
    timestamp = f"{NOW - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S+0000}"
    return {"id": str(number), "text": f"said {number}", "timestamp": timestamp, **more}


def media_with(*replies: dict[str, object], paging: dict[str, object]) -> Answer:
    comment = said(31, 2, replies={"data": list(replies), "paging": paging})
    return Answer({"data": [{"id": "30", "timestamp": NINE, "comments": {"data": [comment]}}]})


NEXT: dict[str, object] = {
    "cursors": {"after": "more"},
    "next": "https://graph.example/31/replies?after=more",
}


def test_replies_beyond_those_that_come_with_a_comment_are_asked_for(
    source: InstagramSource, replay: Replay
) -> None:
    replay.fixed[MEDIA] = media_with(said(32), said(33), paging=NEXT)
    replay.fixed["/v26.0/31/replies"] = Answer({"data": [said(34, parent_id="31")]})
    _, found = collect(source)
    assert [one.external_id for one in found.mentions] == ["31", "32", "33", "34"]
    assert (found.mentions[-1].parent_id, found.mentions[-1].conversation_id) == ("31", "30")
    assert found.gap is None


def test_replies_that_are_refused_cost_only_themselves_and_are_a_gap(
    source: InstagramSource, replay: Replay
) -> None:
    replay.fixed[MEDIA] = media_with(said(32), paging=NEXT)
    replay.fixed["/v26.0/31/replies"] = Answer({"error": {"code": 100}}, 400)
    _, found = collect(source)
    assert [one.external_id for one in found.mentions] == ["31", "32"]
    assert found.gap is not None
    assert found.gap.reason.endswith("so replies below 31 are missing")


@pytest.mark.parametrize(
    ("hours", "paging", "asked"),
    [
        pytest.param((90, 80), NEXT, 1, id="oldest first, with a next page"),
        pytest.param((80, 90), NEXT, 0, id="newest first and known"),
        pytest.param((90, 80), {"cursors": {"after": "more"}}, 0, id="few, known, no next page"),
        pytest.param((90, 1), {"cursors": {"after": "more"}}, 1, id="a new one, no next page"),
    ],
)
def test_replies_are_asked_for_where_new_ones_may_be(
    source: InstagramSource,
    replay: Replay,
    hours: tuple[int, int],
    paging: dict[str, object],
    asked: int,
) -> None:
    replies = (said(40 + place, ago) for place, ago in enumerate(hours))
    replay.fixed[MEDIA] = media_with(*replies, paging=paging)
    collect(source)
    assert [one.path for one in replay.asked].count("/v26.0/31/replies") == asked


def test_own_answers_are_seen_where_the_account_is_named(
    source: InstagramSource, replay: Replay
) -> None:
    replay.fixed[MEDIA] = own_media()
    _, found = collect(source, WITH_OWN)
    own = [one for one in found.mentions if one.author and one.author.handle == "acme_kettles"]
    assert [(one.external_id, one.parent_id, one.conversation_id) for one in own] == [
        ("30", None, "30"),
        ("32", "31", "30"),
    ]


def test_a_listing_ends_with_an_empty_page_although_it_gives_a_bookmark(
    source: InstagramSource, replay: Replay
) -> None:
    paging = {"cursors": {"before": "a", "after": "z"}}
    media = {"id": "1", "caption": "acme", "timestamp": NINE, "username": "ana"}
    replay.plan(Answer({"data": [media], "paging": paging}), Answer({"data": [], "paging": paging}))
    pages = collect(source)
    assert [page.fetched for page in pages] == [1, 0, 0]
    assert [asked.query.get("after") for asked in replay.asked] == [None, "z", None]
    assert all(page.gap is None for page in pages)
