"""Any CSV with columns named as people name them; every other system falls back on these."""

from crm.imports.systems import System

GENERIC = System(
    name="csv",
    marks=(),
    customer={
        "id": (
            "customer_id",
            "external_id",
            "contact_id",
            "client_id",
            "person_id",
            "Record ID",
            "id",
        ),
        "name": ("name", "full_name", "customer_name", "contact_name", "display_name"),
        "first_name": ("first_name", "given_name", "forename", "first"),
        "last_name": ("last_name", "surname", "family_name", "last"),
        "email": ("email", "email_address", "e_mail", "customer_email"),
        "tier": ("tier", "customer_tier", "loyalty_tier", "vip_tier", "loyalty_level"),
        "updated": (
            "updated_at",
            "last_modified",
            "modified_at",
            "last_modified_date",
            "lastmodifieddate",
        ),
        "deleted": ("is_deleted", "deleted", "_fivetran_deleted"),
    },
    order={
        "customer": ("customer_id", "customer", "client_id", "contact_id"),
        "email": ("customer_email", "email", "email_address", "e_mail"),
        "date": ("ordered_on", "ordered_at", "order_date", "date", "created_at", "purchased_at"),
        "amount": ("amount", "total", "order_total", "total_amount", "revenue", "price"),
        "refunded": ("refunded", "refunded_amount", "refund_amount", "total_refunded"),
        "currency": ("currency", "currency_code", "order_currency"),
        "id": ("order_id", "order_number", "order", "external_id", "transaction_id", "id"),
        "status": ("status", "order_status"),
        "test": ("test", "is_test"),
        "cancelled_at": ("cancelled_at", "canceled_at"),
        "deleted": ("is_deleted", "deleted", "_fivetran_deleted"),
    },
)
