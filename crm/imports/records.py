"""One row as a customer or an order. Raises ValueError with the reason for a bad one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal

from crm.handles import handles
from crm.hosts import host
from crm.imports import about, cells, dates
from crm.imports.reader import Row, squeeze
from crm.imports.systems import System
from domain.customer import CustomerRecord, OrderRecord

# Statuses of orders that brought no money. An earlier file may have counted them, so they come as
# amount 0, which corrects what is stored, and are not left out.
_NO_MONEY = frozenset(
    [
        *("failed", "refunded", "fullyrefunded", "trash", "void", "expired", "draft", "pending"),
        *("checkoutdraft", "pendingpayment", "onhold", "unpaid", "notpaid", "declined", "denied"),
        *("rejected", "error", "paymenterror", "paymentfailed", "incomplete", "chargeback"),
        *("chargedback", "reversed", "abandoned", "fraud", "suspectedfraud", "paymentreview"),
        *("holded", "blocked", "awaitingpayment", "awaitingcheckpayment", "refund"),
        *("awaitingbankwirepayment", "awaitingbanktransfer", "cancel"),
    ]
)
_UNDONE = ("cancelled", "canceled", "voided")  # "Cancelled by the buyer" as well
_GUESTS = frozenset(["0", "guest"])  # customers of orders without an account
_NOBODYS = ".invalid"  # the domain of addresses that shops give to whom they have erased
_WON = re.compile(r"(?:\b|closed)won\b(?!['’]t)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an order, which may have several."""

    order: OrderRecord  # its amount is what this row alone brings
    paid: Decimal
    refunded: Decimal  # 0 where the row says nothing
    counts: bool  # it brought money: neither cancelled nor waiting


def customer(
    row: Row,
    system: System,
    networks: Mapping[int, str],
    *,
    month_first: bool | None,
    phone_region: str = "",
) -> CustomerRecord:
    """networks: which column holds handles of which network. phone_region: as for crm.phones."""
    mails = _addresses(row)
    email = _email(row, mails)
    external_id = _id(row, system) or email
    if not external_id:
        raise ValueError("has neither an id nor an e-mail")
    merged_into = about.merged_into(row, external_id, system.one_id)
    if not merged_into and cells.yes(row.get("deleted")):
        raise ValueError("is deleted in the CRM")
    found = [
        handle
        for at, on in networks.items()
        if at < len(row.cells)
        for handle in handles(on, row.cells[at])
    ]
    name = _name(row)
    if not (name or email or found or merged_into):
        raise ValueError("has no name, e-mail or handle: is this a file of customers?")
    others = [*mails, *(one for cell in row.every("other_emails") for one in cells.addresses(cell))]
    return CustomerRecord(
        system=system.name,
        external_id=external_id,
        name=name,
        email=email,
        handles=tuple(dict.fromkeys(found)),
        tier=row.get("tier"),
        updated_at=_instant(row, "updated", time.max, month_first=month_first),
        other_emails=tuple(one for one in dict.fromkeys(others) if one != email),
        phones=about.numbers(row, phone_region),
        company=row.get("company"),
        city=row.get("city"),
        country=row.get("country"),
        website=host(row.get("website")),
        language=about.language(row.get("language")),
        tags=about.tags(row),
        permission=about.permission(row),
        created_at=_instant(row, "created", time.min, month_first=month_first),
        merged_ids=about.merged(row, external_id, system.one_id),
        merged_into=merged_into,
    )


def customer_key(row: Row, system: System) -> str:
    """Rows of one customer have one key; "" where the row does not say whose it is."""
    try:
        return _id(row, system) or _email(row, _addresses(row))
    except ValueError:
        return ""


def line_key(row: Row, system: System) -> str:
    """Rows of one order have one key, as have those without an id that nothing tells apart."""
    try:
        return _id(row, system) or _buyer(row, system)[0]
    except ValueError:
        return ""


