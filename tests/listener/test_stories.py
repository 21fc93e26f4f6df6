from datetime import UTC, datetime, timedelta

import pytest

from listener.stories import StoryText, marks, name_of, same_story, words_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG = "The new Acme kettle has a lid that comes off when you pour, be careful with children around"
SHORT = "Acme is down again"
MARKS = [-3818541561043078643, 7343225814487427097]


def text_of(
    text: str, source: str = "x", name: str = "ana", ago: timedelta = timedelta()
) -> StoryText:
    return StoryText(source, name, words_of(text), NOW - ago)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(text_of(LONG), text_of(LONG, name="ben"), True, id="a copy"),
        pytest.param(
            text_of(LONG),
            text_of(f"RT @ana: {LONG.upper()}!!! https://t.example/x", name="ben"),
            True,
            id="other signs, links and handles",
        ),
        pytest.param(
            text_of(LONG), text_of(LONG.replace("lid", "cap"), name="ben"), True, id="one word"
        ),
        pytest.param(
            text_of(LONG),
            text_of("The new Acme kettle has a cord that is too short, but with children around"),
            False,
            id="the same beginning",
        ),
        pytest.param(
            text_of(f"{LONG}, order 4711"),
            text_of(f"{LONG}, order 4712", name="ben"),
            False,
            id="another order",
        ),
        pytest.param(
            text_of(f"{LONG} 4711"), text_of(LONG, name="ben"), True, id="a number that was cut"
        ),
        pytest.param(
            text_of(f"{LONG} " * 4), text_of(f"{LONG} " * 9, "news"), True, id="cut elsewhere"
        ),
        pytest.param(text_of(LONG), text_of(LONG, ago=timedelta(days=4)), False, id="days later"),
        pytest.param(text_of(SHORT), text_of(SHORT, name="ben"), False, id="short, by chance"),
        pytest.param(text_of(SHORT), text_of(SHORT, "bluesky"), True, id="a cross-post"),
        pytest.param(text_of(SHORT), text_of(SHORT), False, id="short, again on one network"),
        pytest.param(
            text_of(SHORT, name=""), text_of(SHORT, "bluesky", ""), False, id="two unknown people"
        ),
        pytest.param(text_of("☕"), text_of("☕", "bluesky"), False, id="no word at all"),
    ],
)
def test_which_posts_tell_one_story(one: StoryText, other: StoryText, same: bool) -> None:  # noqa: FBT001 -- a parameter of the cases
    assert same_story(one, other) is same_story(other, one) is same
    assert not same or set(marks(one)) & set(marks(other)), "or they would never be compared"


def test_a_handle_is_one_name_on_every_network() -> None:
    handles = ("@Ana", "ana", "ana.bsky.social", "ana@example.social")
    assert {name_of(handle) for handle in handles} == {"ana"}
    assert name_of("") == ""


def test_marks_are_what_they_always_were() -> None:
    """They are stored: another value would forget every story of the last days."""
    assert marks(text_of(SHORT)) == [marks(text_of(SHORT, "bluesky"))[0]]
    assert marks(text_of(LONG))[:2] == MARKS


def test_marks_fit_a_signed_column() -> None:
    found = [mark for n in range(200) for mark in marks(text_of(f"{LONG} {n} {n + 1} {n * 7}"))]
    assert all(-(1 << 63) <= mark < 1 << 63 for mark in found)
    assert any(mark < 0 for mark in found)


def test_of_texts_that_are_alike_enough_hardly_one_is_missed() -> None:
    """400 texts of 20 words, two of them exchanged: 15 of 23 pairs or more are shared."""
    missed, alike = 0, 0
    for n in range(400):
        words = [chr(0x0430 + k) + chr(0x0430 + n % 32) + chr(0x0430 + n // 32) for k in range(20)]
        other = [*words[: n % 18], "other", "words", *words[n % 18 + 2 :]]
        one, two = text_of(" ".join(words)), text_of(" ".join(other))
        alike += same_story(one, two)
        missed += same_story(one, two) and not set(marks(one)) & set(marks(two)) - {marks(one)[0]}
    assert alike > 300
    assert missed / alike < 0.05


def test_a_hostile_text_is_read_like_any_other() -> None:
    for text in ("@a" * 50_000, "#" * 100_000, "@" * 100_000, "http://" * 20_000, "a " * 60_000):
        assert len(marks(text_of(text))) <= 9
