import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import customers, orders
from storage.engine import Database
from storage.orders import NOBODY, Imported, Refused
from tests.storage.made import NOW, customer, customer_id


def order(customer: str = "C1", amount: str = "10.00", **changed: str) -> OrderRecord:
    made = OrderRecord(customer, date(2026, 3, 1), Decimal(amount), "EUR")
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def amounts(session: Session, external_id: str = "C1") -> list[Decimal]:
    found = orders.of(session, [customer_id(session, external_id)])
    return [one.amount for one in found[customer_id(session, external_id)]]


@pytest.fixture
def known(database: Database) -> Database:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
    return database


def test_the_same_orders_twice_are_not_doubled(known: Database) -> None:
    rows = [order(external_id="#1"), order(amount="5.50"), order("C2")]
    with known.begin() as session:
        assert orders.save(session, "hubspot", rows) == Imported(3, 0)
        assert orders.save(session, "hubspot", rows) == Imported(0, 3)
        assert amounts(session) == [Decimal("10.00"), Decimal("5.50")]


def test_two_equal_orders_without_an_id_are_two(known: Database) -> None:
    with known.begin() as session:
        assert orders.save(session, "hubspot", [order(), order()]) == Imported(2, 0)
        assert orders.save(session, "hubspot", [order(), order(), order()]) == Imported(1, 2)


def test_a_refund_changes_the_order_it_belongs_to(known: Database) -> None:
    with known.begin() as session:
        orders.save(session, "hubspot", [order(external_id="#1")])
        refunded = order(external_id="#1", amount="0.00")
        assert orders.save(session, "hubspot", [refunded]) == Imported(0, 1)
        assert amounts(session) == [Decimal("0.00")]


def test_an_order_that_was_given_to_another_customer_moves(known: Database) -> None:
    with known.begin() as session:
        orders.save(session, "hubspot", [order(external_id="#1")])
        orders.save(session, "hubspot", [order("C2", external_id="#1")])
        assert (amounts(session), amounts(session, "C2")) == ([], [Decimal("10.00")])


def test_the_same_order_number_of_two_shops_is_two_orders(known: Database) -> None:
    with known.begin() as session:
        by_mail = order("c1@example.com", external_id="#1")
        for shop in ("one", "two"):
            assert orders.save(session, shop, [by_mail]).new == 1


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        pytest.param("C1", "C1", id="the CRM's id"),
        pytest.param("c1@example.com", "C1", id="e-mail"),
        pytest.param("C1@Example.COM", "C1", id="e-mail in capitals"),
        pytest.param("shared@example.com", None, id="an e-mail of two customers"),
        pytest.param("twice", "twice", id="an id of two systems"),
        pytest.param("other", None, id="an id of another system"),
        pytest.param("nobody@example.com", None, id="an unknown e-mail"),
        pytest.param("", None, id="nobody"),
        pytest.param("%", None, id="LIKE"),
    ],
)
def test_whose_order_it_is(known: Database, name: str, owner: str | None) -> None:
    with known.begin() as session:
        more = [
            customer("S1", email="shared@example.com"),
            customer("S2", email="shared@example.com"),
            customer("twice", system="hubspot"),
            customer("twice", system="shopify"),
            customer("other", system="shopify"),
        ]
        customers.save(session, more, now=NOW)
        done = orders.save(session, "hubspot", [order(name)])
        assert done == (Imported(1, 0) if owner else Imported(0, 0, done.refused))
        assert len(done.refused) == (not owner)
        if owner:
            assert amounts(session, owner) == [Decimal("10.00")]


def test_two_spellings_of_one_e_mail_are_one_customer(known: Database) -> None:
    with known.begin() as session:
        rows = [order("C1@example.com"), order("c1@example.com", amount="2.00")]
        assert orders.save(session, "hubspot", rows) == Imported(2, 0)


def test_each_order_of_an_unknown_customer_is_refused(known: Database) -> None:
    with known.begin() as session:
        done = orders.save(session, "hubspot", [order("z"), order("a"), order("z")])
        assert done == Imported(0, 0, (Refused(0, NOBODY),) * 3)


@pytest.mark.parametrize("amount", ["0.01", "-3.10", "1234567890123.45", "0.1", "99.99"])
def test_money_is_kept_to_the_cent(known: Database, amount: str) -> None:
    with known.begin() as session:
        orders.save(session, "hubspot", [order(amount=amount)])
        assert amounts(session) == [Decimal(amount)]


def test_orders_come_oldest_first_for_every_customer_asked_for(known: Database) -> None:
    with known.begin() as session:
        first, second = customer_id(session, "C1"), customer_id(session, "C2")
        late = dataclasses.replace(order(), ordered_on=date(2026, 5, 1))
        orders.save(session, "hubspot", [late, order()])
        found = orders.of(session, [first, second, first])
        assert [one.ordered_on.month for one in found[first]] == [3, 5]
        assert found[second] == []
