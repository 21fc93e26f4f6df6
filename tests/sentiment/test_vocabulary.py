"""A vocabulary that is trimmed reads every text still, in more pieces."""

import pytest

from sentiment.vocabulary import SPECIAL, Piece, kept_rows, tokenizer_of

LETTERS = "abdegilmnorstuش"
PIECES: list[Piece] = [
    *((name, 0.0) for name in SPECIAL),
    *(("▁", -4.0), ("日", -9.0), ("☕", -9.5), ("д", -9.6)),
    *((letter, -10.0) for letter in LETTERS),
    *(("▁good", -3.0), ("▁tea", -3.5), ("▁mornings", -7.0), ("▁доб", -3.1), ("▁stale", -8.0)),
]


def kept(size: int, *texts: str) -> list[str]:
    return [PIECES[row][0] for row in kept_rows(PIECES, texts, size)]


def test_specials_letters_and_signs_stay_first() -> None:
    enough = len(SPECIAL) + len(LETTERS) + len("▁☕")
    assert set(kept(enough)) == {*SPECIAL, *LETTERS, "▁", "☕"}
    assert kept(enough)[: len(SPECIAL)] == list(SPECIAL)


def test_what_the_texts_use_comes_before_what_is_likely() -> None:
    room_for_one = len(SPECIAL) + len(LETTERS) + 3
    assert kept(room_for_one)[-1] == "▁good"
    assert kept(room_for_one, "mornings", "mornings good", "mornings")[-1] == "▁mornings"


def test_scripts_that_are_not_read_go() -> None:
    assert not {"日", "д", "▁доб"} & set(kept(len(PIECES)))


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (len(PIECES), ["▁good", "▁tea", "☕"]),
        (len(SPECIAL) + len(LETTERS) + 3, ["▁good", "▁", "t", "e", "a", "☕"]),
    ],
)
def test_a_word_that_went_is_spelt(size: int, pieces: list[str]) -> None:
    rows = kept_rows(PIECES, [], size)
    tokenizer = tokenizer_of([PIECES[row] for row in rows])
    assert tokenizer.encode("good tea☕").tokens == ["<s>", *pieces, "</s>"]