def line(row: Row, system: System, *, month_first: bool | None) -> Line | None:
    """One row of an order; None for one that only adds an article, and for a deal still open."""
    counts = _brought_money(row, system)
    paid, refunded, beside = _money(row)
    if paid is None and (row.get("article") or (row.get("stage") and not counts)):
        return None
    if not row.get("date") and not counts:
        return None
    if paid is None and not counts:
        paid = Decimal(0)
    for field, missing in (("date", not row.get("date")), ("amount", paid is None)):
        if missing:
            raise ValueError(f"has no {field}")
    paid = paid or Decimal(0)
    currency = row.get("currency")
    buyer, email = _buyer(row, system)
    external_id, number = _id(row, system), cells.identifier(row.get("number"))
    order = OrderRecord(
        customer=buyer,
        ordered_on=dates.day(row.get("date"), month_first=month_first),
        amount=paid - refunded if counts else Decimal(0),
        currency=cells.currency(currency) if currency else beside,
        external_id=external_id,
        number=number if number != external_id else "",
        email=email,
        is_deal=bool(row.get("stage") or row.get("won")),
        line=row.line,
        is_guest=_is_guest(row, system, buyer),
    )
    if order.is_guest:
        order = replace(order, name=_guests_name(row))
    return Line(order, paid, refunded, counts)


def _id(row: Row, system: System) -> str:
    return system.one_id(cells.identifier(row.get("id")))


def _addresses(row: Row) -> list[str]:
    return [one for cell in row.every("email") for one in cells.addresses(cell)]


def _email(row: Row, addresses: Sequence[str]) -> str:
    return addresses[0] if addresses else row.get("email").lower()


def _instant(row: Row, field: str, at: time, *, month_first: bool | None) -> datetime | None:
    """The time at the field's day; None when the file does not say, or not plainly."""
    try:
        return datetime.combine(dates.day(row.get(field), month_first=month_first), at, tzinfo=UTC)
    except ValueError:
        return None


def _name(row: Row) -> str:
    """Never the e-mail: names are shown in channels."""
    whole = row.as_is("name") or f"{row.as_is('first_name')} {row.as_is('last_name')}"
    return " ".join(whole.split())


def _money(row: Row) -> tuple[Decimal | None, Decimal, str]:
    """What was paid, what of it was given back, and the currency beside the number.

    Where the file has a column for refunds, they are taken off the whole amount; without one, what
    it calls net is what is left. Beside a column of fees, net is what is left of these.
    """
    adjusted = row.get("adjusted")
    cell = row.get("amount")
    if adjusted and cells.amount(adjusted)[0]:
        cell = adjusted
    elif row.get("net") and not (cell and row.columns.keys() & {"refunded", "fee"}):
        cell = row.get("net")
    elif cell:
        paid, beside = cells.amount(cell)
        return paid, _given_back(row, paid), beside
    if not cell:
        return None, Decimal(0), ""
    paid, beside = cells.amount(cell)
    return paid, Decimal(0), beside


def _given_back(row: Row, paid: Decimal) -> Decimal:
    """What the first column that names a refund says: an amount, or that all or none of it was."""
    for cell in row.every("refunded"):
        if cell.isalpha():
            refunded = paid if cells.yes(cell) else Decimal(0)
        else:
            refunded = abs(cells.amount(cell)[0])
        if refunded:
            return refunded
    return Decimal(0)


def _buyer(row: Row, system: System) -> tuple[str, str]:
    """The customer's id, else the e-mail; and the e-mail beside an id.

    A deal of several contacts goes to the first.
    """
    found = system.one_id(cells.identifier(row.get("customer").split(";")[0].strip()))
    email = _email(row, _addresses(row))
    if found.casefold() in _GUESTS:
        found = ""
    if not found and not email:
        raise ValueError("has no customer")
    if not found or found.lower() == email:
        return email, ""
    return found.lower() if "@" in found else found, email


def _is_guest(row: Row, system: System, buyer: str) -> bool:
    """Whether the row says that the buyer has no account: an e-mail alone does not."""
    if "@" not in buyer or buyer.endswith(_NOBODYS):
        return False
    account = cells.identifier(row.get("customer"))
    if not account and "customer" in row.columns and system.blank_is_guest:
        return True
    return account.casefold() in _GUESTS or (not account and cells.yes(row.get("guest")))


def _guests_name(row: Row) -> str:
    name = _name(row)
    return "" if "@" in name else name


def _brought_money(row: Row, system: System) -> bool:
    if row.get("cancelled_at") or cells.yes(row.get("test")) or cells.yes(row.get("deleted")):
        return False
    for cell in row.every("status"):
        status = squeeze(cell).removeprefix("wc")
        if status in _NO_MONEY or status in system.no_money or status.startswith(_UNDONE):
            return False
    won, stage = row.get("won"), row.get("stage")
    if won or not stage:
        return not won or cells.yes(won)
    if stage.isdigit():  # HubSpot's own pipelines have numbered stages
        raise ValueError(
            f"stage {stage} does not say whether it is won: export 'Is Closed Won' too"
        )
    return _WON.search(stage) is not None
