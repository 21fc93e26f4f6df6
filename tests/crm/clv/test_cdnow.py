"""The published figures, from the orders themselves."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from crm.clv.bg_nbd import BgNbd, History, fit_bg_nbd
from crm.clv.gamma_gamma import correlation, fit_gamma_gamma
from crm.clv.purchases import Floats

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
        return fmean(later) if later else 0.0


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


# --- the 39 weeks that were held out --------------------------------------------------------------


def orders_expected() -> Floats:
    return fitted().expected_orders(history(), 39)


def revenue_expected() -> Floats:
    repeats, means = history().repeats, np.array([one.mean_repeat for one in buyers()])
    some = repeats > 0
    found = fit_gamma_gamma(repeats[some], means[some])
    assert found is not None
    return orders_expected() * found.expected_value(repeats, means)


def revenue_that_came() -> Floats:
    return np.array([sum(one.after.values()) for one in buyers()])


def test_how_many_orders_are_expected_and_of_whom() -> None:
    expected, came = orders_expected(), np.array([len(one.after) for one in buyers()])

    assert came.sum() == 1882
    assert expected.sum() == pytest.approx(1653, abs=1), "12 % fewer than came"
    assert np.corrcoef(expected, came)[0, 1] == pytest.approx(0.626, abs=0.002)
    assert np.abs(expected - came).mean() == pytest.approx(0.785, abs=0.002)


def test_how_much_is_expected_to_be_paid() -> None:
    assert revenue_expected().sum() / revenue_that_came().sum() - 1 == pytest.approx(
        -0.16, abs=0.01
    )


def test_the_simple_formula_expects_three_times_what_came() -> None:
    """Orders by time, the first one counted; and these times what an order brought on average."""
    rates = np.array([len(one.before) / one.age for one in buyers()]) * 39
    paid = np.array([fmean(one.before.values()) for one in buyers()])

    assert rates.sum() / 1882 - 1 == pytest.approx(2.07, abs=0.01)
    assert (rates * paid).sum() / revenue_that_came().sum() - 1 == pytest.approx(1.93, abs=0.02)


def test_who_brings_most_is_told_no_better_than_by_what_they_brought() -> None:
    came, brought = revenue_that_came(), np.array([sum(one.before.values()) for one in buyers()])

    def held_by_a_fifth(ranked_by: Floats) -> float:
        fifth = np.argsort(-ranked_by, kind="stable")[: len(ranked_by) // 5]
        return float(came[fifth].sum() / came.sum())

    assert held_by_a_fifth(revenue_expected()) == pytest.approx(0.663, abs=0.005)
    assert held_by_a_fifth(brought) == pytest.approx(0.663, abs=0.005)
