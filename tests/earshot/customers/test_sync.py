"""Customers and orders read from a CRM over its API, into real databases."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.api.source import Holds
from domain.errors import EarshotError
from earshot.alerting import delivery
from earshot.core.app import App
from earshot.customers import link as linking
from earshot.customers import sync as syncing
from earshot.customers.sync import Pass
from earshot.customers.sync_pages import Synced
from storage import customers, link_ledger, mention_orders, persons, source_state
from storage.tables import AuthorRow, CrmRecordRow, CustomerRow, HandleRow, IncidentRow, OrderRow
from tests.conftest import MakeApp
from tests.crm.conftest import portal
from tests.crm.hubspot_double import TOKEN, HubSpotDouble
from tests.crm.shopify_double import SECRET, ShopifyDouble
from tests.earshot.world import ANA, NOW, live, mention, messages_of, store
from tests.net.conftest import replay
from tests.net.replay import Answer, Replay

__all__ = ["portal", "replay"]

HOUR = timedelta(hours=1)


@pytest.fixture
def app(
    make_app: MakeApp, portal: HubSpotDouble, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> App:
    del portal
    monkeypatch.setitem(os.environ, "HUBSPOT_TOKEN", TOKEN)
    return make_app(
        f"""
        [crm.hubspot]
        enabled = true
        access_token = "env:HUBSPOT_TOKEN"
        base_url = "{replay.url}"
        """
    ).app


Sync = Callable[..., dict[str, Synced]]


@pytest.fixture
def sync(app: App) -> Sync:
    """A pass so many hours after NOW; what came of each object."""

    def run(hours: float = 0, *, full: bool = False) -> dict[str, Synced]:
        done = syncing.sync(app, ["hubspot"], Pass(NOW + hours * HOUR, full=full))
        return {one.what: one for one in done}

    return run


def counts(one: Synced) -> tuple[int, int, int, int, int]:
    return one.read, one.new, one.changed, one.deleted, one.refused


def customers_of(app: App) -> list[tuple[str, str]]:
    with app.database.read() as session:
        rows = session.scalars(select(CustomerRow).order_by(CustomerRow.external_id))
        return [(row.external_id, row.name) for row in rows]


def orders_of(app: App) -> list[tuple[str, float]]:
    with app.database.read() as session:
        rows = session.scalars(select(OrderRow).order_by(OrderRow.key))
        return [(row.key, float(row.amount)) for row in rows]


def links_of(app: App) -> list[tuple[str, str]]:
    """Whom the author is linked with, and how it stands."""
    with app.database.read() as session:
        views = link_ledger.listing(session)
        return sorted((one.customer.external_id, one.judgement.state) for one in views)


def persons_of(app: App) -> list[list[str]]:
    """The ids of each person's records."""
    with app.database.read() as session:
        people = persons.records(session, [one.id for one in customers.every(session)])
        return sorted(sorted(one.external_id for one in rows) for rows in people.values())


def test_each_pass_brings_what_is_different(app: App, portal: HubSpotDouble, sync: Sync) -> None:
    portal.contact(51, firstname="Ana")
    portal.contact(52, firstname="Ben")
    portal.deal(901, 51)
    first = sync()
    portal.contact(51, "12:30:00", firstname="Anna")
    portal.contact(53, "12:30:00", firstname="Cem")
    portal.deal(901, stamp="12:30:00", amount="99")
    second = sync(1)
    third = sync(1.1)

    assert counts(first["contacts"]) == (2, 2, 0, 0, 0)
    assert counts(first["deals"]) == (1, 1, 0, 0, 0)
    assert counts(second["contacts"]) == (2, 1, 1, 0, 0)
    assert counts(second["deals"]) == (1, 0, 1, 0, 0)
    assert counts(third["contacts"]) == (0, 0, 0, 0, 0)
    assert customers_of(app) == [("51", "Anna"), ("52", "Ben"), ("53", "Cem")]
    assert orders_of(app) == [("901", 99.0)]


def test_what_is_read_twice_is_neither_new_nor_changed(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, "12:00:00", firstname="Ana")
    sync()

    again = sync(0.1)

    assert counts(again["contacts"]) == (1, 0, 0, 0, 0)
    assert customers_of(app) == [("51", "Ana")]


