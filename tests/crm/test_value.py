"""What a customer is worth: calendar, refunds, currencies, tiers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.settings import CrmSettings
from crm.value import tier_weight, value
from domain.customer import OrderRecord, Value

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
TIERS = CrmSettings().tiers


def order(amount: str, on: date = date(2026, 11, 1), currency: str = "EUR") -> OrderRecord:
    return OrderRecord("7", on, Decimal(amount), currency)


def worth(*orders: OrderRecord, crm_tier: str = "", now: datetime = NOW) -> Value:
    return value(orders, now=now, tiers=TIERS, crm_tier=crm_tier)


def test_no_orders_are_worth_nothing() -> None:
    assert worth() == Value(0, Decimal(0), Decimal(0), "", "")


def test_orders_are_added_exactly() -> None:
    got = worth(order("0.10"), order("0.20"), order("900", date(2020, 1, 1)))

    assert (got.orders, got.revenue, got.revenue_12m) == (3, Decimal("900.30"), Decimal("0.30"))
    assert got.currency == "EUR"


@pytest.mark.parametrize(
    ("on", "now", "counts"),
    [
        pytest.param(date(2025, 11, 21), NOW, False, id="a year ago to the day"),
        pytest.param(date(2025, 11, 22), NOW, True, id="the day after"),
        pytest.param(date(2026, 11, 21), NOW, True, id="today"),
        pytest.param(date(2026, 11, 22), NOW, False, id="tomorrow"),
        pytest.param(date(2027, 2, 28), datetime(2028, 2, 29, tzinfo=UTC), False, id="leap day"),
        pytest.param(date(2027, 3, 1), datetime(2028, 2, 29, tzinfo=UTC), True, id="after it"),
    ],
)
def test_the_past_year_is_a_year_of_the_calendar(
    on: date,
    now: datetime,
    counts: bool,  # noqa: FBT001
) -> None:
    assert (worth(order("10", on), now=now).revenue_12m == 10) is counts


def test_a_refund_lowers_the_revenue_and_is_no_order() -> None:
    got = worth(order("500"), order("-200"), order("0"))

    assert (got.orders, got.revenue, got.tier) == (1, Decimal(300), "silver")


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
    settings = CrmSettings.model_validate({"tiers": {"vip": 2500, "regular": 99.99}})

    assert settings.tiers == {"vip": Decimal(2500), "regular": Decimal("99.99")}


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
    ],
)
def test_settings_that_cannot_be_meant_are_refused(table: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        CrmSettings.model_validate(table)
