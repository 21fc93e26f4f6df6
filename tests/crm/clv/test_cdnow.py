"""The published figures, from the orders themselves."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from crm.clv.bg_nbd import BgNbd, History, fit_bg_nbd
from crm.clv.gamma_gamma import correlation, fit_gamma_gamma

FILE = Path(__file__).parent / "cdnow" / "CDNOW_sample.txt"
END = date(1997, 9, 30)  # of the 39 weeks that the figures are of; 39 more are held out
WEEK = 7


@dataclass
class Buyer:
    before: dict[date, float] = field(default_factory=lambda: defaultdict(float))
    after: dict[date, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def repeats(self) -> int:
        return len(self.before) - 1

    @property
    def recency(self) -> float:
        return (max(self.before) - min(self.before)).days / WEEK

    @property
    def age(self) -> float:
        return (END - min(self.before)).days / WEEK

    @property
    def mean_repeat(self) -> float:
        first = min(self.before)
        later = [dollars for day, dollars in self.before.items() if day > first]
        return mean(later) if later else 0.0


@cache
def buyers() -> list[Buyer]:
    """By day: what was ordered on one day is one order, also if it cost nothing."""
    found: dict[str, Buyer] = defaultdict(Buyer)
    for line in FILE.read_text().splitlines():
        _, number, day, _, dollars = line.split()
        on = date.fromisoformat(day)
        part = found[number].before if on <= END else found[number].after
        part[on] += float(dollars)
    return list(found.values())


@cache
def history() -> History:
    return History(
        np.array([one.repeats for one in buyers()]),
        np.array([one.recency for one in buyers()]),
        np.array([one.age for one in buyers()]),
    )


@cache
def fitted() -> BgNbd:
    found = fit_bg_nbd(history())
    assert found is not None
    return found


def test_bg_nbd_finds_the_published_parameters() -> None:
    found = fitted()

    assert found.r == pytest.approx(0.243, rel=0.005)
    assert found.alpha == pytest.approx(4.414, rel=0.005)
    assert found.a == pytest.approx(0.793, rel=0.005)
    assert found.b == pytest.approx(2.426, rel=0.005)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_gamma_gamma_finds_the_published_parameters() -> None:
    again = [one for one in buyers() if one.repeats]
    repeats = np.array([one.repeats for one in again])
    means = np.array([one.mean_repeat for one in again])

    found = fit_gamma_gamma(repeats, means)

    assert len(again) == 946
    assert correlation(repeats, means) == pytest.approx(0.11, abs=0.005)
    assert found is not None
    assert found.p == pytest.approx(6.25, rel=0.005)
    assert found.q == pytest.approx(3.74, rel=0.005)
    assert found.gamma == pytest.approx(15.44, rel=0.005)


def test_the_first_customer_is_expected_to_order_as_published() -> None:
    """Fader and Hardie's note on the model in Excel: two repeats, 39 further weeks."""
    one = History(np.array([2]), np.array([30.43]), np.array([38.86]))

    assert fitted().expected_orders(one, 39)[0] == pytest.approx(1.226, abs=0.001)
    assert fitted().p_alive(one)[0] == pytest.approx(0.7266, abs=0.001)


def test_the_39_weeks_that_were_held_out() -> None:
    expected = fitted().expected_orders(history(), 39)
    came = np.array([len(one.after) for one in buyers()])

    assert came.sum() == 1882
    assert expected.sum() == pytest.approx(1653, abs=1)
    assert np.corrcoef(expected, came)[0, 1] == pytest.approx(0.626, abs=0.002)
    assert np.abs(expected - came).mean() == pytest.approx(0.785, abs=0.002)


def test_the_simple_formula_expects_three_times_the_orders_that_came() -> None:
    """Orders by time since the first, the first one counted: what 3 x as many is known from."""
    days = [(END - min(one.before)).days for one in buyers()]
    expected = sum(
        len(one.before) / age * 39 * WEEK for one, age in zip(buyers(), days, strict=True)
    )

    assert expected / 1882 - 1 == pytest.approx(2.07, abs=0.05)
