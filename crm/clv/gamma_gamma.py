"""How much an order will bring: Gamma-Gamma (Fader and Hardie 2013, brucehardie.com/notes/025).

A customer's orders vary by a gamma distribution of shape p about their own mean, and the rates of
these are gamma-distributed (q, gamma) among customers. How much somebody pays must have nothing to
do with how often: the correlation tells.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from crm.clv.purchases import Floats, Ints

HIGH_CORRELATION = 0.3  # CDNOW's is .11
FAR_OFF = 0.25  # of what there was: a model that misses it by more describes nothing
_BOUND = 12.0
_STARTS = ((6.0, 4.0, 1.0), (1.0, 2.0, 1.0), (50.0, 10.0, 10.0))
_STEEP = 1e-3
_SAME = 1e-3  # the spread of the logarithms of means below which all orders bring the same


@dataclass(frozen=True, slots=True)
class GammaGamma:
    p: float
    q: float
    gamma: float

    def expected_value(self, repeats: Ints, mean: Floats) -> Floats:
        """Of each customer's orders to come; of who has no repeat, what is expected of anybody.

        mean: what their repeat orders brought on average, 0 without any.
        """
        shape = self.p * repeats
        return self.p * (self.gamma + repeats * mean) / (shape + self.q - 1)


def correlation(repeats: Ints, mean: Floats) -> float:
    """Pearson's, of how often and how much; 0 where one of the two is the same for all."""
    if len(repeats) < 2 or np.ptp(repeats) == 0 or np.ptp(mean) == 0:  # noqa: PLR2004
        return 0.0
    return float(np.corrcoef(repeats, mean)[0, 1])


def fit_gamma_gamma(repeats: Ints, mean: Floats) -> GammaGamma | None:
    """The likeliest parameters for customers with a repeat.

    None when there is no maximum, when all orders bring the same, and when some bring so much that
    what is expected of anybody is far from what they brought.
    """
    scale = float(mean.mean()) if len(mean) else 0.0
    if not scale > 0 or np.std(np.log(mean)) < _SAME:
        return None
    tried = [_maximum(repeats, mean / scale, start) for start in _STARTS]
    found = max((one for one in tried if one is not None), default=None)
    if found is None:
        return None
    p, q, gamma = found[1]
    if q <= 1 or abs(p * gamma / (q - 1) - 1) > FAR_OFF:
        return None
    return GammaGamma(p, q, gamma * scale)


def _maximum(
    repeats: Ints, mean: Floats, start: tuple[float, float, float]
) -> tuple[float, tuple[float, float, float]] | None:
    """The log-likelihood and p, q, gamma."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, slope = log_likelihood(np.exp(logs), repeats, mean)
        return -value / len(mean), -slope * np.exp(logs) / len(mean)

    found = minimize(
        loss,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 3,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    inside = np.abs(found.x) < _BOUND
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0.0) > _STEEP:
        return None
    p, q, gamma = map(float, np.exp(found.x))
    return float(-found.fun), (p, q, gamma)


def log_likelihood(parameters: Floats, repeats: Ints, mean: Floats) -> tuple[float, Floats]:
    """Of p, q and gamma, by each customer's mean of so many orders; with its slope in each."""
    p, q, gamma = parameters
    x, which = np.unique(repeats, return_inverse=True)  # few, where customers are many
    shape = p * x
    of_x = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma) + shape * np.log(x)
    paid = np.log(gamma + repeats * mean)
    each = of_x[which] + (shape[which] - 1) * np.log(mean) - (shape + q)[which] * paid
    by_p = x * (digamma(shape + q) - digamma(shape) + np.log(x))
    by_q = digamma(shape + q) - digamma(q) + np.log(gamma)
    slope = [
        by_p[which] + repeats * (np.log(mean) - paid),
        by_q[which] - paid,
        q / gamma - (shape + q)[which] / (gamma + repeats * mean),
    ]
    return float(each.sum()), np.array([one.sum() for one in slope])
