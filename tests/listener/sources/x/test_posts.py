"""Posts of X that were edited, that quote, and what is charged for them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.mention import Mention
from listener.prices import Read
from listener.sources.x.posts import read_page
from listener.sources.x.spend import reads_of
from listener.texts import AUTOMATED

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657


def x_id(minutes: int) -> str:
    at = NINE + timedelta(minutes=minutes)
    return str(int(at.timestamp() * 1000) - EPOCH_MS << 22)


def version(minutes: int, text: str, *history: int, **more: object) -> dict[str, Any]:
    """What was written so many minutes after nine; history: the minutes of all versions so far."""
    at = NINE + timedelta(minutes=minutes)
    return {
        "id": x_id(minutes),
        "text": text,
        "author_id": "501",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "edit_history_tweet_ids": [x_id(one) for one in history or (minutes,)],
        **more,
    }


def read(*posts: object, **more: object) -> list[Mention]:
    mentions, broken, _ = read_page({"data": list(posts), **more}, NOW)
    assert broken == ()
    return list(mentions)


def test_an_edited_post_is_the_one_it_was_in_its_newest_words() -> None:
    (found,) = read(version(20, "acme works after all", 0, 10, 20))

    assert found.external_id == x_id(0)
    assert found.text == "acme works after all"
    assert (found.published_at, found.edited_at) == (NINE, NINE + timedelta(minutes=20))
    assert found.url == f"https://x.com/i/status/{x_id(20)}"


def test_a_version_that_was_followed_by_others_is_not_the_newest() -> None:
    """Two versions may stand in one page; the store keeps the one that was edited last."""
    newest, first = read(version(10, "acme works", 0, 10), version(0, "acme fails"))

    assert newest.external_id == first.external_id
    assert (newest.edited_at, first.edited_at) == (NINE + timedelta(minutes=10), None)


def test_what_answers_a_version_answers_the_post() -> None:
    answer = version(30, "sorry", referenced_tweets=[{"type": "replied_to", "id": x_id(10)}])

    assert read(answer, version(10, "acme works", 0, 10))[0].parent_id == x_id(0)


def test_edits_have_two_spellings() -> None:
    old = [version(20, "acme", 0, 20)]
    new = json.loads(json.dumps(old).replace("edit_history_tweet_ids", "edit_history_post_ids"))

    assert read(*new) == read(*old)


@pytest.mark.parametrize("history", [None, "1", [], [None, {}], ["x"]])
def test_a_history_that_says_nothing_is_no_edit(history: object) -> None:
    (found,) = read(version(5, "acme", edit_history_tweet_ids=history))

    assert (found.external_id, found.edited_at) == (x_id(5), None)


def test_a_quote_says_what_its_author_says_and_not_what_it_quotes() -> None:
    quote = version(
        5,
        "look at this, acme https://t.co/inventedQ1",
        referenced_tweets=[{"type": "quoted", "id": x_id(1)}],
    )
    quoted = {"id": x_id(1), "text": "I hate every kettle"}

    (found,) = read(quote, includes={"tweets": [quoted]})

    assert (found.text, found.parent_id) == ("look at this, acme https://t.co/inventedQ1", x_id(1))
    assert not found.is_repost


def test_whom_a_post_speaks_to_is_told_by_id_and_handle() -> None:
    mentions = [{"username": "acme_help", "id": "1000", "start": 0}, {"username": "ben"}, "odd"]
    long = {"text": "…", "entities": {"mentions": [{"username": "cy"}, {"username": "ben"}]}}
    told = {"in_reply_to_user_id": "1000", "entities": {"mentions": mentions}, "note_tweet": long}

    (found,) = read(version(5, "@acme_help it did not help", **told))

    assert found.addressed == ("1000", "@acme_help", "@ben", "@cy")


@pytest.mark.parametrize("entities", [None, [], {"mentions": None}, {"mentions": [{"id": None}]}])
def test_a_post_that_names_nobody_speaks_to_nobody(entities: object) -> None:
    (found,) = read(version(5, "acme", entities=entities, in_reply_to_user_id=None))

    assert found.addressed == ()


@pytest.mark.parametrize("spelling", ["tweets", "posts"])
def test_charged_is_every_post_and_person_that_came_each_by_its_name(spelling: str) -> None:
    answer = {
        "data": [version(1, "acme"), version(2, "acme"), "odd"],
        "includes": {"users": [{"id": "501"}, {"name": "no id"}], spelling: [{"id": "77"}]},
    }

    assert reads_of(answer, Read.POST) == {
        "post": [f"post:{x_id(1)}", f"post:{x_id(2)}", "post:77"],
        "user": ["user:501"],
    }
    assert reads_of(answer, Read.OWNED_POST) == {
        "owned_post": [f"post:{x_id(1)}", f"post:{x_id(2)}"],
        "post": ["post:77"],
        "user": ["user:501"],
    }
    assert reads_of({"meta": {}}, Read.POST) == {}


@pytest.mark.parametrize(
    ("short", "article", "text"),
    [
        pytest.param(
            "https://t.co/Ab1",
            {"title": "Why I left Acme", "plain_text": "It broke.", "preview_text": "It"},
            "Why I left Acme\n\nIt broke.",
            id="a link alone",
        ),
        pytest.param(
            "Read this https://t.co/Ab1",
            {"title": "Why I left Acme", "preview_text": "It"},
            "Read this https://t.co/Ab1\n\nWhy I left Acme\n\nIt",
            id="with words of its own, cut short",
        ),
        pytest.param("https://t.co/Ab1", {}, "https://t.co/Ab1", id="an article without words"),
        pytest.param("https://t.co/Ab1", "odd", "https://t.co/Ab1", id="odd"),
    ],
)
def test_an_article_is_its_title_and_words(short: str, article: object, text: str) -> None:
    (found,) = read(version(1, short, article=article))
    assert found.text == text


@pytest.mark.parametrize(
    ("affiliation", "bio"),
    [({"description": "Automated by @bo"}, AUTOMATED), ({"description": "Acme"}, ""), (None, "")],
)
def test_hears_that_x_labels_an_account_as_automated(affiliation: object, bio: str) -> None:
    users = [{"id": "501", "username": "ana", "affiliation": affiliation}]
    (found,) = read(version(1, "acme", author_id="501"), includes={"users": users})
    assert found.author is not None
    assert found.author.bio == bio
