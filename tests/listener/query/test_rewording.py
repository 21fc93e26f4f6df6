import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.query import phrase, reworded

MEANINGS = {"sick": "great", "killer coffee": "the coffee", "killer": "strong", "nestlé": "them"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("that is sick!", "that is great!", id="a word"),
        pytest.param("SICK, #Sick. @sick", "great, #great. @great", id="case and signs"),
        pytest.param("sickness, carsick, sick_note", "sickness, carsick, sick_note", id="whole"),
        pytest.param("Killer\n Coffee is bad", "the coffee is bad", id="a phrase over lines"),
        pytest.param("killer-coffee, killer tea", "the coffee, strong tea", id="the longest wins"),
        pytest.param("a killer", "a strong", id="at the end"),
        pytest.param("Nestle and NESTLE\u0301", "them and them", id="accents"),
        pytest.param("s\u00adi\u200bck\u200b day", "great day", id="invisible characters"),
        pytest.param("\uff33\uff49\uff43\uff4b", "great", id="full width"),
        pytest.param("so sick sick", "so great great", id="twice"),
        pytest.param(
            "I\u2009was sick\u2026\U0001f637", "I\u2009was great\u2026\U0001f637", id="the rest"
        ),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_phrase_is_read_as_what_it_means(text: str, read: str) -> None:
    assert reworded(text, MEANINGS) == read


def test_what_is_put_in_is_not_read_again() -> None:
    assert reworded("sick and great", {"sick": "great", "great": "sick"}) == "great and sick"


@pytest.mark.parametrize(
    ("text", "phrase", "read"),
    [
        pytest.param("今日はアクメの製品", "アクメ", "今日はXの製品", id="Japanese"),
        pytest.param("यह हिन्दी है", "हिन्दी", "यह X है", id="Hindi"),
        pytest.param("यह हिन्दी है", "हिन", "यह हिन्दी है", id="part of a Hindi word"),
        pytest.param("아크메는 좋다", "아크메", "X는 좋다", id="Korean"),
        pytest.param("Straße", "strasse", "X", id="sharp s"),
        pytest.param("C++ is C", "c++", "X is C", id="signs"),
        pytest.param("take ½ off", "1", "take X off", id="a character of two words"),
    ],
)
def test_a_phrase_is_found_in_any_script(text: str, phrase: str, read: str) -> None:
    assert reworded(text, {phrase: "X"}) == read


@given(st.lists(st.sampled_from(["sick", "Si\u0301ck", "a", " ", "-", "#", "☕", "\u200b", "漢"])))
def test_a_phrase_is_read_wherever_a_query_finds_it(parts: list[str]) -> None:
    text = "".join(parts)
    read = reworded(text, {"sick": "well"})
    assert not phrase("sick").matches(read)
    assert phrase("well").matches(read) is phrase("sick").matches(text)
    assert read == text or phrase("sick").matches(text)
