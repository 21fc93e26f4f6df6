import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from crm.clv.gamma_gamma import GammaGamma, correlation, fit_gamma_gamma, log_likelihood
from crm.clv.purchases import Floats

CUSTOMERS = [(1, 12.0), (2, 35.5), (7, 41.0), (1, 300.0)]
MODELS = [GammaGamma(6.25, 3.74, 15.44), GammaGamma(0.8, 1.5, 60)]


def density(x: float, shape: float, rate: float) -> float:
    """Of a gamma distribution."""
    return math.exp(
        shape * math.log(rate) + (shape - 1) * math.log(x) - rate * x - math.lgamma(shape)
    )


def integral(function: Callable[[float], float]) -> float:
    """From 0 on, piece by piece, so that its peak is seen."""
    bounds = (1e-9, 0.05, 0.5, 3, 50)
    return sum(float(quad(function, *piece, epsabs=0, limit=200)[0]) for piece in pairwise(bounds))


def posterior(model: GammaGamma, repeats: int, mean: float) -> tuple[float, float]:
    """The likelihood of a customer's mean, and what their orders bring given it: by integrals."""

    def likelihood(rate: float) -> float:
        of_mean = density(mean, model.p * repeats, rate * repeats)
        return of_mean * density(rate, model.q, model.gamma)

    total = integral(likelihood)
    return total, integral(lambda rate: likelihood(rate) * model.p / rate) / total


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("customer", CUSTOMERS)
def test_likelihood_and_expected_value_are_those_of_the_integrals(
    model: GammaGamma, customer: tuple[int, float]
) -> None:
    repeats, mean = np.array([customer[0]]), np.array([customer[1]])
    likely, expected = posterior(model, *customer)

    value, _ = log_likelihood(np.array([model.p, model.q, model.gamma]), repeats, mean)

    assert value == pytest.approx(math.log(likely), rel=1e-5)
    assert model.expected_value(repeats, mean)[0] == pytest.approx(expected, rel=1e-5)


def test_of_who_has_no_repeat_the_mean_of_all_is_expected() -> None:
    expected = MODELS[0].expected_value(np.array([0]), np.array([0.0]))[0]

    mean_of_all = integral(lambda rate: 6.25 / rate * density(rate, 3.74, 15.44))
    assert expected == pytest.approx(mean_of_all, rel=1e-5)


def test_the_slope_is_that_of_small_steps() -> None:
    repeats, mean = (np.array(column) for column in zip(*CUSTOMERS, strict=True))
    at = np.array([6.25, 3.74, 15.44])
    _, slope = log_likelihood(at, repeats, mean)

    for place in range(3):
        step = np.zeros(3)
        step[place] = at[place] * 1e-6
        above, below = (log_likelihood(at + sign * step, repeats, mean)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / (2 * step[place]), rel=1e-5)


def test_amounts_in_cents_fit_as_amounts_in_whole_do() -> None:
    rng = np.random.default_rng(2)
    repeats = rng.integers(1, 9, 4000)
    rate = rng.gamma(4, 1 / 20, 4000)
    mean = rng.gamma(5 * repeats) / (rate * repeats)

    whole, cents = fit_gamma_gamma(repeats, mean), fit_gamma_gamma(repeats, mean * 100)

    assert whole is not None
    assert cents is not None
    assert (whole.p, whole.q, whole.gamma) == pytest.approx((5, 4, 20), rel=0.15)
    assert (cents.p, cents.q, cents.gamma / 100) == pytest.approx(
        (whole.p, whole.q, whole.gamma), rel=1e-4
    )


@pytest.mark.parametrize(
    "mean",
    [
        pytest.param(np.full(300, 9.99), id="all pay the same"),
        pytest.param(np.random.default_rng(1).pareto(0.3, 300) + 1, id="no mean exists"),
        pytest.param(np.array([]), id="nobody"),
    ],
)
def test_where_no_model_fits_there_is_none(mean: Floats) -> None:
    assert fit_gamma_gamma(np.arange(len(mean)) % 3 + 1, mean) is None


def test_correlation_is_pearsons_and_0_where_there_is_nothing_to_compare() -> None:
    repeats, mean = np.array([1, 2, 3, 6]), np.array([4.0, 2.0, 9.0, 5.0])
    of = [(x - 3) * (z - 5) for x, z in zip(repeats, mean, strict=True)]
    spread = math.sqrt(sum((x - 3) ** 2 for x in repeats) * sum((z - 5) ** 2 for z in mean))

    assert correlation(repeats, mean) == pytest.approx(sum(of) / spread)
    assert correlation(repeats, np.full(4, 5.0)) == 0
    assert correlation(repeats[:1], mean[:1]) == 0
    assert correlation(repeats[:0], mean[:0]) == 0
