"""Holds the NPS proxy against what customers answered, and says how far from it that may be.

Months come first: answers of a month beside the proxy of its last day give a line, and what it
leaves open is the error. Else pairs do: customers who answered and who wrote in public.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import erf, sqrt
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.survey import Tally
from reputation.nps_proxy import Z_95, variance

MIN_MONTHS = 6
MIN_ANSWERS = 100  # of a month
MIN_PERSONS = 30  # whose stance makes the proxy of a month's last day
MOST_MONTHS = 36  # the latest: what people say in public, and of what, changes
MIN_PAIRS = 50
MIN_OF_SEGMENT = 10  # pairs; smaller segments are taken together

# What is thought of a brand before its months are seen: that its proxy is its NPS, give or take.
_OFFSET = 50.0  # sd of how far apart they are, in points: who complains in public is not everybody
_SLOPE = 0.5  # sd of by how much more or less than 1 the NPS moves when the proxy does by 1
_WOBBLE = 10.0  # half-Cauchy scale of what is left in a month beyond both samples, in points
_SLOPES = np.linspace(0.0, 2.0, 41)
_WOBBLES = np.concatenate([[0.0], np.geomspace(0.5, 60.0, 24)])

_NEXT_TO_NOTHING = 1e-5  # of the largest weight
_PRECISE = 1e-3  # points

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Month:
    """What was answered in a month, and the persons behind the proxy of its last day."""

    first: date
    answers: Tally
    spoke: Tally

    @property
    def counts(self) -> bool:
        """Whether both are enough to learn from."""
        return self.answers.n >= MIN_ANSWERS and self.spoke.n >= MIN_PERSONS


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the answers of a survey would say, by what is said in public."""

    value: float  # -100..100
    low: float  # 95 %: of the NPS that a month's answers would have, their own chance included
    high: float
    state: str  # in words, to stand beside the number


class Pair(NamedTuple):
    """A person who answered, and who spoke."""

    segment: str
    answered: int  # 1 promoter, 0 passive, -1 detractor
    spoke: int  # likewise, by their stance


class Line(NamedTuple):
    """NPS = a + b * proxy, with the weights of every slope and wobble that may be."""

    months: int
    center: float  # of the months' proxies
    survey: float  # variance that the answers of one month have by chance
    # (slopes, wobbles) each:
    weight: Floats  # adds up to 1
    offset: Floats  # of the NPS at the center
    unsure: Floats  # the variance of the offset

    @property
    def b(self) -> float:
        return float((self.weight * _SLOPES[:, None]).sum())

    @property
    def a(self) -> float:
        offset = float((self.weight * self.offset).sum())
        return self.center + offset - self.b * self.center


def line(months: Sequence[Month]) -> Line | None:
    """The line through the months that count, drawn towards a = 0 and b = 1; None: too few.

    Both sides' chance is measured by what they rest on. What months differ by beyond that, the
    wobble, is learnt from them, as is the slope: each value of a grid by how well it explains all.
    """
    used = sorted((one for one in months if one.counts), key=lambda one: one.first)[-MOST_MONTHS:]
    if len(used) < MIN_MONTHS:
        return None
    y = np.array([one.answers.net for one in used])
    x = np.array([one.spoke.net for one in used])
    chance = np.array([variance(one.answers) for one in used])
    proxys = np.array([variance(one.spoke) for one in used])
    center = float(x.mean())
    slopes, wobbles = _SLOPES[:, None, None], _WOBBLES[None, :, None]
    spread = wobbles**2 + chance + slopes**2 * proxys  # (slopes, wobbles, months)
    left = y - center - slopes * (x - center)
    precision = (1 / spread).sum(axis=2) + _OFFSET**-2
    offset = (left / spread).sum(axis=2) / precision
    fits = -0.5 * (np.log(spread) + left**2 / spread).sum(axis=2)
    fits = fits + 0.5 * offset**2 * precision - 0.5 * np.log(precision)
    fits = fits + _before_seen()
    weight = np.exp(fits - fits.max())
    return Line(len(used), center, median(chance), weight / weight.sum(), offset, 1 / precision)


def _before_seen() -> Floats:
    """(slopes, wobbles): the logarithm of how likely each is thought before months are seen."""
    slope = -0.5 * ((_SLOPES - 1) / _SLOPE) ** 2
    wobble = np.log(np.gradient(_WOBBLES)) - np.log1p((_WOBBLES / _WOBBLE) ** 2)
    found: Floats = slope[:, None] + wobble[None, :]
    return found


