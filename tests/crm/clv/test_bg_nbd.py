"""Each formula by another way: integrals over the two distributions, series, invented customers."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from crm.clv.bg_nbd import BgNbd, History, fit_bg_nbd, log_likelihood
from crm.clv.quadrature import beta_nodes
from tests.crm.clv.published import Parameters, expected_orders

LIKE_CDNOW = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=0)
OTHERS = [
    LIKE_CDNOW,
    BgNbd(r=2.5, alpha=30, a=1.6, b=7, log_likelihood=0),
    BgNbd(r=0.6, alpha=0.5, a=3, b=0.9, log_likelihood=0),
]
CUSTOMERS = [
    (0, 0.0, 38.86),
    (1, 1.71, 38.86),
    (2, 30.43, 38.86),
    (9, 20.0, 21.0),
    (26, 50.0, 90.0),
]


def one(repeats: int, recency: float, age: float) -> History:
    return History(np.array([repeats]), np.array([recency]), np.array([age]))


def integral(function: Callable[[float], float], *bounds: float) -> float:
    """Piece by piece, so that a peak near one of the bounds is seen."""
    return sum(float(quad(function, *piece, epsabs=0)[0]) for piece in pairwise(bounds))


def likelihoods(model: BgNbd, repeats: int, recency: float, age: float) -> tuple[float, float]:
    """Of one who still is a customer, and of one who left with the last order."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    beta = math.gamma(a) * math.gamma(b) / math.gamma(a + b)

    def ordered_until(weeks: float) -> float:
        def of(rate: float) -> float:
            chance = math.pow(alpha * rate, r) / rate * math.exp(-alpha * rate) / math.gamma(r)
            return math.pow(rate, repeats) * math.exp(-rate * weeks) * chance

        return integral(of, 0, 0.01, 1, math.inf)

    def left_after(stayed: int, went: int) -> float:
        def of(p: float) -> float:
            return math.pow(p, a - 1 + went) * math.pow(1 - p, b - 1 + stayed) / beta

        return integral(of, 0, 0.01, 0.5, 1)

    left = left_after(repeats - 1, 1) * ordered_until(recency) if repeats else 0.0
    return left_after(repeats, 0) * ordered_until(age), left


@pytest.mark.parametrize("model", OTHERS)
@pytest.mark.parametrize("customer", CUSTOMERS)
def test_likelihood_and_p_alive_are_those_of_the_integrals(
    model: BgNbd, customer: tuple[int, float, float]
) -> None:
    stayed, left = likelihoods(model, *customer)
    parameters = np.array([model.r, model.alpha, model.a, model.b])

    value, _ = log_likelihood(parameters, one(*customer), np.array([3.0]))

    assert value == pytest.approx(3 * math.log(stayed + left), rel=1e-5)
    assert model.p_alive(one(*customer))[0] == pytest.approx(stayed / (stayed + left), rel=1e-5)


@pytest.mark.parametrize("model", OTHERS)
def test_the_slope_is_that_of_small_steps(model: BgNbd) -> None:
    x, t_x, age = zip(*CUSTOMERS, strict=True)
    rows = History(np.array(x), np.array(t_x), np.array(age))
    counts = np.arange(1.0, 1 + len(CUSTOMERS))
    at = np.array([model.r, model.alpha, model.a, model.b])
    _, slope = log_likelihood(at, rows, counts)

    for place in range(4):
        step = np.zeros(4)
        step[place] = at[place] * 1e-6
        above, below = (log_likelihood(at + sign * step, rows, counts)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / (2 * step[place]), rel=1e-5)


@pytest.mark.parametrize("model", OTHERS)
@pytest.mark.parametrize("customer", [*CUSTOMERS, (0, 0.0, 0.0)])
@pytest.mark.parametrize("weeks", [4, 52.2, 156.5])
def test_expected_orders_are_those_of_the_published_formula(
    model: BgNbd, customer: tuple[int, float, float], weeks: float
) -> None:
    expected = model.expected_orders(one(*customer), weeks)[0]

    parameters = Parameters(model.r, model.alpha, model.a, model.b)
    assert expected == pytest.approx(expected_orders(parameters, customer, weeks), rel=1e-7)


def test_where_the_published_formula_divides_by_nothing_the_expectation_lies_between() -> None:
    at, below, above = (
        BgNbd(0.5, 5, a, 2, 0).expected_orders(one(3, 20, 30), 52)[0]
        for a in (1, 1 - 1e-4, 1 + 1e-4)
    )

    assert above < at < below
    assert at == pytest.approx((above + below) / 2, rel=1e-7)


def test_of_one_alone_p_alive_is_1_by_construction() -> None:
    assert LIKE_CDNOW.p_alive(one(0, 0, 500))[0] == 1


def test_repeats_since_the_first_order_are_what_is_expected_of_somebody_who_is_new() -> None:
    told = LIKE_CDNOW.repeats_since_first(np.array([39.0, 10.0, 39.0]))

    published = Parameters(0.243, 4.414, 0.793, 2.426)
    expected = [expected_orders(published, (0, 0.0, 0.0), weeks) for weeks in (39, 10, 39)]
    assert told == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("a", "b"), [(0.8, 2.4), (1, 1), (1e-5, 1e5), (1e5, 1e-5), (0.5, 900)])
def test_nodes_give_the_moments_of_the_beta_distribution(a: float, b: float) -> None:
    points, weights = beta_nodes(a, b, 16)

    moment = 1.0
    for power in range(5):
        assert (points**power) @ weights == pytest.approx(moment, rel=1e-8)
        moment *= (a + power) / (a + b + power)


# --- the fit --------------------------------------------------------------------------------------


def invented(model: BgNbd, customers: int) -> History:
    """Customers as the model has them, seen for one to two years."""
    rng = np.random.default_rng(7)
    found = []
    for age in rng.uniform(52, 104, customers):
        rate, leaves = rng.gamma(model.r) / model.alpha, rng.beta(model.a, model.b)
        repeats, at, is_there = 0, 0.0, True
        while is_there:
            following = at + rng.exponential(1 / rate)
            if following > age:
                break
            repeats, at = repeats + 1, following
            is_there = rng.random() > leaves
        found.append((repeats, at, age))
    x, t_x, ages = zip(*found, strict=True)
    return History(np.array(x), np.array(t_x), np.array(ages))


def test_what_customers_were_invented_with_is_found() -> None:
    truth = BgNbd(r=0.8, alpha=6, a=1.2, b=4, log_likelihood=0)
    history = invented(truth, 6_000)

    found = fit_bg_nbd(history)

    assert found is not None
    assert found.r == pytest.approx(truth.r, rel=0.08)
    assert found.r / found.alpha == pytest.approx(truth.r / truth.alpha, rel=0.06)
    assert found.a / (found.a + found.b) == pytest.approx(1.2 / 5.2, rel=0.06)
    told = found.repeats_since_first(history.age).sum()
    assert told == pytest.approx(history.repeats.sum(), rel=0.01)


def test_customers_with_one_history_weigh_as_many() -> None:
    history = invented(LIKE_CDNOW, 600)
    thrice = History(
        np.repeat(history.repeats, 3), np.repeat(history.recency, 3), np.repeat(history.age, 3)
    )

    once, again = fit_bg_nbd(history), fit_bg_nbd(thrice)

    assert once is not None
    assert again is not None
    assert again.r == pytest.approx(once.r, rel=1e-4)
    assert again.log_likelihood == pytest.approx(3 * once.log_likelihood)


def test_nobody_fits_no_model() -> None:
    nothing = np.array([])
    assert fit_bg_nbd(History(nothing.astype(int), nothing, nothing)) is None
