"""The database orders customers as plain Python does by the same values."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest

from domain.customer import CustomerRecord
from domain.valuation import CurrencyValue, Segment, Valuation
from storage import customers, persons, ranking
from storage.engine import Database
from storage.ranking import SortKey, TierRule, Wanted, ranked
from tests.storage.made import NOW, customer
from tests.storage.test_valuations import shop_of, store

TODAY = NOW.date()
GOLD, SILVER = {"": Decimal(100), "USD": Decimal(50)}, {"": Decimal(30)}
AS_GOLD, AS_SILVER = TierRule(["Gold"], GOLD, []), TierRule(["silver"], SILVER, [GOLD])
NAMES = ("ana", "Ana", "Bo", "Émile", "zoe", "Zoe", "")


def made(chance: random.Random, person_id: int) -> Valuation:
    """Somebody's valuation, with amounts, dates and probabilities that meet each other."""
    currencies = chance.sample(["EUR", "USD", ""], chance.choice([1, 1, 2]))
    values = [
        CurrencyValue(
            currency=one,
            orders=2,
            revenue=500.0,
            revenue_12m=chance.choice([0.0, 29.99, 30.0, 50.0, 100.0, 250.0]),
            average_order_value=chance.choice([None, 5.0, 7.5]),
            clv_simple=10.0,
            clv=chance.choice([None, 70.0, 90.5]),
        )
        for one in currencies
    ]
    return Valuation(
        person_id=person_id,
        segment=chance.choice(list(Segment)),
        orders=chance.choice([1, 2, 3]),
        first_order_on=TODAY - timedelta(days=900),
        last_order_on=TODAY - timedelta(days=chance.choice([1, 2, 90])),
        orders_per_year=chance.choice([0.5, 1.0, 4.0]),
        median_gap_days=None,
        p_alive=chance.choice([None, 0.2, 0.9]),
        is_silent=False,
        values=tuple(sorted(values, key=lambda one: (-one.revenue_12m, one.currency))),
    )


World = tuple[dict[int, Valuation], dict[int, str], dict[int, str]]


def fill(database: Database) -> World:
    """Forty people, some of two systems: their valuations, the CRM's tiers, and their names."""
    chance = random.Random(15)  # noqa: S311
    words = ["", "", "", "Gold", "silver", "VIP"]
    people = [
        CustomerRecord(
            "csv", f"c{n}", chance.choice(NAMES), f"{n}@x.example", tier=chance.choice(words)
        )
        for n in range(40)
    ]
    twins = [
        customer(f"s{n}", system="shop", email=f"{n}@x.example", tier=chance.choice(words))
        for n in range(0, 40, 4)
    ]
    with database.begin() as session:
        customers.save(session, [*people, *twins], now=NOW)
        persons.join(session)
        records = persons.records(session, [row.id for row in customers.every(session)])
        tiers = {one: next((r.tier for r in rows if r.tier), "") for one, rows in records.items()}
        names = {one: rows[0].name for one, rows in records.items()}
    valued = {one: made(chance, one) for one in list(records)[:-3]}  # three never ordered
    store(database, list(valued.values()), shop_of())
    return valued, tiers, names


def taking_turns(ids: Iterable[int], valued: dict[int, Valuation], key: str) -> list[int]:
    """The first of each currency, then the second of each; who never ordered at the end."""
    of_currency: defaultdict[str, list[int]] = defaultdict(list)
    for one in ids:
        if one in valued:
            of_currency[valued[one].values[0].currency].append(one)

    def most_first(one: int) -> tuple[Any, ...]:
        value = valued[one].values[0]
        amount = getattr(value, key)
        return (amount is None, -(amount or 0), -value.revenue_12m, one)

    columns = [sorted(of_currency[name], key=most_first) for name in sorted(of_currency)]
    found = [one for row in zip_longest(*columns) for one in row if one is not None]
    return found + sorted(one for one in ids if one not in valued)


