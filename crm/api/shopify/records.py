"""What is asked of Shopify's customers and orders, and how they are read."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.api.rows import customer_of, inside, instant, order_of
from crm.imports.shopify import SHOPIFY
from domain.customer import CustomerRecord, OrderRecord

# A hundred cost at most 700 points of the 1,000 that one question may.
PER_PAGE = 100


def _listing(what: str, fields: str) -> str:
    return f"""query ($query: String, $after: String) {{
  shop {{ ianaTimezone }}
  {what}(first: {PER_PAGE}, after: $after, query: $query, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {fields} }}
  }}
}}"""


LISTINGS: Mapping[str, str] = {
    "customers": _listing(
        "customers",
        """id firstName lastName createdAt updatedAt locale tags
      defaultEmailAddress { emailAddress marketingState }
      defaultPhoneNumber { phoneNumber }
      defaultAddress { city countryCodeV2 company phone }""",
    ),
    "orders": _listing(
        "orders",
        """id name email processedAt updatedAt cancelledAt test displayFinancialStatus
      totalPriceSet { shopMoney { amount currencyCode } }
      totalRefundedSet { shopMoney { amount } }
      customer { id }""",
    ),
}
SCOPES = "query { currentAppInstallation { accessScopes { handle } } }"


def customer(record: object, region: str) -> CustomerRecord:
    """Raises ValueError, with the reason, for what cannot be a customer."""
    if not short_id(record):
        raise ValueError("has no id")
    return customer_of(
        {
            "id": short_id(record),
            "first_name": inside(record, "firstName"),
            "last_name": inside(record, "lastName"),
            "email": inside(record, "defaultEmailAddress", "emailAddress"),
            "consent": inside(record, "defaultEmailAddress", "marketingState"),
            "phone": [
                inside(record, "defaultPhoneNumber", "phoneNumber"),
                inside(record, "defaultAddress", "phone"),
            ],
            "company": inside(record, "defaultAddress", "company"),
            "city": inside(record, "defaultAddress", "city"),
            "country": inside(record, "defaultAddress", "countryCodeV2"),
            "language": inside(record, "locale"),
            "tags": inside(record, "tags"),
            "created": inside(record, "createdAt"),
            "updated": inside(record, "updatedAt"),
        },
        SHOPIFY,
        phone_region=region,
    )


def order(record: object, zone: ZoneInfo | None) -> OrderRecord | None:
    """In the shop's money and on its own day. An e-mail tells only who has no id.

    Raises ValueError, with the reason, for what cannot be an order.
    """
    if not short_id(record):
        raise ValueError("has no id")
    at = instant(inside(record, "processedAt"))
    buyer = _number_in(inside(record, "customer", "id"))
    return order_of(
        {
            "id": short_id(record),
            "number": inside(record, "name"),
            "customer": buyer,
            "email": None if buyer else inside(record, "email"),
            "date": at.astimezone(zone).date().isoformat() if at else None,
            "amount": _money(inside(record, "totalPriceSet", "shopMoney", "amount")),
            "refunded": _money(inside(record, "totalRefundedSet", "shopMoney", "amount")),
            "currency": inside(record, "totalPriceSet", "shopMoney", "currencyCode"),
            "status": inside(record, "displayFinancialStatus"),
            "cancelled_at": inside(record, "cancelledAt"),
            "test": inside(record, "test"),
        },
        SHOPIFY,
    )


def zone_of(data: object) -> ZoneInfo | None:
    """The shop's own zone, in which its exports tell days; None, for UTC, where it is unknown."""
    name = inside(data, "shop", "ianaTimezone")
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def short_id(record: object) -> str:
    """The number in "gid://shopify/Customer/7", as exports write it; "" where there is none."""
    return _number_in(inside(record, "id"))


def _number_in(gid: object) -> str:
    number = gid.rpartition("/")[2] if isinstance(gid, str) else ""
    return number if number.isdecimal() and number.isascii() else ""


def _money(amount: object) -> object:
    """A decimal text, in which 1.234 is no thousand."""
    try:
        return Decimal(amount) if isinstance(amount, str) else amount
    except InvalidOperation:
        return amount
