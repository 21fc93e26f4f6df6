"""Etsy: sold orders. They hold no e-mail; the buyer's user id is the customer's."""

from crm.imports.systems import System

ETSY = System(
    name="etsy",
    marks=(
        ("Sale Date", "Buyer User ID"),
        ("Order Net", "Adjusted Order Total"),
    ),
    customer={
        "id": ("Buyer User ID", "Customer ID", "id"),
        "name": ("Full Name",),
        "email": ("Buyer Email", "Email"),
    },
    order={
        "customer": ("Buyer User ID",),
        "email": ("Buyer Email", "Email"),
        "date": ("Sale Date",),
        "amount": ("Order Total", "Order Value"),
        "net": (),  # after Etsy's fees
        "adjusted": ("Adjusted Order Total",),
        "currency": ("Currency",),
        "id": ("Order ID",),
        "status": ("Status",),
        "article": (),
    },
)
