from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.customer import OrderRecord
from domain.listing import Role
from storage import customers, deletions, mention_orders, orders, persons, schema
from storage.engine import Database
from storage.mention_orders import about
from storage.tables import MentionOrderRow, MentionUnreadRow, OrderShapeRow
from tests.storage.made import (
    ANA,
    HOUR,
    NOW,
    author_of,
    customer,
    customer_id,
    mention,
    row_of,
    store,
    upgrade_to,
)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.begin() as made:
        yield made


def buy(session: Session, *numbers: str, system: str = "shopify", by: str = "c1") -> None:
    """Orders of the customer with this e-mail."""
    bought = [
        OrderRecord(f"{by}@example.com", date(2025, 3, 14), Decimal(10), "EUR", number)
        for number in numbers
    ]
    assert orders.save(session, system, bought).refused == ()


def read(session: Session, *numbers: str, quoted: bool = False) -> int:
    """A mention that names these numbers; its id."""
    store(session, mention("1"))
    mention_id = row_of(session, "1").id
    mention_orders.save(session, {mention_id: [(number, quoted) for number in numbers]})
    return mention_id


def count(session: Session, table: type[MentionOrderRow | MentionUnreadRow]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_mention_is_about_the_order_it_names_whichever_came_first(session: Session) -> None:
    mention_id = read(session, "ah100003", "100099")
    assert about(session, [mention_id]) == {}, "there are no orders yet"

    customers.save(session, [customer()], now=NOW)
    buy(session, "AH-100003", "AH-100004")

    [order] = about(session, [mention_id])[mention_id]
    assert (order.system, order.number, order.ordered_on) == (
        *("shopify", "AH-100003"),
        date(2025, 3, 14),
    )
    assert (order.person_id, order.quoted) == (customer_id(session), False)


def test_a_number_that_two_people_have_is_nobodys(session: Session) -> None:
    mention_id = read(session, "100003")
    customers.save(session, [customer("C1"), customer("C2")], now=NOW)
    buy(session, "#100003")
    buy(session, "AH-100003", by="c2")
    assert [one.number for one in about(session, [mention_id])[mention_id]] == ["#100003"], (
        "as it is written"
    )
    buy(session, "100003", system="shopify north", by="c2")
    assert about(session, [mention_id]) == {}


def test_one_order_that_two_systems_know_is_one(session: Session) -> None:
    mention_id = read(session, "ah100003")
    records = [customer("C1"), customer("C1", system="shopify")]
    customers.save(session, records, now=NOW)
    persons.join(session)
    buy(session, "AH-100003")
    buy(session, "AH-100003", system="salesforce")
    assert len(about(session, [mention_id])[mention_id]) == 1


def test_an_order_is_meant_by_the_number_that_its_buyer_knows(session: Session) -> None:
    mention_id = read(session, "1001")
    customers.save(session, [customer()], now=NOW)
    for number in ("", "#1000", "#1001"):  # an import of before, a mistake, and it mended
        order = OrderRecord(
            *("c1@example.com", date(2025, 3, 14), Decimal(10), "EUR", "5123456789012"),
            number=number,
        )
        assert about(session, [mention_id]) == {}
        orders.save(session, "shopify", [order])
    assert [one.number for one in about(session, [mention_id])[mention_id]] == ["#1001"]


def test_a_quoted_number_says_what_it_is_about_and_nothing_else(session: Session) -> None:
    mention_id = read(session, "ah100003", quoted=True)
    customers.save(session, [customer()], now=NOW)
    buy(session, "AH-100003")
    assert [one.quoted for one in about(session, [mention_id])[mention_id]] == [True]


def test_a_post_about_a_rival_alone_is_about_no_order_of_ours(session: Session) -> None:
    store(session, mention("1"), roles={"Globex": Role.COMPETITOR})
    mention_id = row_of(session, "1").id
    mention_orders.save(session, {mention_id: [("ah100003", False)]})
    customers.save(session, [customer()], now=NOW)
    buy(session, "AH-100003")
    assert about(session, [mention_id]) == {}


def test_whoever_has_named_a_number_is_looked_at_again(session: Session) -> None:
    customers.save(session, [customer()], now=NOW)
    buy(session, "AH-100003")
    store(session, mention("1"))
    named = {row_of(session, "1").id: [("ah100003", False)]}
    for look_again in (partial(mention_orders.save, named=named), mention_orders.look_again):
        author_of(session, ANA.id).link_checked_at = NOW
        session.flush()
        look_again(session)
        session.expire_all()
        assert author_of(session, ANA.id).link_checked_at is None


def test_an_edited_post_names_nothing_until_it_is_read_again(session: Session) -> None:
    mention_id = read(session, "ah100003")
    assert count(session, MentionUnreadRow) == 0
    store(session, mention("1", "acme is fine", edited_at=NOW - HOUR / 2))
    assert count(session, MentionOrderRow) == 0
    [unread] = mention_orders.unread(session, limit=10)
    assert (unread.mention_id, unread.text) == (mention_id, "acme is fine")


@pytest.mark.parametrize("how", ["named", "unread"])
def test_nothing_is_left_of_a_post_that_is_gone(session: Session, how: str) -> None:
    store(session, mention("1"))
    mention_id = row_of(session, "1").id
    if how == "named":
        mention_orders.save(session, {mention_id: [("ah100003", False)]})
    deletions.purge(session, [mention_id], now=NOW)
    assert count(session, MentionOrderRow) == count(session, MentionUnreadRow) == 0


def test_an_older_database_is_read_for_numbers_and_knows_its_orders_shapes(
    empty: Database,
) -> None:
    with empty.begin() as session:
        upgrade_to(session, "0025")
        run = session.connection().exec_driver_sql
        run(
            "INSERT INTO mention (id, source, external_id, text, url, published_at, collected_at,"
            " is_repost) VALUES (7, 'x', '1', 'order AH-100003', '', '2026-11-20', '2026-11-20',"
            " false)"
        )
        run(
            "INSERT INTO customer (id, system, external_id, name, email, tier, imported_at)"
            " VALUES (1, 'hubspot', 'C1', 'Ana', '', '', '2026-11-20')"
        )
        run(
            "INSERT INTO customer_order (customer_id, system, key, ordered_on, amount, currency)"
            " VALUES (1, 'shopify', 'AH-100003', '2026-01-01', '1', 'EUR'),"
            " (1, 'shopify', '#1008', '2026-01-01', '1', 'EUR'),"
            " (1, 'shopify', 'row:0123456789ab', '2026-01-01', '1', 'EUR'),"
            " (1, 'shopify', '17', '2026-01-01', '1', 'EUR')"
        )

    schema.upgrade(empty)

    with empty.begin() as session:
        assert [one.text for one in mention_orders.unread(session, limit=9)] == ["order AH-100003"]
        assert sorted(session.scalars(select(OrderShapeRow.shape))) == ["#9999", "AH-999999"]
