"""Shopify over its API, against a double on loopback."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.api.shopify.settings import ShopifySettings
from crm.api.shopify.source import ShopifySource
from crm.api.source import Page, Refused
from domain.customer import OrderRecord
from domain.errors import RemoteError
from tests.crm.shopify_double import SECRET, ShopifyDouble
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DENIED = {
    "message": "Access denied for customers field.",
    "extensions": {"code": "ACCESS_DENIED"},
}


def source(replay: Replay, **settings: Any) -> ShopifySource:  # noqa: ANN401
    keys = {"client_id": "app", "client_secret": SECRET}
    return ShopifySource(
        ShopifySettings.model_validate(
            {"shop": "acme.myshopify.com", "base_url": replay.url, **keys, **settings}
        ),
        "DE",
    )


def pull(
    found: ShopifySource, cursor: Mapping[str, Any] | None = None, what: str = "customers"
) -> list[Page]:
    return list(found.pull(what, cursor, now=NOW))


def ids(pages: list[Page]) -> list[str]:
    return [one.external_id for page in pages for one in page.customers]


def test_a_customer_has_what_the_shop_knows(replay: Replay, shop: ShopifyDouble) -> None:
    shop.customer(
        *(7, "08:00:00"),
        firstName="Ana",
        lastName="Sol",
        createdAt="2024-02-01T07:00:00Z",
        locale="de-DE",
        tags=["VIP", "early bird"],
        defaultEmailAddress={"emailAddress": "Ana@Mail.Example", "marketingState": "SUBSCRIBED"},
        defaultPhoneNumber={"phoneNumber": "+493012345678"},
        defaultAddress={"city": "Berlin", "countryCodeV2": "DE", "company": None, "phone": None},
    )
    state = {"emailAddress": "ben@mail.example", "marketingState": "UNSUBSCRIBED"}
    shop.customer(8, "08:00:00", firstName="Ben", defaultEmailAddress=state)

    (page,) = pull(source(replay))

    ana, ben = page.customers
    assert (ana.system, ana.external_id, ana.name) == ("shopify", "7", "Ana Sol")
    assert (ana.email, ana.phones) == ("ana@mail.example", ("+493012345678",))
    assert (ana.city, ana.country, ana.language) == ("Berlin", "DE", "de")
    assert (ana.tags, ana.permission) == (("VIP", "early bird"), "yes")
    assert ana.updated_at == datetime(2026, 5, 20, 8, tzinfo=UTC)
    assert ana.created_at == datetime(2024, 2, 1, 7, tzinfo=UTC)
    assert (ben.permission, ben.phones) == ("no", ())


def test_money_is_what_is_left_and_a_guest_goes_by_the_email(
    replay: Replay, shop: ShopifyDouble
) -> None:
    ana = {"id": "gid://shopify/Customer/7"}
    shop.per_page = 10
    back = {"totalRefundedSet": {"shopMoney": {"amount": "12.5"}}}
    shop.order(1, "08:00:00", "60.00", customer=ana, email="other@mail.example", **back)
    shop.order(
        2,
        "08:00:01",
        "60.00",
        email="Guest@Mail.Example",
        displayFinancialStatus="PARTIALLY_REFUNDED",
    )
    shop.order(3, "08:00:02", "60.00", customer=ana, test=True)
    shop.order(4, "08:00:03", "60.00", customer=ana, cancelledAt="2026-05-20T09:00:00Z")
    shop.order(5, "22:30:00", "1.234", customer=ana, name="#1005")

    (page,) = pull(source(replay), what="orders")

    assert page.orders == tuple(
        OrderRecord(
            *(buyer, date(2026, 5, day), Decimal(left), "EUR", number),
            number="#1005" if number == "5" else "",
            is_guest=number == "2",
        )
        for number, buyer, left, day in (
            ("1", "7", "47.5", 20),
            ("2", "guest@mail.example", "60", 20),
            ("3", "7", "0", 20),
            ("4", "7", "0", 20),
            ("5", "7", "1.234", 21),  # half past ten in London is the next day in the shop's Berlin
        )
    )


def test_only_what_changed_is_read_again_and_a_little_before_it(
    replay: Replay, shop: ShopifyDouble
) -> None:
    for at, number in (("08:00:00", 1), ("09:00:00", 2), ("09:10:00", 3)):
        shop.customer(number, at, firstName="Somebody")
    first = pull(source(replay))
    shop.customer(4, "08:58:00", firstName="Found late by the search")
    shop.customer(1, "09:30:00", firstName="Ana")

    second = pull(source(replay), first[-1].cursor)

    assert ids(first) == ["1", "2", "3"]
    assert ids(second) == ["4", "2", "3", "1"]
    assert shop.asked[2] == ("updated_at:>='2026-05-20T08:55:00Z'", None)
    assert pull(source(replay), second[-1].cursor)[0].read == 1


def test_a_walk_that_was_throttled_goes_on_where_it_stood(
    replay: Replay, shop: ShopifyDouble
) -> None:
    for number in range(1, 6):
        shop.customer(number, "08:00:00", firstName="Somebody")
    shop.price, shop.points, shop.rate = 100, 120.0, 20.0
    found = source(replay)
    pages = found.pull("customers", None, now=NOW)
    first = next(pages)
    with pytest.raises(RemoteError, match="rate limited") as told:
        next(pages)
    shop.points = 1000.0

    rest = pull(found, first.cursor)

    assert not told.value.permanent
    assert told.value.retry_after == timedelta(seconds=4)  # 80 points are missing
    assert ids([first]) == ["1", "2"]
    assert ids(rest) == ["3", "4", "5"]
    assert dict(rest[-1].cursor) == {"since": "2026-05-20T07:45:00+00:00"}


def test_a_bookmark_that_the_shop_no_longer_knows_costs_a_few_records_again(
    replay: Replay, shop: ShopifyDouble
) -> None:
    for number in range(1, 6):
        shop.customer(number, f"08:00:0{number}", firstName="Somebody")
    found = source(replay)
    first = next(iter(found.pull("customers", None, now=NOW)))
    shop.bookmarks.clear()

    assert ids(pull(found, first.cursor)) == ["2", "3", "4", "5"]


def test_a_token_that_ends_midway_is_renewed_once(replay: Replay, shop: ShopifyDouble) -> None:
    for number in range(1, 4):
        shop.customer(number, "08:00:00", firstName="Somebody")
    found = source(replay)
    pages = found.pull("customers", None, now=NOW)
    first = next(pages)
    shop.token = "another"

    assert ids([first, *pages]) == ["1", "2", "3"]
    assert shop.logins == 2


def test_a_fixed_token_that_is_refused_says_what_to_check(
    replay: Replay, shop: ShopifyDouble
) -> None:
    shop.token = "shpat_right"
    found = source(replay, client_id="", client_secret="", token="shpat_canary")

    with pytest.raises(RemoteError, match="client_id and client_secret") as told:
        pull(found)

    assert told.value.permanent
    assert "canary" not in str(told.value)
    assert shop.logins == 0


def test_a_login_that_is_refused_says_what_to_check(replay: Replay, shop: ShopifyDouble) -> None:
    with pytest.raises(RemoteError, match="the login is refused") as told:
        pull(source(replay, client_secret="wrong-canary"))

    assert told.value.permanent
    assert "canary" not in str(told.value)
    assert shop.logins == 0


@pytest.mark.parametrize(
    ("fault", "words", "permanent"),
    [
        pytest.param(Answer({"errors": "x"}, 429), "rate limited", False, id="429"),
        pytest.param(Answer(status=503), "the service fails", False, id="503"),
        pytest.param(Answer({"data": {}}, cut=True), "no whole answer", False, id="cut"),
        pytest.param(Answer(b"<html>"), "is no JSON", False, id="no JSON"),
        pytest.param(Answer({"data": None}), "holds no data", False, id="no data"),
        pytest.param(Answer({"data": {"customers": {}}}), "no customers", False, id="no nodes"),
        pytest.param(
            Answer({"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": True}}}}),
            "where its next page is",
            False,
            id="no bookmark",
        ),
        pytest.param(
            Answer({"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}),
            "the service fails",
            False,
            id="a failure inside",
        ),
        pytest.param(Answer({"errors": [DENIED]}), "read_customers", True, id="denied"),
        pytest.param(Answer({"errors": "Payment"}, 402), "frozen", True, id="frozen"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    replay: Replay, shop: ShopifyDouble, fault: Answer, words: str, *, permanent: bool
) -> None:
    shop.faults = [fault]

    with pytest.raises(RemoteError, match=words) as told:
        pull(source(replay))

    assert str(told.value).startswith("shopify: ")
    assert told.value.permanent is permanent


def test_a_malformed_record_is_refused_and_the_others_are_kept(
    replay: Replay, shop: ShopifyDouble
) -> None:
    shop.customer(1, "08:00:00", firstName="Ana")
    shop.customer(2, "08:00:01", firstName={"is": "Ben"})
    shop.customer(3, "08:00:02")

    pages = pull(source(replay))

    assert ids(pages) == ["1"]
    assert [one for page in pages for one in page.refused] == [
        Refused("2", "holds a list or an object where a value belongs"),
        Refused("3", "has no name, e-mail or handle: is this a file of customers?"),
    ]


def test_an_empty_shop_is_read_from_its_beginning_each_time(
    replay: Replay, shop: ShopifyDouble
) -> None:
    (page,) = pull(source(replay))

    assert (page.read, dict(page.cursor)) == (0, {})
    assert shop.asked == [(None, None)]


def test_doctor_is_told_what_the_app_may_not(replay: Replay, shop: ShopifyDouble) -> None:
    assert source(replay).check() == "shopify: customers and all orders can be read"

    shop.scopes = ["write_customers", "read_orders"]
    assert "no orders older than 60 days" in source(replay).check()

    shop.scopes = ["read_orders"]
    with pytest.raises(RemoteError, match="may not read_customers"):
        source(replay).check()


def test_settings_say_what_is_missing() -> None:
    with pytest.raises(ValueError, match="client_id and client_secret, or token, missing"):
        ShopifySettings.model_validate({"enabled": True, "shop": "acme.myshopify.com"})
    with pytest.raises(ValueError, match="shop missing"):
        ShopifySettings.model_validate({"enabled": True, "token": "shpat_1"})
