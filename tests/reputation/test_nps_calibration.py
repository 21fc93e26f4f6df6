"""The NPS proxy held against answers: figures worked out on another way, and what it must keep."""

from datetime import date
from math import sqrt

import numpy as np
import pytest

from benchmarks.nps_held_out import World, held_out
from domain.survey import Tally
from reputation.nps_calibration import Month, Pair, by_months, by_pairs, corrected, line


def people(net: float, n: int = 400, passives: float = 0.4) -> Tally:
    """So many people of whom 100 * (promoters - detractors) / n is this, nearly."""
    up = round(n * ((1 - passives) + net / 100) / 2)
    neither = round(n * passives)
    return Tally(up, neither, n - up - neither)


def months(*nets: tuple[float, float], n: int = 400) -> list[Month]:
    """Months by their NPS and their proxy."""
    return [
        Month(date(2025 + at // 12, at % 12 + 1, 1), people(nps, n), people(proxy, n))
        for at, (nps, proxy) in enumerate(nets)
    ]


def test_below_six_months_that_count_nothing_is_set_right() -> None:
    good = months(*[(30, -10)] * 5)
    few_answers = Month(date(2026, 1, 1), people(30, 99), people(-10))
    few_persons = Month(date(2026, 2, 1), people(30), people(-10, 29))

    assert by_months([*good, few_answers, few_persons], people(-10)) is None
    assert by_months(months(*[(30, -10)] * 6), people(-10, 29)) is None
    enough = by_months([*months(*[(30, -10)] * 6), few_answers], people(-10))
    assert enough is not None
    assert enough.state == f"survey-calibrated (6 months, ±{(enough.high - enough.low) / 2:.0f})"


def test_where_both_say_the_same_nothing_is_moved() -> None:
    found = line(months(*[(net, net) for net in (-20, -10, 0, 10, 20, 30)]))

    assert found is not None
    assert (found.a, found.b) == pytest.approx((0, 1), abs=0.1)
    assert found.weight.sum() == pytest.approx(1)


def test_a_public_that_is_forty_points_more_severe_is_seen_in_six_months() -> None:
    found = by_months(
        months(*[(net + 40, net) for net in (-25, -15, -20, -10, -18, -22)]), people(-20)
    )

    assert found is not None
    assert found.value == pytest.approx(20, abs=2)
    assert found.low < 20 < found.high < 45


def test_a_slope_that_few_months_show_is_drawn_towards_one_and_many_are_believed() -> None:
    def slope(times: int) -> float:
        steps = [(0.3 * net, net) for net in (-30, -20, -10, 0, 10, 20)] * times
        found = line(months(*steps, n=150))
        assert found is not None
        return found.b

    slopes = [slope(times) for times in (1, 2, 6)]

    assert 1 > slopes[0] > slopes[1] > slopes[2]
    assert slopes[0] > 0.35
    assert slopes[2] == pytest.approx(0.3, abs=0.06)


def test_months_that_wobble_widen_the_interval_and_more_months_narrow_it() -> None:
    def width(wobble: float, count: int) -> float:
        nets = [(20 + (wobble if at % 2 else -wobble), -20 + at % 3) for at in range(count)]
        found = by_months(months(*nets), people(-20))
        assert found is not None
        return found.high - found.low

    assert width(0, 8) < width(10, 8) < width(20, 8)
    assert width(10, 24) < width(10, 8)


def test_the_order_of_the_months_changes_nothing_and_the_latest_count() -> None:
    found = months(*[(net + 20, net) for net in (-30, -20, -10, 0, 10, 20, 5)])
    assert by_months(found[::-1], people(0)) == by_months(found, people(0))

    old = months(*[(-80, 20)] * 12)
    late = [
        Month(date(2027 + at // 12, at % 12 + 1, 1), people(30), people(-10)) for at in range(36)
    ]
    assert by_months([*old, *late], people(-10)) == by_months(late, people(-10))


def test_with_the_line_fixed_it_is_the_normal_posterior_of_a_mean_worked_out_by_hand() -> None:
    """Of months with one proxy the slope says nothing, and the mean is a weighted one."""
    seen = months((20, -10), (24, -10), (16, -10), (22, -10), (18, -10), (20, -10), n=2000)
    found = line(seen)
    assert found is not None
    # Each slope and wobble has the same residuals: y - x at the only x there is.
    left = np.array([one.answers.net - one.spoke.net for one in seen])
    chance = np.array([_variance(one.answers) for one in seen])
    proxys = np.array([_variance(one.spoke) for one in seen])
    for slope_at, wobble_at, slope, wobble in ((20, 0, 1.0, 0.0), (0, 0, 0.0, 0.0)):
        spread = wobble**2 + chance + slope**2 * proxys
        precision = (1 / spread).sum() + 1 / 50**2
        assert found.offset[slope_at, wobble_at] == pytest.approx((left / spread).sum() / precision)
        assert found.unsure[slope_at, wobble_at] == pytest.approx(1 / precision)


def _variance(of: Tally) -> float:
    n = of.n + 3
    up, down = (of.promoters + 0.75) / n, (of.detractors + 0.75) / n
    return 100**2 * (up + down - (up - down) ** 2) / n


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(World(), id="as supposed"),
        pytest.param(World(offset=80, slope=0.4, persons=60), id="far apart, few persons"),
        pytest.param(World(wobble=12, answers=400), id="much wobble"),
    ],
)
def test_nine_of_ten_held_out_months_are_in_the_interval_and_nearer_than_before(
    world: World,
) -> None:
    found = held_out(world, draws=12, seed=3, later=3)

    assert found.months == 36
    assert found.covered >= 0.9
    assert found.off < found.off_before / 2
    assert found.half_width < 45


# --- pairs ----------------------------------------------------------------------------------------


def test_the_corrected_mean_is_the_formulas_of_its_definition() -> None:
    truth = np.array([1.0, 1, 0, -1, -1, 0, 1, -1, 1, 0])
    predicted = np.array([1.0, 0, 0, -1, -1, -1, 0, -1, 1, 0])
    everybody = np.array([1.0] * 20 + [0.0] * 30 + [-1.0] * 50)

    mean, error = corrected(truth, predicted, everybody)

    p, y = predicted - predicted.mean(), truth - truth.mean()
    tuning = (p * y).sum() / (p * p).sum() / (1 + 10 / 100)
    left = truth - tuning * predicted
    assert mean == pytest.approx(tuning * -0.3 + left.mean())
    square = (((left - left.mean()) ** 2).sum() + 1.5) / 8 / 10
    square += tuning**2 * everybody.var(ddof=1) / 100
    assert error == pytest.approx(sqrt(square))


def test_pairs_are_too_few_below_fifty() -> None:
    pairs = [Pair("regular", 1, 0)] * 49
    assert by_pairs(pairs, [("regular", 0)] * 300, {"regular": 100}) is None
    found = by_pairs([*pairs, Pair("regular", 1, 0)], [("regular", 0)] * 300, {"regular": 100})
    assert found is not None
    assert (found.value, found.state[:29]) == (100, "survey-calibrated (50 pairs, ")
    assert found.low < 100, "fifty who agree are not certain"


def test_segments_weigh_as_they_answer_and_not_as_they_speak() -> None:
    happy = [Pair("exclusive", 1, 1)] * 15 + [Pair("exclusive", 0, 1)] * 5
    angry = [Pair("sporadic", -1, -1)] * 30 + [Pair("sporadic", 0, -1)] * 10
    spoke = [("exclusive", 1)] * 50 + [("sporadic", -1)] * 400

    def value(exclusive: int, sporadic: int) -> float:
        found = by_pairs([*happy, *angry], spoke, {"exclusive": exclusive, "sporadic": sporadic})
        assert found is not None
        return found.value

    assert value(100, 0) == pytest.approx(75)
    assert value(0, 100) == pytest.approx(-75)
    assert value(300, 100) == pytest.approx((3 * 75 - 75) / 4)


def test_segments_of_few_pairs_are_taken_together() -> None:
    pairs = [
        *([Pair("exclusive", 1, 1)] * 20 + [Pair("occasional", -1, -1)] * 30),
        *([Pair("regular", 0, 0)] * 6 + [Pair("sporadic", 0, 0)] * 5),
    ]
    answered = {"exclusive": 40, "occasional": 30, "regular": 5, "sporadic": 5, "never": 99}
    found = by_pairs(pairs, [(one.segment, one.spoke) for one in pairs], answered)
    assert found is not None
    assert found.value == pytest.approx(100 * (40 - 30 + 0) / 80)


def test_the_model_that_pulls_to_zero_is_set_right_and_the_interval_holds_it() -> None:
    """A confusion of .72/.64/.75 makes -19 of -30; 120 pairs tell."""
    random = np.random.default_rng(11)
    confusion = {1: [0.75, 0.17, 0.08], 0: [0.18, 0.64, 0.18], -1: [0.08, 0.20, 0.72]}
    hits, values, naive = 0, [], []
    for _ in range(150):
        truth = random.choice([1, 0, -1], p=[0.2, 0.3, 0.5], size=500)
        seen = [int(random.choice([1, 0, -1], p=confusion[int(one)])) for one in truth]
        spoke = [("regular", one) for one in seen]
        pairs = [
            Pair("regular", int(answered), one)
            for answered, one in zip(truth[:120], seen, strict=False)
        ]
        found = by_pairs(pairs, spoke, {"regular": 900})
        assert found is not None
        hits += found.low <= -30 <= found.high
        values.append(found.value)
        naive.append(100 * float(np.mean(seen)))

    assert np.mean(values) == pytest.approx(-30, abs=2)
    assert np.mean(naive) > -22
    assert hits / 150 >= 0.9
