"""How a text is written down for the model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text import (
    has_words,
    mark,
    normalise,
    overlap_key,
    unmark,
    unmarked,
    with_stand_ins,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("@ana_1 hello", "@user hello", id="handle"),
        pytest.param("hi @ana@server.example!", "hi @user !", id="handle on a server"),
        pytest.param("ana@example.org", "ana@example.org", id="an address is no handle"),
        pytest.param("see https://x.y/z?a=b now", "see http now", id="link"),
        pytest.param("see WWW.x.y", "see http", id="link without scheme"),
        pytest.param("you &amp; me &lt;3", "you & me <3", id="HTML entities"),
        pytest.param(r"it\u2019s", "it's", id="escape left by an export"),
        pytest.param(r"\ud83d\ude02", "tears of joy", id="escaped emoji"),
        pytest.param("“good”", '"good"', id="curly quotation marks"),
        pytest.param("so  \n\t good", "so good", id="space"),
        pytest.param("a\x00b\u200bc", "a b c", id="control characters"),
        pytest.param("\U0001d5da\U0001d5fc\uff4f\uff44", "Good", id="letters in disguise"),
        pytest.param("😂😂😂", "tears of joy", id="a row of one emoji counts once"),
        pytest.param("👍🏽ok", "thumbs up ok", id="skin tone"),
        pytest.param("❤️", "heart", id="variation selector"),
        pytest.param("🇺🇸", "", id="flag"),
        pytest.param("good\ud83d", "good", id="lone surrogate"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["\ud83d\udc4d", "\udc00", "a\ud800\x00\uffff", "\\ud800"])
def test_what_comes_out_is_always_valid(text: str) -> None:
    normalise(text).encode()
    with_stand_ins(text).encode()


def test_normalising_twice_changes_nothing() -> None:
    once = normalise("@ana see https://x.y 😂 “well”…")
    assert normalise(once) == once


def test_stand_ins_leave_emojis_alone() -> None:
    assert with_stand_ins("@ana 😂 https://x.y") == "@user 😂 http"


@pytest.mark.parametrize(
    ("normalised", "expected"),
    [("@user http @user", False), ("", False), ("@user no", True), ("httpd", True), ("!!!", True)],
)
def test_handles_and_links_are_no_words(normalised: str, *, expected: bool) -> None:
    assert has_words(normalised) is expected


def test_texts_that_differ_in_dress_only_overlap() -> None:
    assert overlap_key("RT @ana: So GOOD! https://t.co/a") == overlap_key("so good")
    assert overlap_key("so good") != overlap_key("so bad")


@given(st.text(), st.data())
def test_a_marked_part_is_found_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    plain, spans = unmark(mark(text, [(start, end)]))
    assert plain == unmarked(text)
    assert [plain[a:b] for a, b in spans] == ([unmarked(text[start:end])] if spans else [])


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param("I love Acme's tea", "Acme", ["Acme"], id="a word"),
        pytest.param("thanks @acme 😀", "@acme", [" @user "], id="a handle"),
        pytest.param("“Café” is good", "Café", ["Café"], id="among letters in disguise"),
        pytest.param("see https://acme.example/x", "acme", [], id="in a link that is left out"),
    ],
)
def test_marks_outlive_normalising(text: str, name: str, expected: list[str]) -> None:
    start = text.index(name)
    plain, spans = unmark(normalise(mark(text, [(start, start + len(name))])))
    assert [plain[a:b] for a, b in spans] == expected
    assert plain.split() == normalise(text).split()


def test_characters_like_marks_are_no_marks() -> None:
    assert unmark(normalise(mark("a\ue000b\ue001c", []))) == ("abc", [])
