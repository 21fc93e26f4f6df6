"""What a customer is worth: calendar, refunds, currencies, tiers."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.clv.valuing import value_customers
from crm.settings import CrmSettings
from crm.tiers import Tiers, is_top_tier, ranked, tier_weight
from crm.value import value
from domain.customer import Amount, OrderRecord, Value
from domain.valuation import Purchase

TODAY = date(2026, 11, 21)
TIERS = CrmSettings().tiers


def order(amount: str, on: date = date(2026, 11, 1), currency: str = "EUR") -> OrderRecord:
    return OrderRecord("7", on, Decimal(amount), currency)


def worth(
    *orders: OrderRecord, crm_tier: str = "", today: date = TODAY, tiers: Tiers = TIERS
) -> Value:
    return value(orders, today=today, tiers=tiers, crm_tier=crm_tier)


def test_no_orders_are_worth_nothing() -> None:
    assert worth() == Value(0, Decimal(0), Decimal(0), "", "")


def test_orders_are_added_exactly() -> None:
    got = worth(order("0.10"), order("0.20"), order("900", date(2020, 1, 1)))

    assert (got.orders, got.revenue, got.revenue_12m) == (3, Decimal("900.30"), Decimal("0.30"))
    assert got.currency == "EUR"


@pytest.mark.parametrize(
    ("on", "today", "counts"),
    [
        pytest.param(date(2025, 11, 21), TODAY, False, id="a year ago to the day"),
        pytest.param(date(2025, 11, 22), TODAY, True, id="the day after"),
        pytest.param(date(2026, 11, 21), TODAY, True, id="today"),
        pytest.param(date(2026, 11, 22), TODAY, False, id="tomorrow"),
        pytest.param(date(2027, 2, 28), date(2028, 2, 29), False, id="leap day"),
        pytest.param(date(2027, 3, 1), date(2028, 2, 29), True, id="after it"),
    ],
)
def test_the_past_year_is_a_year_of_the_calendar(
    on: date,
    today: date,
    counts: bool,  # noqa: FBT001
) -> None:
    assert (worth(order("10", on), today=today).revenue_12m == 10) is counts


def test_a_refund_lowers_the_revenue_and_is_no_order() -> None:
    got = worth(order("500"), order("-200"), order("0"))

    assert (got.orders, got.revenue, got.tier) == (1, Decimal(300), "silver")


def refund(amount: str, of: str, on: date, currency: str = "EUR") -> OrderRecord:
    return replace(order(amount, on, currency), external_id=of)


def test_a_refund_beside_its_order_counts_on_the_orders_day() -> None:
    old, late = date(2025, 11, 1), date(2026, 10, 1)
    kept = replace(order("80", late), external_id="1")
    sent_back = replace(order("50", date(2026, 11, 2)), external_id="2")
    before = replace(order("30", old), external_id="3")

    got = worth(
        refund("-50", "2", date(2026, 11, 20)),  # whole, and written before its order
        *(kept, sent_back, before),
        refund("-10", "1", date(2026, 11, 3)),
        refund("-5", "1", date(2026, 11, 4)),
        refund("-20", "3", late),
    )

    assert (got.orders, got.last_order_on) == (2, late), "one refunded whole is no order"
    assert got.revenue_12m == 80 - 15, "what came back of an order of last year is last year's"
    assert got.revenue == 80 - 15 + 30 - 20


def test_a_refund_without_its_order_lowers_revenue_only() -> None:
    on = date(2026, 11, 3)
    kept = replace(order("80"), external_id="1")

    got = worth(kept, refund("-7", "9", on), refund("-3", "1", on, "USD"), order("-2", on))

    assert (got.orders, got.revenue_12m) == (1, Decimal(80 - 7 - 2))
    assert got.last_order_on == date(2026, 11, 1)
    assert {one.currency: one.amount for one in got.revenues} == {"EUR": 71, "USD": -3}


@pytest.mark.parametrize(
    ("revenue", "tier"),
    [
        pytest.param("299.99", "", id="below all"),
        pytest.param("300", "silver", id="at the first"),
        pytest.param("999.99", "silver", id="below the next"),
        pytest.param("1000", "gold", id="at the highest"),
    ],
)
def test_the_tier_is_the_highest_reached(revenue: str, tier: str) -> None:
    assert worth(order(revenue)).tier == tier


def test_the_crms_own_tier_wins() -> None:
    assert worth(order("5000"), crm_tier="Bronze").tier == "Bronze"


def test_currencies_are_never_added() -> None:
    old = [order("1000", date(2020, 1, day), "USD") for day in (1, 2, 3)]

    got = worth(*old, order("100"), order("7", currency="GBP"), order("50"))

    assert (got.currency, got.orders) == ("mixed", 6)
    assert (got.revenue, got.revenue_12m) == (Decimal(150), Decimal(150)), "euros, as of late"


PER_CURRENCY = CrmSettings.model_validate(
    {"tiers": {"silver": {"EUR": 300, "USD": 330}, "gold": 1000}}
).tiers


@pytest.mark.parametrize(
    ("paid", "tier"),
    [
        pytest.param({"EUR": "300"}, "silver", id="at its own threshold"),
        pytest.param({"USD": "329.99"}, "", id="each currency has its own"),
        pytest.param({"GBP": "999"}, "", id="a currency that is not named"),
        pytest.param({"GBP": "1000"}, "gold", id="a plain number is of every currency"),
        pytest.param({"": "1000"}, "gold", id="and of orders that do not say theirs"),
        pytest.param({"EUR": "200", "USD": "200"}, "", id="currencies are not added"),
        pytest.param({"EUR": "200", "USD": "330"}, "silver", id="the second reaches it"),
        pytest.param({"EUR": "1000", "USD": "330"}, "gold", id="the highest in any"),
    ],
)
def test_a_tier_is_reached_in_a_currency(paid: dict[str, str], tier: str) -> None:
    orders = [order(amount, currency=currency) for currency, amount in paid.items()]

    assert worth(*orders, tiers=PER_CURRENCY).tier == tier


def test_tiers_rank_by_what_they_ask_for() -> None:
    tiers = CrmSettings.model_validate(
        {"tiers": {"top": {"USD": 9}, "base": 2, "mid": {"USD": 5, "EUR": 3}}}
    ).tiers

    assert ranked(tiers) == ["base", "mid", "top"]
    assert [tier_weight(name, tiers) for name in ("Base", "mid")] == [1 + 1 / 3, 1 + 2 / 3]
    assert [is_top_tier(name, tiers) for name in ("TOP", "mid", "")] == [True, False, False]
    assert not is_top_tier("", {})


@pytest.mark.parametrize(
    ("tier", "weight"),
    [
        pytest.param("", 1.0, id="none"),
        pytest.param("silver", 1.5, id="lower"),
        pytest.param("Gold", 2.0, id="highest, in the CRM's spelling"),
        pytest.param("platinum", 1.0, id="unknown here"),
    ],
)
def test_a_voice_weighs_by_its_tier(tier: str, weight: float) -> None:
    assert tier_weight(tier, TIERS) == weight
    assert tier_weight(tier, {}) == 1


def test_settings_take_what_a_toml_file_gives() -> None:
    settings = CrmSettings.model_validate(
        {"tiers": {"vip": 2500, "regular": {"EUR": 99.99}}, "clv_years": 2}
    )

    assert settings.tiers == {"vip": {"": Decimal(2500)}, "regular": {"EUR": Decimal("99.99")}}
    assert settings.clv_years == 2


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param({"tier": {}}, "Extra inputs", id="a key that is none"),
        pytest.param({"tiers": {"gold": 0}}, "greater than 0", id="no threshold"),
        pytest.param({"tiers": {"gold": "much"}}, "valid decimal", id="no number"),
        pytest.param({"tiers": {"gold": float("nan")}}, "finite", id="not a number"),
        pytest.param({"tiers": {" ": 5}}, "at least 1 character", id="no name"),
        pytest.param({"tiers": {"gold": 5, "Gold": 6}}, "same name", id="one name twice"),
        pytest.param({"tiers": {"gold": 5, "silver": 5}}, "same threshold", id="one threshold"),
        pytest.param({"tiers": {"gold": {}}}, "names no currency", id="no currency"),
        pytest.param({"tiers": {"gold": {"Euro": 5}}}, "three capitals", id="no code"),
        pytest.param({"tiers": {"gold": {"": 5}}}, "three capitals", id="an empty code"),
        pytest.param({"tiers": {"gold": {"EUR": "5"}}}, "valid decimal", id="text"),
        pytest.param(
            {"tiers": {"gold": 5, "silver": {"EUR": 1, "USD": 5}}},
            "same threshold",
            id="one threshold in one currency",
        ),
        pytest.param(
            {"tiers": {"gold": {"EUR": 5, "USD": 2}, "silver": {"EUR": 4, "USD": 3}}},
            "tier gold is above silver in one currency and below it in another",
            id="two ranks",
        ),
        pytest.param(
            {"tiers": {"gold": {"EUR": 5}, "silver": {"USD": 3}}},
            "tiers gold and silver have no currency in common",
            id="no rank",
        ),
        pytest.param(
            {
                "tiers": {
                    "a": {"EUR": 2, "GBP": 1},
                    "b": {"EUR": 1, "USD": 2},
                    "c": {"USD": 1, "GBP": 2},
                }
            },
            "in a circle",
            id="a circle",
        ),
        pytest.param({"clv_years": 0}, "greater than 0", id="no years"),
        pytest.param({"clv_years": 21}, "less than or equal to 20", id="a generation"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(table: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        CrmSettings.model_validate(table)


def test_orders_are_counted_and_dated_as_what_they_are_valued_at() -> None:
    chance = random.Random(15)  # noqa: S311
    today = date(2026, 11, 21)
    paid = [
        OrderRecord(
            customer=str(chance.randrange(1, 9)),
            ordered_on=today - timedelta(days=chance.choice([0, 20, 365, 366, 700])),
            amount=Decimal(chance.choice(["10.00", "7.50", "0.00"])),
            currency=chance.choice(["EUR", "USD"]),
            external_id=f"shop:{number}",
        )
        for number in range(80)
    ]
    back = [
        replace(one, ordered_on=today - timedelta(days=chance.randrange(20)), amount=-part)
        for one in paid
        for part in (one.amount, one.amount / 2, Decimal(3))
        if one.amount and chance.random() < 0.25
    ]
    rows = [*paid, *back, replace(paid[0], external_id="shop:gone", amount=Decimal(-2))]
    chance.shuffle(rows)
    bought = [
        Purchase(int(one.customer), one.ordered_on, one.amount, one.currency, one.external_id)
        for one in rows
    ]
    people, _ = value_customers(bought, today=today, years=3)
    assert len(people) == 8
    for person in people:
        own = worth(*(one for one in rows if one.customer == str(person.person_id)), today=today)
        assert (own.orders, own.last_order_on) == (person.orders, person.last_order_on)
        assert set(own.revenues_12m) == {
            Amount(one.currency, round(one.revenue_12m, 2))
            for one in person.values
            if one.revenue_12m
        }
