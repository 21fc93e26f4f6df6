"""Squarespace: orders, with a line of its own for each further article, and customers' profiles."""

from crm.imports.systems import System

SQUARESPACE = System(
    name="squarespace",
    # "Financial Status" alone is Shopify's too, which calls the order's number its name.
    marks=(
        ("Order ID", "Financial Status", "Amount Refunded"),
        ("Order ID", "Financial Status", "Channel Type"),
        ("Order ID", "Financial Status", "Lineitem name"),
        ("Email", "Accepts Marketing", "Order Count"),
    ),
    customer={
        "email": ("Email",),
        "first_name": ("First Name", "Shipping First Name"),
        "last_name": ("Last Name", "Shipping Last Name"),
    },
    order={
        "email": ("Email",),
        "date": ("Created at", "Paid at"),
        "amount": ("Total",),
        "net": (),
        "refunded": ("Amount Refunded",),
        "currency": ("Currency",),
        "id": ("Order ID",),
        "status": ("Financial Status",),
        "cancelled_at": ("Cancelled at",),
        "article": ("Lineitem name",),
    },
)
