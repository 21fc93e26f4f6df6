"""Pipedrive: persons, and deals as orders (those that are won)."""

from crm.imports.systems import System

_MAILS = ("Person - Email - Work", "Person - Email - Home", "Person - Email - Other")

PIPEDRIVE = System(
    name="pipedrive",
    marks=(
        ("Person - ID",),
        ("Person - Name",),
        ("Deal - ID",),
        ("Deal - Title",),
    ),
    customer={
        "id": ("Person - ID",),
        "name": ("Person - Name",),
        "first_name": ("Person - First name",),
        "last_name": ("Person - Last name",),
        "email": (*_MAILS, "Person - Email"),
        "other_emails": _MAILS,
        "phone": (
            *("Person - Phone - Work", "Person - Phone - Mobile", "Person - Phone - Home"),
            *("Person - Phone - Other", "Person - Phone"),
        ),
        "company": ("Person - Organization",),
        "tags": ("Person - Labels", "Person - Label"),
        "consent": ("Person - Marketing status",),
        "created": ("Person - Person created", "Person - Add time"),
        "updated": ("Person - Update time", "Person - Person updated"),
    },
    order={
        "customer": ("Person - ID", "Deal - Contact person ID"),
        "email": (*_MAILS, "Person - Email"),
        "date": (
            *("Deal - Won time", "Deal - Deal closed on", "Deal - Close time"),
            *("Deal - Lost time", "Deal - Expected close date"),
        ),
        "amount": ("Deal - Value",),
        "net": (),
        "currency": ("Deal - Currency", "Deal - Currency of Value", "Deal - Value currency"),
        "id": ("Deal - ID",),
        "stage": ("Deal - Status",),
        "status": (),
    },
)