def folded(name: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


def last_if_none(value: float | None, *, sign: int) -> tuple[bool, float]:
    return value is None, sign * (value or 0)


def test_customers_are_ordered_by_what_they_were_valued_at(database: Database) -> None:
    valued, _, names = fill(database)
    ids = sorted(names)

    def of(person_id: int, field: str) -> Any:  # noqa: ANN401 -- any of its fields
        return getattr(valued[person_id], field) if person_id in valued else None

    def day(person_id: int) -> int | None:
        return valued[person_id].last_order_on.toordinal() if person_id in valued else None

    by: dict[SortKey, Callable[[int], Any]] = {
        SortKey.ORDERS: lambda one: last_if_none(of(one, "orders"), sign=-1),
        SortKey.ORDERS_A_YEAR: lambda one: last_if_none(of(one, "orders_per_year"), sign=-1),
        SortKey.LAST_ORDER: lambda one: last_if_none(day(one), sign=-1),
        SortKey.P_ALIVE: lambda one: last_if_none(of(one, "p_alive"), sign=1),
        SortKey.NAME: lambda one: folded(names[one]),
    }
    money = {
        SortKey.REVENUE: "revenue_12m",
        SortKey.CLV: "clv",
        SortKey.AVERAGE_ORDER: "average_order_value",
    }
    assert {*by, *money} == set(SortKey)
    with database.read() as session:
        for sort, key in by.items():
            expected = sorted(ids, key=key)  # of equals the ids stay in order
            assert ranked(session, Wanted(sort=sort)) == expected, sort
        for sort, field in money.items():
            expected = taking_turns(ids, valued, field)
            assert ranked(session, Wanted(sort=sort)) == expected, sort
            assert ranked(session, Wanted(sort=sort), limit=3) == expected[:3]

        in_dollars = {
            person_id: value
            for person_id, one in valued.items()
            for value in one.values
            if value.currency == "USD"
        }
        assert len(in_dollars) > 5
        assert any(valued[one].values[0].currency != "USD" for one in in_dollars)
        assert ranked(session, Wanted(currency="USD")) == sorted(
            in_dollars, key=lambda one: (-in_dollars[one].revenue_12m, one)
        )


def test_customers_are_told_apart_by_segment_and_tier(database: Database) -> None:
    valued, words, _ = fill(database)

    def reaches(person_id: int, thresholds: dict[str, Decimal]) -> bool:
        values = valued[person_id].values if person_id in valued else ()
        return any(
            Decimal(str(one.revenue_12m)) >= thresholds.get(one.currency, thresholds[""])
            for one in values
        )

    def tier(person_id: int) -> str:
        if words[person_id]:
            return words[person_id].lower()
        if reaches(person_id, GOLD):
            return "gold"
        return "silver" if reaches(person_id, SILVER) else ""

    def ids(wanted: Wanted) -> list[int]:
        with database.read() as session:
            return sorted(ranked(session, wanted))

    tiers = {one: tier(one) for one in words}
    assert {"gold", "silver", "vip", ""} == set(tiers.values())
    gold, silver = ([one for one in words if tiers[one] == name] for name in ("gold", "silver"))
    assert ids(Wanted(tiers=[AS_GOLD])) == sorted(gold)
    assert ids(Wanted(tiers=[AS_SILVER])) == sorted(silver)
    assert ids(Wanted(tiers=[AS_GOLD, AS_SILVER])) == sorted(gold + silver)
    vip = TierRule(["VIP"], {}, [])
    assert ids(Wanted(tiers=[vip])) == sorted(one for one in words if tiers[one] == "vip")

    regular = {one for one in valued if valued[one].segment is Segment.REGULAR}
    assert ids(Wanted(segments=[Segment.REGULAR])) == sorted(regular)
    both = Wanted(segments=[Segment.REGULAR, Segment.SPORADIC], tiers=[AS_GOLD], people=gold[::2])
    alike = {one for one in valued if valued[one].segment in both.segments}
    assert ids(both) == sorted(alike.intersection(gold[::2]))
    assert ids(replace(both, people=[])) == []


def test_a_sum_of_floats_reaches_a_threshold_that_its_amounts_do(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer("1")], now=NOW)
        [row] = customers.every(session)
        person_id = row.id
    value = CurrencyValue("EUR", 4, 500.0, 99.99999999999999, 25.0, 10.0)
    one = replace(made(random.Random(1), person_id), values=(value,))  # noqa: S311
    store(database, [one], shop_of())
    with database.read() as session:
        assert ranked(session, Wanted(tiers=[AS_GOLD])) == [person_id]


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(tiers=[AS_GOLD], segments=list(Segment))])
def test_nobody_is_ranked_where_nobody_is(database: Database, wanted: Wanted) -> None:
    with database.read() as session:
        assert ranked(session, wanted) == []
        assert ranking.tier_words(session) == []
