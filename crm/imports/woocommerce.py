"""WooCommerce: customers and orders, in the spelling of its API and of the common export plug-ins.

A guest's order says customer 0; then the billing e-mail tells who it was.
"""

from crm.imports.systems import System

WOOCOMMERCE = System(
    name="woocommerce",
    marks=(
        ("date_created_gmt",),
        ("is_paying_customer",),
        ("Order Currency",),
        ("Billing Email",),
        ("AOV", "Total spend"),
    ),
    customer={
        "id": ("id", "customer_id", "user_id"),
        "name": ("Name",),
        "first_name": ("first_name", "billing_first_name"),
        "last_name": ("last_name", "billing_last_name"),
        "email": ("email", "billing_email"),
    },
    order={
        "customer": ("customer_id", "customer_user"),
        "email": ("billing_email", "customer_email"),
        "date": ("order_date", "date_created", "date_created_gmt", "paid_date"),
        "amount": ("order_total", "total", "Order Total Amount"),
        "refunded": ("Order Refund Amount", "refunded_total", "total_refunded"),
        "currency": ("order_currency", "currency"),
        "id": ("order_id", "id", "order_number"),
        "status": ("status", "order_status"),
    },
)
