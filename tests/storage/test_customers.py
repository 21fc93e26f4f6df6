import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import customers
from storage.customers import Imported
from storage.engine import Database
from tests.storage.made import DAY, NOW, customer, customer_id


def order(customer: str = "C1", amount: str = "10.00", **changed: str) -> OrderRecord:
    made = OrderRecord(customer, date(2026, 3, 1), Decimal(amount), "EUR")
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def amounts(session: Session, external_id: str = "C1") -> list[Decimal]:
    found = customers.orders(session, [customer_id(session, external_id)])
    return [one.amount for one in found[customer_id(session, external_id)]]


# --- customers --------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    rows = [customer("C1"), customer("C2", ("x", "ben"))]
    with database.begin() as session:
        assert customers.save(session, rows, now=NOW) == Imported(2, 0)
        assert customers.save(session, rows, now=NOW) == Imported(0, 2)
        assert [row.external_id for row in customers.every(session)] == ["C1", "C2"]


def test_a_later_export_brings_a_customer_up_to_date(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        changed = customer(
            "C1", ("reddit", "u_ana"), name="Ana Ruiz", tier="gold", email="a@b.example"
        )
        assert customers.save(session, [changed, customer("C2")], now=NOW) == Imported(1, 1)
    with database.read() as session:
        row = customers.get(session, customer_id(session))
        assert row is not None
        assert (row.name, row.tier, row.email) == ("Ana Ruiz", "gold", "a@b.example")
        assert customers.handles(session, row.id) == [("reddit", "u_ana")]


def test_of_two_rows_of_a_customer_the_last_one_wins(database: Database) -> None:
    with database.begin() as session:
        rows = [customer(name="first"), customer(name="last")]
        assert customers.save(session, rows, now=NOW) == Imported(1, 0)
        assert [row.name for row in customers.every(session)] == ["last"]


def test_the_same_id_in_two_systems_is_two_customers(database: Database) -> None:
    with database.begin() as session:
        rows = [customer(), customer(system="shopify")]
        assert customers.save(session, rows, now=NOW) == Imported(2, 0)


def test_more_customers_than_one_statement_holds(database: Database) -> None:
    rows = [customer(f"C{n}", ("x", f"h{n}"), ("reddit", f"r{n}")) for n in range(1201)]
    with database.begin() as session:
        assert customers.save(session, rows, now=NOW) == Imported(1201, 0)
        assert customers.handles(session, customer_id(session, "C1200")) == [
            ("reddit", "r1200"),
            ("x", "h1200"),
        ]


def test_handles_are_kept_once_and_as_they_are_compared(database: Database) -> None:
    written = (("x", "@Ana"), ("x", "ana "), ("x", "@"), ("x", " "))
    with database.begin() as session:
        customers.save(session, [customer("C1", *written)], now=NOW)
        assert customers.handles(session, customer_id(session)) == [("x", "ana")]


def test_a_handle_keeps_the_earliest_time_it_was_on_file(database: Database) -> None:
    with database.begin() as session:

        def on_file() -> object:
            [(_, entry)] = customers.holders(session, "x", "ana_writes")
            return entry.on_file_at

        customers.save(session, [customer()], now=NOW - 2 * DAY)
        assert on_file() == NOW - 2 * DAY
        customers.save(session, [customer()], now=NOW)
        assert on_file() == NOW - 2 * DAY
        customers.save(session, [customer(updated_at=NOW - 9 * DAY)], now=NOW)
        assert on_file() == NOW - 9 * DAY
        customers.save(session, [customer(updated_at=NOW - DAY)], now=NOW)
        assert on_file() == NOW - 9 * DAY
        customers.save(session, [customer("C1", ("x", "other"))], now=NOW)
        customers.save(session, [customer()], now=NOW)  # it was gone meanwhile
        assert on_file() == NOW


def test_a_crm_that_lives_in_the_future_is_not_believed(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer(updated_at=NOW + 9 * DAY)], now=NOW)
        [(_, entry)] = customers.holders(session, "x", "ana_writes")
        assert entry.on_file_at == NOW


