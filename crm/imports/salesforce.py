"""Salesforce: contacts and leads; orders, and opportunities as orders (those that are won).

Spellings of the API (`FirstName`), of warehouse syncs (`first_name`) and of report exports
(`First Name`). Orders name the account; a contact is only found by it where accounts are persons.
"""

from crm.imports.systems import System

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
    ),
    customer={
        "id": ("Contact ID", "Lead ID", "Id"),
        "name": ("Name", "Full Name"),
        "first_name": ("FirstName",),
        "last_name": ("LastName",),
        "email": ("Email",),
        "tier": ("Tier__c", "Customer_Tier__c", "Loyalty_Tier__c"),
        "deleted": ("IsDeleted",),
    },
    order={
        "customer": ("BillToContactId", "ContactId", "AccountId"),
        "email": ("BillToEmail", "ContactEmail", "Email"),
        "date": ("EffectiveDate", "CloseDate", "Order Start Date", "CreatedDate"),
        "amount": ("TotalAmount", "Order Amount", "Amount"),
        "currency": ("CurrencyIsoCode", "Amount Currency"),
        "id": ("Order ID", "Opportunity ID", "Id", "OrderNumber"),
        "status": ("Status", "StatusCode"),
        "stage": ("StageName", "Stage"),
        "won": ("IsWon", "Won"),
        "deleted": ("IsDeleted",),
    },
)
