"""Square: customers, and payments as orders. A refund is a row of its own, below zero."""

from crm.imports.systems import System

SQUARE = System(
    name="square",
    marks=(
        ("Total Collected", "Transaction ID"),
        ("Gross Sales", "Net Sales", "Transaction ID"),
        ("Square Customer ID",),
        ("Reference ID", "Email Address", "Creation Source"),
    ),
    customer={
        "id": ("Square Customer ID", "Customer ID"),
        "first_name": ("First Name",),
        "last_name": ("Last Name", "Surname"),
        "email": ("Email Address",),
        "consent": ("Email Subscription Status",),
        "created": ("Creation Date", "First Visit"),
    },
    order={
        "customer": ("Customer ID",),
        "email": ("Customer Email", "Email Address"),
        "date": ("Date",),
        "amount": ("Total Collected", "Net Sales", "Gross Sales"),
        "net": (),  # after Square's fees
        "refunded": (),
        "id": ("Transaction ID", "Payment ID"),
        "status": ("Transaction Status",),
        "article": (),
    },
)
