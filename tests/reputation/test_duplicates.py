"""Which texts count as the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reputation.duplicates import fingerprint, may_be_chance

TEXT = "Acme never answered me, two weeks now and counting"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT.upper(), id="case"),
        pytest.param(f"@acme {TEXT} https://t.co/ab12", id="addressee and link"),
        pytest.param(f"RT @ana: {TEXT}", id="hand-made repost"),
        pytest.param(f"{TEXT}!!! 😡😡", id="punctuation and emoji"),
        pytest.param("Acme  never answered\nme – two weeks now, and counting", id="spacing"),
        pytest.param(TEXT.replace("never", "ne\u200bver"), id="zero-width space"),
        pytest.param(TEXT.replace("Acme", "Ａｃｍｅ"), id="full width"),  # noqa: RUF001
        pytest.param(f"{TEXT} @help@social.example", id="address on another server"),
    ],
)
def test_near_identical_texts_share_it(other: str) -> None:
    assert fingerprint(other) == fingerprint(TEXT)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT.replace("two", "three"), id="another word"),
        pytest.param("", id="nothing"),
        pytest.param("https://t.co/ab12", id="a bare link"),
    ],
)
def test_other_texts_do_not(other: str) -> None:
    assert fingerprint(other) != fingerprint(TEXT)


@pytest.mark.parametrize(
    ("text", "chance"),
    [
        pytest.param("love Acme!", True, id="short"),
        pytest.param("😡", True, id="emoji only"),
        pytest.param("https://t.co/ab12", True, id="link only"),
        pytest.param(TEXT, False, id="a whole sentence"),
    ],
)
def test_short_texts_may_be_alike_by_chance(text: str, chance: bool) -> None:  # noqa: FBT001
    assert may_be_chance(fingerprint(text)) is chance


def test_texts_without_words_are_told_apart() -> None:
    assert fingerprint("😡") != fingerprint("😍")
    assert fingerprint("https://t.co/a") != fingerprint("https://t.co/b")


@given(st.text())
def test_any_text_has_one_and_always_the_same(text: str) -> None:
    assert fingerprint(text) == fingerprint(text) != ""


def test_half_a_surrogate_pair_does_not_break_it() -> None:
    assert fingerprint("\ud800")