@pytest.mark.parametrize("page", [pytest.param(one, id=f"before page {one}") for one in (1, 2, 3)])
def test_a_pass_that_breaks_off_goes_on_there(
    app: App, portal: HubSpotDouble, sync: Sync, page: int
) -> None:
    for number in range(1, 7):
        portal.contact(number, firstname=f"N{number}")
    portal.faults = [None] * (page - 1) + [Answer(b"", reset=True)]

    broken = sync()
    asked = len(portal.asked)
    whole = sync(0.1)

    assert broken["contacts"].trouble.startswith("hubspot: no whole answer came")
    assert broken["contacts"].stands_at is None
    assert broken["contacts"].new + whole["contacts"].new == 6
    assert len(customers_of(app)) == 6
    assert portal.asked[asked:].count("/crm/v3/objects/contacts") - 1 == 4 - page  # 1: the bin


def test_who_wants_to_end_is_not_kept_waiting(app: App, portal: HubSpotDouble) -> None:
    for number in range(1, 6):
        portal.contact(number, firstname=f"N{number}")

    stopped = syncing.sync_due(app, now=NOW, stop=lambda: True)
    soon = syncing.sync_due(app, now=NOW + timedelta(minutes=1))

    assert [counts(one) for one in stopped] == [(2, 2, 0, 0, 0)]
    assert stopped[0].stands_at is None
    assert counts(soon[0]) == (3, 3, 0, 0, 0)


