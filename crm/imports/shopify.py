"""Shopify: customers and orders, as the admin exports them and as its API names the same columns.

The admin's order export repeats an order's name on a line of its own for each further article,
with everything else blank: those lines belong to the order above and are passed over.
"""

from crm.imports.systems import System

SHOPIFY = System(
    name="shopify",
    marks=(
        ("Accepts Email Marketing",),
        ("accepts_marketing",),
        ("verified_email",),
        ("Total Spent", "Total Orders"),
        ("Financial Status",),
        ("display_financial_status",),
    ),
    customer={
        "id": ("Customer ID", "id"),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "email": ("Email",),
        "phone": ("Phone", "Default Address Phone"),
        "company": ("Default Address Company", "Company"),
        "city": ("Default Address City", "City"),
        "country": (
            *("Default Address Country Code", "Country Code", "Default Address Country"),
            "Country",
        ),
        "consent": (
            *("Accepts Email Marketing", "accepts_marketing", "email_marketing_consent_state"),
            "Accepts Marketing",
        ),
    },
    order={
        "customer": ("customer_id",),
        "email": ("Email",),
        "date": ("Created at", "processed_at"),
        "amount": ("Total", "total_price", "total_price_set_shop_amount"),
        "net": (),
        "refunded": ("Refunded Amount", "total_refunded", "total_refunded_set_shop_amount"),
        "currency": ("total_price_set_shop_currency_code", "Currency", "currency_code"),
        "id": ("Id", "Name"),
        "number": ("Name",),
        "status": ("Financial Status", "display_financial_status"),
        "cancelled_at": ("Cancelled at",),
        "test": ("test",),
        "name": ("Billing Name",),
        "article": ("Lineitem name",),
    },
    blank_is_guest=True,
)
