"""BG/NBD's formulas as they are published, for one customer: what the product's are compared to."""

import math
from typing import NamedTuple


class Parameters(NamedTuple):
    r: float
    alpha: float
    a: float
    b: float


def left_to_stayed(model: Parameters, customer: tuple[int, float, float]) -> float:
    """How many times likelier than not a customer left: (repeats, weeks to the last, to today)."""
    x, t_x, age = customer
    shrunk = math.pow((model.alpha + age) / (model.alpha + t_x), model.r + x)
    return model.a / (model.b + x - 1) * shrunk if x else 0.0


def expected_orders(model: Parameters, customer: tuple[int, float, float], weeks: float) -> float:
    """Fader, Hardie and Lee 2005, formula 10, with 2F1 summed term by term; a must not be 1."""
    x, _, age = customer
    r, alpha, a, b = model
    z = weeks / (alpha + age + weeks)
    term, hypergeometric = 1.0, 0.0
    for n in range(20_000):
        hypergeometric += term
        term *= (r + x + n) * (b + x + n) / ((a + b + x - 1 + n) * (n + 1)) * z
    shrunk = math.pow(1 - z, r + x) * hypergeometric
    above = (a + b + x - 1) / (a - 1) * (1 - shrunk)
    return above / (1 + left_to_stayed(model, customer))
