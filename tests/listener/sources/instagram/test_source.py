from datetime import UTC, datetime

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
    assert found.broken == ("instagram 33: it has no text",)
    assert found.fetched == 4


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
