"""How often customers will order: BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24:2).

A customer orders at random at their own rate, which is gamma-distributed (r, alpha) among
customers, and after each repeat order leaves for good with their own probability, which is
beta-distributed (a, b). Orders of one day are one. Time is in weeks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, gammaln

from crm.clv.likelihood import Maximum, highest
from crm.clv.purchases import Floats, Ints, starts
from crm.clv.quadrature import beta_nodes, nodes_needed

_STARTS = ((0.25, 4.0, 0.8, 2.5), (1.0, 10.0, 1.0, 5.0), (2.0, 50.0, 0.2, 2.0))
_PART = 5_000  # histories that tell where to begin with all


@dataclass(frozen=True, slots=True)
class History:
    """Of each customer, from their first order to today."""

    repeats: Ints  # days with an order after the first
    recency: Floats  # weeks from the first order to the last
    age: Floats  # weeks from the first order to today


@dataclass(frozen=True, slots=True)
class BgNbd:
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def p_alive(self, history: History) -> Floats:
        """The probability of still being a customer. 1 of who has no repeat, by construction."""
        x, rate = history.repeats, self.r + history.repeats
        aged = np.log1p((history.age - history.recency) / (self.alpha + history.recency))
        left = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1) + rate * aged
        return np.where(x > 0, expit(-left), 1.0)

    def expected_orders(self, history: History, weeks: float) -> Floats:
        """How many days with an order each will have in the weeks from today on."""
        found = np.zeros(len(history.repeats))
        for x in np.unique(history.repeats):
            some = history.repeats == x
            found[some] = self._while_alive(int(x), history.age[some], weeks)
        return found * self.p_alive(history)

    def repeats_since_first(self, ages: Floats) -> Floats:
        """How many days with a repeat order anybody has had in so many weeks since the first."""
        weeks, which = np.unique(ages, return_inverse=True)
        points, weights = beta_nodes(self.a, self.b, nodes_needed(self.alpha / weeks.max()))
        shrunk = np.log1p(np.outer(weeks / self.alpha, points))
        return _mean(-np.expm1(-self.r * shrunk) / points, weights)[which]

    def _while_alive(self, x: int, age: Floats, weeks: float) -> Floats:
        """The mean of (1 - exp(-rate p weeks)) / p, of customers with x repeats who are alive."""
        reach = weeks / (self.alpha + age)  # (n,)
        points, weights = beta_nodes(self.a, self.b + x, nodes_needed(1 / reach.max()))
        shrunk = np.log1p(np.outer(reach, points))  # (n, nodes)
        return _mean(-np.expm1(-(self.r + x) * shrunk) / points, weights)


def _mean(values: Floats, weights: Floats) -> Floats:
    """Of each row. Not by BLAS, whose threads wait for each other where others use the cores."""
    mean: Floats = np.einsum("ij,j->i", values, weights)
    return mean


def fit_bg_nbd(history: History) -> BgNbd | None:
    """The likeliest parameters; None when no maximum is found."""
    rows, counts = _distinct(history)
    if not len(counts):
        return None
    best = _maximum(rows, counts, [_start(rows, counts)]) or _maximum(rows, counts, _STARTS)
    if best is None:
        return None
    r, alpha, a, b = best.parameters
    return BgNbd(r, alpha, a, b, best.log_likelihood)


def _start(rows: History, counts: Floats) -> Sequence[float]:
    """Where to climb from, by a part of the customers: with all, each start would take as long."""
    step = -(-len(counts) // _PART)
    part = History(rows.repeats[::step], rows.recency[::step], rows.age[::step])
    best = _maximum(part, counts[::step], _STARTS)
    return _STARTS[0] if best is None else best.parameters


def _maximum(rows: History, counts: Floats, starts: Iterable[Sequence[float]]) -> Maximum | None:
    return highest(
        lambda parameters: log_likelihood(parameters, rows, counts),
        starts,
        customers=float(counts.sum()),
    )


def _distinct(history: History) -> tuple[History, Floats]:
    """Customers with one history are one row: how many of each."""
    x, recency, age = history.repeats, history.recency, history.age
    alike = np.lexsort((age, recency, x))
    x, recency, age = x[alike], recency[alike], age[alike]
    first = starts(x, recency, age)
    counts = np.diff(np.append(first, len(x))).astype(np.float64)
    return History(x[first], recency[first], age[first]), counts


def log_likelihood(parameters: Floats, rows: History, counts: Floats) -> tuple[float, Floats]:
    """Of r, alpha, a and b, with its slope in each.

    counts: how many customers have each history.
    """
    r, alpha, a, b = parameters
    x, t_x, age = rows.repeats, rows.recency, rows.age
    kept, gone = np.log(alpha + age), np.log(alpha + t_x)
    level, which = np.unique(x, return_inverse=True)  # few, where customers are many
    odds = np.where(level > 0, np.log(a / (b + np.maximum(level, 1) - 1)), -np.inf)
    stays = -(r + x) * kept
    both = np.logaddexp(stays, odds[which] - (r + x) * gone)
    stayed = np.exp(stays - both)  # the share of the likelihood that they did not leave
    left = 1 - stayed
    of_level = (
        gammaln(r + level) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + level) - gammaln(a + b + level)
    )  # fmt: skip
    by_r = digamma(r + level) - digamma(r) + np.log(alpha)
    by_a = digamma(a + b) - digamma(a + b + level)
    by_b = by_a - digamma(b) + digamma(b + level)
    slopes = (
        by_r[which] - stayed * kept - left * gone,
        r / alpha - (r + x) * (stayed / (alpha + age) + left / (alpha + t_x)),
        by_a[which] + left / a,
        by_b[which] - left / (b + np.maximum(x, 1) - 1),
    )
    value = (counts * (of_level[which] + both)).sum()
    return float(value), np.array([(counts * one).sum() for one in slopes])
