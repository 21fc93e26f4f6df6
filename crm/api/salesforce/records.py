"""Salesforce's objects: what is asked of each, and how its records are read.

Contacts and leads are people; a converted lead is the contact it became. The name of a contact's
account is the company; where accounts are persons, an order's account is its contact.
"""

from collections.abc import Iterable, Mapping, Sequence

from crm.api.rows import customer_of, inside, order_of
from crm.handles import network_of_column
from crm.imports.reader import squeeze
from crm.imports.salesforce import SALESFORCE
from domain.customer import CustomerRecord, OrderRecord

PEOPLE = ("Contact", "Lead")
ALWAYS = ("Id", "SystemModstamp", "IsDeleted")
_PERSON = "IsPersonAccount"  # its account's name is the person's own
_PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")
# Ours -> the object's, each read where the org has it and its user may see it.
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Contact": {
        **{field: SALESFORCE.customer[field] for field in ("tier", "language", "consent")},
        "name": ("Name",),
        "email": ("Email",),
        "phone": _PHONES,
        "company": ("Account.Name",),
        "city": ("MailingCity",),
        "country": ("MailingCountryCode", "MailingCountry"),
        "opted_out": SALESFORCE.customer["opted_out"],
        "created": ("CreatedDate",),
        "merged_into": ("MasterRecordId",),
    },
    "Lead": {
        **{field: SALESFORCE.customer[field] for field in ("tier", "language", "consent")},
        "name": ("Name",),
        "email": ("Email",),
        "phone": _PHONES,
        "company": ("Company",),
        "city": ("City",),
        "country": ("CountryCode", "Country"),
        "opted_out": SALESFORCE.customer["opted_out"],
        "created": ("CreatedDate",),
        "merged_into": ("MasterRecordId", "ConvertedContactId"),
    },
    "Opportunity": {
        "customer": ("ContactId", "Account.PersonContactId"),
        "date": ("CloseDate",),
        "amount": ("Amount",),
        "currency": ("CurrencyIsoCode",),
        "stage": ("StageName",),
        "won": ("IsWon",),
    },
    "Order": {
        "number": ("OrderNumber",),
        "customer": ("BillToContactId", "Account.PersonContactId"),
        "date": ("EffectiveDate",),
        "amount": ("TotalAmount",),
        "currency": ("CurrencyIsoCode",),
        "status": ("StatusCode", "Status"),
    },
}


def asked(what: str, there: frozenset[str], handle_fields: Iterable[str]) -> list[str]:
    """The fields to ask for: of those wanted the ones that are there.

    there: the names of the object's fields, those of its account with "Account." in front.
    """
    wanted = [_PERSON, *(name for names in FIELDS[what].values() for name in names)]
    found = [name for name in (*wanted, *handle_fields) if name in there]
    return list(dict.fromkeys([*ALWAYS, *found]))


def handle_fields(there: Iterable[str], configured: Mapping[str, str]) -> list[tuple[str, str]]:
    """(network, field) of every field with handles: those configured, and those named for it."""
    fields = sorted(there)
    named = ((network_of_column(squeeze(one)), one) for one in fields)
    by_name = [(network, one) for network, one in named if network]
    return list(dict.fromkeys([*((on, f) for on, f in configured.items() if f in there), *by_name]))


def customer(
    what: str, record: object, handles: Sequence[tuple[str, str]], region: str
) -> CustomerRecord:
    """Raises ValueError, with the reason, for what cannot be a customer."""
    fields = {
        **_read(what, record),
        "updated": inside(record, "SystemModstamp"),
        "deleted": inside(record, "IsDeleted"),
    }
    if inside(record, _PERSON) is True:
        fields.pop("company")
    found = [(network, inside(record, field)) for network, field in handles]
    return customer_of(fields, SALESFORCE, found, phone_region=region)


def order(what: str, record: object, currency: str) -> OrderRecord | None:
    """None for what is an order of nobody in particular, such as of a company, and not yet won.

    currency: of an org with one alone, whose records do not name it. Raises ValueError, with the
    reason, for what cannot be an order.
    """
    fields = _read(what, record)
    said = fields.pop("currency", [])
    if not any(fields["customer"]) and fields.get("won") == [False]:
        return None
    return order_of({**fields, "currency": [*said, currency]}, SALESFORCE)


def short_id(record: object) -> str:
    """The record's id as it is stored; "" where it has none."""
    found = inside(record, "Id")
    return SALESFORCE.one_id(found) if isinstance(found, str) else ""


def _read(what: str, record: object) -> dict[str, list[object]]:
    if not short_id(record):
        raise ValueError("has no id")
    cells = {
        ours: [inside(record, *name.split(".")) for name in names]
        for ours, names in FIELDS[what].items()
    }
    return {"id": [inside(record, "Id")], **cells}
