"""Shares and means with 95 % intervals, also of weighted samples.

A weighted sample tells as much as its effective n of equal weights (Kish, Survey Sampling, 1965).
Of weights that make one sample like another, that is on the safe side: it takes what differs
between the strata for chance, too. Sums are exact: the order of the customers changes no digit.
"""

from collections.abc import Callable, Sequence
from math import cbrt, fsum, inf, sqrt

from domain.loyalty import Estimate
from reputation.response import wilson

MIN_CUSTOMERS = 30  # of fewer there is no share and no mean

_Z = 1.959963985  # the 97.5 % point of the normal distribution
_STRAIGHT = 1e-6  # a skewness below is none: to divide by it would leave rounding alone


def share(hits: Sequence[float], weights: Sequence[float] | None = None) -> Estimate:
    """The share of ones among ones and zeros, with Wilson's interval."""
    n, effective_n = len(hits), _effective(hits, weights)
    count = None if weights is not None else int(fsum(hits))
    if effective_n < MIN_CUSTOMERS:
        return Estimate(n, effective_n, None, None, None, count)
    value = _mean(hits, weights)
    low, high = wilson(value * effective_n, effective_n)
    return Estimate(n, effective_n, value, low, high, count)


def mean(
    values: Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    within: tuple[float, float] = (-inf, inf),
) -> Estimate:
    """The mean, with Student's interval. within: no value is outside of these bounds."""
    return _estimate(values, weights, _symmetric, within)


def mean_amount(values: Sequence[float], weights: Sequence[float] | None = None) -> Estimate:
    """The mean of amounts: many of 0 and few of a lot, of which Student's interval is too low.

    With Hall's interval, which bends it by the skewness (Journal of the Royal Statistical Society B
    54, 1992).
    """
    return _estimate(values, weights, _bent, (-inf, inf))


def _estimate(
    values: Sequence[float],
    weights: Sequence[float] | None,
    interval: Callable[[float, float], tuple[float, float]],
    within: tuple[float, float],
) -> Estimate:
    n, effective_n = len(values), _effective(values, weights)
    if effective_n < MIN_CUSTOMERS:
        return Estimate(n, effective_n, None, None, None)
    value = _mean(values, weights)
    spread = _mean([(one - value) ** 2 for one in values], weights)
    if not spread:
        return Estimate(n, effective_n, value, None, None)
    skewness = _mean([(one - value) ** 3 for one in values], weights) / spread**1.5
    error = sqrt(spread * effective_n / (effective_n - 1))
    ends = (value - error * one for one in interval(effective_n, skewness))
    low, high = (min(max(one, within[0]), within[1]) for one in ends)
    return Estimate(n, effective_n, value, low, high)


def _symmetric(n: float, _skewness: float) -> tuple[float, float]:
    """How many standard deviations below the mean the interval begins, and ends."""
    half = student(n - 1) / sqrt(n)
    return half, -half


def _bent(n: float, skewness: float) -> tuple[float, float]:
    """Likewise, by the inverse of Hall's cubic transformation."""
    half = student(n - 1) / sqrt(n)
    if abs(skewness) < _STRAIGHT:
        return half, -half
    low, high = (1 + skewness * (one - skewness / (6 * n)) for one in (half, -half))
    return 3 / skewness * (cbrt(low) - 1), 3 / skewness * (cbrt(high) - 1)


def student(degrees: float) -> float:
    """The 97.5 % point of Student's t, right to four decimals from 10 degrees of freedom on.

    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    z, z3, z5, z7 = _Z, _Z**3, _Z**5, _Z**7
    return (
        z
        + (z3 + z) / (4 * degrees)
        + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees**2)
        + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees**3)
    )


def _effective(values: Sequence[float], weights: Sequence[float] | None) -> float:
    if weights is None:
        return float(len(values))
    squares = fsum(one * one for one in weights)
    return fsum(weights) ** 2 / squares if squares else 0.0


def _mean(values: Sequence[float], weights: Sequence[float] | None) -> float:
    if weights is None:
        return fsum(values) / len(values)
    products = (value * weight for value, weight in zip(values, weights, strict=True))
    return fsum(products) / fsum(weights)
