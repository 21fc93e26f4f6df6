"""Magento (Adobe Commerce): customers and orders, from the grids of its admin."""

from crm.imports.systems import System

MAGENTO = System(
    name="magento",
    marks=(
        ("Purchase Point",),
        ("Grand Total (Base)",),
        ("Bill-to Name", "Purchase Date"),
        ("Customer Since", "Web Site"),
        ("_website", "_store"),
        ("increment_id", "grand_total"),
    ),
    customer={
        "id": ("ID", "entity_id", "customer_id"),
        "name": ("Name",),
        "first_name": ("firstname",),
        "last_name": ("lastname",),
        "email": ("Email",),
        "phone": ("Phone", "billing_telephone"),
        "website": (),  # which of the shop's sites
        "created": ("Customer Since", "created_at"),
    },
    order={
        "customer": ("Customer ID", "customer_id"),
        "email": ("Customer Email", "customer_email"),
        "date": ("Purchase Date", "created_at"),
        "amount": ("Grand Total (Purchased)", "Grand Total (Base)", "grand_total"),
        "net": (),
        "refunded": ("Total Refunded", "total_refunded", "Refunded"),
        "currency": ("Order Currency", "order_currency_code"),
        "id": ("ID", "increment_id", "Order #"),
        "status": ("Status", "state"),
        "guest": ("customer_is_guest",),
        "name": ("Bill-to Name", "billing_name"),
        "first_name": ("customer_firstname",),
        "last_name": ("customer_lastname",),
    },
    blank_is_guest=True,
    no_money=("closed",),  # all of it was credited
)
