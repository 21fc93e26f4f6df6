"""Customers and orders from CSV exports; the header tells which system wrote the file.

A file that cannot be read as a whole raises InputError before anything is yielded; a single bad
row is yielded as BadRow and the others are kept.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from crm.handles import network_of_column
from crm.imports.generic import GENERIC
from crm.imports.hubspot import HUBSPOT
from crm.imports.reader import BadRow, Row, Table, detect, squeeze
from crm.imports.records import customer, order
from crm.imports.salesforce import SALESFORCE
from crm.imports.shopify import SHOPIFY
from crm.imports.systems import System
from crm.imports.woocommerce import WOOCOMMERCE
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import ConfigError

__all__ = ["SYSTEMS", "BadRow", "read_customers", "read_orders"]

Record = TypeVar("Record", CustomerRecord, OrderRecord)

# In the order in which a header is tried against them.
SYSTEMS: Mapping[str, System] = {
    system.name: system for system in (HUBSPOT, SALESFORCE, SHOPIFY, WOOCOMMERCE, GENERIC)
}


def read_customers(path: Path, system: str | None = None) -> Iterator[CustomerRecord | BadRow]:
    """Customers in the order of the file; an id that comes twice is yielded twice, the last wins.

    system: one of SYSTEMS, None to tell by the header. A row without an id goes by its e-mail.
    Raises InputError for a file that cannot be read, ConfigError for an unknown system.
    """
    table = Table(path)
    chosen = _system(table, system)
    columns = table.columns(chosen, chosen.customer, GENERIC.customer)
    table.need(columns, ("id", "email"))
    networks = {
        at: found
        for at, name in enumerate(table.header)
        if (found := network_of_column(squeeze(name)))
    }
    return _each(table, columns, lambda row: customer(row, chosen.name, networks))


def read_orders(path: Path, system: str | None = None) -> Iterator[OrderRecord | BadRow]:
    """Orders in the order of the file, amounts after refunds, 0 for those that came to nothing.

    Raises InputError for a file that cannot be read, ConfigError for an unknown system.
    """
    table = Table(path)
    chosen = _system(table, system)
    columns = table.columns(chosen, chosen.order, GENERIC.order)
    table.need(columns, ("customer", "email"), ("date",), ("amount",))
    return _each(table, columns, order)


def _system(table: Table, name: str | None) -> System:
    if name is None:
        return detect(table.header, tuple(SYSTEMS.values()))
    found = SYSTEMS.get(name.strip().casefold())
    if found is None:
        raise ConfigError(f"there is no system {name!r}: choose one of {', '.join(SYSTEMS)}")
    return found


def _each(
    table: Table, columns: dict[str, list[int]], read: Callable[[Row], Record | None]
) -> Iterator[Record | BadRow]:
    for row in table.rows(columns):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            record = read(row)
        except ValueError as error:
            yield BadRow(row.line, str(error))
        else:
            if record is not None:
                yield record
