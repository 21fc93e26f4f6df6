from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.mention import Author, Mention
from listener.bounds import LONGEST_NAME, fitting
from listener.source import Page

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANA = Author("9", "ana")
POST = Mention("x", "1", "Acme leaks", NOW, author=ANA)
LONG = "i" * (LONGEST_NAME + 1)


def page(*mentions: Mention, broken: tuple[str, ...] = ()) -> Page:
    return Page(mentions, {}, len(mentions), broken, reads={"post": ["post:1", LONG]})


@pytest.mark.parametrize(
    "long",
    [
        pytest.param(replace(POST, external_id=LONG), id="id"),
        pytest.param(replace(POST, author=replace(ANA, id=LONG)), id="author's id"),
        pytest.param(replace(POST, author=replace(ANA, handle=LONG)), id="handle"),
    ],
)
def test_a_name_that_no_index_holds_costs_the_post_and_not_the_page(long: Mention) -> None:
    found = fitting(page(POST, long, replace(POST, external_id="2", author=None)))
    assert [one.external_id for one in found.mentions] == ["1", "2"]
    (told,) = found.broken
    assert (
        told == f"x {long.external_id[:50]}: its id or its author's is longer than 500 characters"
    )
    assert found.fetched == 3
    assert found.reads == {"post": ["post:1"]}


def test_a_name_as_long_as_may_be_is_kept() -> None:
    longest = replace(POST, external_id=LONG[1:])
    assert fitting(page(longest)).mentions == (longest,)


def test_a_text_without_end_is_cut() -> None:
    (found,) = fitting(page(replace(POST, text="a" * 5_000_000))).mentions
    assert found.text == "a" * 200_000


def test_a_sentence_is_one_line_of_bounded_length() -> None:
    (told,) = fitting(page(broken=("x 1\n: " + "y" * 5_000,))).broken
    assert told == "x 1 : " + "y" * 294 + "…"
