"""PrestaShop: customers and orders, from the lists of its back office and from its tables."""

from crm.imports.systems import System

PRESTASHOP = System(
    name="prestashop",
    marks=(
        ("Reference", "New client"),
        ("Reference", "New customer"),
        ("id_order", "id_customer"),
        ("id_order", "total_paid"),
        ("Social title", "Registration"),
        ("Social title", "Last visit"),
        ("id_customer", "firstname"),
    ),
    customer={
        "id": ("ID", "id_customer"),
        "first_name": ("First name", "firstname"),
        "last_name": ("Last name", "lastname"),
        "email": ("Email address", "Email"),
        "consent": ("Newsletter",),
        "created": ("Registration", "date_add"),
    },
    order={
        "customer": ("id_customer", "Customer ID"),
        "email": ("Email", "Email address", "Customer email"),
        "date": ("Date", "date_add"),
        "amount": ("Total", "total_paid_tax_incl", "total_paid"),
        "net": (),
        "currency": ("Currency", "iso_code", "Currency ISO code"),
        "id": ("ID", "id_order", "Reference"),
        "status": ("Status", "order_state", "osname", "current_state_name"),
    },
)
