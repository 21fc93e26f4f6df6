import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest

from crm import lists
from domain.customer_lists import Return, Rhythm, Voice
from domain.valuation import Purchase, Segment

TODAY = date(2026, 11, 20)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


# --- ambassadors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "followers", "segment", "top_tier", "negative", "expected"),
    [
        pytest.param(2, None, Segment.REGULAR, False, False, True, id="twice, a regular"),
        pytest.param(2, 40, Segment.EXCLUSIVE, False, False, True, id="twice, of the best"),
        pytest.param(1, 40, Segment.EXCLUSIVE, False, False, False, id="once is not enough"),
        pytest.param(1, 1_000, Segment.OCCASIONAL, False, False, True, id="once, read by many"),
        pytest.param(2, 999, Segment.OCCASIONAL, False, False, False, id="no value, few readers"),
        pytest.param(2, 999, Segment.SPORADIC, True, False, True, id="the CRM's top tier"),
        pytest.param(2, 5_000, None, False, False, True, id="nothing bought, read by many"),
        pytest.param(2, None, None, False, False, False, id="nothing bought, nobody reads"),
        pytest.param(9, 5_000, Segment.EXCLUSIVE, True, True, False, id="their last word is bad"),
    ],
)
def test_an_ambassador_has_said_it_twice_or_to_many_and_has_value_or_reach(
    *,
    posts: int,
    followers: int | None,
    segment: Segment | None,
    top_tier: bool,
    negative: bool,
    expected: bool,
) -> None:
    voice = Voice(posts, 0.8, negative, followers)
    assert lists.is_ambassador(voice, segment, top_tier=top_tier) is expected


# --- silence --------------------------------------------------------------------------------------


def rhythm(last: int, gap: float | None, p_alive: float | None, orders: int = 5) -> Rhythm:
    """Somebody whose last order is so many days old."""
    return Rhythm(1, Segment.REGULAR, orders, ago(last), gap, p_alive)


@pytest.mark.parametrize(
    ("last", "gap", "p_alive", "falling", "lost"),
    [
        pytest.param(500, None, None, False, False, id="one order: nobody knows"),
        pytest.param(500, None, 0.01, False, False, id="one order, whatever a model says"),
        pytest.param(90, 30, 0.9, False, False, id="three gaps to the day"),
        pytest.param(91, 30, 0.9, True, False, id="a day more: silent, and the model keeps them"),
        pytest.param(91, 30, 0.19, True, True, id="silent, and the model gives them up"),
        pytest.param(91, 30, 0.2, True, False, id="not below .2"),
        pytest.param(10, 30, 0.49, True, False, id="doubted, though not silent"),
        pytest.param(10, 30, 0.5, False, False, id="not doubted"),
        pytest.param(91, 40, 0.01, True, False, id="given up, though not silent"),
        pytest.param(180, 30, None, True, False, id="no model: six gaps to the day"),
        pytest.param(181, 30, None, True, True, id="no model: a day more"),
        pytest.param(30, 1, None, False, False, id="a month is no silence"),
        pytest.param(31, 1, None, True, False, id="a day more is, and nobody lost yet"),
        pytest.param(89, 1, 0.0, True, False, id="nobody is lost before 90 days"),
        pytest.param(90, 1, 0.0, True, True, id="on the ninetieth they are"),
    ],
)
def test_whose_rhythm_falls_and_who_is_lost(
    *, last: int, gap: float | None, p_alive: float | None, falling: bool, lost: bool
) -> None:
    somebody = rhythm(last, gap, p_alive)
    assert (lists.falls(somebody, TODAY), lists.is_lost(somebody, TODAY)) == (falling, lost)


def test_who_is_lost_is_falling_too() -> None:
    chance = random.Random(3)  # noqa: S311 -- nothing secret
    lost = 0
    for _ in range(3_000):
        somebody = rhythm(
            chance.randrange(700),
            chance.choice([None, chance.uniform(1, 200)]),
            chance.choice([None, chance.random()]),
        )
        if lists.is_lost(somebody, TODAY):
            lost += 1
            assert lists.falls(somebody, TODAY)
    assert 200 < lost < 1_000


# --- who came back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([], None, id="no order"),
        pytest.param([5], None, id="one order"),
        pytest.param([300, 5], None, id="two orders: no gap was usual before"),
        pytest.param([330, 300, 5], Return(ago(300), ago(5), 30), id="back after ten gaps"),
        pytest.param([330, 300, 90], None, id="back, 90 days ago: not lately"),
        pytest.param([330, 300, 89], Return(ago(300), ago(89), 30), id="89 days ago"),
        pytest.param([120, 95, 5], Return(ago(95), ago(5), 25), id="90 days, usual 25"),
        pytest.param([125, 95, 5], None, id="three gaps to the day"),
        pytest.param([97, 94, 5], None, id="no 90 days"),
        pytest.param([330, 300, 20, 5], Return(ago(300), ago(20), 30), id="and ordered again"),
        pytest.param([700, 670, 300, 270], None, id="back long ago"),
    ],
)
def test_who_came_back_after_having_been_lost(days: list[int], expected: Return | None) -> None:
    assert lists.returned([ago(one) for one in days], TODAY) == expected


def test_a_return_is_found_as_somebody_finds_it_who_looks_at_each_day() -> None:
    chance = random.Random(5)  # noqa: S311 -- nothing secret
    found = 0
    for _ in range(3_000):
        days = sorted({ago(chance.randrange(500)) for _ in range(chance.randrange(9))})
        expected = slow_return(days)
        assert lists.returned(days, TODAY) == expected, days
        found += expected is not None
    assert found > 100


def slow_return(days: list[date]) -> Return | None:
    """Goes through the days one by one, as a clerk would with the list on paper."""
    newest = None
    for place, day in enumerate(days):
        earlier = days[:place]
        if len(earlier) < 2 or (TODAY - day).days >= 90:
            continue
        usual = median((later - one).days for one, later in pairwise(earlier))
        pause = (day - earlier[-1]).days
        if pause >= 90 and pause / usual > 3:
            newest = Return(earlier[-1], day, usual)
    return newest


# --- which days count -----------------------------------------------------------------------------


def bought(on: int, amount: int, order: str, currency: str = "EUR") -> Purchase:
    return Purchase(1, ago(on), Decimal(amount), currency, order)


def test_an_order_counts_on_its_day_unless_it_was_refunded_whole() -> None:
    assert lists.ordered_on(
        [
            bought(50, 20, "shop:A"),
            bought(40, 30, "shop:B"),
            bought(10, -30, "shop:B"),
            bought(30, 30, "shop:C"),
            bought(5, -10, "shop:C"),
            bought(30, 7, "shop:D", "USD"),
            bought(20, -3, "shop:E"),
            bought(15, 0, "shop:F"),
        ]
    ) == [ago(50), ago(30)]
    assert lists.ordered_on([]) == []
