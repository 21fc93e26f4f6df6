"""Where a name stands in a text, however people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.target import places


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        pytest.param("Acme is fine, ACME!", "Acme", ["Acme", "ACME"], id="any case"),
        pytest.param("the Café Noir blend", "cafe noir", ["Café Noir"], id="accents"),
        pytest.param(
            "#RedDeadRedemption2 rocks", "Red Dead Redemption", ["RedDeadRedemption"], id="hashtag"
        ),
        pytest.param("ask @acme_help now", "Acme", ["@acme_help"], id="handle"),
        pytest.param("@acme.bsky.social hi", "acme", ["@acme.bsky.social"], id="long handle"),
        pytest.param("two iPhones broke", "iPhone", ["iPhone"], id="plural"),
        pytest.param("J&J is hiring", "Johnson & Johnson (J&J)", ["J&J"], id="a part of the name"),
        pytest.param("خشبكو وركنان", "ركنان", ["ركنان"], id="Arabic 'and' before it"),
        pytest.param("يغشكم فبدكّة", "دكّة", ["دكّة"], id="Arabic 'so with' before it"),
        pytest.param("جلبدكّة", "دكّة", [], id="inside an Arabic word"),
        pytest.param("acmeology, pacme", "Acme", [], id="inside a word"),
        pytest.param("nothing here", "", [], id="no name"),
        pytest.param("nothing here", "!?", [], id="no letters in the name"),
        pytest.param("", "Acme", [], id="no text"),
        pytest.param("アクメは最高", "アクメ", [], id="no word ends where no spaces are"),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, name: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in places(text, name)] == found


def test_of_names_that_begin_alike_the_longer_is_found() -> None:
    text = "Acme Tea is nice, Acme is not"
    found = [text[start:end] for start, end in places(text, "Acme", "Acme Tea")]
    assert found == ["Acme Tea", "Acme"]


@given(st.text(), st.text(max_size=8))
def test_places_lie_in_the_text_in_order(text: str, name: str) -> None:
    last = 0
    for start, end in places(text, name):
        assert last <= start < end <= len(text)
        last = end