def by_months(months: Sequence[Month], spoke: Tally) -> Calibrated | None:
    """The NPS that the next month's answers would have; None: too few months, or persons."""
    fitted = line(months)
    if fitted is None or spoke.n < MIN_PERSONS:
        return None
    slopes, wobbles = _SLOPES[:, None], _WOBBLES[None, :]
    means = fitted.center + fitted.offset + slopes * (spoke.net - fitted.center)
    spread = fitted.unsure + wobbles**2 + slopes**2 * variance(spoke) + fitted.survey
    value = float((fitted.weight * means).sum())
    low, high = (
        _quantile(share, fitted.weight, means, np.sqrt(spread)) for share in (0.025, 0.975)
    )
    half = (high - low) / 2
    state = f"survey-calibrated ({fitted.months} months, ±{half:.0f})"
    return _bounded(value, low, high, state)


def _quantile(share: float, weight: Floats, means: Floats, sds: Floats) -> float:
    """Below which value this share of the mixture of normals lies."""
    kept = weight > weight.max() * _NEXT_TO_NOTHING
    parts = list(zip(weight[kept], means[kept], sds[kept], strict=True))
    total = sum(part[0] for part in parts)
    low: float = min(mean - 4 * sd for _, mean, sd in parts)
    high: float = max(mean + 4 * sd for _, mean, sd in parts)
    while high - low > _PRECISE:
        at = (low + high) / 2
        below = sum(w * (1 + erf((at - mean) / (sd * sqrt(2)))) / 2 for w, mean, sd in parts)
        low, high = (at, high) if below < share * total else (low, at)
    return (low + high) / 2


def _bounded(value: float, low: float, high: float, state: str) -> Calibrated:
    value, low, high = (max(-100.0, min(100.0, one)) for one in (value, low, high))
    return Calibrated(value, low, high, state)


# --- pairs ----------------------------------------------------------------------------------------


def by_pairs(
    pairs: Sequence[Pair],
    spoke: Sequence[tuple[str, int]],
    answered: Mapping[str, int],
) -> Calibrated | None:
    """The NPS of who answered, by pairs and by what all customers say in public; None: too few.

    spoke: segment and class of every customer who spoke, answered: how many of each segment
    answered, both with those of the pairs. Segments weigh as they answer, not as they speak; one
    without a pair is left out.
    """
    if len(pairs) < MIN_PAIRS:
        return None
    of = _strata(pairs)
    weights = Counter[str]()
    for segment, n in answered.items():
        if segment in of:
            weights[of[segment]] += n
    total, value, square = weights.total(), 0.0, 0.0
    for stratum in sorted(weights):
        own = [one for one in pairs if of[one.segment] == stratum]
        heard = [group for segment, group in spoke if of.get(segment) == stratum]
        mean, error = corrected(
            np.array([one.answered for one in own], dtype=float),
            np.array([one.spoke for one in own], dtype=float),
            np.array(heard, dtype=float),
        )
        value += weights[stratum] * mean
        square += (weights[stratum] * error) ** 2
    value, half = 100 * value / total, Z_95 * 100 * sqrt(square) / total
    state = f"survey-calibrated ({len(pairs)} pairs, ±{half:.0f})"
    return _bounded(value, value - half, value + half, state)


def _strata(pairs: Sequence[Pair]) -> dict[str, str]:
    """In which group of segments each stands: those of few pairs are taken together."""
    sizes = Counter(one.segment for one in pairs)
    few = sorted(one for one, n in sizes.items() if n < MIN_OF_SEGMENT)
    large = {one: one for one in sizes if one not in few}
    if not few:
        return large
    together = "+".join(few)
    if sum(sizes[one] for one in few) < MIN_OF_SEGMENT and large:
        together = min(large, key=lambda one: (sizes[one], one))
    return large | dict.fromkeys(few, together)


def corrected(truth: Floats, predicted: Floats, everybody: Floats) -> tuple[float, float]:
    """Prediction-powered mean and its standard error: est = t * mean(everybody) + mean(y - t * p).

    truth, predicted: (L,) of the labelled, everybody: (n,) predictions. t, of [0, 1], is
    cov / var / (1 + L / n). As much is added to the residuals' squares as the adjusted Wald
    interval adds to a share's, so that few who agree are not certain; mean and t cost one each.
    """
    labelled, n = len(truth), len(everybody)
    spread = float(predicted.var(ddof=1)) if labelled > 1 else 0.0
    tuning = 0.0
    if spread > 0 and n:
        both = float(np.cov(truth, predicted)[0, 1])
        tuning = min(1.0, max(0.0, both / spread / (1 + labelled / n)))
    left = truth - tuning * predicted
    mean = float(left.mean()) + (tuning * float(everybody.mean()) if n else 0.0)
    square = (float(((left - left.mean()) ** 2).sum()) + 1.5) / max(labelled - 2, 1) / labelled
    if n > 1:
        square += tuning**2 * float(everybody.var(ddof=1)) / n
    return mean, sqrt(square)
