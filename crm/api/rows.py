"""A record of an API as a row of a file, so that one set of rules reads them all."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from crm.imports import lines
from crm.imports.cells import clean
from crm.imports.reader import BadRow, Row
from crm.imports.records import customer, line
from crm.imports.systems import System
from domain.clock import parse_instant
from domain.customer import CustomerRecord, OrderRecord

Fields = Mapping[str, object]  # ours, as in System.customer and System.order -> a value of JSON


def customer_of(
    fields: Fields,
    system: System,
    handles: Iterable[tuple[str, object]] = (),
    *,
    phone_region: str = "",
) -> CustomerRecord:
    """handles: (network, what stands in its field); phone_region: as for crm.phones.

    "updated" and "created" are instants here. Raises ValueError, with the reason, for what cannot
    be a customer.
    """
    columns = list(handles)
    row = _row({**fields, "handles": [cell for _, cell in columns]})
    places = dict(zip(row.columns["handles"], (on for on, _ in columns), strict=True))
    found = customer(row, system, places, month_first=None, phone_region=phone_region)
    return replace(
        found,
        updated_at=instant(_first(fields.get("updated"))),
        created_at=instant(_first(fields.get("created"))),
    )


def order_of(fields: Fields, system: System) -> OrderRecord | None:
    """The order after its refunds; None for a deal still open that has no amount.

    Raises ValueError, with the reason, for what cannot be an order.
    """
    found = line(_row(fields), system, month_first=None)
    if found is None:
        return None
    (order,) = lines.orders([found], adds_lines=system.adds_lines)
    if isinstance(order, BadRow):
        raise ValueError(order.reason)  # noqa: TRY004
    return order


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant as aware UTC; None where there is none."""
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def inside(record: object, *path: str) -> object:
    """What stands at this path in nested objects; None where a part of it is missing."""
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _first(value: object) -> object:
    return next(iter(value), None) if isinstance(value, list | tuple) else value


def _row(fields: Fields) -> Row:
    cells: list[str] = []
    columns: dict[str, range] = {}
    for field, value in fields.items():
        several = value if isinstance(value, list | tuple) else (value,)
        columns[field] = range(len(cells), len(cells) + len(several))
        cells += [_cell(one) for one in several]
    return Row(0, cells, columns)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        # With four decimals none can be taken for thousands, as 1.234 could.
        return f"{Decimal(str(value)):.4f}"
    if isinstance(value, str | int):
        return clean(str(value))
    raise ValueError("holds a list or an object where a value belongs")
