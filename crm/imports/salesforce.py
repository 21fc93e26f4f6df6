"""Salesforce: contacts and leads; orders, and opportunities as orders (those that are won).

Spellings of the API (`FirstName`), of warehouse syncs (`first_name`) and of report exports
(`First Name`). Orders name the account; a contact is only found by it where accounts are persons.
"""

import re

from crm.imports.systems import System

_LONG_ID = re.compile(r"[A-Za-z0-9]{18}", re.ASCII)
_UNIQUE = 15  # characters; the last three of 18 only repeat which letters are capitals


def _short(external_id: str) -> str:
    """Reports write 15 characters, the API 18 of the same record."""
    return external_id[:_UNIQUE] if _LONG_ID.fullmatch(external_id) else external_id


SALESFORCE = System(
    name="salesforce",
    marks=(
        ("SystemModstamp",),
        ("MasterRecordId",),
        ("LastModifiedById",),
        ("IsWon", "StageName"),
        ("Contact ID", "Account Name"),
        ("Contact ID", "Account ID"),
        ("Opportunity ID", "Account ID"),
        ("Opportunity ID", "Account Name"),
        ("Opportunity ID", "Opportunity Name"),
        ("Lead ID", "Lead Source"),
        ("Lead ID", "Lead Owner"),
    ),
    customer={
        "id": ("Contact ID", "Lead ID", "Id", "Contact ID (18)"),
        "name": ("Name", "Full Name"),
        "first_name": ("FirstName",),
        "last_name": ("LastName",),
        "email": ("Email",),
        "tier": ("Tier__c", "Customer_Tier__c", "Loyalty_Tier__c"),
        "deleted": ("IsDeleted",),
        "phone": (
            *("Phone", "MobilePhone", "Mobile", "HomePhone", "OtherPhone", "Business Phone"),
            "Mobile Phone",
        ),
        "company": ("Account Name", "AccountName", "Company"),
        "city": ("MailingCity", "Mailing City", "City"),
        "country": ("MailingCountry", "Mailing Country", "MailingCountryCode", "Country"),
        "website": ("Website",),
        "language": ("Language__c", "Preferred_Language__c"),
        "consent": ("Email_Opt_In__c", "Marketing_Consent__c", "Email Opt In"),
        "opted_out": ("HasOptedOutOfEmail", "Email Opt Out", "Do_Not_Contact__c"),
        "created": ("CreatedDate", "Created Date"),
        "merged_into": ("MasterRecordId", "Master Record ID"),
    },
    order={
        "customer": (
            *("BillToContactId", "ContactId", "Primary Contact ID", "Contact: Contact ID"),
            "AccountId",
        ),
        "email": ("BillToEmail", "ContactEmail", "Contact: Email", "Email"),
        "date": ("EffectiveDate", "CloseDate", "Order Start Date", "CreatedDate"),
        "amount": ("TotalAmount", "Order Amount", "Amount"),
        "currency": ("CurrencyIsoCode", "Amount Currency", "Order Amount Currency"),
        "id": ("Order ID", "Opportunity ID", "Id", "OrderNumber"),
        "number": ("OrderNumber",),
        "status": ("Status", "StatusCode"),
        "stage": ("StageName", "Stage"),
        "won": ("IsWon", "Won"),
        "deleted": ("IsDeleted",),
    },
    one_id=_short,
    has_footer=True,
)
