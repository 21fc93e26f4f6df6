"""Who buys without an account becomes a customer, and one with the account that they make later."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import crm_removal, customers, orders, persons
from storage.engine import Database
from storage.orders import NOBODY, Imported
from tests.storage.made import NOW, customer

SHOP = "woocommerce"
FIRST = OrderRecord("guest@x.example", date(2026, 3, 1), Decimal(9), "EUR", "1", is_guest=True)


def again(number: str, **changed: object) -> OrderRecord:
    return replace(FIRST, external_id=number, **changed)  # type: ignore[arg-type]


def bought(session: Session) -> dict[tuple[str, ...], int]:
    """How many orders each person has, by the ids of their records."""
    people = persons.records(session, [row.id for row in customers.every(session)])
    found = orders.of(session, people)
    return {
        tuple(one.external_id for one in records): len(found[person_id])
        for person_id, records in people.items()
    }


def contacts(session: Session, system: str, *ids: str, email: str = FIRST.customer) -> None:
    rows = [customer(one, system=system, email=email, name="Ana") for one in ids]
    persons.join(session, customers.save(session, rows, now=NOW).written)


@pytest.fixture
def shop(database: Database) -> Database:
    """A guest has ordered twice, the second time with a name, and once more."""
    with database.begin() as session:
        rows = [FIRST, again("2", name="Gus T"), again("3", customer="Guest@X.example")]
        assert orders.save(session, SHOP, rows, now=NOW) == Imported(3, 0, (), guests=1)
    return database


def test_a_guest_is_one_customer_of_the_shop(shop: Database) -> None:
    with shop.begin() as session:
        assert orders.save(session, SHOP, [FIRST, again("4")], now=NOW) == Imported(1, 1)
        assert bought(session) == {("guest@x.example",): 4}
        (row,) = customers.every(session)
        assert (row.system, row.name, row.email) == (SHOP, "Gus T", FIRST.customer)
        assert row.permission == "", "an order says nothing of whether they may be written to"


def test_only_guests_become_customers_by_an_order(shop: Database) -> None:
    with shop.begin() as session:
        strangers = [
            again("5", customer="b@x.example", is_guest=False),
            again("6", customer="77", is_guest=False, email="b@x.example"),
        ]
        done = orders.save(session, SHOP, strangers, now=NOW)
        assert [one.reason for one in done.refused] == [NOBODY, NOBODY]
        assert len(bought(session)) == 1


def test_a_guest_of_another_shops_file_is_refused_and_no_customer(shop: Database) -> None:
    with shop.begin() as session:
        other = again(
            "1", customer="b@x.example", amount=Decimal(5), ordered_on=NOW.date() - timedelta(9)
        )
        done = orders.save(session, SHOP, [other], now=NOW)
        assert ["--shop NAME" in one.reason for one in done.refused] == [True]
        assert (done.guests, bought(session)) == (0, {("guest@x.example",): 3})


def test_a_guest_who_is_known_elsewhere_is_no_second_customer(database: Database) -> None:
    with database.begin() as session:
        contacts(session, "hubspot", "12")
        assert orders.save(session, SHOP, [FIRST], now=NOW).guests == 0
        assert bought(session) == {("12",): 1}


@pytest.mark.parametrize("system", [SHOP, "hubspot"])
def test_a_guest_and_who_has_the_address_later_are_one(shop: Database, system: str) -> None:
    with shop.begin() as session:
        contacts(session, system, "12")
        assert bought(session) == {("guest@x.example", "12"): 3}
        with_id = again("5", customer="12", is_guest=False, email=FIRST.customer)
        assert orders.save(session, system, [with_id], now=NOW) == Imported(1, 0)
        contacts(session, system, "12", email="new@x.example")  # still one: they held it once
        assert bought(session) == {("guest@x.example", "12"): 4}


def test_an_address_of_two_accounts_is_no_guests(shop: Database) -> None:
    with shop.begin() as session:
        contacts(session, SHOP, "12", "13")
        assert bought(session) == {("guest@x.example",): 3, ("12",): 0, ("13",): 0}


def test_an_account_may_be_billed_to_an_address_that_was_a_guests(shop: Database) -> None:
    with shop.begin() as session:
        contacts(session, SHOP, "12", email="own@x.example")
        billed = again("5", customer="12", is_guest=False, email=FIRST.customer)
        assert orders.save(session, SHOP, [billed], now=NOW).refused == ()
        assert bought(session) == {("guest@x.example",): 3, ("12",): 1}


def test_a_guest_can_be_removed_and_goes_with_the_account(shop: Database) -> None:
    with shop.begin() as session:
        contacts(session, SHOP, "12")
        contacts(session, "hubspot", "h")
        assert crm_removal.remove_customers(session, SHOP, ["12"], now=NOW) == 1
        assert bought(session) == {("h",): 3}, "orders stay with the person where there is one"
        orders.save(session, SHOP, [again("9", customer="c@x.example")], now=NOW)
        assert crm_removal.remove_customers(session, SHOP, ["c@x.example"], now=NOW) == 1
        assert bought(session) == {("h",): 3}
