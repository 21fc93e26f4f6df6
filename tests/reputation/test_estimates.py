import random
from collections.abc import Callable, Sequence
from math import comb, exp, sqrt
from statistics import fmean, stdev

import pytest

from domain.loyalty import Estimate
from reputation.estimates import MIN_CUSTOMERS, mean, mean_amount, share, student
from reputation.response import wilson


def test_below_the_least_number_there_is_neither_share_nor_mean() -> None:
    few = [1.0] * (MIN_CUSTOMERS - 1)
    assert share(few) == Estimate(29, 29.0, None, None, None, hits=29)
    assert mean(few) == mean_amount(few) == Estimate(29, 29.0, None, None, None)
    assert share([]) == Estimate(0, 0.0, None, None, None, hits=0)
    # A hundred of whom one weighs as much as all others together are not a hundred.
    assert share([1.0] * 100, [99.0, *[1.0] * 99]).value is None
    assert mean([*few, 2.0]).value == pytest.approx(31 / 30)


def test_a_share_of_equal_weights_is_wilsons() -> None:
    ones = [1.0] * 40 + [0.0] * 60
    found = share(ones)
    assert (found.n, found.hits, found.value) == (100, 40, 0.4)
    assert (found.low, found.high) == pytest.approx(wilson(40, 100))
    weighted = share(ones, [3.0] * 100)
    assert weighted.hits is None, "to count who was weighted would mislead"
    assert weighted.effective_n == pytest.approx(100)
    assert (weighted.low, weighted.high) == pytest.approx(wilson(40, 100))


def test_of_all_or_none_the_interval_ends_there() -> None:
    everybody, nobody = share([1.0] * 50, [0.3] * 50), share([0.0] * 50, [0.3] * 50)
    assert (everybody.value, everybody.high) == (1, 1)
    assert (nobody.value, nobody.low) == (0, 0)
    assert everybody.low == pytest.approx(wilson(50, 50)[0])


def test_a_mean_has_students_interval() -> None:
    values = [float(one * one % 23) for one in range(61)]
    found = mean(values)
    assert found.value == pytest.approx(fmean(values))
    half = 2.000298 * stdev(values) / sqrt(61)  # the printed 97.5 % point of 60 degrees
    assert found.high is not None
    assert found.high - fmean(values) == pytest.approx(half, rel=1e-5)
    assert mean([0.0] * 30 + [1.0], within=(0, 1)).low == 0


@pytest.mark.parametrize(
    ("degrees", "printed"), [(10, 2.228139), (29, 2.045230), (60, 2.000298), (1000, 1.962339)]
)
def test_students_points_are_those_of_the_tables(degrees: int, printed: float) -> None:
    assert student(degrees) == pytest.approx(printed, abs=2e-4)


def test_of_what_all_have_the_same_there_is_no_interval() -> None:
    assert mean([7.0] * 40) == mean_amount([7.0] * 40) == Estimate(40, 40.0, 7.0, None, None)


def test_amounts_of_which_none_is_out_of_line_have_students_interval_too() -> None:
    even = [float(one) for one in range(50)]
    bent, straight = mean_amount(even), mean(even)
    assert (bent.low, bent.high) == pytest.approx((straight.low, straight.high))


def test_the_order_of_customers_changes_no_digit() -> None:
    chance = random.Random(3)  # noqa: S311
    rows = [(chance.lognormvariate(3, 1), chance.random()) for _ in range(200)]
    for estimate in (mean, mean_amount):
        found = set()
        for _ in range(5):
            chance.shuffle(rows)
            found.add(estimate([one for one, _ in rows], [weight for _, weight in rows]))
        assert len(found) == 1


def _amounts(chance: random.Random) -> list[float]:
    """Half of them bought nothing, few a lot."""
    return [0.0 if chance.random() < 0.5 else chance.lognormvariate(0, 0.8) for _ in range(60)]


@pytest.mark.parametrize(
    ("estimate", "draw", "truth"),
    [
        pytest.param(mean_amount, _amounts, 0.5 * exp(0.8**2 / 2), id="amounts"),
        pytest.param(
            mean,
            lambda chance: [
                one - other for one, other in zip(_amounts(chance), _amounts(chance), strict=True)
            ],
            0.0,
            id="their change",
        ),
    ],
)
def test_ninety_five_intervals_of_a_hundred_hold_the_truth(
    estimate: Callable[[Sequence[float]], Estimate],
    draw: Callable[[random.Random], list[float]],
    truth: float,
) -> None:
    chance = random.Random(15)  # noqa: S311
    found = [estimate(draw(chance)) for _ in range(400)]
    held = [one.low <= truth <= one.high for one in found if one.low is not None and one.high]
    assert len(held) == 400
    assert fmean(held) >= 0.93


@pytest.mark.parametrize("n", [30, 60, 200])
def test_so_do_those_of_shares_by_the_probability_of_each_outcome(n: int) -> None:
    intervals = [share([1.0] * hits + [0.0] * (n - hits)) for hits in range(n + 1)]

    def held(truth: float) -> float:
        return sum(
            comb(n, hits) * truth**hits * (1 - truth) ** (n - hits)
            for hits, one in enumerate(intervals)
            if one.low is not None and one.high is not None and one.low <= truth <= one.high
        )

    found = [held(percent / 100) for percent in range(5, 96)]
    assert fmean(found) >= 0.945
    assert min(found) >= 0.90  # it swings with n and the share, as every such interval
