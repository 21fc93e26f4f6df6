"""Odoo: contacts, and sales orders. A sales order names its customer; add Customer/Email to it."""

from crm.imports.systems import System

ODOO = System(
    name="odoo",
    marks=(
        ("Order Reference", "Salesperson"),
        ("Order Reference", "Creation Date"),
        ("Order Reference", "Customer/Email"),
        ("date_order", "amount_total"),
        ("Complete Name", "Salesperson"),
        ("Display Name", "Salesperson"),
    ),
    customer={
        "id": ("ID", "External ID", "id"),
        "name": ("Complete Name", "Display Name", "Name", "display_name"),
        "email": ("Email", "email"),
        "company": ("Company Name", "parent_name", "Related Company"),
        "created": ("Created on", "create_date"),
    },
    order={
        "customer": ("Customer/ID", "Customer/External ID", "partner_id/id", "partner_id/.id"),
        "email": ("Customer/Email", "partner_id/email", "Email"),
        "date": ("Order Date", "Creation Date", "date_order", "create_date"),
        "amount": ("Total", "amount_total"),
        "net": (),
        "currency": ("Currency", "currency_id", "Currency/Currency"),
        "id": ("Order Reference", "name"),
        "status": ("Status", "state"),
    },
    no_money=("quotation", "quotationsent", "sent", "cancel"),
)