def test_a_token_that_ends_midway_keeps_what_came_and_tells_doctor(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    for number in range(1, 5):
        portal.contact(number, firstname=f"N{number}")
    portal.faults = [None, Answer({"category": "EXPIRED_AUTHENTICATION"}, 401)]

    done = sync()
    left_alone = syncing.left_alone(app, "hubspot", now=NOW + HOUR / 2)

    assert len(customers_of(app)) == 2
    assert "make a new token" in done["contacts"].trouble
    assert left_alone == "hubspot: left alone after its last trouble; see earshot doctor"


def test_who_is_limited_waits_as_long_as_it_was_told(app: App, portal: HubSpotDouble) -> None:
    portal.contact(51, firstname="Ana")
    portal.faults = [Answer({"policyName": "SECONDLY"}, 429, {"Retry-After": "90"})]

    with pytest.raises(EarshotError, match="rate limited"):
        syncing.sync_due(app, now=NOW)
    too_soon = syncing.sync_due(app, now=NOW + timedelta(seconds=80))
    then = syncing.sync_due(app, now=NOW + timedelta(seconds=100))
    soon_again = syncing.sync_due(app, now=NOW + timedelta(minutes=10))
    next_time = syncing.sync_due(app, now=NOW + timedelta(minutes=17))

    assert (too_soon, soon_again) == ([], [])
    assert then[0].new == 1
    assert len(next_time) == 4
    with app.database.read() as session:
        assert source_state.state(session, "hubspot").trouble == ""


def test_who_is_deleted_there_goes_here_with_links_and_orders(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana", twitterhandle="ana_writes")
    portal.contact(52, firstname="Ben")
    portal.deal(901, 51)
    portal.deal(902, 52)
    sync()
    store(app, mention("1", author=ANA))
    linked = linking.link(app, now=NOW)
    portal.archive("contacts", 51)
    portal.archive("deals", 902)

    done = sync(2)
    again = sync(4)

    assert linked == 1
    assert (done["deleted contacts"].deleted, done["deleted deals"].deleted) == (1, 1)
    assert (again["deleted contacts"].deleted, again["deleted deals"].deleted) == (0, 0)
    assert customers_of(app) == [("52", "Ben")]
    assert orders_of(app) == []
    with app.database.read() as session:
        assert link_ledger.listing(session) == []
        assert session.scalars(select(AuthorRow.link_checked_at)).all() == [None]


def test_a_message_that_told_of_who_is_gone_is_drawn_anew(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana", twitterhandle="ana_writes")
    sync()
    live(app, mention("1", author=ANA))
    delivery.notify_until_quiet(app, clock=lambda: NOW, wait=lambda _: None)
    told = messages_of(app)
    portal.archive("contacts", 51)

    sync(2)

    assert told == [("post", "sent")]
    assert messages_of(app) == [("post", "sent"), ("update", "pending")]
    with app.database.read() as session:
        assert session.scalars(select(IncidentRow.customer_id)).all() == [None]


@pytest.fixture
def shop(replay: Replay, portal: HubSpotDouble) -> ShopifyDouble:
    """A shop beside the portal."""
    double = ShopifyDouble()
    replay.by_query = lambda asked: (
        double.answer(asked) if asked.path.startswith("/admin") else portal.answer(asked)
    )
    return double


@pytest.fixture
def both(
    make_app: MakeApp, shop: ShopifyDouble, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> App:
    del shop
    for name, value in {"HUBSPOT_TOKEN": TOKEN, "SHOP_SECRET": SECRET, "SHOP_ID": "app"}.items():
        monkeypatch.setitem(os.environ, name, value)
    return make_app(
        f"""
        [crm.hubspot]
        enabled = true
        access_token = "env:HUBSPOT_TOKEN"
        base_url = "{replay.url}"

        [crm.shopify]
        enabled = true
        shop = "acme.myshopify.com"
        client_id = "env:SHOP_ID"
        client_secret = "env:SHOP_SECRET"
        base_url = "{replay.url}"
        """
    ).app


def test_a_system_that_fails_stops_no_other(
    both: App, portal: HubSpotDouble, shop: ShopifyDouble
) -> None:
    shop.customer(7, "08:00:00", firstName="Ben")
    portal.token = "another"

    with pytest.raises(EarshotError, match="make a new token in the private app"):
        syncing.sync_due(both, now=NOW)

    assert customers_of(both) == [("7", "Ben")]


def test_orders_that_a_shop_does_not_show_any_more_stay(both: App, shop: ShopifyDouble) -> None:
    shop.customer(7, "08:00:00", firstName="Ben")
    for number in (901, 902):
        shop.order(number, "08:00:00", "20.00", customer={"id": "gid://shopify/Customer/7"})
    syncing.sync(both, ["shopify"], Pass(NOW))
    del shop.nodes["orders"][0]  # it is older than 60 days now

    done = syncing.sync(both, ["shopify"], Pass(NOW + HOUR, full=True))

    assert [one.deleted for one in done] == [0, 0]
    assert orders_of(both) == [("901", 20.0), ("902", 20.0)]


def test_one_person_in_two_systems_follows_both(
    both: App, portal: HubSpotDouble, shop: ShopifyDouble
) -> None:
    ana = {"emailAddress": "ana@mail.example", "marketingState": "SUBSCRIBED"}
    portal.contact(51, firstname="Ana", email="ana@mail.example")
    shop.customer(7, "08:00:00", firstName="Ana", defaultEmailAddress=ana)
    syncing.sync(both, ["hubspot", "shopify"], Pass(NOW))
    together = persons_of(both)
    portal.contact(51, "12:30:00", email="new@mail.example")
    syncing.sync(both, ["hubspot"], Pass(NOW + HOUR))
    portal.contact(51, "13:30:00", email="ana@mail.example")
    syncing.sync(both, ["hubspot"], Pass(NOW + 2 * HOUR))
    again = persons_of(both)
    portal.archive("contacts", 51)
    syncing.sync(both, ["hubspot"], Pass(NOW + 4 * HOUR))

    assert (together, again, persons_of(both)) == ([["51", "7"]], [["51", "7"]], [["7"]])


def test_everything_anew_finds_what_nothing_tells_of(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    for number in range(1, 6):
        portal.contact(number, firstname=f"N{number}")
    portal.deal(901, 1)
    portal.deal(902, 2)
    sync()
    portal.purge("contacts", 2)
    portal.purge("deals", 901)
    unnoticed = sync(2)
    portal.faults = [None, Answer({}, 503)]

    broken = sync(3, full=True)
    still = [external_id for external_id, _ in customers_of(app)]
    whole = sync(4)  # goes on with the walk, whoever asks

    assert unnoticed["contacts"].deleted == broken["contacts"].deleted == 0
    assert still == ["1", "2", "3", "4", "5"]
    assert whole["contacts"].deleted == 1
    assert [external_id for external_id, _ in customers_of(app)] == ["1", "3", "4", "5"]
    assert sync(5, full=True)["deals"].deleted == 1
    assert sync(6, full=True)["contacts"].deleted == 0


def test_two_that_read_at_once_remove_nobody_who_is_there(app: App, portal: HubSpotDouble) -> None:
    for number in range(11, 16):
        portal.contact(number, firstname=f"N{number}")
    syncing.sync(app, ["hubspot"], Pass(NOW))
    begun: list[Synced] = []

    def another_process(so_far: Synced) -> None:
        if not begun:
            begun.append(so_far)
            syncing.sync(app, ["hubspot"], Pass(NOW + HOUR))  # ends the walk that was begun
            portal.contact(5, "13:30:00", firstname="New")
            syncing.sync(app, ["hubspot"], Pass(NOW + 2 * HOUR))

    syncing.sync(app, ["hubspot"], Pass(NOW + HOUR, full=True, progress=another_process))

    assert ("5", "New") in customers_of(app)


def test_a_system_that_shows_nothing_any_more_removes_nobody(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana")
    sync()
    portal.purge("contacts", 51)

    done = sync(1, full=True)

    assert customers_of(app) == [("51", "Ana")]
    assert done["contacts"].trouble == (
        "hubspot: it has no contacts at all, where it had 1: nothing was removed; see whether its "
        "token may still read them"
    )


def test_who_was_merged_stays_as_part_of_the_other(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana", email="ana@mail.example")
    portal.contact(52, firstname="Ana", email="ana@work.example")
    portal.deal(901, 52)
    sync()
    portal.archive("contacts", 52)
    portal.contact(51, "12:30:00", hs_merged_object_ids="52")

    merged = sync(1, full=True)
    portal.archive("contacts", 51)
    gone = sync(3)

    assert merged["deleted contacts"].deleted == 0
    assert gone["deleted contacts"].deleted == 2
    assert customers_of(app) == []


def test_a_record_that_cannot_be_read_leaves_the_stored_one_as_it_was(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana")
    portal.contact(52, firstname="Ben")
    portal.deal(901, 51)
    sync()
    portal.deal(901, stamp="12:30:00", amount="a lot")
    portal.contact(51, "12:30:00", firstname=None)

    done = sync(1, full=True)

    assert done["deals"].told == ["901: 'a lot' is not an amount"]
    assert done["contacts"].told == ["51: has no name, e-mail or handle"]
    assert customers_of(app) == [("51", "Ana"), ("52", "Ben")]
    assert orders_of(app) == [("901", 120.5)]


def test_a_deal_of_nobody_known_is_stored_once_its_contact_is(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.deal(901, 51, stamp="12:00:00")
    before = sync()
    portal.contact(51, "12:05:00", firstname="Ana")

    after = sync(0.2)

    assert (before["deals"].refused, before["deals"].new) == (1, 0)
    assert (after["deals"].refused, after["deals"].new) == (0, 1)
    assert orders_of(app) == [("901", 120.5)]


def test_a_handle_that_is_taken_away_is_no_handle_on_file(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana", twitterhandle="ana_writes")
    sync()
    store(app, mention("1", author=ANA))
    linking.link(app, now=NOW)
    portal.contact(51, "12:30:00", twitterhandle=None)

    sync(1)
    linking.link(app, now=NOW + HOUR)

    with app.database.read() as session:
        assert session.scalars(select(HandleRow)).all() == []
        assert [one.judgement.state for one in link_ledger.listing(session)] == ["withdrawn"]


def test_orders_that_came_before_a_crash_are_looked_for_in_mentions_after_it(
    portal: HubSpotDouble, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.contact(51, firstname="Ana")
    portal.deal(901, 51)
    looked: list[bool] = []

    def look_again(_: object) -> None:
        looked.append(True)
        if len(looked) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(mention_orders, "look_again", look_again)
    with pytest.raises(KeyboardInterrupt):
        sync()
    sync(3)
    sync(4)

    assert looked == [True, True]


def test_who_was_one_of_two_is_the_only_one_when_the_other_is_gone(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana", twitterhandle="ana_writes")
    portal.contact(52, firstname="Ana", twitterhandle="ana_writes")
    sync()
    store(app, mention("1", author=ANA))
    linking.link(app, now=NOW)
    before = links_of(app)
    portal.archive("contacts", 52)

    sync(2)
    linking.link(app, now=NOW + 2 * HOUR)

    assert ("51", "confirmed") not in before
    assert links_of(app) == [("51", "confirmed")]


def test_no_word_of_a_customer_is_kept_beside_the_customer(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana")
    sync()

    with app.database.read() as session:
        (seal,) = session.scalars(select(CrmRecordRow.seal))

    assert seal.startswith("sealed-")
    assert Holds.CUSTOMERS.value not in seal


def test_the_probe_says_where_the_reading_stands(
    app: App, portal: HubSpotDouble, sync: Sync
) -> None:
    portal.contact(51, firstname="Ana")
    before = syncing.check(app, "hubspot")
    sync()

    assert before == "contacts and deals can be read; not read to its end yet"
    assert syncing.check(app, "hubspot") == (
        "contacts and deals can be read; read to its end at 2026-11-20T12:00:00Z"
    )
