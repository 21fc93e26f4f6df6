"""BigCommerce: customers and orders, from the exports of its control panel."""

from crm.imports.systems import System

BIGCOMMERCE = System(
    name="bigcommerce",
    marks=(
        ("Order Total (inc tax)",),
        ("Order ID", "Order Currency Code"),
        ("Customer ID", "Date Joined"),
        ("Customer ID", "Store Credit", "Customer Group"),
    ),
    customer={
        "id": ("Customer ID",),
        "name": ("Customer Name",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "email": ("Email", "Customer Email"),
        "consent": ("Receive Marketing Emails", "Receive Review/Marketing Emails?"),
        "created": ("Date Joined",),
    },
    order={
        "customer": ("Customer ID",),
        "email": ("Customer Email", "Billing Email"),
        "date": ("Order Date",),
        "amount": ("Order Total (inc tax)", "Order Total (ex tax)", "Order Total"),
        "net": (),
        "refunded": ("Refund Amount", "Refunded Amount"),
        "currency": ("Order Currency Code", "Currency"),
        "id": ("Order ID",),
        "status": ("Order Status",),
        "name": ("Billing Name", "Customer Name"),
    },
    blank_is_guest=True,
)
