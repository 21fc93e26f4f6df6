"""How good a classifier is on texts whose labels are known: pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import InputError
from domain.sentiment import Label, Sentiment
from sentiment.calibration import expected_calibration_error


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over the texts that got a label; `unscored` says how many did not."""

    n: int
    accuracy: float  # share labelled rightly, in [0, 1]
    macro_recall: float  # mean over the true classes of the share recognised
    macro_f1: float  # mean F1 over the classes that are true or predicted at least once
    ece: float  # expected calibration error, 15 equal-width bins of confidence
    confusion: Mapping[str, Mapping[str, int]]  # {true: {predicted: count}}, all three each
    unscored: int


def evaluate(labels: Sequence[Label], sentiments: Sequence[Sentiment]) -> Evaluation:
    """Compare: labels[i] is the truth about sentiments[i].

    Raises InputError when nothing was scored: there is no honest figure for that.
    """
    confusion = {str(true): {str(guess): 0 for guess in Label} for true in Label}
    confidences: list[float] = []
    right: list[bool] = []
    for label, sentiment in zip(labels, sentiments, strict=True):
        if sentiment.label is None:
            continue
        confusion[label][sentiment.label] += 1
        confidences.append(sentiment.confidence)
        right.append(sentiment.label is label)
    n = len(right)
    if not n:
        raise InputError("None of the texts got a label, so there is nothing to measure.")
    return Evaluation(
        n=n,
        accuracy=sum(right) / n,
        macro_recall=_mean([_recall(confusion, one) for one in Label if _true(confusion, one)]),
        macro_f1=_mean(
            [
                2 * confusion[one][one] / (_true(confusion, one) + _guessed(confusion, one))
                for one in Label
                if _true(confusion, one) + _guessed(confusion, one)
            ]
        ),
        ece=expected_calibration_error(confidences, right),
        confusion=confusion,
        unscored=len(labels) - n,
    )


_Confusion = Mapping[str, Mapping[str, int]]


def _true(confusion: _Confusion, label: Label) -> int:
    return sum(confusion[label].values())


def _guessed(confusion: _Confusion, label: Label) -> int:
    return sum(row[label] for row in confusion.values())


def _recall(confusion: _Confusion, label: Label) -> float:
    return confusion[label][label] / _true(confusion, label)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
