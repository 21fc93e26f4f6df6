"""WooCommerce: customers and orders, in the spelling of its API and of the common export plug-ins.

A guest's order says customer 0, or none; then the billing e-mail tells who it was. Plug-ins write
an order's total once, or again on the line of each article.
"""

from crm.imports.systems import System

WOOCOMMERCE = System(
    name="woocommerce",
    marks=(
        ("date_created_gmt",),
        ("is_paying_customer",),
        ("Order Currency",),
        ("Billing Email",),
        ("Email (Billing)",),
        ("Order Total Amount",),
        ("Billing Email Address", "Order Status"),
        ("Customer User ID", "Order Number"),
        ("AOV", "Total spend"),
    ),
    customer={
        "id": ("id", "customer_id", "user_id", "Customer User ID"),
        "name": ("Name",),
        "first_name": ("first_name", "billing_first_name", "First Name (Billing)"),
        "last_name": ("last_name", "billing_last_name", "Last Name (Billing)"),
        "email": ("email", "billing_email", "user_email", "Email (Billing)"),
        "other_emails": ("billing_email",),
        "phone": ("billing_phone", "Phone (Billing)", "phone"),
        "company": ("billing_company", "Company (Billing)"),
        "city": ("billing_city", "City (Billing)"),
        "country": ("billing_country", "Country Code (Billing)", "Country / Region"),
        "created": ("date_created", "Sign up", "user_registered"),
    },
    order={
        "customer": ("customer_id", "customer_user", "Customer User ID", "user_id"),
        "email": (
            *("billing_email", "Email (Billing)", "Billing Email Address", "customer_email"),
            "Customer User Email",
        ),
        "date": ("order_date", "date_created", "date_created_gmt", "paid_date"),
        "amount": ("order_total", "Order Total Amount", "total"),
        "net": ("Order Total Amount (- Refund)", "order_total_net"),
        "refunded": (
            *("Order Refund Amount", "refunded_total", "total_refunded", "order_refund"),
            "total_refunded_amount",
        ),
        "currency": ("order_currency", "currency"),
        "id": ("order_id", "id", "order_number"),
        "number": ("order_number",),
        "status": ("status", "order_status"),
        "first_name": ("billing_first_name", "First Name (Billing)"),
        "last_name": ("billing_last_name", "Last Name (Billing)"),
        "article": ("Item Name", "line_item_name", "Product Name", "item_name", "SKU"),
    },
    blank_is_guest=True,
)
