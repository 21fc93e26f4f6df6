"""Wix Stores: contacts and orders; each article has a line with or without the order's totals."""

from crm.imports.systems import System

WIX = System(
    name="wix",
    marks=(
        ("Order number", "Contact email"),
        ("Order number", "Quantity refunded"),
        ("Order number", "Date created", "Payment status"),
        ("Contact ID", "Email 1"),
        ("First Name", "Last Name", "Email 1", "Labels"),
    ),
    customer={
        "id": ("Contact ID",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "email": ("Email 1", "Email"),
        "other_emails": ("Email 2", "Email 3"),
        "phone": ("Phone 1", "Phone 2", "Phone 3", "Phone"),
        "city": ("Address 1 - City",),
        "country": ("Address 1 - Country",),
        "consent": ("Email subscriber status",),
        "created": ("Created At (UTC+0)", "Created At"),
    },
    order={
        "customer": ("Contact ID",),
        "email": ("Contact email", "Buyer email"),
        "date": ("Date created", "Date"),
        "amount": ("Total",),
        "net": ("Net amount",),
        "refunded": ("Refunded amount",),
        "currency": ("Currency",),
        "id": ("Order number",),
        "status": ("Payment status", "Order status"),
        "article": ("Item", "Item name"),
    },
)
