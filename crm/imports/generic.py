"""Any CSV with columns named as people name them; every other system falls back on these."""

from crm.imports.systems import System

_DELETED = ("is_deleted", "deleted", "_fivetran_deleted")

GENERIC = System(
    name="csv",
    marks=(),
    customer={
        "id": (
            *("customer_id", "external_id", "contact_id", "client_id", "person_id", "Record ID"),
            "id",
        ),
        "name": ("name", "full_name", "customer_name", "contact_name", "display_name"),
        "first_name": ("first_name", "given_name", "forename", "first"),
        "last_name": ("last_name", "surname", "family_name", "last"),
        "email": ("email", "email_address", "e_mail", "customer_email", "e_mail_address"),
        "other_emails": (
            *("other_emails", "additional_emails", "secondary_email", "alternate_email"),
            *("other_email", "second_email", "email_2", "email_alt", "alternative_email"),
        ),
        "tier": ("tier", "customer_tier", "loyalty_tier", "vip_tier", "loyalty_level"),
        "updated": (
            *("updated_at", "last_modified", "modified_at", "last_modified_date"),
            "lastmodifieddate",
        ),
        "deleted": _DELETED,
        "phone": (
            *("phone", "phone_number", "phones", "telephone", "tel", "mobile", "mobile_phone"),
            *("mobile_number", "cell", "cell_phone", "work_phone", "home_phone", "phone_2"),
            *("other_phone", "phone_mobile", "phone_home", "phone_work", "billing_phone"),
        ),
        "company": ("company", "company_name", "organization", "organisation", "account_name"),
        "city": ("city", "town", "billing_city", "mailing_city"),
        "country": ("country", "country_code", "billing_country", "country_region"),
        "website": ("website", "web_site", "website_url", "homepage", "web", "url"),
        "language": ("language", "preferred_language", "locale", "lang", "language_code"),
        "tags": ("tags", "labels", "tag", "label"),
        "consent": (
            *("marketing_consent", "consent", "opt_in", "opted_in", "email_opt_in", "permission"),
            *("marketing_opt_in", "email_consent", "accepts_marketing", "newsletter"),
            *("accepts_email_marketing", "subscribed", "email_marketing_consent"),
            *(
                "email_marketing_consent_state",
                "gdpr_consent",
                "may_contact",
                "subscription_status",
            ),
        ),
        "opted_out": (
            *("opt_out", "opted_out", "email_opt_out", "unsubscribed", "do_not_contact"),
            *("do_not_email", "has_opted_out_of_email", "marketing_opt_out", "unsubscribed_at"),
            "opted_out_of_email",
        ),
        "created": (
            *("created_at", "created", "created_on", "date_created", "created_date"),
            *("create_date", "customer_since", "registered_at", "date_registered", "signup_date"),
        ),
        "merged": ("merged_ids", "merged_object_ids", "merged_record_ids"),
        "merged_into": ("merged_into", "merged_into_id", "master_record_id"),
    },
    order={
        "customer": ("customer_id", "customer", "client_id", "contact_id"),
        "email": (
            *("customer_email", "email", "email_address", "e_mail", "billing_email"),
            *("contact_email", "buyer_email", "billing_email_address", "order_customer_email"),
            *("customer_email_address", "from_email_address", "payer_email", "buyer_email_address"),
        ),
        "date": (
            *("ordered_on", "ordered_at", "order_date", "date", "created_at", "purchased_at"),
            *("purchase_date", "sale_date", "date_created", "created", "transaction_date"),
            *("invoice_date", "payment_date", "paid_at", "completed_at", "close_date"),
            *("order_date_time", "created_on", "date_ordered", "order_placed"),
        ),
        "amount": (
            *("amount", "total", "order_total", "total_amount", "grand_total", "order_amount"),
            *("total_price", "total_paid", "amount_paid", "amount_total", "gross_amount", "gross"),
            *("revenue", "price"),
        ),
        "net": (
            *("net", "net_amount", "net_total", "net_sales", "net_revenue", "total_net"),
            *("order_net", "net_order_amount", "amount_net", "net_payment", "net_value"),
            *("order_total_net", "net_order_total", "net_price"),
        ),
        "fee": ("fee", "fees", "transaction_fee", "processing_fee", "payment_fee"),
        "refunded": (
            *("refunded", "refunded_amount", "refund_amount", "total_refunded", "amount_refunded"),
            *("refund", "refunds", "refund_total", "refunded_total", "total_refund"),
            *("order_refund_amount", "amount_of_refund", "refund_value", "total_refunds"),
            *("returns", "total_refunded_amount", "order_refund", "returned_amount"),
        ),
        "currency": ("currency", "currency_code", "order_currency"),
        "number": ("order_number", "order_no", "order_name"),
        "id": ("order_id", "order_number", "order", "external_id", "transaction_id", "id"),
        "status": (
            *("status", "order_status", "payment_status", "financial_status", "state"),
            *("order_state", "transaction_status"),
        ),
        "test": ("test", "is_test"),
        "cancelled_at": ("cancelled_at", "canceled_at", "voided_at", "cancelled_on"),
        "deleted": (
            *_DELETED,
            *("cancelled", "canceled", "is_cancelled", "is_canceled", "voided", "is_voided"),
        ),
        "guest": ("is_guest", "customer_is_guest", "guest_checkout", "guest"),
        "name": ("billing_name", "billed_to", "bill_to_name", "customer_name", "buyer_name"),
        "first_name": ("billing_first_name", "customer_first_name", "first_name"),
        "last_name": ("billing_last_name", "customer_last_name", "last_name"),
        "article": (
            *("lineitem_name", "item_name", "product_name", "product", "item", "sku"),
            *("article", "line_item", "product_title", "item_title"),
        ),
    },
)