def test_all_who_hold_a_handle_are_found(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        found = customers.holders(session, "x", "@ANA_Writes")
        assert [row.external_id for row, _ in found] == ["C1", "C2"]
        assert customers.holders(session, "reddit", "ana_writes") == []
        assert customers.holders(session, "x", "") == []
        assert customers.holders(session, "x", "ana%") == []


def test_nothing_to_import(database: Database) -> None:
    with database.begin() as session:
        assert customers.save(session, [], now=NOW) == Imported(0, 0)
        assert customers.save_orders(session, "shop", []) == Imported(0, 0)
        assert customers.get(session, 1) is None
        assert customers.orders(session, []) == {}


def test_the_list_may_be_cut(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer(f"C{n}") for n in range(4)], now=NOW)
        assert [row.external_id for row in customers.every(session, limit=2)] == ["C0", "C1"]


# --- orders -----------------------------------------------------------------------------------


@pytest.fixture
def known(database: Database) -> Database:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
    return database


def test_the_same_orders_twice_are_not_doubled(known: Database) -> None:
    rows = [order(external_id="#1"), order(amount="5.50"), order("C2")]
    with known.begin() as session:
        assert customers.save_orders(session, "shop", rows) == Imported(3, 0)
        assert customers.save_orders(session, "shop", rows) == Imported(0, 3)
        assert amounts(session) == [Decimal("10.00"), Decimal("5.50")]


def test_two_equal_orders_without_an_id_are_two(known: Database) -> None:
    with known.begin() as session:
        assert customers.save_orders(session, "shop", [order(), order()]) == Imported(2, 0)
        assert customers.save_orders(session, "shop", [order(), order(), order()]) == Imported(1, 2)


def test_a_refund_changes_the_order_it_belongs_to(known: Database) -> None:
    with known.begin() as session:
        customers.save_orders(session, "shop", [order(external_id="#1")])
        refunded = order(external_id="#1", amount="0.00")
        assert customers.save_orders(session, "shop", [refunded]) == Imported(0, 1)
        assert amounts(session) == [Decimal("0.00")]


def test_an_order_that_was_given_to_another_customer_moves(known: Database) -> None:
    with known.begin() as session:
        customers.save_orders(session, "shop", [order(external_id="#1")])
        customers.save_orders(session, "shop", [order("C2", external_id="#1")])
        assert (amounts(session), amounts(session, "C2")) == ([], [Decimal("10.00")])


def test_the_same_order_number_of_two_shops_is_two_orders(known: Database) -> None:
    with known.begin() as session:
        for shop in ("one", "two"):
            assert customers.save_orders(session, shop, [order(external_id="#1")]).new == 1


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        pytest.param("C1", "C1", id="the CRM's id"),
        pytest.param("c1@example.com", "C1", id="e-mail"),
        pytest.param("C1@Example.COM", "C1", id="e-mail in capitals"),
        pytest.param("shared@example.com", None, id="an e-mail of two customers"),
        pytest.param("twice", None, id="an id of two systems"),
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
        ]
        customers.save(session, more, now=NOW)
        done = customers.save_orders(session, "shop", [order(name)])
        assert done == (Imported(1, 0) if owner else Imported(0, 0, (name,)))
        if owner:
            assert amounts(session, owner) == [Decimal("10.00")]


def test_two_spellings_of_one_e_mail_are_one_customer(known: Database) -> None:
    with known.begin() as session:
        rows = [order("C1@example.com"), order("c1@example.com", amount="2.00")]
        assert customers.save_orders(session, "shop", rows) == Imported(2, 0)


def test_unknown_customers_are_told_once_each(known: Database) -> None:
    with known.begin() as session:
        done = customers.save_orders(session, "shop", [order("z"), order("a"), order("z")])
        assert done == Imported(0, 0, ("a", "z"))


@pytest.mark.parametrize("amount", ["0.01", "-3.10", "1234567890123.45", "0.1", "99.99"])
def test_money_is_kept_to_the_cent(known: Database, amount: str) -> None:
    with known.begin() as session:
        customers.save_orders(session, "shop", [order(amount=amount)])
        assert amounts(session) == [Decimal(amount)]


def test_orders_come_oldest_first_for_every_customer_asked_for(known: Database) -> None:
    with known.begin() as session:
        first, second = customer_id(session, "C1"), customer_id(session, "C2")
        late = dataclasses.replace(order(), ordered_on=date(2026, 5, 1))
        customers.save_orders(session, "shop", [late, order()])
        found = customers.orders(session, [first, second, first])
        assert [one.ordered_on.month for one in found[first]] == [3, 5]
        assert found[second] == []
