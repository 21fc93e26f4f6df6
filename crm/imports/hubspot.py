"""HubSpot: contacts, and deals as orders (those that are won).

Spellings of the contact and deal export, of the API's properties, and of the same with
`property_` in front as warehouse syncs write them. Handles: `twitterhandle`, LinkedIn URL.
"""

from crm.imports.systems import System

HUBSPOT = System(
    name="hubspot",
    marks=(
        ("hs_object_id",),
        ("property_email",),
        ("property_firstname",),
        ("property_dealname",),
        ("Record ID", "Lifecycle Stage"),
        ("Record ID", "Create Date"),
        ("Record ID", "Contact owner"),
        ("Record ID", "Deal Stage"),
        ("Record ID", "Additional email addresses"),
    ),
    customer={
        "id": ("Record ID", "hs_object_id", "vid", "id"),
        "first_name": ("First Name", "firstname"),
        "last_name": ("Last Name", "lastname"),
        "email": ("Email", "Work email", "email_1"),
        "other_emails": (
            *("Additional email addresses", "hs_additional_emails", "additional_emails"),
            *("Work email", "email_1"),
        ),
        "phone": (
            *("Phone Number", "Mobile Phone Number", "phone", "mobilephone"),
            *("WhatsApp Phone Number", "hs_whatsapp_phone_number"),
        ),
        "company": ("Company Name", "company", "Associated Company"),
        "country": ("Country/Region", "country"),
        "website": ("Website URL", "website"),
        "language": ("Preferred language", "hs_language"),
        "tags": (),
        "consent": (
            *("Legal basis for processing contact's data", "hs_legal_basis"),
            *("Marketing consent", "marketing_consent", "opt_in"),
        ),
        "opted_out": (
            *("Unsubscribed from all email", "hs_email_optout", "Opted out of all email"),
            "Email opt out",
        ),
        "created": ("Create Date", "createdate"),
        "merged": (
            *("Merged object IDs", "Merged Record IDs", "hs_merged_object_ids"),
            *("Merged vids with timestamps of a contact", "hs_calculated_merged_vids"),
        ),
    },
    order={
        "customer": (
            *("Associated Contact IDs", "Associated Contact ID", "contact_id"),
            "Associated Contact Record IDs",
        ),
        "email": ("Associated Contact Email", "contact_email", "Associated Contact"),
        "date": ("Close Date", "closedate"),
        "amount": ("Amount", "amount_in_home_currency"),
        "currency": ("Currency", "deal_currency_code"),
        "id": ("Record ID", "Deal ID", "deal_id", "hs_object_id", "id"),
        "stage": ("Deal Stage", "dealstage", "deal_pipeline_stage_id"),
        "won": ("Is Closed Won", "hs_is_closed_won"),
    },
    prefix="property",
    ids=r"\d{1,14}",  # "Record ID" is Zoho's too, and its ids are longer
)
