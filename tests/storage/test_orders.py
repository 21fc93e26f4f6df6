import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from storage import customers, orders, persons
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


# --- whose it is ----------------------------------------------------------------------------------

SHOP = "woocommerce"


@pytest.fixture
def two_systems(database: Database) -> Database:
    """Ana and Bob are in the CRM, Bob and Cy in the shop, where Ana's number is Cy's."""
    with database.begin() as session:
        rows = [
            customer("12", name="Ana", email="ana@x.example"),
            customer("13", name="Bob", email="bob@x.example"),
            customer("12", system=SHOP, name="Cy", email="cy@x.example"),
            customer("14", system=SHOP, name="Bob", email="bob@x.example"),
        ]
        customers.save(session, rows, now=NOW)
        persons.join(session)
    return database


def bought(session: Session) -> dict[str, int]:
    """How many orders everybody has who has one."""
    people = customers.every(session)
    found = orders.of(session, [row.id for row in people])
    return {row.name: len(found[row.id]) for row in people if found[row.id]}


@pytest.mark.parametrize(
    ("system", "customer_id", "email", "owner"),
    [
        pytest.param(SHOP, "12", "", "Cy", id="an id is its own system's"),
        pytest.param("hubspot", "12", "", "Ana", id="the same id elsewhere"),
        pytest.param("shopify", "12", "", None, id="an id of other systems only"),
        pytest.param("shopify", "12", "bob@x.example", "Bob", id="the e-mail tells"),
        pytest.param(SHOP, "77", "bob@x.example", "Bob", id="an unknown id"),
        pytest.param(SHOP, "14", "bob@x.example", "Bob", id="both agree"),
        pytest.param(SHOP, "14", "new@x.example", "Bob", id="an address nobody has"),
        pytest.param("hubspot", "13", "bob@x.example", "Bob", id="both are one person"),
        pytest.param(SHOP, "12", "ana@x.example", None, id="the e-mail names somebody else"),
        pytest.param("hubspot", "12", "bob@x.example", None, id="likewise in the CRM"),
        pytest.param(SHOP, "cy@x.example", "ana@x.example", None, id="two e-mails of two people"),
    ],
)
def test_an_order_is_nobody_elses(
    two_systems: Database, system: str, customer_id: str, email: str, owner: str | None
) -> None:
    with two_systems.begin() as session:
        row = dataclasses.replace(order(customer_id, email=email), line=7)
        done = orders.save(session, system, [row])
        assert bought(session) == ({owner: 1} if owner else {})
        assert [one.line for one in done.refused] == ([] if owner else [7])
        assert not any("@" in one.reason for one in done.refused)


def test_an_order_of_a_joined_customer_stays_with_its_systems_record(
    two_systems: Database,
) -> None:
    with two_systems.begin() as session:
        orders.save(session, SHOP, [order("bob@x.example", external_id="1")])
        orders.save(session, "hubspot", [order("bob@x.example", external_id="1")])
        assert bought(session) == {"Bob": 2}
        [person] = [row.id for row in customers.every(session) if row.name == "Bob"]
        both = persons.split(session, person, by="eva", now=NOW)
        assert [len(found) for found in orders.of(session, both).values()] == [1, 1]
        done = orders.save(session, "stripe", [order("bob@x.example", external_id="9")])
        assert [one.reason for one in done.refused] == ["its e-mail is of several customers"]


def test_a_further_address_finds_the_customer(database: Database) -> None:
    with database.begin() as session:
        rows = [customer("12", email="ana@x.example", other_emails=("old@x.example",))]
        customers.save(session, rows, now=NOW)
        assert orders.save(session, "shopify", [order("old@x.example")]).new == 1


# --- which order it is ----------------------------------------------------------------------------

LATER = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("changed", "stored"),
    [
        pytest.param({"amount": Decimal(4)}, True, id="a refund"),
        pytest.param({"customer": "C2"}, True, id="given to somebody else"),
        pytest.param({"ordered_on": LATER}, True, id="its day corrected"),
        pytest.param({"ordered_on": date(2026, 3, 2), "amount": Decimal(4)}, True, id="by a zone"),
        pytest.param({"ordered_on": LATER, "amount": Decimal(4)}, False, id="day and amount"),
        pytest.param({"ordered_on": LATER, "customer": "C2"}, False, id="day and customer"),
        pytest.param({"amount": Decimal(4), "customer": "C2"}, False, id="amount and customer"),
        pytest.param(
            {"ordered_on": LATER, "amount": Decimal(4), "is_deal": True}, True, id="a deal"
        ),
    ],
)
def test_another_order_of_the_same_number_is_refused(
    known: Database, *, changed: dict[str, object], stored: bool
) -> None:
    with known.begin() as session:
        first = order(external_id="501")
        orders.save(session, "hubspot", [first])
        other = dataclasses.replace(first, line=3, **changed)  # type: ignore[arg-type]
        done = orders.save(session, "hubspot", [other])
        assert (done.known, [one.line for one in done.refused]) == ((1, []) if stored else (0, [3]))
        assert all("--shop NAME" in one.reason for one in done.refused)
        if not stored:
            assert amounts(session) == [Decimal(10)]
            by_mail = dataclasses.replace(other, customer=f"{other.customer.lower()}@example.com")
            assert orders.save(session, "hubspot:north", [by_mail]).new == 1


def test_what_came_to_nothing_may_come_on_another_day(known: Database) -> None:
    with known.begin() as session:
        lost = order(external_id="501", amount="0")
        orders.save(session, "hubspot", [lost])
        won = dataclasses.replace(lost, ordered_on=LATER, amount=Decimal(90))
        assert orders.save(session, "hubspot", [won]).known == 1


def test_refunds_that_are_rows_of_their_own_stand_beside_their_order(known: Database) -> None:
    rows = [
        order(external_id="501", amount="60"),
        order(external_id="501", amount="-5"),
        order(external_id="501", amount="-5"),
    ]
    with known.begin() as session:
        assert orders.save(session, "hubspot", rows).new == 3
        assert orders.save(session, "hubspot", rows[1:]).known == 2
        assert sum(amounts(session)) == 50


# --- what a former release stored -----------------------------------------------------------------


@pytest.mark.parametrize("external_id", ["501", ""])
def test_an_order_stored_before_shops_were_told_apart_is_not_doubled(
    known: Database, external_id: str
) -> None:
    row = order("c1@example.com", external_id=external_id)
    with known.begin() as session:
        orders.save(session, "orders", [row])
        assert orders.save(session, SHOP, [row]) == Imported(0, 1)
        assert amounts(session) == [Decimal(10)]


def test_an_order_stored_for_somebody_else_moves(known: Database) -> None:
    with known.begin() as session:
        orders.save(session, "orders", [order("c1@example.com", external_id="501")])
        row = order("77", external_id="501", email="c2@example.com", amount="4")
        assert orders.save(session, SHOP, [row]) == Imported(0, 1)
        assert (amounts(session), amounts(session, "C2")) == ([], [Decimal(4)])


def test_an_order_of_another_day_is_not_the_one_stored_before(known: Database) -> None:
    with known.begin() as session:
        first = order("c1@example.com", external_id="501")
        orders.save(session, "orders", [first])
        other = dataclasses.replace(first, ordered_on=LATER)
        assert orders.save(session, SHOP, [other]) == Imported(1, 0)
