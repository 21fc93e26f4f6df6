"""Means over a beta distribution, by Gauss's rule with Jacobi's polynomials.

BG/NBD's expectations are usually written with 2F1 and divide by a - 1. Here they are means of a
smooth function, which are right for every a > 0 and have no place where digits are lost.
"""

import math

import numpy as np
from scipy.linalg import eigh_tridiagonal

from crm.clv.purchases import Floats

_DIGITS = 12
_FEWEST, _MOST = 16, 400


def beta_nodes(a: float, b: float, count: int) -> tuple[Floats, Floats]:
    """Points in (0, 1) and their weights, which add up to 1 (Golub and Welsch 1969)."""
    n = np.arange(1.0, count)
    total = 2 * n + a + b - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (a - b) * (a + b - 2) / (total * (total + 2))
        beside = 4 * n * (n + b - 1) * (n + a - 1) * (n + a + b - 2)
        beside = beside / (total**2 * (total + 1) * (total - 1))
    beside[:1] = 4 * a * b / ((a + b) ** 2 * (a + b + 1))
    diagonal = np.concatenate(([(a - b) / (a + b)], middle))
    points, vectors = eigh_tridiagonal(diagonal, np.sqrt(beside))
    return np.clip((1 + points) / 2, 1e-30, 1.0), vectors[0] ** 2


def nodes_needed(pole: float) -> int:
    """How many points give twelve digits of a function that is smooth right of -pole, pole > 0."""
    z = 1 + 2 * pole
    growth = math.log(z + math.sqrt(z * z - 1))
    return min(_MOST, max(_FEWEST, math.ceil(_DIGITS * math.log(10) / (2 * growth))))
