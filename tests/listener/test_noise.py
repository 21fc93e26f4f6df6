from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.mention import Author, Mention
from domain.noise import Why
from listener.noise import Earlier, Lists, is_allowed, listed, spam
from listener.query import parse
from listener.stories import words_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA = Author("501", "ana_writes", created_at=NOW - timedelta(days=900))


def mention(
    text: str = "my acme kettle leaks", author: Author | None = ANA, **more: object
) -> Mention:
    told: dict[str, Any] = {
        "source": "x",
        "external_id": "1",
        "text": text,
        "published_at": NOW,
        "author": author,
    }
    return Mention(**(told | more))


def why(found: object) -> object:
    return getattr(found, "why", None)


# --- lists --------------------------------------------------------------------------------------

LISTS = Lists(
    staff=(OwnAccount("x", "acme_kim"),),
    authors=(OwnAccount("x", "501"), OwnAccount("", "spammer")),
    sites=("spam.example",),
    words=(parse('giveaway OR "act now" -acme'), parse("voucher has:link")),
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(mention(author=Author("9", "Acme_Kim")), Why.STAFF, id="staff by handle"),
        pytest.param(mention(), Why.AUTHOR, id="an author by id"),
        pytest.param(
            mention(author=Author("7", "Spammer"), source="reddit"), Why.AUTHOR, id="on any source"
        ),
        pytest.param(mention(source="reddit"), None, id="the same id elsewhere is somebody else"),
        pytest.param(mention(author=None), None, id="an unknown author is on no list"),
        pytest.param(
            mention(author=None, url="https://www.spam.example/a"),
            Why.SITE,
            id="stands on the site",
        ),
        pytest.param(
            mention("see https://news.spam.example/b", None), Why.SITE, id="links to a part of it"
        ),
        pytest.param(
            mention("see https://notspam.example/b", None), None, id="another site that ends alike"
        ),
        pytest.param(mention("acme GIVEAWAY today", None), Why.WORD, id="a word"),
        pytest.param(mention("act now and buy", None), Why.WORD, id="a phrase"),
        pytest.param(mention("acme: act now", None), None, id="a phrase with an exception"),
        pytest.param(mention("acme voucher www.a.example", None), Why.WORD, id="a field"),
        pytest.param(mention("acme voucher", None), None, id="a field that does not hold"),
    ],
)
def test_what_is_on_a_list(found: Mention, expected: Why | None) -> None:
    assert why(listed(found, LISTS)) is expected


def test_the_reason_names_the_entry() -> None:
    word = listed(mention("acme giveaway", None), LISTS)
    assert word is not None
    assert word.reason == 'block_words has giveaway OR "act now" -acme'
    assert word.decided_by == "rule:blocked words"
    site = listed(mention(author=None, url="https://spam.example/"), LISTS)
    assert site is not None
    assert site.reason == "it stands on or links to spam.example, which is in block_sites"


def test_allowed_is_who_is_named() -> None:
    lists = Lists(allowed=(OwnAccount("x", "ana_writes"),))
    assert is_allowed(mention(), lists)
    assert not is_allowed(mention(source="reddit"), lists)
    assert not is_allowed(mention(author=None), lists)


# --- signs of spam ------------------------------------------------------------------------------


def wrote(text: str, *hours_ago: float) -> list[Earlier]:
    return [Earlier(NOW - hours * HOUR, words_of(text)) for hours in hours_ago]


SAME = "My ACME kettle leaks! https://t.example/x"
TAGS = "acme " + " ".join(f"#tag{n}" for n in range(9))
NAMES = " ".join(f"@name{n}" for n in range(9))


@pytest.mark.parametrize(
    ("found", "earlier", "expected"),
    [
        pytest.param(mention(), [], None, id="nothing"),
        pytest.param(mention(), wrote(SAME, 1, 2, 3), Why.REPEATED, id="the fourth time"),
        pytest.param(mention(), wrote(SAME, 1, 2), None, id="the third time"),
        pytest.param(mention(), wrote(SAME, 1, 2, 25), None, id="the fourth time in two days"),
        pytest.param(mention(), wrote("acme again", 1, 2, 3), None, id="other words"),
        pytest.param(mention("☕"), wrote("☕", 1, 2, 3), None, id="no word at all"),
        pytest.param(
            mention(), wrote("acme", *(n / 30 for n in range(20))), Why.FLOOD, id="21 in an hour"
        ),
        pytest.param(
            mention(), wrote("acme", *(n / 30 for n in range(19))), None, id="20 in an hour"
        ),
        pytest.param(
            mention(), wrote("acme", *(1 + n / 30 for n in range(40))), None, id="a flood before"
        ),
        pytest.param(mention(TAGS), [], Why.TAGS, id="nine hashtags"),
        pytest.param(mention(TAGS.replace(" #tag8", "")), [], None, id="eight hashtags"),
        pytest.param(mention("acme #1 #2 #3 #4 #5 #6 #7 #8 #9"), [], None, id="numbers, no tags"),
        pytest.param(mention(f"acme {NAMES}"), [], Why.HANDLES, id="nine accounts"),
        pytest.param(mention(f"{NAMES} acme leaks"), [], None, id="a reply in a long thread"),
        pytest.param(mention(author=Author("8", "acme_news_bot")), [], Why.BOT, id="_bot"),
        pytest.param(mention(author=Author("8", "AcmeBot")), [], Why.BOT, id="Bot"),
        pytest.param(mention(author=Author("8", "talbot")), [], None, id="a name that ends so"),
        pytest.param(
            mention(author=Author("8", "ana", bio="I am a friendly bot.")), [], Why.BOT, id="bio"
        ),
        pytest.param(
            mention(author=Author("8", "ana", bio="I am not a bot")), [], None, id="no bot, it says"
        ),
    ],
)
def test_signs_of_spam(found: Mention, earlier: Sequence[Earlier], expected: Why | None) -> None:
    assert why(spam(found, earlier)) is expected


@pytest.mark.parametrize(
    ("text", "age", "expected"),
    [
        pytest.param(
            "acme https://t.example", timedelta(days=6), Why.NEWCOMER, id="new, with link"
        ),
        pytest.param("acme", timedelta(days=6), None, id="new, without link"),
        pytest.param("acme https://t.example", timedelta(days=7), None, id="a week old"),
        pytest.param("acme https://t.example", -HOUR, Why.NEWCOMER, id="made after its post"),
    ],
)
def test_a_link_by_a_newcomer(text: str, age: timedelta, expected: Why | None) -> None:
    author = Author("8", "ana", created_at=NOW - age)
    assert why(spam(mention(text, author), [])) is expected


def test_an_account_of_unknown_age_is_no_newcomer() -> None:
    assert spam(mention("acme https://t.example", Author("8", "ana")), []) is None


def test_a_reason_is_a_sentence_without_a_word_of_the_post() -> None:
    found = spam(mention(), wrote(SAME, 1, 2, 3))
    assert found is not None
    assert found.reason == "the author wrote the same 3 times in the 24 hours before"
