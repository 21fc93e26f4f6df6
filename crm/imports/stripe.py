"""Stripe: customers, and payments as orders, from the exports of its dashboard."""

from crm.imports.systems import System

STRIPE = System(
    name="stripe",
    marks=(
        ("Created (UTC)", "Customer ID"),
        ("Created date (UTC)", "Customer ID"),
        ("Seller Message",),
        ("Created (UTC)", "Delinquent"),
        ("id", "Created (UTC)", "Email"),
        ("id", "Created date (UTC)", "Email"),
        ("Converted Amount", "Converted Currency"),
    ),
    customer={
        "id": ("id", "Customer ID"),
        "name": ("Name",),
        "email": ("Email", "Customer Email"),
        "tier": ("tier (metadata)",),
        "created": ("Created (UTC)", "Created date (UTC)", "Created"),
    },
    order={
        "customer": ("Customer ID", "Customer"),
        "email": ("Customer Email", "Receipt Email", "Email"),
        "date": ("Created (UTC)", "Created date (UTC)", "Created"),
        "amount": ("Amount",),
        "net": (),  # after Stripe's fees
        "refunded": ("Amount Refunded",),
        "currency": ("Currency",),
        "id": ("id", "PaymentIntent ID"),
        "status": ("Status", "Mode"),
        "name": ("Customer Name", "Card Name"),
        "article": (),
    },
    blank_is_guest=True,
    no_money=("test", "uncaptured", "requirespaymentmethod", "requiresaction", "disputelost"),
)
