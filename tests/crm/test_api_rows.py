"""Records of an API read by the rules of the files."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.api.rows import customer_of, order_of
from crm.imports.salesforce import SALESFORCE
from crm.imports.shopify import SHOPIFY
from domain.customer import OrderRecord


def test_a_record_has_the_instant_of_its_change_and_its_handles() -> None:
    found = customer_of(
        {
            "id": "0035500000AnaABAAZ",
            "name": "Ana Sol",
            "email": "Ana@Mail.Example",
            "updated": "2026-05-20T08:00:00.000+0000",
        },
        SALESFORCE,
        [("linkedin", "https://www.linkedin.com/in/ana-sol"), ("x", None)],
    )

    assert (found.external_id, found.email) == ("0035500000AnaAB", "ana@mail.example")
    assert found.handles == (("linkedin", "ana-sol"),)
    assert found.updated_at == datetime(2026, 5, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "refunded", "left"),
    [
        pytest.param(1.234, None, "1.234", id="three decimals are no thousands"),
        pytest.param(Decimal("1.234"), Decimal(0), "1.234", id="nor are they of a text"),
        pytest.param(Decimal(60), Decimal("12.5"), "47.5", id="some is given back"),
        pytest.param(Decimal(60), Decimal(65), "0", id="more is given back than was paid"),
    ],
)
def test_an_order_counts_after_its_refunds(amount: object, refunded: object, left: str) -> None:
    found = order_of(
        {
            "id": 77,
            "email": "mira@mail.example",
            "date": "2026-05-20",
            "amount": amount,
            "refunded": refunded,
        },
        SHOPIFY,
    )

    assert found == OrderRecord(
        "mira@mail.example", date(2026, 5, 20), Decimal(left), currency="", external_id="77"
    )


def test_what_is_no_order_says_why() -> None:
    with pytest.raises(ValueError, match="has no customer"):
        order_of({"id": 77, "date": "2026-05-20", "amount": 3}, SHOPIFY)
