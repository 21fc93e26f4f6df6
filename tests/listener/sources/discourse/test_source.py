"""Discourse, by the shapes that its API documentation gives."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.brand import OwnAccount
from domain.errors import RemoteError
from domain.mention import Author, Engagement, Mention, Standing
from listener.source import EVERYTHING, Page, Watch
from listener.sources import SOURCES
from listener.sources.discourse.posts import without_quotes
from listener.sources.discourse.settings import DiscourseSettings
from listener.sources.discourse.source import DiscourseSource
from listener.texts import AUTOMATED
from tests.net.replay import Answer, Asked, Replay, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FORUM = "https://forum.example.org"
WATCH = Watch("", EVERYTHING)


@pytest.fixture
def source(replay: Replay) -> DiscourseSource:
    return made(servers=[FORUM], base_url=replay.url)


def made(**keys: object) -> DiscourseSource:
    return DiscourseSource(DiscourseSettings.model_validate(keys))


def collect(source: DiscourseSource, cursor: Mapping[str, Any] | None = None) -> list[Page]:
    return list(source.collect(WATCH, cursor, since=None, now=NOW))


def post(number: int, **changed: object) -> dict[str, object]:
    found = {
        "id": number,
        "topic_id": 5,
        "post_number": number,
        "post_type": 1,
        "topic_title": "Kettle from Acme",
        "raw": f"Answer {number}",
        "cooked": f"<p>Answer {number}</p>",
        "created_at": f"{NINE + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S.000Z}",
        "updated_at": "2026-11-20T11:00:00.000Z",
        "version": 1,
        "username": "ana",
        "name": "Ana Ruiz",
        "user_id": 22,
        "reply_count": 1,
        "reads": 9,
        "actions_summary": [{"id": 3, "count": 1}, {"id": 2, "count": 4}],
        "reply_to_post_number": None,
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
    }
    return {**found, **changed}


def listed(*things: object) -> Answer:
    return Answer({"latest_posts": list(things)})


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_a_post_with_its_thread(source: DiscourseSource, replay: Replay) -> None:
    said = '[quote="bo, post:1, topic:5"]\nAcme is bad\n[/quote]\n\nNo.'
    replay.plan(listed(post(3, reply_to_post_number=2, raw=said, version=2), post(1)))
    (found,) = collect(source)
    assert found.mentions == (
        Mention(
            source="discourse",
            external_id="forum.example.org/5/3",
            text="No.",
            published_at=NINE + timedelta(minutes=3),
            url=f"{FORUM}/t/5/3",
            parent_id="forum.example.org/5/2",
            conversation_id="forum.example.org/5/1",
            author=Author(
                id="22@forum.example.org",
                handle="ana@forum.example.org",
                name="Ana Ruiz",
                url=f"{FORUM}/u/ana",
            ),
            engagement=Engagement(likes=4, replies=1, views=9),
            edited_at=datetime(2026, 11, 20, 11, 0, tzinfo=UTC),
        ),
        Mention(
            source="discourse",
            external_id="forum.example.org/5/1",
            text="Kettle from Acme\n\nAnswer 1",
            published_at=NINE + timedelta(minutes=1),
            url=f"{FORUM}/t/5/1",
            conversation_id="forum.example.org/5/1",
            author=found.mentions[0].author,
            engagement=Engagement(likes=4, replies=1, views=9),
        ),
    )
    assert OwnAccount("discourse", "ana@forum.example.org").is_author(
        "discourse", found.mentions[0].author
    )
    assert not OwnAccount("discourse", "ana").is_author("discourse", found.mentions[0].author), (
        "the same name on another forum is another person"
    )


@pytest.mark.parametrize(
    "taken_away",
    [
        {"hidden": True},
        {"user_deleted": True},
        {"deleted_at": "2026-11-20T11:00:00.000Z"},
        {"post_type": 3},
    ],
)
def test_what_was_taken_away_and_notices_are_no_mentions(
    source: DiscourseSource, replay: Replay, taken_away: dict[str, object]
) -> None:
    replay.plan(listed(post(2, **taken_away), post(1)))
    (found,) = collect(source)
    assert (ids([found]), found.fetched, found.broken) == (["forum.example.org/5/1"], 2, ())


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            post(2, topic_id=None), "post 2: it has no topic_id or no post_number", id="id"
        ),
        pytest.param(post(2, created_at=5), "post 2: it has no readable created_at", id="odd date"),
        pytest.param(
            post(2, raw=None, cooked=None), "post 2: it has neither raw nor cooked", id="text"
        ),
        pytest.param(7, "post without id: it has no topic_id or no post_number", id="a number"),
    ],
)
def test_one_broken_post_is_told_and_the_rest_kept(
    source: DiscourseSource, replay: Replay, broken: object, told: str
) -> None:
    replay.plan(listed(post(3), broken, post(1)))
    (found,) = collect(source)
    assert ids([found]) == ["forum.example.org/5/3", "forum.example.org/5/1"]
    assert found.broken == (f"discourse forum.example.org {told}",)


def test_uploads_are_read_as_their_descriptions_and_titles_unescaped(
    source: DiscourseSource, replay: Replay
) -> None:
    raw = "See ![my lid|690x388](upload://aB.jpeg) and [log.txt|attachment](upload://cD.txt) here"
    replay.plan(listed(post(1, raw=raw, topic_title="Acme &amp; me")))
    (found,) = collect(source)
    assert found.mentions[0].text == ("Acme & me\n\nSee [Picture: my lid] and [File: log.txt] here")


def test_the_forums_own_accounts_are_automated(source: DiscourseSource, replay: Replay) -> None:
    replay.plan(listed(post(2, user_id=-2, username="robot")))
    author = collect(source)[0].mentions[0].author
    assert author is not None
    assert author.bio == AUTOMATED


def test_markup_is_read_where_there_is_no_source_text(
    source: DiscourseSource, replay: Replay
) -> None:
    replay.plan(listed(post(2, raw=None)))
    assert collect(source)[0].mentions[0].text == "Answer 2"


@pytest.mark.parametrize(
    ("raw", "own"),
    [
        ("a [quote]b[/quote] c", "a  c"),
        ('[quote="x"]a [quote]b[/quote] c[/quote]d', "d"),
        ("[/quote] a", "[/quote] a"),
        ("a [quote]never closed", "a [quote]never closed"),
        ("[quote]" * 20_000, "[quote]" * 20_000),
    ],
)
def test_quoted_words_are_somebody_elses(raw: str, own: str) -> None:
    assert without_quotes(raw) == own


# -- the walk


def forum_of(numbers: range, *, repeats: bool) -> Any:  # noqa: ANN401
    """Lists what lies in the 50 ids before, with or without the one named."""

    def by_query(asked: Asked) -> Answer:
        before = int(asked.query.get("before", numbers.stop))
        top = before if repeats else before - 1
        return listed(*(post(n) for n in range(top, top - 50, -1) if n in numbers))

    return by_query


@pytest.mark.parametrize("repeats", [True, False])
def test_walks_back_by_number_to_what_is_known_and_on_after_a_crash(
    source: DiscourseSource, replay: Replay, *, repeats: bool
) -> None:
    replay.plan()
    replay.by_query = forum_of(range(1, 171), repeats=repeats)
    first = next(source.collect(WATCH, None, since=None, now=NOW))
    later = collect(source, first.cursor)
    assert {*ids([first]), *ids(later)} == {f"forum.example.org/5/{n}" for n in range(1, 171)}
    replay.asked.clear()
    collect(source, later[-1].cursor)
    assert len(replay.asked) == 1, "nothing new: one page reaches the overlap"


def test_a_stretch_of_private_posts_does_not_end_the_walk(
    source: DiscourseSource, replay: Replay
) -> None:
    public = {*range(1, 11), *range(140, 171)}

    def by_query(asked: Asked) -> Answer:
        before = int(asked.query.get("before", 170))
        return listed(*(post(n) for n in range(before, before - 50, -1) if n in public))

    replay.plan()
    replay.by_query = by_query
    pages = collect(source)
    assert {*ids(pages)} == {f"forum.example.org/5/{n}" for n in public}
    assert all(page.gap is None for page in pages)


def test_a_forum_that_fails_does_not_stop_the_others(replay: Replay) -> None:
    with serve() as other:
        other.plan(Answer({}, 503))
        replay.plan(listed(post(1)))
        pages = collect(made(servers=[other.url, replay.url]))
    assert [mention.text for page in pages for mention in page.mentions] == [
        "Kettle from Acme\n\nAnswer 1"
    ]
    (told,) = [said for page in pages for said in page.broken]
    assert "the service fails (503)" in told


def test_when_all_fail_the_pass_fails_for_a_while_if_one_may_recover(replay: Replay) -> None:
    with serve() as other:
        other.plan(Answer({}, 503))
        replay.plan(Answer({}, 401))
        with pytest.raises(RemoteError, match="503") as caught:
            collect(made(servers=[replay.url, other.url]))
    assert not caught.value.permanent


def test_the_key_goes_to_its_forum_only(replay: Replay) -> None:
    replay.plan(listed())
    collect(made(servers=[replay.url], api_key="k1", api_username="earshot"))
    assert replay.asked[0].headers["api-key"] == "k1"
    assert replay.asked[0].headers["api-username"] == "earshot"
    with pytest.raises(ValidationError, match="belongs to one forum"):
        made(servers=[FORUM, replay.url], api_key="k1", api_username="earshot")
    with pytest.raises(ValidationError, match="needs api_username"):
        made(servers=[FORUM], api_key="k1")


def test_nothing_is_searched_and_everything_matched_here() -> None:
    kind = SOURCES["discourse"]
    assert (kind.shared, kind.asks(WATCH).asks, kind.asks(WATCH).left_here) == (
        True,
        (),
        ("everything",),
    )


def test_only_the_forums_own_word_makes_a_post_gone(
    source: DiscourseSource, replay: Replay
) -> None:
    replay.plan(
        Answer({"errors": ["not found"], "error_type": "not_found"}, 404),
        Answer(post(2, user_deleted=True)),
        Answer(post(3, hidden=True)),
        Answer(post(4)),
    )
    asked = [f"forum.example.org/5/{n}" for n in (1, 2, 3, 4)]
    assert source.recheck([*asked, "other.example.org/5/1"], now=NOW) == dict(
        zip(
            asked,
            (Standing.GONE, Standing.GONE, Standing.HIDDEN, Standing.THERE),
            strict=True,
        )
    )
    assert replay.asked[0].path == "/posts/by_number/5/1.json"


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({"raw": "(post deleted by author)"}, Standing.GONE),
        ({"raw": None, "cooked": "<p>(post deleted by author)</p>"}, Standing.GONE),
        ({"raw": "(topic withdrawn by author, will be deleted in 24 hours)"}, Standing.GONE),
        ({"deleted_at": "2026-11-20T10:00:00Z"}, Standing.GONE),
        ({"cooked_hidden": True}, Standing.HIDDEN),
        ({"raw": "Why was it (post deleted by author)?"}, Standing.THERE),
    ],
    ids=str,
)
def test_one_judgement_when_collecting_and_when_asking(
    source: DiscourseSource, replay: Replay, said: dict[str, object], standing: Standing
) -> None:
    thing = {key: value for key, value in {**post(1), **said}.items() if value is not None}
    replay.plan(Answer(thing), Answer({"latest_posts": [thing]}), Answer({"latest_posts": []}))
    [asked] = source.recheck(["forum.example.org/5/1"], now=NOW).values()
    [page, *_] = collect(source)
    assert (asked, len(page.mentions) == 1) == (standing, standing is Standing.THERE)


def test_what_a_forum_refuses_while_it_lists_others_is_for_others_to_see(
    source: DiscourseSource, replay: Replay
) -> None:
    refused = {"errors": ["You are not permitted"], "error_type": "invalid_access"}
    replay.plan(Answer(refused, 403), Answer({"latest_posts": []}))
    assert source.recheck(["forum.example.org/5/1"], now=NOW) == {
        "forum.example.org/5/1": Standing.HIDDEN
    }


@pytest.mark.parametrize("answer", [Answer(b"<html>", 404), Answer({}, 403), Answer({}, 500)])
def test_an_error_is_no_deletion(source: DiscourseSource, replay: Replay, answer: Answer) -> None:
    replay.plan(answer)
    with pytest.raises(RemoteError):
        source.recheck(["forum.example.org/5/1"], now=NOW)
