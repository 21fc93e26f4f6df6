"""The database ranks customers as their value does."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from crm.value import value, year_before
from domain.customer import OrderRecord
from storage import customers, orders, persons, ranking
from storage.engine import Database
from tests.storage.made import NOW, customer


def test_customers_are_ranked_by_what_they_paid_lately(database: Database) -> None:
    chance = random.Random(4)  # noqa: S311
    people = [customer(f"c{n}", system="csv", email=f"{n}@x.example") for n in range(12)]
    twins = [customer(f"s{n}", system="shopify", email=f"{n}@x.example") for n in range(4)]
    bought = [
        OrderRecord(
            customer=f"{chance.randrange(10)}@x.example",
            ordered_on=NOW.date() - timedelta(days=chance.choice([0, 9, 364, 365, 366, -1])),
            amount=Decimal(chance.choice(["5.00", "7.25", "-3.10", "0"])),
            currency=chance.choice(["EUR", "USD", "GBP", ""]),
            external_id=str(number),
        )
        for number in range(60)
    ]
    bought += [
        replace(one, amount=Decimal(-2), ordered_on=NOW.date() - timedelta(days=later))
        for one in bought
        if one.amount > 0
        for later in chance.choice([(), (0,), (364, 1)])
    ]
    chance.shuffle(bought)
    with database.begin() as session:
        customers.save(session, [*people, *twins], now=NOW)
        persons.join(session)
        for system, some in (("csv", bought[::2]), ("shopify", bought[1::2])):
            assert orders.save(session, system, some).refused == ()
        ids = [row.id for row in customers.every(session)]
        worth = {
            person_id: value(found, today=NOW.date(), tiers={}, crm_tier="").revenue_12m
            for person_id, found in orders.of(session, ids).items()
        }
        after, until = year_before(NOW.date()), NOW.date()
        expected = sorted(ids, key=lambda one: (-worth[one], one))
        assert len(set(worth.values())) > 5
        assert ranking.by_revenue(session, after=after, until=until) == expected
        assert ranking.by_revenue(session, after=after, until=until, limit=3) == expected[:3]


def test_nobody_is_ranked_where_nobody_is(database: Database) -> None:
    with database.read() as session:
        assert ranking.by_revenue(session, after=date(2026, 1, 1), until=NOW.date()) == []
