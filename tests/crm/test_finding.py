"""Names as people type them, and whom they mean."""

import pytest

from crm.finding import Fit, alike, best, fit, letters_of, words_of

NAMES = (
    *("Ana Ruiz", "Ana María Ruiz Gómez", "Jürgen Müller", "Joerg Mueller", "O'Neill-Smith, Zoë"),
    *("Mariana Sol", "Søren Ævar", "王小明", "Ωραία Παπά", "Dr. Ana Sol (VIP)", "", "[31mEvil"),
)


@pytest.mark.parametrize(
    ("said", "name", "how"),
    [
        pytest.param("Ana Ruiz", "Ana Ruiz", Fit.WHOLE, id="as it is written"),
        pytest.param("  RUIZ,   ana ", "Ana Ruiz", Fit.WHOLE, id="order, case and blanks"),
        pytest.param("ruiz", "Ana Ruiz", Fit.WORDS, id="a word"),
        pytest.param("gomez ana", "Ana María Ruiz Gómez", Fit.WORDS, id="two of four"),
        pytest.param("gom mar", "Ana María Ruiz Gómez", Fit.BEGINNINGS, id="beginnings"),
        pytest.param("uiz", "Ana Ruiz", Fit.PARTS, id="in the middle"),
        pytest.param("mueller", "Jürgen Müller", Fit.WORDS, id="an umlaut written out"),
        pytest.param("Jörg Müller", "Joerg Mueller", Fit.WHOLE, id="or not"),
        pytest.param("zoe oneill smith", "O'Neill-Smith, Zoë", Fit.PARTS, id="a name in two"),
        pytest.param("soren aevar", "Søren Ævar", Fit.WHOLE, id="Nordic letters"),
        pytest.param("小明", "王小明", Fit.PARTS, id="without blanks"),
        pytest.param("παπα", "Ωραία Παπά", Fit.WORDS, id="Greek without accents"),
        pytest.param("vip", "Dr. Ana Sol (VIP)", Fit.PARTS, id="in brackets"),
        pytest.param("evil", "[31mEvil", Fit.PARTS, id="behind a broken escape"),
        pytest.param("ruiz ben", "Ana Ruiz", None, id="a word that is not in it"),
    ],
)
def test_a_name_is_what_people_type_of_it(said: str, name: str, how: Fit | None) -> None:
    assert fit(words_of(said), name) is how


def test_who_fits_best_is_told_apart_and_each_person_by_their_best_name() -> None:
    named = [(1, "Ana Ruiz"), (2, "Ana Ruiz Gómez"), (3, "Mariana Ruizola"), (2, "Ruiz Ana")]
    assert best(words_of("ana ruiz"), named) == {Fit.WHOLE: {1, 2}, Fit.PARTS: {3}}


def test_a_name_of_plain_letters_that_fits_has_the_letters_that_are_asked_for() -> None:
    """What storage asks the database for must leave nobody out."""
    for said in ("mueller", "joerg", "oneill", "Ruiz, Ana", "sol", "x" * 99):
        words = words_of(said)
        for name in filter(str.isascii, NAMES):
            rest = iter(name.lower())
            for letters in letters_of(words) if fit(words, name) is not None else ():
                rest = iter(name.lower())
                assert all(letter in rest for letter in letters), (said, name)


def test_who_was_probably_meant_is_named_and_nobody_where_nothing_is_alike() -> None:
    named = list(enumerate(NAMES))
    assert alike("Jurgn Muler", named, most=1) == [(2, "Jürgen Müller")]
    assert alike("rouiz", named, most=2) == [(0, "Ana Ruiz")]
    assert alike("xqvw", named, most=5) == []
    assert alike("!!", named, most=5) == []
    assert alike("ana", [], most=5) == []
