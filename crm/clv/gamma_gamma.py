"""How much an order will bring: Gamma-Gamma (Fader and Hardie 2013, brucehardie.com/notes/025).

A customer's orders vary by a gamma distribution of shape p about their own mean, and the rates of
these are gamma-distributed (q, gamma) among customers. How much somebody pays must have nothing to
do with how often: the correlation tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from crm.clv.likelihood import Maximum, highest
from crm.clv.purchases import Floats, Ints

HIGH_CORRELATION = 0.3  # CDNOW's is .11
FAR_OFF = 0.25  # of what there was: a model that misses it by more describes nothing
_STARTS = ((6.0, 4.0, 1.0), (1.0, 2.0, 1.0), (50.0, 10.0, 10.0))
_PART = 5_000  # customers who tell where to begin with all
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
    found = _maximum(repeats, mean / scale)
    if found is None:
        return None
    p, q, gamma = found.parameters
    if q <= 1 or abs(p * gamma / (q - 1) - 1) > FAR_OFF:
        return None
    return GammaGamma(p, q, gamma * scale)


def _maximum(repeats: Ints, mean: Floats) -> Maximum | None:
    """Climbed to from where a part of the customers has its own."""

    def of(step: int, starts: Iterable[Sequence[float]]) -> Maximum | None:
        x, z = repeats[::step], mean[::step]
        return highest(lambda at: log_likelihood(at, x, z), starts, customers=len(x))

    begin = of(-(-len(mean) // _PART), _STARTS)
    return of(1, [begin.parameters] if begin else _STARTS) or of(1, _STARTS)


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
