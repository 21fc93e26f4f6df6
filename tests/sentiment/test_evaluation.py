"""Figures worked out by hand."""

import pytest

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
    assert result.unscored == 0


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
