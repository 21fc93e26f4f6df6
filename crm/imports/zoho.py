"""Zoho CRM: contacts, and deals as orders (those that are won). Ids begin with zcrm_."""

from crm.imports.systems import System

ZOHO = System(
    name="zoho",
    # "Record Id" alone is HubSpot's too.
    marks=(
        ("Record Id", "Created Time"),
        ("Record Id", "Modified Time"),
        ("Record Id", "Closing Date"),
        ("Record Id", "Secondary Email"),
        ("Record Id", "Email Opt Out"),
        ("Record Id", "Contact Owner.id"),
        ("Record Id", "Lead Owner.id"),
        ("Record Id", "Deal Owner.id"),
        ("Record Id", "Contact Name.id"),
        ("Record Id", "Account Name.id"),
        ("Record Id", "Modified By.id"),
        ("Created_Time", "Modified_Time"),
    ),
    customer={
        "id": ("Record Id", "Contact Id", "Lead Id", "id"),
        "name": ("Full Name", "Contact Name", "Full_Name"),
        "email": ("Email",),
        "other_emails": ("Secondary Email", "Secondary_Email"),
        "phone": ("Phone", "Mobile", "Other Phone", "Home Phone"),
        "company": ("Account Name", "Account_Name", "Company"),
        "city": ("Mailing City", "Mailing_City", "City"),
        "country": ("Mailing Country", "Mailing_Country", "Country"),
        "opted_out": ("Email Opt Out", "Email_Opt_Out"),
        "tags": ("Tag",),
        "created": ("Created Time", "Created_Time"),
        "updated": ("Modified Time", "Modified_Time"),
    },
    order={
        "customer": ("Contact Name.id", "Contact Id", "Contact Name (ID)"),
        "email": ("Contact Email", "Email"),
        "date": ("Closing Date", "Closing_Date", "Created Time"),
        "amount": ("Amount", "Grand Total"),
        "net": (),
        "currency": ("Currency",),
        "id": ("Record Id", "Deal Id", "id"),
        "stage": ("Stage",),
        "status": ("Status",),
    },
)
