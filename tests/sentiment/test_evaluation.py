"""Figures worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InputError
from domain.sentiment import Label, Sentiment
from sentiment.evaluation import evaluate

NEGATIVE, NEUTRAL, POSITIVE = Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE


def sure(label: Label, confidence: float = 0.8) -> Sentiment:
    rest = (1 - confidence) / 2
    shares = {one: confidence if one is label else rest for one in Label}
    return Sentiment(label, shares[NEGATIVE], shares[NEUTRAL], shares[POSITIVE], model="m@1")


UNSCORED = Sentiment(None, 0, 0, 0, model="m@1", reason="empty text")


def test_figures_by_hand() -> None:
    truth = [NEGATIVE, NEGATIVE, NEGATIVE, NEGATIVE, NEUTRAL, NEUTRAL, POSITIVE]
    guess = [NEGATIVE, NEGATIVE, NEGATIVE, NEUTRAL, NEUTRAL, POSITIVE, POSITIVE]
    result = evaluate(truth, [sure(one) for one in guess])
    assert result.n == 7
    assert result.accuracy == pytest.approx(5 / 7)
    assert result.macro_recall == pytest.approx((3 / 4 + 1 / 2 + 1) / 3)
    assert result.macro_f1 == pytest.approx((6 / 7 + 1 / 2 + 2 / 3) / 3)
    assert result.ece == pytest.approx(0.8 - 5 / 7)
    assert result.confusion == {
        "negative": {"negative": 3, "neutral": 1, "positive": 0},
        "neutral": {"negative": 0, "neutral": 1, "positive": 1},
        "positive": {"negative": 0, "neutral": 0, "positive": 1},
    }
    assert (result.unscored, result.unsure) == (0, 0)


def test_intervals_by_hand() -> None:
    """Wilson: 8 of 10 lie between 49.0 and 94.3 %."""
    truth = [NEGATIVE] * 5 + [POSITIVE] * 5
    guess = [NEGATIVE] * 4 + [POSITIVE] * 5 + [NEGATIVE]
    result = evaluate(truth, [sure(one) for one in guess])
    assert (result.accuracy_low, result.accuracy_high) == pytest.approx((0.490, 0.943), abs=5e-4)
    # The mean of two shares of 5: its resamples step by a tenth.
    assert (result.macro_recall_low, result.macro_recall_high) == pytest.approx((0.5, 1.0))


def test_more_texts_narrow_the_intervals_and_the_same_texts_give_the_same() -> None:
    truth, guess = [NEGATIVE, NEUTRAL, NEUTRAL, POSITIVE], [NEGATIVE, NEUTRAL, POSITIVE, NEUTRAL]
    few, many = (
        evaluate(truth * times, [sure(one) for one in guess * times]) for times in (10, 1_000)
    )
    for one in (few, many):
        assert one.accuracy_low < one.accuracy < one.accuracy_high
        assert one.macro_recall_low < one.macro_recall < one.macro_recall_high
    # A hundred times the texts: a tenth of the width.
    assert (many.macro_recall_high - many.macro_recall_low) == pytest.approx(
        (few.macro_recall_high - few.macro_recall_low) / 10, rel=0.15
    )
    assert evaluate(truth * 10, [sure(one) for one in guess * 10]) == few


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Label), st.sampled_from(Label)), min_size=1, max_size=30))
def test_intervals_hold_their_figure(pairs: list[tuple[Label, Label]]) -> None:
    result = evaluate([true for true, _ in pairs], [sure(guess) for _, guess in pairs])
    assert 0 <= result.accuracy_low <= result.accuracy <= result.accuracy_high <= 1
    assert 0 <= result.macro_recall_low <= result.macro_recall <= result.macro_recall_high <= 1


def test_guesses_are_counted() -> None:
    result = evaluate([POSITIVE, NEGATIVE], [sure(POSITIVE, 0.49), sure(NEGATIVE, 0.5)])
    assert (result.n, result.unsure) == (2, 1)


def test_perfect_and_certain() -> None:
    result = evaluate(list(Label), [sure(one, 1.0) for one in Label])
    assert (result.accuracy, result.macro_recall, result.macro_f1) == (1, 1, 1)
    assert result.ece == pytest.approx(0)


def test_a_class_that_never_occurs_does_not_count_as_missed() -> None:
    result = evaluate([POSITIVE, NEGATIVE], [sure(POSITIVE), sure(NEGATIVE)])
    assert result.macro_recall == 1
    assert result.macro_f1 == 1


def test_a_class_that_is_only_guessed_lowers_f1() -> None:
    result = evaluate([POSITIVE, POSITIVE], [sure(POSITIVE), sure(NEUTRAL)])
    assert result.macro_recall == pytest.approx(1 / 2)
    assert result.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_texts_without_a_label_are_counted_apart() -> None:
    result = evaluate([POSITIVE, NEGATIVE], [sure(POSITIVE), UNSCORED])
    assert (result.n, result.unscored, result.accuracy) == (1, 1, 1)


def test_nothing_scored_gives_no_figures() -> None:
    with pytest.raises(InputError, match="nothing to measure"):
        evaluate([POSITIVE], [UNSCORED])
    with pytest.raises(InputError, match="nothing to measure"):
        evaluate([], [])


def test_lists_of_different_length_are_a_bug() -> None:
    with pytest.raises(ValueError, match="zip"):
        evaluate([POSITIVE, POSITIVE], [sure(POSITIVE)])
