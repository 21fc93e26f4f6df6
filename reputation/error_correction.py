"""The model's own error, as a random sample that people labelled without the score shows it.

The estimate is prediction-powered (Angelopoulos et al., Science 382, 2023): the mean of what the
model says of everybody, plus the mean of how far it was off for those in the sample. The first
term follows opinion as it moves, the second is the same for every day that has the same labels.

The estimator's usual factor on the predictions is left at 1. The one with the least variance leans
on the labels of up to 180 days: when opinion has moved 10 points since, it covers less than half of
the time. What a model that confuses classes misses of such a move, the interval reaches out to.
docs/reputation.md has what was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np

from domain.reputation import Labelled
from reputation import bootstrap
from reputation.voices import Floats

MIN_LABELLED = 50  # persons: of fewer the correction is about as wide as the error it takes out
MOST_STRETCH = 2.5
Z_95, Z_90 = 1.96, 1.645
REACH = (0.05, 0.95)  # of draws that assume a move was missed; one end of them is the far one


@dataclass(frozen=True, eq=False)
class Sample:
    """L persons with what the model says of their posts, and what people say of the same."""

    predicted: Floats  # (L,) in [-1, 1]
    truth: Floats  # (L,) in [-1, 1]
    weight: Floats  # (L,) 1 / chance of being drawn

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def error(self) -> float:
        """The mean of truth - predicted: what has to be added to the mean of the model."""
        return _mean(self.truth - self.predicted, self.weight)

    @cached_property
    def mean(self) -> float:
        """The mean of what the model says of the sample."""
        return _mean(self.predicted, self.weight)

    @cached_property
    def stretch(self) -> float:
        """How far opinion has moved where the model's mean has moved by 1: 1 to MOST_STRETCH."""
        sums = np.ones((1, len(self))) @ self._table
        return float(_stretch(sums / sums[:, :1])[0])

    @cached_property
    def _table(self) -> Floats:
        """(L, 5) what a mean, an error and a stretch are sums of."""
        p, y = self.predicted, self.truth
        return np.stack([np.ones(len(self)), p, y, y * y, y * p], axis=1) * self.weight[:, None]

    def draws(self, random: np.random.Generator, count: int) -> "Drawn":
        """The sample as it might have been: a Bayesian bootstrap over its persons.

        With two more of average weight that the model is off by 1 for, to both sides, as the score
        has two more voices: few for whom it was right do not make it certain.
        """
        sums = bootstrap.sums(self._table, random, count)
        up, down = random.exponential(float(self.weight.mean()), size=(2, count))
        off = sums[:, 2] - sums[:, 1]
        means = sums / sums[:, :1]
        error = (off + up - down) / (sums[:, 0] + up + down)
        return Drawn(error=error, mean=means[:, 1], stretch=_stretch(means))

    def as_classes(self, cut: float) -> "Sample":
        """The same persons as 1 from +cut on, -1 from -cut down, and 0 between."""
        return replace(self, predicted=classes(self.predicted, cut), truth=classes(self.truth, cut))

    def share(self, value: float) -> "Sample":
        """Of classes: who is in this one, as 1 and 0."""
        return replace(
            self,
            predicted=(self.predicted == value).astype(np.float64),
            truth=(self.truth == value).astype(np.float64),
        )


@dataclass(frozen=True, eq=False)
class Drawn:
    """Samples as they might have been, each (draws,)."""

    error: Floats
    mean: Floats
    stretch: Floats

    def moved(self, mean: Floats) -> Floats:
        """What the model misses of the move from the sample's mean to these, if it misses any."""
        return (self.stretch - 1) * (mean - self.mean)


def _stretch(means: Floats) -> Floats:
    """var(truth) / cov(truth, predicted), from the means of p, y, y^2 and y p: (draws, 5)."""
    _, p, y, yy, yp = means.T
    moved, seen = yy - y * y, yp - y * p
    safe = np.where(seen > 0, seen, 1.0)
    found = np.clip(np.where(seen > 0, moved / safe, MOST_STRETCH), 1.0, MOST_STRETCH)
    return np.where(moved > 0, found, 1.0)  # all labelled alike: they show no move


def sample(labelled: Sequence[Labelled]) -> Sample | None:
    """None when they are too few to correct by."""
    if len(labelled) < MIN_LABELLED:
        return None
    columns = np.array(
        [(one.predicted, one.truth, one.weight) for one in labelled], dtype=np.float64
    )
    # In one order whatever the rows came in, so that the draws are the same.
    predicted, truth, weight = columns[np.lexsort(columns.T)].T
    return Sample(predicted, truth, weight)


def classes(stance: Floats, cut: float) -> Floats:
    """1 from +cut on, -1 from -cut down, 0 between."""
    return (stance >= cut).astype(np.float64) - (stance <= -cut).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with the model's error taken out; the interval of 95 % holds it."""

    value: float
    low: float
    high: float
    correction: float  # of it: what was added to the mean of the model


def estimate(
    predicted: Floats,
    of: Sample,
    *,
    weight: Floats | None = None,
    bounds: tuple[float, float] = (-1.0, 1.0),
) -> Estimate:
    """The mean of those of whom the model says this, as the sample corrects it.

    se = sqrt(var(predicted) / n + var(truth - predicted) / L), sizes where weights differ as Kish
    has them (Survey Sampling, 1965). predicted: of one person at least.
    """
    weight = np.ones(len(predicted)) if weight is None else weight
    mean = _mean(predicted, weight)
    value = min(max(mean + of.error, bounds[0]), bounds[1])
    steady = Z_95 * _error_of(predicted, weight, of, 1.0)
    moved = (of.stretch - 1) * (mean - of.mean)
    stretched = Z_90 * _error_of(predicted, weight, of, of.stretch)
    return Estimate(
        value=value,
        low=max(min(value - steady, value + moved - stretched), bounds[0]),
        high=min(max(value + steady, value + moved + stretched), bounds[1]),
        correction=value - mean,
    )


def _error_of(predicted: Floats, weight: Floats, of: Sample, factor: float) -> float:
    return sqrt(
        factor**2 * _variance_of_mean(predicted, weight)
        + _variance_of_mean(of.truth - factor * of.predicted, of.weight)
    )


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight))


def _variance_of_mean(values: Floats, weight: Floats) -> float:
    """With two more of average weight at 1 and -1, for few who agree are not certain."""
    extra = float(weight.mean())
    values, weight = np.append(values, (1.0, -1.0)), np.append(weight, (extra, extra))
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    variance = _mean((values - _mean(values, weight)) ** 2, weight)
    return variance / (effective - 1)
