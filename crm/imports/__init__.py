"""Customers and orders from CSV exports; the header tells which system wrote the file.

A file that cannot be read as a whole raises InputError before anything is yielded; a single bad
row is yielded as BadRow and the others are kept. A file is read twice: first for what only all of
its rows tell, then row by row, so that its size does not matter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from crm.handles import network_of_column
from crm.imports import dates, lines
from crm.imports.amazon import AMAZON
from crm.imports.apart import Apart, groups
from crm.imports.bigcommerce import BIGCOMMERCE
from crm.imports.etsy import ETSY
from crm.imports.generic import GENERIC
from crm.imports.hubspot import HUBSPOT
from crm.imports.magento import MAGENTO
from crm.imports.odoo import ODOO
from crm.imports.pipedrive import PIPEDRIVE
from crm.imports.prestashop import PRESTASHOP
from crm.imports.reader import BadRow, Places, Row, Table, detect, squeeze
from crm.imports.records import Line, customer, customer_key, line, line_key
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
Found = TypeVar("Found", CustomerRecord, Line)
Rows = Iterator[Row | BadRow]

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
    """A file that was read: what it holds and who wrote it. Its rows are read while they are used.

    They come in the order of the file, but those of one order or customer come together.
    """

    system: str  # whose ids it holds: one of SYSTEMS, with the shop's name where one was given
    encoding: str
    ignored: tuple[str, ...]  # columns that nothing was read from
    _rows: Callable[[], Iterator[Record | BadRow]]

    def __iter__(self) -> Iterator[Record | BadRow]:
        return self._rows()


def read_customers(
    path: Path, system: str | None = None, shop: str = "", *, phone_region: str = ""
) -> Export[CustomerRecord]:
    """Customers; an id that comes twice is yielded twice, one after the other: the last wins.

    system: one of SYSTEMS, None to tell by the header. shop: which of several of one system.
    phone_region: as for crm.phones. A row without an id goes by its e-mail.
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
    file = _File(table, chosen, columns, customer_key)
    try:
        month_first = file.month_first("updated", "created")
    except ValueError:
        month_first = None  # such a row does not say when it was made and changed

    def rows() -> Iterator[CustomerRecord | BadRow]:
        read = partial(
            customer,
            system=chosen,
            networks=networks,
            month_first=month_first,
            phone_region=phone_region,
        )
        return (one for group in file.groups() for one in _read(group, read))

    unread = table.unread(columns, tuple(networks))
    return Export(chosen.name, table.encoding, unread, rows)


def read_orders(path: Path, system: str | None = None, shop: str = "") -> Export[OrderRecord]:
    """Orders, amounts after refunds, 0 for those that came to nothing.

    system, shop: as for customers. Raises InputError for a file that cannot be read, or whose dates
    could mean two days, ConfigError for an unknown system.
    """
    table = Table(path)
    chosen = _system(table, system, shop)
    columns = table.columns(chosen, chosen.order, GENERIC.order)
    table.need(
        columns, ("customer", "email"), ("date",), ("net",) if "net" in columns else ("amount",)
    )
    file = _File(table, chosen, columns, line_key)
    try:
        month_first = file.month_first("date")
    except ValueError as error:
        name = table.header[columns["date"][0]]
        raise InputError(f"{table.path}, column {name}: {error}") from error

    def rows() -> Iterator[OrderRecord | BadRow]:
        read = partial(line, system=chosen, month_first=month_first)
        for group in file.groups(_without_articles):
            yield from lines.orders(_read(group, read), adds_lines=chosen.adds_lines)

    return Export(chosen.name, table.encoding, table.unread(columns), rows)


def _system(table: Table, name: str | None, shop: str) -> System:
    if name is None:
        found = detect(table, tuple(SYSTEMS.values()))
    elif name.strip().casefold() in SYSTEMS:
        found = SYSTEMS[name.strip().casefold()]
    else:
        raise ConfigError(f"there is no system {name!r}: choose one of {', '.join(SYSTEMS)}")
    return replace(found, name=f"{found.name}:{shop}") if shop else found


class _File:
    """The rows of a table of which one is known by the others of its key."""

    def __init__(
        self, table: Table, system: System, columns: Places, key: Callable[[Row, System], str]
    ) -> None:
        self._table, self._system, self._columns, self._key = table, system, columns, key
        self._apart = Apart()

    def month_first(self, *fields: str) -> bool | None:
        """How its dates are written, see dates.month_first; comes before the groups."""
        cells = self._first_reading(fields)
        try:
            return dates.month_first(cells)
        finally:
            for _ in cells:
                pass  # what it did not need to see

    def groups(self, only: Callable[[Rows], Rows] = iter) -> Iterator[list[Row | BadRow]]:
        return groups(only(self._rows()), self._key_of, self._apart, self._columns)

    def _first_reading(self, fields: Sequence[str]) -> Iterator[str]:
        for row in self._rows():
            if isinstance(row, Row):
                self._apart.note(self._key_of(row))
                yield from map(row.get, fields)
            else:
                self._apart.note("")

    def _rows(self) -> Rows:
        return self._table.rows(self._columns, has_footer=self._system.has_footer)

    def _key_of(self, row: Row) -> str:
        return self._key(row, self._system)


def _read(
    rows: Iterable[Row | BadRow], read: Callable[[Row], Found | None]
) -> Iterator[Found | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            found = read(row)
        except ValueError as error:
            yield BadRow(row.line, str(error))
        else:
            if found is not None:
                yield found


def _without_articles(rows: Rows) -> Rows:
    """Without the rows that only add an article to the order of the row above."""
    above = ""
    for row in rows:
        if isinstance(row, Row):
            order_id = row.get("id")
            if order_id and order_id == above and not (row.get("amount") or row.get("net")):
                continue
            above = order_id
        yield row
