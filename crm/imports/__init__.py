"""Customers and orders from CSV exports; the header tells which system wrote the file.

A file that cannot be read as a whole raises InputError before anything is yielded; a single bad
row is yielded as BadRow and the others are kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from crm.handles import network_of_column
from crm.imports import dates, lines
from crm.imports.amazon import AMAZON
from crm.imports.bigcommerce import BIGCOMMERCE
from crm.imports.etsy import ETSY
from crm.imports.generic import GENERIC
from crm.imports.hubspot import HUBSPOT
from crm.imports.magento import MAGENTO
from crm.imports.odoo import ODOO
from crm.imports.pipedrive import PIPEDRIVE
from crm.imports.prestashop import PRESTASHOP
from crm.imports.reader import BadRow, Places, Row, Table, detect, squeeze
from crm.imports.records import Line, customer, line
from crm.imports.salesforce import SALESFORCE
from crm.imports.shopify import SHOPIFY
from crm.imports.square import SQUARE
from crm.imports.squarespace import SQUARESPACE
from crm.imports.stripe import STRIPE
from crm.imports.systems import System
from crm.imports.wix import WIX
from crm.imports.woocommerce import WOOCOMMERCE
from crm.imports.zoho import ZOHO
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import ConfigError, InputError

__all__ = ["SYSTEMS", "BadRow", "Export", "read_customers", "read_orders"]

Record = TypeVar("Record", CustomerRecord, OrderRecord)

# In the order in which a header is tried against them: Zoho's and Squarespace's marks are finer
# than HubSpot's and Shopify's, and many shops have a column of WooCommerce's.
SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (
        *(ZOHO, HUBSPOT, SALESFORCE, PIPEDRIVE, SQUARESPACE, SHOPIFY, STRIPE, MAGENTO),
        *(BIGCOMMERCE, AMAZON, ETSY, SQUARE, WIX, PRESTASHOP, ODOO, WOOCOMMERCE, GENERIC),
    )
}


@dataclass(frozen=True, slots=True)
class Export(Generic[Record]):
    """A file that was read: what it holds, in its order, and who wrote it."""

    system: str  # whose ids it holds: one of SYSTEMS, with the shop's name where one was given
    encoding: str
    ignored: tuple[str, ...]  # columns that nothing was read from
    rows: tuple[Record | BadRow, ...]

    def __iter__(self) -> Iterator[Record | BadRow]:
        return iter(self.rows)


def read_customers(path: Path, system: str | None = None, shop: str = "") -> Export[CustomerRecord]:
    """Customers in the order of the file; an id that comes twice is yielded twice, the last wins.

    system: one of SYSTEMS, None to tell by the header. shop: which of several of one system. A row
    without an id goes by its e-mail.
    Raises InputError for a file that cannot be read, ConfigError for an unknown system.
    """
    table = Table(path)
    chosen = _system(table, system, shop)
    columns = table.columns(chosen, chosen.customer, GENERIC.customer)
    table.need(columns, ("id", "email"))
    networks = {
        at: found
        for at, name in enumerate(table.header)
        if (found := network_of_column(squeeze(name)))
    }
    rows = list(table.rows(columns, has_footer=chosen.has_footer))
    try:
        month_first = dates.month_first(_cells(rows, "updated"))
    except ValueError:
        month_first = None  # such a row does not say when it was changed
    return Export(
        chosen.name,
        table.encoding,
        table.unread(columns, tuple(networks)),
        tuple(_customers(rows, chosen, networks, month_first=month_first)),
    )


def read_orders(path: Path, system: str | None = None, shop: str = "") -> Export[OrderRecord]:
    """Orders in the order of the file, amounts after refunds, 0 for those that came to nothing.

    system, shop: as for customers. Raises InputError for a file that cannot be read, or whose dates
    could mean two days, ConfigError for an unknown system.
    """
    table = Table(path)
    chosen = _system(table, system, shop)
    columns = table.columns(chosen, chosen.order, GENERIC.order)
    table.need(
        columns, ("customer", "email"), ("date",), ("net",) if "net" in columns else ("amount",)
    )
    rows = list(table.rows(columns, has_footer=chosen.has_footer))
    found = _lines(rows, chosen, month_first=_month_first(table, columns, rows))
    return Export(
        chosen.name,
        table.encoding,
        table.unread(columns),
        tuple(lines.orders(found, adds_lines=chosen.adds_lines)),
    )


def _system(table: Table, name: str | None, shop: str) -> System:
    if name is None:
        found = detect(table, tuple(SYSTEMS.values()))
    elif name.strip().casefold() in SYSTEMS:
        found = SYSTEMS[name.strip().casefold()]
    else:
        raise ConfigError(f"there is no system {name!r}: choose one of {', '.join(SYSTEMS)}")
    return replace(found, name=f"{found.name}:{shop}") if shop else found


def _customers(
    rows: list[Row | BadRow],
    system: System,
    networks: Mapping[int, str],
    *,
    month_first: bool | None,
) -> Iterator[CustomerRecord | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield customer(row, system, networks, month_first=month_first)
        except ValueError as error:
            yield BadRow(row.line, str(error))


def _lines(
    rows: list[Row | BadRow], system: System, *, month_first: bool | None
) -> Iterator[Line | BadRow]:
    above = ""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        order_id = row.get("id")
        if order_id and order_id == above and not (row.get("amount") or row.get("net")):
            continue  # it adds an article to the order above
        above = order_id
        try:
            found = line(row, system, month_first=month_first)
        except ValueError as error:
            yield BadRow(row.line, str(error))
        else:
            if found is not None:
                yield found


def _cells(rows: list[Row | BadRow], field: str) -> Iterator[str]:
    return (row.get(field) for row in rows if isinstance(row, Row))


def _month_first(table: Table, columns: Places, rows: list[Row | BadRow]) -> bool | None:
    """How the file's dates are written; raises InputError when they could mean two days."""
    try:
        return dates.month_first(_cells(rows, "date"))
    except ValueError as error:
        name = table.header[columns["date"][0]]
        raise InputError(f"{table.path}, column {name}: {error}") from error
