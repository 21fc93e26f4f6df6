"""One row as a customer or an order. Raises ValueError with the reason for a bad one."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal

from crm.handles import handles
from crm.imports import cells
from crm.imports.reader import Row, squeeze
from domain.customer import CustomerRecord, OrderRecord

# Statuses of orders that brought no money. An earlier file may have counted them, so they come as
# amount 0, which corrects what is stored, and are not left out.
_NO_MONEY = frozenset(
    [
        *("cancelled", "canceled", "failed", "refunded", "trash", "void", "voided", "expired"),
        *("draft", "checkoutdraft", "pending", "pendingpayment", "onhold", "unpaid"),
    ]
)
_GUEST = "0"  # WooCommerce's customer of an order without an account


def customer(row: Row, system: str, networks: Mapping[int, str]) -> CustomerRecord:
    """networks: which column holds handles of which network."""
    if cells.yes(row.get("deleted")):
        raise ValueError("is deleted in the CRM")
    email = row.get("email").lower()
    external_id = cells.identifier(row.get("id")) or email
    if not external_id:
        raise ValueError("has neither an id nor an e-mail")
    found = [
        handle
        for at, on in networks.items()
        if at < len(row.cells)
        for handle in handles(on, row.cells[at])
    ]
    name = _name(row)
    if not (name or email or found):
        raise ValueError("has no name, e-mail or handle: is this a file of customers?")
    return CustomerRecord(
        system=system,
        external_id=external_id,
        name=name,
        email=email,
        handles=tuple(dict.fromkeys(found)),
        tier=row.get("tier"),
        updated_at=_changed_at(row),
    )


def order(row: Row) -> OrderRecord | None:
    """None for a line that only adds an article to the order above it (Shopify's export)."""
    money = row.get("amount")
    if not money and row.get("article"):
        return None
    for field, cell in (("date", row.get("date")), ("amount", money)):
        if not cell:
            raise ValueError(f"has no {field}")
    paid, beside = cells.amount(money)
    refunded = row.get("refunded")
    if refunded:
        paid -= abs(cells.amount(refunded)[0])
    currency = row.get("currency")
    return OrderRecord(
        customer=_buyer(row),
        ordered_on=cells.day(row.get("date")),
        amount=paid if _brought_money(row) else Decimal(0),
        currency=cells.currency(currency) if currency else beside,
        external_id=cells.identifier(row.get("id")),
    )


def _changed_at(row: Row) -> datetime | None:
    """The end of the day of the last change; None when the file does not say, or not plainly."""
    try:
        changed = cells.day(row.get("updated"))
    except ValueError:
        return None
    return datetime.combine(changed, time.max, tzinfo=UTC)


def _name(row: Row) -> str:
    """Never the e-mail: names are shown in channels."""
    whole = row.as_is("name") or f"{row.as_is('first_name')} {row.as_is('last_name')}"
    return " ".join(whole.split())


def _buyer(row: Row) -> str:
    """The CRM's id, else the e-mail. A deal of several contacts goes to the first."""
    found = cells.identifier(row.get("customer").split(";")[0].strip())
    buyer = row.get("email") if found in ("", _GUEST) else found
    if not buyer:
        raise ValueError("has no customer")
    return buyer.lower() if "@" in buyer else buyer


def _brought_money(row: Row) -> bool:
    if row.get("cancelled_at") or cells.yes(row.get("test")) or cells.yes(row.get("deleted")):
        return False
    if squeeze(row.get("status")).removeprefix("wc") in _NO_MONEY:
        return False
    won, stage = row.get("won"), row.get("stage")
    if won or not stage:
        return not won or cells.yes(won)
    if stage.isdigit():  # HubSpot's own pipelines have numbered stages
        raise ValueError(
            f"stage {stage} does not say whether it is won: export 'Is Closed Won' too"
        )
    return "won" in stage.casefold()
