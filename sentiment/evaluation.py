"""How good a classifier is on texts whose labels are known: pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from domain.errors import InputError
from domain.sentiment import Label, Sentiment
from sentiment.calibration import expected_calibration_error

Z95 = 1.959964  # standard deviations that hold 95 % of a normal distribution
RESAMPLES = 2_000
SEED = 20_260_101  # any number does; without one the same file would give other intervals


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over the texts that got a label; `unscored` says how many did not.

    The intervals hold 95 %: what other texts of the same kind might give.
    """

    n: int
    accuracy: float  # share labelled rightly, in [0, 1]
    accuracy_low: float  # Wilson
    accuracy_high: float
    macro_recall: float  # mean over the true classes of the share recognised
    macro_recall_low: float  # bootstrap over the texts of each true class
    macro_recall_high: float
    macro_f1: float  # mean F1 over the classes that are true or predicted at least once
    ece: float  # expected calibration error, 15 equal-width bins of confidence
    confusion: Mapping[str, Mapping[str, int]]  # {true: {predicted: count}}, all three each
    unscored: int
    unsure: int  # of the n: the model is unsure of its label


def evaluate(labels: Sequence[Label], sentiments: Sequence[Sentiment]) -> Evaluation:
    """Compare: labels[i] is the truth about sentiments[i].

    Raises InputError when nothing was scored: there is no honest figure for that.
    """
    confusion = {str(true): {str(guess): 0 for guess in Label} for true in Label}
    confidences: list[float] = []
    right: list[bool] = []
    unsure = 0
    for label, sentiment in zip(labels, sentiments, strict=True):
        if sentiment.label is None:
            continue
        confusion[label][sentiment.label] += 1
        confidences.append(sentiment.confidence)
        right.append(sentiment.label is label)
        unsure += sentiment.unsure
    n = len(right)
    if not n:
        raise InputError("None of the texts got a label, so there is nothing to measure.")
    accuracy_low, accuracy_high = _wilson(sum(right), n)
    macro_recall = _mean([_recall(confusion, one) for one in Label if _true(confusion, one)])
    recall_low, recall_high = _bootstrapped_recall(confusion)
    return Evaluation(
        n=n,
        accuracy=sum(right) / n,
        accuracy_low=accuracy_low,
        accuracy_high=accuracy_high,
        macro_recall=macro_recall,
        macro_recall_low=min(recall_low, macro_recall),
        macro_recall_high=max(recall_high, macro_recall),
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
        unsure=unsure,
    )


_Confusion = Mapping[str, Mapping[str, int]]


def _true(confusion: _Confusion, label: Label) -> int:
    return sum(confusion[label].values())


def _guessed(confusion: _Confusion, label: Label) -> int:
    return sum(row[label] for row in confusion.values())


def _recall(confusion: _Confusion, label: Label) -> float:
    return confusion[label][label] / _true(confusion, label)


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """Where the share that `hits` of `n` estimates lies."""
    share = hits / n
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def _bootstrapped_recall(confusion: _Confusion) -> tuple[float, float]:
    """Where macro recall lies when the texts of each true class are drawn anew, with replacement.

    Drawing texts anew draws a class's row of the confusion from a multinomial. A class without a
    single mistake (or hit) has no spread here: the fewer its texts, the less that says.
    """
    generator = np.random.default_rng(SEED)
    drawn = []
    for at, true in enumerate(Label):
        row = np.array([confusion[true][guess] for guess in Label], dtype=np.float64)  # (3,)
        total = row.sum()
        if total:
            counts = generator.multinomial(int(total), row / total, size=RESAMPLES)  # (draws, 3)
            drawn.append(counts[:, at] / total)
    low, high = np.quantile(np.mean(drawn, axis=0), (0.025, 0.975))
    return float(low), float(high)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
