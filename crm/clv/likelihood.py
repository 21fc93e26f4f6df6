"""Finds the parameters that make what was seen likeliest."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from crm.clv.purchases import Floats

_BOUND = 12.0  # of the logarithms of parameters: beyond, they change no figure
_STEEP = 1e-3  # a customer's slope above which no maximum was found
# The second walks ridges better, but calls BLAS: its threads cost much more than the sums do where
# other programs use the cores.
_METHODS = ("TNC", "L-BFGS-B")

LogLikelihood = Callable[[Floats], tuple[float, Floats]]  # of the parameters, and its slope in each


class Maximum(NamedTuple):
    log_likelihood: float
    parameters: tuple[float, ...]


def highest(
    of: LogLikelihood, starts: Iterable[Sequence[float]], *, customers: float
) -> Maximum | None:
    """The highest of the maxima that are reached from these starts; None when none is.

    All parameters are above 0. customers: how many the log-likelihood is the sum of.
    """
    reached = (_climbed(of, start, customers) for start in starts)
    return max((one for one in reached if one is not None), default=None)


def _climbed(of: LogLikelihood, start: Sequence[float], customers: float) -> Maximum | None:
    def loss(logs: Floats) -> tuple[float, Floats]:
        value, slope = of(np.exp(logs))
        return -value / customers, -slope * np.exp(logs) / customers

    at = np.log(start)
    for method in _METHODS:
        found = minimize(
            loss,
            at,
            jac=True,
            method=method,
            bounds=[(-_BOUND, _BOUND)] * len(start),
            options={"maxfun": 1_000, "ftol": 1e-13, "gtol": 1e-8},
        )
        at, inside = found.x, np.abs(found.x) < _BOUND
        if np.isfinite(found.fun) and np.abs(found.jac[inside]).max(initial=0.0) <= _STEEP:
            return Maximum(float(-found.fun * customers), tuple(np.exp(at).tolist()))
    return None
