"""HubSpot's contacts as customers, and its deals as orders."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.api.rows import customer_of, inside, instant, order_of
from crm.api.source import Page, Refused
from crm.imports.hubspot import HUBSPOT
from domain.customer import CustomerRecord, OrderRecord

# Ours, as in crm.imports -> HubSpot's. An answer holds only the properties that were asked for.
_CONTACT: Mapping[str, tuple[str, ...]] = {
    "first_name": ("firstname",),
    "last_name": ("lastname",),
    "email": ("email",),
    "other_emails": ("hs_additional_emails",),
    "phone": ("phone", "mobilephone", "hs_whatsapp_phone_number"),
    "company": ("company",),
    "city": ("city",),
    "country": ("country",),
    "website": ("website",),
    "language": ("hs_language",),
    "consent": ("hs_legal_basis",),
    "opted_out": ("hs_email_optout",),
    "created": ("createdate",),
    "updated": ("lastmodifieddate",),
    "merged": ("hs_merged_object_ids", "hs_calculated_merged_vids"),
}
HANDLES = (("x", "twitterhandle"), ("linkedin", "hs_linkedin_url"))  # (network, property)
_DEAL = {
    "date": "closedate",
    "amount": "amount",
    "currency": "deal_currency_code",
    "stage": "dealstage",
    "won": "hs_is_closed_won",
}
PROPERTIES = {
    "contacts": tuple(one for names in _CONTACT.values() for one in names),
    "deals": tuple(_DEAL.values()),
}
Handles = Sequence[tuple[str, str]]
# By which property a search tells what has changed.
CHANGED = {"contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}


def number(record: object) -> int | None:
    """The record's id; None where it has none that can be read."""
    found = str(inside(record, "id"))
    return int(found) if found.isascii() and found.isdigit() else None


def contacts(
    found: Sequence[Any], cursor: Mapping[str, Any], handles: Handles, phone_region: str
) -> Page:
    """A page of customers. handles: the properties that hold some."""
    customers: list[CustomerRecord] = []
    refused: list[Refused] = []
    for one in found:
        try:
            customers.append(_contact(one, handles, phone_region))
        except ValueError as error:
            refused.append(_refused(one, error))
    return Page(cursor, len(found), customers=tuple(customers), refused=tuple(refused))


def deals(found: Sequence[Any], cursor: Mapping[str, Any]) -> Page:
    """A page of orders. A deal that is open again is none any more: a deleted one."""
    orders: list[OrderRecord] = []
    gone: list[str] = []
    refused: list[Refused] = []
    for one in found:
        try:
            order = _deal(one)
        except ValueError as error:
            refused.append(_refused(one, error))
            continue
        if order is None:
            gone.append(str(number(one)))
        else:
            orders.append(order)
    return Page(
        *(cursor, len(found)),
        orders=tuple(orders),
        deleted_orders=tuple(gone),
        refused=tuple(refused),
    )


def deleted(found: Sequence[Any], *, before: datetime) -> Iterator[str]:
    """The ids of those that were deleted before; of later ones a merge may not be known yet."""
    for one in found:
        record_id, at = number(one), instant(inside(one, "archivedAt"))
        if record_id is not None and (at is None or at < before):
            yield str(record_id)


def _refused(record: object, error: ValueError) -> Refused:
    record_id = number(record)
    reason = str(error).partition(": is this")[0]  # which asks for the right file
    return Refused("" if record_id is None else str(record_id), reason)


def _contact(record: object, properties_of: Handles, phone_region: str) -> CustomerRecord:
    properties = _properties(record)
    fields: dict[str, object] = {"id": str(number(record))}
    for field, names in _CONTACT.items():
        values = [properties.get(name) for name in names]
        fields[field] = values[0] if len(values) == 1 else values
    handles = [(on, properties.get(name)) for on, name in properties_of]
    return customer_of(fields, HUBSPOT, handles, phone_region=phone_region)


def _deal(record: object) -> OrderRecord | None:
    """None for what is no order: a deal that was not won has brought nothing."""
    properties = _properties(record)
    fields: dict[str, object] = {field: properties.get(name) for field, name in _DEAL.items()}
    fields["id"] = str(number(record))
    contact_ids = sorted(_contacts_of(record))
    if str(fields["won"]).lower() != "true" and not contact_ids:
        return None
    # The oldest contact: an answer lists them in no order that would stay.
    fields["customer"] = str(contact_ids[0]) if contact_ids else ""
    return order_of(fields, HUBSPOT)


def _contacts_of(record: object) -> Iterator[int]:
    results = inside(record, "associations", "contacts", "results")
    for one in results if isinstance(results, list) else ():
        contact_id = number(one)
        if contact_id is not None:
            yield contact_id


def _properties(record: object) -> Mapping[str, object]:
    """Raises ValueError for a record without an id or without properties."""
    if number(record) is None:
        raise ValueError("has no id that can be read")
    found = inside(record, "properties")
    if not isinstance(found, dict):
        raise ValueError("has no properties")  # noqa: TRY004 (of the record, as every other)
    return found
