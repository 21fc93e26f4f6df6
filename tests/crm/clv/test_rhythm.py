from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from statistics import median

import pytest

from crm.clv.purchases import net
from crm.clv.rhythm import Rhythm, months_before, rhythm_of
from domain.valuation import Purchase

TODAY = date(2026, 11, 30)


def rhythm(*people: list[int]) -> Rhythm:
    """people: how many days ago each of them ordered."""
    purchases = [
        Purchase(person, TODAY - timedelta(days=ago), Decimal(9), currency, f"{person} {place}")
        for person, days in enumerate(people)
        for place, ago in enumerate(days)
        for currency in ("EUR" if place % 2 else "USD",)
    ]
    return rhythm_of(net(purchases, today=TODAY).orders())


def test_orders_are_counted_and_gaps_are_between_days_whatever_was_paid_in() -> None:
    one = rhythm([100, 100, 70, 10])

    assert (one.orders.tolist(), one.days.tolist()) == ([4], [3])
    assert one.median_gap.tolist() == [45]
    assert one.per_year(TODAY).tolist() == [4]


def test_medians_are_those_of_each_person() -> None:
    random = Random(4)  # noqa: S311  no secret
    people = [random.sample(range(900), random.randint(1, 9)) for _ in range(200)]
    people += [[3, 3], [3, 3, 9]]

    found = rhythm(*people).median_gap.tolist()

    for days, gap in zip(people, found, strict=True):
        distinct = sorted(set(days))
        gaps = [later - earlier for earlier, later in pairwise(distinct)]
        assert gap == median(gaps) if gaps else gap != gap  # noqa: PLR0124  nan


def test_a_young_customers_year_is_a_whole_one() -> None:
    assert rhythm([20, 10]).per_year(TODAY).tolist() == [2]
    assert rhythm([731, 10]).per_year(TODAY).tolist() == [pytest.approx(2 / (731 / 365.25))]


def test_silent_is_who_is_for_longer_than_three_times_the_own_gap() -> None:
    silent = rhythm([40, 30], [41, 31], [400, 31, 21], [500], [5, 5]).silent(TODAY).tolist()

    assert silent == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        pytest.param(date(2026, 11, 30), 6, date(2026, 5, 30), id="in one year"),
        pytest.param(date(2026, 8, 31), 6, date(2026, 2, 28), id="the last of a shorter month"),
        pytest.param(date(2024, 8, 31), 6, date(2024, 2, 29), id="of a leap year"),
        pytest.param(date(2026, 1, 5), 6, date(2025, 7, 5), id="over New Year"),
        pytest.param(date(2026, 12, 5), 12, date(2025, 12, 5), id="a year"),
    ],
)
def test_months_before(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected
