import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

import pytest

from crm.clv.valuing import value_customers
from domain.valuation import (
    Cohort,
    CurrencyTotals,
    CurrencyValue,
    Method,
    Purchase,
    Segment,
    ShopValuation,
    Valuation,
)
from tests.crm.clv import by_hand

TODAY = date(2026, 11, 30)
YEARS = 3


def bought(
    person: int, days_ago: int, amount: str = "20", currency: str = "EUR", order: str = ""
) -> Purchase:
    on = TODAY - timedelta(days=days_ago)
    return Purchase(person, on, Decimal(amount), currency, order or f"{person} {days_ago}")


def valued(*purchases: Purchase, years: float = YEARS) -> tuple[list[Valuation], ShopValuation]:
    return value_customers(purchases, today=TODAY, years=years)


# --- a few orders ---------------------------------------------------------------------------------


def test_without_orders_there_is_nothing() -> None:
    assert valued() == ([], ShopValuation(TODAY, 3, (), ()))


def test_one_order_in_all() -> None:
    [person], shop = valued(bought(7, 40))

    assert person == Valuation(
        person_id=7,
        segment=Segment.OCCASIONAL,
        orders=1,
        first_order_on=date(2026, 10, 21),
        last_order_on=date(2026, 10, 21),
        orders_per_year=1.0,
        median_gap_days=None,
        p_alive=None,
        is_silent=False,
        values=(CurrencyValue("EUR", 1, 20.0, 20.0, 20.0, 60.0),),
    )
    [totals] = shop.totals
    assert (totals.customers, totals.one_time, totals.one_time_silent) == (1, 1, 0)
    assert (totals.repeat_index_6m, totals.silent, totals.abandonment) == (0.0, None, None)
    assert totals.method is Method.REVENUE_12M
    assert totals.why == "nobody has ordered on more than one day, and a model needs 200 who did"
    assert shop.cohorts == (Cohort(date(2026, 10, 1), 1, ()),)


def test_who_never_paid_for_an_order_has_no_valuation() -> None:
    people, shop = valued(
        bought(1, 9, "0"), bought(2, 9, "-4"), bought(3, -1), bought(4, 9, order="A"),
        bought(4, 2, "-20", order="A"), bought(5, 9, "50"),
    )  # fmt: skip

    assert [one.person_id for one in people] == [5]
    [totals] = shop.totals
    assert (totals.customers, totals.orders, totals.revenue) == (1, 1, 46.0)


def test_a_currency_with_refunds_alone_is_a_value_and_no_total() -> None:
    [person], shop = valued(bought(1, 9), bought(1, 5, "-3", "USD"))

    assert person.values == (
        CurrencyValue("EUR", 1, 20.0, 20.0, 20.0, 60.0),
        CurrencyValue("USD", 0, -3.0, -3.0, None, None),
    )
    assert [totals.currency for totals in shop.totals] == ["EUR"]


def test_several_orders_of_one_day_are_no_rhythm() -> None:
    [person], _ = valued(bought(1, 9, order="A"), bought(1, 9, order="B"))

    assert (person.orders, person.segment) == (2, Segment.OCCASIONAL)
    assert person.median_gap_days is None


def test_the_past_12_months_begin_after_today_a_year_ago() -> None:
    [person], shop = valued(bought(1, 365, "1"), bought(1, 364, "2"), bought(1, 0, "4"))

    assert person.values[0].revenue_12m == 6.0
    assert shop.totals[0].revenue_12m == 6.0
    leap = [Purchase(1, date(2027, 2, day), Decimal(day), "EUR", str(day)) for day in (28, 27)]
    [person], _ = value_customers(leap, today=date(2028, 2, 29), years=3)
    assert person.values[0].revenue_12m == 0.0


def test_currencies_stand_by_the_money_of_12_months() -> None:
    [person], shop = valued(
        bought(1, 500, "900", "CHF"), bought(1, 9, "5", "USD"), bought(1, 8, "7", "EUR"),
        bought(1, 7, "5", "GBP"), bought(1, 600, "1", "USD"),
    )  # fmt: skip

    assert [one.currency for one in person.values] == ["EUR", "USD", "GBP", "CHF"]
    assert [one.currency for one in shop.totals] == ["EUR", "GBP", "USD", "CHF"]


# --- a shop with a model in one currency ----------------------------------------------------------


@cache
def shop() -> tuple[Purchase, ...]:
    """Three years; euros with a model, dollars too few for one; refunds of every kind."""
    return tuple(_orders(Random(5)))  # noqa: S311  no secret


def _orders(random: Random) -> Iterator[Purchase]:
    for person in range(1, 1101):
        rate, leaves = random.gammavariate(0.8, 1 / 60), random.betavariate(1, 4)
        mean = 200 / random.gammavariate(4, 1)
        ago = float(random.randint(1, 1095))
        currencies = random.choice([("EUR",), ("EUR",), ("EUR",), ("EUR", "USD"), ("USD",)])
        for number in range(99):
            money = Decimal(f"{random.gammavariate(5, mean / 5) + 0.01:.2f}")
            order = bought(
                person, int(ago), str(money), random.choice(currencies), f"{person}-{number}"
            )
            yield order
            yield from _refunded(random, order)
            ago -= random.choice([0.0, *[random.expovariate(rate)] * 9])
            if ago < -20 or random.random() < leaves:
                break


def _refunded(random: Random, order: Purchase) -> Iterator[Purchase]:
    later = order.ordered_on + timedelta(days=random.randint(0, 40))
    share = random.choice([0, 0, 0, 0, 0, 0, 0, 30, 100, 110])
    if share:
        back = round(order.amount * share / 100, 2)
        yield order._replace(ordered_on=later, amount=-back)
    if random.random() < 0.02:
        yield order._replace(ordered_on=later, amount=Decimal(-2), order=f"R {order.order}")
    if random.random() < 0.02:
        yield order._replace(ordered_on=later, amount=Decimal(0), order=f"F {order.order}")


@cache
def of_shop() -> tuple[list[Valuation], ShopValuation]:
    return valued(*shop())


def totals_of(currency: str) -> CurrencyTotals:
    return next(one for one in of_shop()[1].totals if one.currency == currency)


def test_a_currency_has_a_model_and_another_is_too_thin() -> None:
    euros, dollars = totals_of("EUR"), totals_of("USD")

    assert (euros.method, euros.why) == (Method.BG_NBD, "")
    assert euros.model is not None
    assert euros.model.keys() == {"r", "alpha", "a", "b", "p", "q", "gamma", "correlation"}
    repeats = dollars.customers - dollars.one_time
    assert dollars.method is Method.REVENUE_12M
    assert dollars.why == (
        f"{repeats} customers have ordered on more than one day, and a model needs 200 who did"
    )
    assert (dollars.model, dollars.clv, dollars.expected_revenue_12m) == (None, None, None)


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_totals_are_those_of_a_plain_loop(currency: str) -> None:
    people = by_hand.by_person(shop(), TODAY)[currency].values()
    found = totals_of(currency)

    expected = by_hand.totals(
        list(people), TODAY, year_ago=date(2025, 11, 30), half=date(2026, 5, 30)
    )

    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)


def test_people_are_those_of_a_plain_loop() -> None:
    by_currency = by_hand.by_person(shop(), TODAY)
    people, _ = of_shop()

    assert [one.person_id for one in people] == sorted(by_currency["*"])
    for person in people:
        own = by_currency["*"][person.person_id]
        assert (person.orders, person.median_gap_days) == (len(own.orders), own.gap)
        assert (person.first_order_on, person.last_order_on) == (own.days[0], own.days[-1])
        assert person.orders_per_year == pytest.approx(own.per_year(TODAY))
        assert person.is_silent == own.is_silent(TODAY)
        for value in person.values:
            part = by_currency[value.currency][person.person_id]
            assert value.orders == len(part.orders)
            assert value.revenue == pytest.approx(float(part.revenue()))
            assert value.revenue_12m == pytest.approx(float(part.revenue(date(2025, 11, 30))))
            if part.orders:
                average = float(part.revenue()) / len(part.orders)
                assert value.average_order_value == pytest.approx(average)
                simple = part.per_year(TODAY) * average * YEARS
                assert value.clv_simple == pytest.approx(simple)


def test_expectations_are_those_of_the_published_formulas() -> None:
    euros = by_hand.by_person(shop(), TODAY)["EUR"]
    model = totals_of("EUR").model
    assert model is not None

    for person in of_shop()[0][::12]:
        for value in person.values:
            if value.currency == "EUR" and value.orders:
                one = euros[person.person_id]
                expected = by_hand.expected(one, model, TODAY, YEARS)
                known = expected.p_alive if len(one.days) > 1 else None
                assert value.p_alive == pytest.approx(known)
                assert value.expected_orders_12m == pytest.approx(expected.orders_12m)
                assert value.expected_order_value == pytest.approx(expected.order_value)
                assert value.clv == pytest.approx(expected.clv)


def test_what_is_expected_of_all_is_the_sum_of_what_is_expected_of_each() -> None:
    people, _ = of_shop()
    euros = [one for person in people for one in person.values if one.currency == "EUR"]
    totals = totals_of("EUR")

    assert totals.clv == pytest.approx(sum(one.clv or 0 for one in euros))
    assert totals.clv_simple == pytest.approx(sum(one.clv_simple or 0 for one in euros))
    assert totals.expected_revenue_12m == pytest.approx(
        sum((one.expected_orders_12m or 0) * (one.expected_order_value or 0) for one in euros)
    )
    gone = [1 - one.p_alive for one in euros if one.p_alive is not None]
    assert totals.abandonment == pytest.approx(sum(gone) / len(gone))
    assert len(gone) == totals.customers - totals.one_time


def test_segments_follow_from_the_figures() -> None:
    people, _ = of_shop()
    money: dict[str, list[float]] = defaultdict(list)
    for person in people:
        for value in person.values:
            if value.orders:
                money[value.currency].append(_brings(value))
    least = {
        currency: sorted(all_, reverse=True)[len(all_) // 10] for currency, all_ in money.items()
    }

    for person in people:
        is_top = any(_brings(one) > least[one.currency] for one in person.values if one.orders)
        assert person.segment is _segment(person, is_top=is_top)
    assert {one.segment for one in people} == set(Segment)


def _brings(value: CurrencyValue) -> float:
    if value.expected_orders_12m is None or value.expected_order_value is None:
        return value.revenue_12m
    return value.expected_orders_12m * value.expected_order_value


def _segment(person: Valuation, *, is_top: bool) -> Segment:
    if person.median_gap_days is None:
        return Segment.OCCASIONAL
    known = [one.p_alive for one in person.values if one.p_alive is not None]
    assert person.p_alive == max(known, default=None)
    if (max(known) < 0.5) if known else person.is_silent:
        return Segment.SPORADIC
    return Segment.EXCLUSIVE if is_top else Segment.REGULAR


def test_the_order_of_the_purchases_changes_nothing() -> None:
    shuffled = list(shop())
    Random(9).shuffle(shuffled)  # noqa: S311  no secret

    assert valued(*shuffled) == of_shop()


def test_another_horizon_changes_lifetime_values_alone() -> None:
    people, _ = valued(*shop(), years=1)

    for one, longer in zip(people, of_shop()[0], strict=True):
        for value, three in zip(one.values, longer.values, strict=True):
            assert replace(value, clv=three.clv, clv_simple=three.clv_simple) == three
            if value.clv is not None and three.clv is not None:
                assert value.clv < three.clv < 3 * value.clv


# --- shops of every kind --------------------------------------------------------------------------


def _poisson(random: Random, rate: float, age: int) -> list[int]:
    """Days ago: the first order, and others at random."""
    days, ago = [], float(age)
    while ago >= 0:
        days.append(int(ago))
        ago -= random.expovariate(rate)
    return days


def _one_in_ten_again(random: Random) -> Iterator[list[int]]:
    for number in range(2000):
        age = random.randint(0, 700)
        yield _poisson(random, 0.01, age) if number % 10 == 0 else [age]


def _three_weeks(random: Random) -> Iterator[list[int]]:
    for _ in range(400):
        yield _poisson(random, 0.3, random.randint(0, 20))


def _monthly(random: Random) -> Iterator[list[int]]:
    for _ in range(300):
        ends = random.randint(0, 300)
        yield list(range(ends, ends + 30 * random.randint(1, 20), 30))


def _same_two_days(_: Random) -> Iterator[list[int]]:
    yield from [[300, 10]] * 300


def _robots(random: Random) -> Iterator[list[int]]:
    yield from (_poisson(random, 0.01, random.randint(100, 700)) for _ in range(400))
    yield from [list(range(900))] * 5


def _one_of_the_middle_ages(random: Random) -> Iterator[list[int]]:
    yield from (_poisson(random, 0.01, random.randint(100, 700)) for _ in range(400))
    yield [350_000]


def _given_up(random: Random) -> Iterator[list[int]]:
    for _ in range(300):
        yield [2000 + ago for ago in _poisson(random, 0.01, random.randint(100, 700))]


def _often_and_much(random: Random) -> Iterator[list[int]]:
    for number in range(400):
        yield _poisson(random, 0.001 + number / 20_000, random.randint(300, 700))


THIN = Method.REVENUE_12M
NO_VALUES = "no model of order values fits: each one's own average is kept"
Amount = Callable[[Random, int], float]


def usual(random: Random, _: int) -> float:
    return random.gammavariate(3, 10) + 1


@pytest.mark.parametrize(
    ("days", "amount", "method", "why"),
    [
        pytest.param(_one_in_ten_again, usual, THIN, "more than one day", id="too few repeats"),
        pytest.param(_three_weeks, usual, THIN, "21 days, and a model needs 6 months", id="young"),
        pytest.param(_monthly, usual, Method.BG_NBD, "", id="subscriptions"),
        pytest.param(_monthly, lambda *_: 9.99, Method.BG_NBD, NO_VALUES, id="all pay the same"),
        pytest.param(
            _monthly,
            lambda random, _: min(random.paretovariate(0.3), 1e12),
            Method.BG_NBD,
            NO_VALUES,
            id="a few pay nearly all",
        ),
        pytest.param(
            _often_and_much,
            lambda random, person: (person + 50) * random.gammavariate(5, 1),
            Method.BG_NBD,
            "who orders more often pays more an order: each one's own average is kept",
            id="often and much",
        ),
        pytest.param(_same_two_days, usual, THIN, "no model of how often", id="two days in all"),
        pytest.param(_robots, usual, THIN, "no model of how often", id="a few order each day"),
        pytest.param(_one_of_the_middle_ages, usual, THIN, "no model", id="one wrong date"),
        pytest.param(_given_up, usual, Method.BG_NBD, "", id="no order for five years"),
    ],
)  # fmt: skip
def test_whatever_the_shop_every_figure_is_sane_and_it_is_said_why(
    days: Callable[[Random], Iterator[list[int]]], amount: Amount, method: Method, why: str
) -> None:
    random = Random(3)  # noqa: S311  no secret
    people, whole = valued(
        *(
            bought(person, ago, f"{amount(random, person):.2f}", order=f"{person} {number}")
            for person, ordered in enumerate(days(random), 1)
            for number, ago in enumerate(ordered)
        )
    )

    [totals] = whole.totals
    assert totals.method is method
    assert why in totals.why if why else not totals.why
    assert (totals.model is None, totals.clv is None) == (method is THIN, method is THIN)
    for value in (value for person in people for value in person.values):
        known = (value.p_alive, value.expected_orders_12m, value.expected_order_value, value.clv)
        assert all(one is None or (math.isfinite(one) and one >= 0) for one in known)
        assert value.p_alive is None or value.p_alive <= 1
        assert (value.clv is None) == (method is THIN)


def test_one_time_buyers_are_never_loyal() -> None:
    random = Random(8)  # noqa: S311  no secret
    shop = [
        bought(person, ago, f"{usual(random, person):.2f}", order=f"{person} {number}")
        for person in range(3000)
        for number, ago in enumerate(
            _poisson(random, 0.01, random.randint(200, 700)) if person % 10 == 0 else [500]
        )
    ]

    people, whole = valued(*shop)

    alone = [one for one in people if one.orders == 1]
    assert whole.totals[0].method is Method.BG_NBD
    assert len(alone) >= 2700
    assert {one.segment for one in alone} == {Segment.OCCASIONAL}
    assert {one.p_alive for one in alone} == {None}
    assert {value.p_alive for one in alone for value in one.values} == {None}
    assert whole.totals[0].one_time == len(alone)
    assert whole.totals[0].one_time_silent >= 2700
