"""Against invented customers of whom it is known how probably they order again."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from statistics import fmean
from typing import NamedTuple

import pytest

from domain.loyalty import Answered, Case, LoyaltyGroup, Order, Start
from reputation.loyalty import Stratum, compared, groups_of, strata_of

UNTIL = date(2026, 11, 1)
DAY = timedelta(days=1)
NEVER, LATE, IN_TIME = Answered.NEVER_ASKED, Answered.LATE, Answered.IN_TIME


def days(count: int) -> timedelta:
    return timedelta(days=count)


YEAR_AGO = UNTIL - days(400)  # and a little more: whoever wrote then was followed for a year


def order(on: date, amount: str = "10", currency: str = "EUR") -> Order:
    return Order(on, Decimal(amount), currency)


def case(
    answered: Answered = LATE,
    day: date = YEAR_AGO,
    *,
    before: Sequence[int] = (30,),
    after: Sequence[int] = (),
    p_alive: float | None = None,
    is_silent: bool | None = None,
) -> Case:
    """A customer with orders of 10 euros so many days before and after the index day."""
    known = tuple(order(day - days(one)) for one in before)
    later = tuple(order(day + days(one)) for one in after)
    return Case(Start(answered, day), known + later, known, p_alive, is_silent)


def group(cases: Sequence[Case], answered: Answered = LATE) -> LoyaltyGroup:
    found = groups_of(cases, until=UNTIL)
    assert [one.answered for one in found] == list(Answered)
    return found[list(Answered).index(answered)]


# --- what counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "again", "retained"),
    [
        pytest.param([], 0, 0, id="never"),
        pytest.param([0], 0, 0, id="on the very day, before or after nobody knows"),
        pytest.param([1], 1, 0, id="the next day"),
        pytest.param([180], 1, 0, id="the last of the 180 days"),
        pytest.param([181], 0, 1, id="the day after them"),
        pytest.param([365], 0, 1, id="the last day of the year"),
        pytest.param([366], 0, 0, id="later"),
        pytest.param([5, 9, 300], 1, 1, id="each customer once"),
    ],
)
def test_an_order_counts_by_its_day(after: list[int], again: int, retained: int) -> None:
    found = group([case(after=after)])
    assert (found.repeat.raw.hits, found.repeat.raw.n) == (again, 1)
    assert (found.retention.raw.hits, found.retention.raw.n) == (retained, 1)


def test_who_cannot_be_followed_for_180_days_is_pending_and_nothing_else() -> None:
    cases = [case(day=UNTIL - days(one), before=[9], after=[1]) for one in (179, 180, 364, 365)]
    found = group(cases)
    assert (found.customers, found.pending) == (3, 1)
    assert (found.repeat.raw.n, found.retention.raw.n) == (3, 1)
    assert found.spent[0].after.raw.n == 3


def test_what_was_spent_is_of_who_had_ordered_in_that_currency_before() -> None:
    day = UNTIL - days(200)
    known = (
        order(day - days(180), "5"),
        order(day - days(181), "70"),
        order(day - DAY, "8", "USD"),
    )
    later = (order(day, "900"), order(day + DAY, "20"), order(day + days(180), "-6"))
    euros = Case(Start(LATE, day), known + later, known)
    others = [case(day=day, before=[1], after=[181]) for _ in range(29)]
    dollars = group([euros, *others])

    assert [one.currency for one in dollars.spent] == ["EUR", "USD"]
    in_euros, in_dollars = dollars.spent
    assert in_euros.before.raw.value == pytest.approx((5 + 29 * 10) / 30)
    assert in_euros.after.raw.value == pytest.approx(14 / 30)
    assert in_euros.change.raw.value == pytest.approx((14 - 5 - 290) / 30)
    assert (in_dollars.before.raw.n, in_dollars.before.raw.value) == (1, None)


def test_abandonment_is_of_who_ordered_more_than_once() -> None:
    cases = [case(p_alive=0.25, is_silent=True)] * 10 + [case(p_alive=0.5, is_silent=False)] * 20
    found = group([*cases, *[case()] * 40])
    assert found.abandonment.raw.n == 30
    assert found.abandonment.raw.value == pytest.approx((10 * 0.75 + 20 * 0.5) / 30)
    assert (found.silent.raw.n, found.silent.raw.hits) == (30, 10)


def test_without_anybody_there_are_zeros_and_no_figures() -> None:
    for one in groups_of([], until=UNTIL):
        assert (one.customers, one.pending, one.repeat.raw.n, one.spent) == (0, 0, 0, ())
        assert one.repeat.raw.value is None


# --- who is alike ---------------------------------------------------------------------------------


def test_customers_are_alike_by_what_was_known_before_the_index_day() -> None:
    cases = [
        case(before=[]),
        case(before=[40]),  # of the usual gap, 20 days, not yet three times
        case(before=[100]),
        case(before=[20, 40, 60]),
        case(before=[61, 81]),
        case(before=[1, 21, 41, 61, 81]),
    ]
    found = strata_of(cases)
    assert [one.orders for one in found] == [0, 1, 1, 2, 2, 3]
    assert [one.silent for one in found] == [False, False, True, False, True, False]

    later = [replace(one, orders=(*one.known, order(one.start.day + DAY, "999"))) for one in cases]
    assert strata_of(later) == found, "what came after is not known yet"


def test_value_is_the_third_among_those_with_as_many_orders() -> None:
    some = [case(before=range(1, orders + 1)) for orders in (4, 5, 6, 7, 8, 9)]
    few = [case(before=[7])] * 3
    assert [one.value for one in strata_of([*some, *few])] == [1, 1, 2, 2, 3, 3, 1, 1, 1]


def test_value_is_of_twelve_months_and_of_each_currency_apart() -> None:
    day = UNTIL - days(300)

    def paid(currency: str, amount: str, ago: int = 10) -> Case:
        known = (order(day - days(ago), amount, currency),)
        return Case(Start(LATE, day), known, known)

    cases = [paid("EUR", one) for one in ("10", "20", "30")]
    cases += [paid("JPY", one) for one in ("1000", "2000", "3000")]
    cases += [paid("EUR", "500", ago=365), paid("EUR", "500", ago=366)]
    assert [one.value for one in strata_of(cases)] == [1, 1, 2, 1, 2, 3, 3, 0]


def test_of_whom_fewer_than_five_are_alike_nobody_stands_beside() -> None:
    often = [case(before=[9, 19, 29, 39], after=[3])] * 40
    seldom = [case(before=[9])] * 31
    alike = [case(NEVER, before=[9], after=[5])] * 200
    four = [case(NEVER, before=[9, 19, 29, 39])] * 4

    found = group([*often, *seldom, *alike, *four]).repeat
    assert found.matched is not None
    assert found.alike is not None
    assert (found.raw.hits, found.raw.n) == (40, 71)
    assert (found.matched.hits, found.matched.n, found.unmatched) == (0, 31, 40)
    assert (found.alike.value, found.alike.n) == (1, 200)

    fifth = group([*often, *seldom, *alike, *four, four[0]]).repeat
    assert fifth.unmatched == 0


def test_who_never_asked_stands_alone() -> None:
    found = group([case(NEVER)] * 40 + [case()] * 40, NEVER).repeat
    assert (found.matched, found.alike, found.unmatched) == (None, None, 0)


# --- against known probabilities ------------------------------------------------------------------


class Kind(NamedTuple):
    """Customers who are alike: how they bought before, and how probably they do after."""

    again: float
    before: tuple[int, ...]
    asked: int  # how many of them there are among those who asked
    never: int


# Who buys often asks often: that alone sets the groups apart.
KINDS = (
    Kind(0.15, (200,), asked=6, never=90),
    Kind(0.45, (20, 60), asked=18, never=45),
    Kind(0.85, (10, 30, 50, 70, 90), asked=36, never=15),
)
TRUTH = sum(one.again * one.asked for one in KINDS) / 60  # of both, when they are alike


def drawn(chance: random.Random, *, lower: float = 0) -> list[Case]:
    """lower: by how much the probability of who asked is."""
    made = []
    for kind in KINDS:
        for answered, count in ((LATE, kind.asked), (NEVER, kind.never)):
            for _ in range(count):
                again = chance.random() < kind.again - (lower if answered is LATE else 0)
                after = (chance.randint(1, 180),) if again else ()
                day = UNTIL - days(chance.randint(180, 500))
                made.append(case(answered, day, before=kind.before, after=after))
    return made


def test_alone_the_groups_differ_and_matched_they_do_not() -> None:
    chance = random.Random(150)  # noqa: S311
    raw, alike = [], []
    for _ in range(12):
        late, never = (group(cases := drawn(chance)), group(cases, NEVER))
        assert late.repeat.unmatched == 0
        assert late.repeat.alike is not None
        assert late.repeat.alike.value is not None
        raw.append((late.repeat.raw.hits or 0) / 60 - (never.repeat.raw.hits or 0) / 150)
        alike.append(late.repeat.alike.value)

    error = sqrt(0.25 / 30 / 12)  # of a mean of 12 shares that tell as much as 30 customers each
    assert fmean(raw) > 0.25, "though customers of one kind do the same in both groups"
    assert fmean(alike) == pytest.approx(TRUTH, abs=3 * error)


def test_ninety_five_intervals_of_a_hundred_hold_the_truth_of_the_alike() -> None:
    chance = random.Random(95)  # noqa: S311

    def shares(count_of: Callable[[Kind], int]) -> dict[Stratum, list[float]]:
        return {
            Stratum(number, silent=False, value=0): [
                float(chance.random() < kind.again) for _ in range(count_of(kind))
            ]
            for number, kind in enumerate(KINDS)
        }

    held = []
    for _ in range(400):
        found = compared(shares(lambda kind: kind.asked), shares(lambda kind: kind.never))
        for one in (found.matched, found.alike):
            assert one is not None
            held.append((one.low or 0) <= TRUTH <= (one.high or 0))
    assert fmean(held[::2]) >= 0.93
    assert fmean(held[1::2]) >= 0.93


def test_what_differs_among_the_alike_is_seen() -> None:
    chance = random.Random(7)  # noqa: S311
    found = [group(drawn(chance, lower=0.15)).repeat for _ in range(12)]
    gaps = [
        one.alike.value - one.matched.value
        for one in found
        if one.alike and one.alike.value and one.matched and one.matched.value
    ]
    assert fmean(gaps) == pytest.approx(0.15, abs=3 * sqrt((0.25 / 60 + 0.25 / 30) / 12))


def test_alike_is_the_share_of_each_kind_in_the_proportion_of_the_group() -> None:
    """By another formula: sums of shares, not of weights."""
    cases = drawn(random.Random(11))  # noqa: S311
    strata = dict(zip(map(id, cases), strata_of(cases), strict=True))
    asked = [one for one in cases if one.start.answered is LATE]
    never = [one for one in cases if one.start.answered is NEVER]
    expected = 0.0
    for stratum in {strata[id(one)] for one in asked}:
        mine = [one for one in asked if strata[id(one)] == stratum]
        theirs = [one for one in never if strata[id(one)] == stratum]
        again = sum(any(one.start.day < o.ordered_on for o in one.orders) for one in theirs)
        expected += len(mine) / len(asked) * again / len(theirs)
    alike = group(cases).repeat.alike
    assert alike is not None
    assert alike.value == pytest.approx(expected)


def test_the_order_of_customers_changes_nothing() -> None:
    chance = random.Random(5)  # noqa: S311
    cases = drawn(chance)
    found = groups_of(cases, until=UNTIL)
    chance.shuffle(cases)
    assert groups_of(cases, until=UNTIL) == found
