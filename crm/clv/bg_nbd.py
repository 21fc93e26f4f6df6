"""How often customers will order: BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24:2).

A customer orders at random at their own rate, which is gamma-distributed (r, alpha) among
customers, and after each repeat order leaves for good with their own probability, which is
beta-distributed (a, b). Orders of one day are one. Time is in weeks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from crm.clv.purchases import Floats, Ints
from crm.clv.quadrature import beta_nodes, nodes_needed

_STARTS = ((0.25, 4.0, 0.8, 2.5), (1.0, 10.0, 1.0, 5.0), (2.0, 50.0, 0.2, 2.0))
_BOUND = 12.0  # of the logarithms of parameters: beyond, they change no figure
_STEEP = 1e-3  # a customer's slope above which no maximum was found


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
        return ((-np.expm1(-self.r * shrunk) / points) @ weights)[which]

    def _while_alive(self, x: int, age: Floats, weeks: float) -> Floats:
        """The mean of (1 - exp(-rate p weeks)) / p, of customers with x repeats who are alive."""
        reach = weeks / (self.alpha + age)  # (n,)
        points, weights = beta_nodes(self.a, self.b + x, nodes_needed(1 / reach.max()))
        shrunk = np.log1p(np.outer(reach, points))  # (n, nodes)
        return (-np.expm1(-(self.r + x) * shrunk) / points) @ weights


def fit_bg_nbd(history: History) -> BgNbd | None:
    """The likeliest parameters; None when no maximum is found."""
    rows, counts = _distinct(history)
    if not len(counts):
        return None
    tried = [_maximum(rows, counts, start) for start in _STARTS]
    found = [one for one in tried if one is not None]
    return max(found, key=lambda one: one.log_likelihood, default=None)


def _distinct(history: History) -> tuple[History, Floats]:
    """Customers with one history are one row: how many of each."""
    columns: Floats = np.column_stack((history.repeats, history.recency, history.age))
    rows, counts = np.unique(columns, axis=0, return_counts=True)
    x, recency, age = rows.T
    distinct = History(x.astype(np.int64), recency, age)
    return distinct, counts.astype(np.float64)


def _maximum(
    rows: History, counts: Floats, start: tuple[float, float, float, float]
) -> BgNbd | None:
    total = counts.sum()

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, slope = log_likelihood(np.exp(logs), rows, counts)
        return -value / total, -slope * np.exp(logs) / total

    found = minimize(
        loss,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 4,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    inside = np.abs(found.x) < _BOUND
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0.0) > _STEEP:
        return None
    r, alpha, a, b = map(float, np.exp(found.x))
    return BgNbd(r, alpha, a, b, float(-found.fun * total))


def log_likelihood(parameters: Floats, rows: History, counts: Floats) -> tuple[float, Floats]:
    """Of r, alpha, a and b, with its slope in each.

    counts: how many customers have each history.
    """
    r, alpha, a, b = parameters
    x, t_x, age = rows.repeats, rows.recency, rows.age
    again = x > 0
    kept, gone = np.log(alpha + age), np.log(alpha + t_x)
    stays = -(r + x) * kept
    leaves = np.where(again, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * gone, -np.inf)
    both = np.logaddexp(stays, leaves)
    share = np.exp(leaves - both)  # of the likelihood, that they left with their last order
    each = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x) + both
    )  # fmt: skip
    in_r = digamma(r + x) - digamma(r) + np.log(alpha) - (1 - share) * kept - share * gone
    in_alpha = r / alpha - (r + x) * ((1 - share) / (alpha + age) + share / (alpha + t_x))
    both_left = digamma(a + b) - digamma(a + b + x)
    in_a = both_left + share / a
    in_b = both_left - digamma(b) + digamma(b + x) - share / (b + np.maximum(x, 1) - 1)
    slope = np.array([counts @ one for one in (in_r, in_alpha, in_a, in_b)])
    return float(counts @ each), slope
