"""Salesforce and Shopify read over their APIs, into real databases."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import EarshotError
from earshot.core.app import App
from earshot.customers import sync as syncing
from earshot.customers.sync_pages import Synced
from storage.tables import CustomerRow, MergeRow, OrderRow
from tests.conftest import MakeApp
from tests.crm import salesforce_double, shopify_double
from tests.crm.salesforce_double import SalesforceDouble
from tests.crm.shopify_double import ShopifyDouble
from tests.earshot.world import NOW
from tests.net.conftest import replay
from tests.net.replay import Answer, Asked, Replay

__all__ = ["replay"]

ANA, BEN, CLO = (f"0035500000{name}AAZ" for name in ("AnaAB", "BenAB", "CloAB"))
DEAL = "0065500000DeaLAAAZ"


@pytest.fixture
def org() -> SalesforceDouble:
    return SalesforceDouble()


@pytest.fixture
def shop() -> ShopifyDouble:
    return ShopifyDouble()


@pytest.fixture
def app(
    make_app: MakeApp,
    org: SalesforceDouble,
    shop: ShopifyDouble,
    replay: Replay,
    monkeypatch: pytest.MonkeyPatch,
) -> App:
    def answer(asked: Asked) -> Answer:
        return org.answer(asked) if asked.path.startswith("/services") else shop.answer(asked)

    replay.by_query = answer
    monkeypatch.setitem(os.environ, "APP_ID", "app")
    monkeypatch.setitem(os.environ, "ORG_SECRET", salesforce_double.SECRET)
    monkeypatch.setitem(os.environ, "SHOP_SECRET", shopify_double.SECRET)
    return make_app(
        f"""
        [crm.salesforce]
        enabled = true
        base_url = "{replay.url}"
        client_id = "env:APP_ID"
        client_secret = "env:ORG_SECRET"
        [crm.shopify]
        enabled = true
        shop = "acme.myshopify.com"
        base_url = "{replay.url}"
        client_id = "env:APP_ID"
        client_secret = "env:SHOP_SECRET"
        """
    ).app


Sync = Callable[..., dict[str, Synced]]


@pytest.fixture
def sync(app: App) -> Sync:
    """A pass so many hours after NOW over one system; what came of each object."""

    def run(name: str, hours: float = 0, *, full: bool = False) -> dict[str, Synced]:
        done = syncing.sync(app, [name], syncing.Pass(NOW + timedelta(hours=hours), full=full))
        return {one.what: one for one in done}

    return run


def counts(one: Synced) -> tuple[int, int, int, int, int]:
    return one.read, one.new, one.changed, one.deleted, one.refused


def stored(app: App) -> tuple[list[tuple[str, str]], list[tuple[str, float]]]:
    """Customers with their names, orders with their amounts."""
    with app.database.read() as session:
        rows = session.scalars(select(CustomerRow).order_by(CustomerRow.external_id)).all()
        bought = session.scalars(select(OrderRow).order_by(OrderRow.key)).all()
        return (
            [(row.external_id, row.name) for row in rows],
            [(row.key, float(row.amount)) for row in bought],
        )


def test_an_org_is_followed_through_changes_merges_and_deletions(
    app: App, org: SalesforceDouble, sync: Sync
) -> None:
    for record_id, name in ((ANA, "Ana"), (BEN, "Ben"), (CLO, "Clo")):
        org.add("Contact", record_id, "08:00:00", Name=name, Email=f"{name}@mail.example")
    deal = {"CloseDate": "2026-05-01", "Amount": 120.5, "StageName": "Won", "IsWon": True}
    org.add("Opportunity", DEAL, "08:00:00", **deal, ContactId=ANA)
    first = sync("salesforce")
    again = sync("salesforce", 1)
    org.add("Contact", ANA, "10:00:00", Name="Ana", IsDeleted=True, MasterRecordId=BEN)
    org.add("Contact", BEN, "10:00:00", Name="Ben Sol", Email="ben@mail.example")
    org.add("Contact", CLO, "10:00:00", Name="Clo", IsDeleted=True)
    org.add("Opportunity", DEAL, "10:00:00", **{**deal, "Amount": 99}, ContactId=ANA)
    then = sync("salesforce", 2)

    assert counts(first["people"]) == (3, 3, 0, 0, 0)
    assert counts(first["Opportunity"]) == (1, 1, 0, 0, 0)
    assert counts(again["people"]) == (3, 0, 0, 0, 0)
    assert counts(then["people"]) == (3, 0, 2, 1, 0)
    assert stored(app) == (
        [(ANA[:15], "Ana"), (BEN[:15], "Ben Sol")],
        [(DEAL[:15], 99.0)],
    )
    with app.database.read() as session:
        (merge,) = session.scalars(select(MergeRow))
        assert (merge.external_id, merge.into_id) == (ANA[:15], BEN[:15])


def test_a_shop_tells_nothing_of_what_is_gone_and_reading_it_anew_finds_it(
    app: App, shop: ShopifyDouble, sync: Sync
) -> None:
    for number in (1, 2, 3):
        shop.customer(number, "08:00:00", firstName=f"Number {number}")
        shop.order(number, "08:00:00", "60.00", customer={"id": f"gid://shopify/Customer/{number}"})
    sync("shopify")
    shop.nodes["customers"].pop()
    del shop.nodes["orders"][:2]  # they are older than 60 days now
    changes = sync("shopify", 1)
    anew = sync("shopify", 2, full=True)

    assert counts(changes["customers"]) == (2, 0, 0, 0, 0)
    assert counts(anew["customers"]) == (2, 0, 0, 1, 0)
    assert counts(anew["orders"]) == (1, 0, 0, 0, 1), "whose customer is gone"
    assert stored(app) == (
        [("1", "Number 1"), ("2", "Number 2")],
        [("1", 60.0), ("2", 60.0)],
    )


def test_who_orders_as_a_guest_is_a_customer_from_then_on(
    app: App, shop: ShopifyDouble, sync: Sync
) -> None:
    shop.order(1, "08:00:00", "60.00", email="Gus@mail.example")
    shop.order(2, "08:00:01", "20.00", email="gus@mail.example")
    first, again = sync("shopify")["orders"], sync("shopify", 1, full=True)["orders"]

    assert (counts(first), first.guests) == ((2, 2, 0, 0, 0), 1)
    assert (counts(again), again.guests) == ((2, 0, 0, 0, 0), 0)
    assert stored(app) == ([("gus@mail.example", "")], [("1", 60.0), ("2", 20.0)])


def test_a_pass_that_is_throttled_after_each_page_comes_to_its_end(
    app: App, shop: ShopifyDouble
) -> None:
    for number in range(1, 8):
        shop.customer(number, "08:00:00", firstName=f"Number {number}")
    shop.price, passes = 100, 0
    while passes < 10:
        passes, shop.points = passes + 1, 100
        try:
            syncing.sync_due(app, now=NOW + passes * timedelta(minutes=1))
        except EarshotError:
            continue
        break

    assert passes == 5, "four pages of customers, one of orders"
    assert [one for one, _ in stored(app)[0]] == [str(number) for number in range(1, 8)]
    assert len(shop.asked) == 5 + 4, "and it was limited after each but the last"
