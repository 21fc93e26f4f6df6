"""`customers` and `orders`: who your customers are, and what they are worth."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import click

from crm.imports import SYSTEMS, BadRow, read_customers, read_orders
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import EarshotError
from earshot import serializers
from earshot.cli.base import (
    FILE,
    ID,
    SHOWN_PROBLEMS,
    Session,
    as_json,
    complain,
    complain_some,
    must_be_some,
    print_json,
    show,
)
from earshot.customers.profile import values_of
from storage import customers, links

T = TypeVar("T", CustomerRecord, OrderRecord)
system_option = click.option(
    "--system",
    type=click.Choice(list(SYSTEMS)),
    help="Who wrote the file.  [default: by its header]",
)


def _split(file: Path, rows: Iterable[T | BadRow]) -> tuple[list[T], int]:
    """The good rows, and how many bad ones were told with their lines."""
    good: list[T] = []
    bad: list[str] = []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(f"line {row.line}: {row.reason}")
        else:
            good.append(row)
    complain_some(bad, before=f"{file}: ", others="bad rows")
    return good, len(bad)


@click.group("customers")
def customers_group() -> None:
    """Your customers: import them, list them, look at one.

    Example: earshot customers import contacts.csv
    """


@customers_group.command("import")
@click.argument("file", type=FILE)
@system_option
@click.pass_obj
def import_customers(session: Session, file: Path, system: str | None) -> None:
    """Import contacts from a CSV export (HubSpot, Salesforce, Shopify, WooCommerce or any other).

    Columns named after a network (twitter, reddit, bluesky …) are the handles on file. A customer
    that is known is brought up to date.

    Example: earshot customers import contacts.csv --system hubspot
    """
    good, bad = _split(file, read_customers(file, system))
    with session.app.database.begin() as db:
        done = customers.save(db, good, now=session.now)
        links.recheck_handles(db)
    show(f"{file}: {len(good)} good rows, {done.new} new customers, {done.known} known, {bad} bad")
    must_be_some(file, good=len(good), bad=bad)


@customers_group.command("list")
@as_json
@click.pass_obj
def list_customers(session: Session, *, as_json: bool) -> None:
    """List customers with what they are worth, the most valuable first.

    Example: earshot customers list --json
    """
    with session.app.database.read() as db:
        rows = customers.every(db)
        values = values_of(db, rows, session.config, now=session.now)
    for row in sorted(rows, key=lambda row: (-values[row.id].revenue_12m, row.id)):
        worth = values[row.id]
        if as_json:
            print_json(serializers.customer_json(row, worth))
        else:
            show(
                f"{row.id:>6}  {worth.tier or '-':8}  {worth.revenue_12m:>12,.2f} "
                f"{worth.currency:5} {worth.orders:>4} orders  {row.name}"
            )


@customers_group.command("show")
@click.argument("customer_id", type=ID, metavar="ID")
@as_json
@click.pass_obj
def show_customer(session: Session, customer_id: int, *, as_json: bool) -> None:
    """Show a customer: value, handles on file, linked authors.

    Example: earshot customers show 12
    """
    with session.app.database.read() as db:
        row = customers.get(db, customer_id)
        if row is None:
            raise EarshotError(f"there is no customer {customer_id}: see earshot customers list")
        worth = values_of(db, [row], session.config, now=session.now)[row.id]
        handles = customers.handles(db, row.id)
        linked = [view for view in links.listing(db) if view.link.customer_id == row.id]
    if as_json:
        record = serializers.customer_json(row, worth)
        record["handles"] = [{"network": network, "handle": handle} for network, handle in handles]
        record["links"] = [serializers.link_json(view) for view in linked]
        print_json(record)
        return
    show(f"customer {row.id}  {row.name}  ({row.system} {row.external_id})")
    show(f"  tier       {worth.tier or '-'}")
    show(f"  orders     {worth.orders}, {worth.revenue:,.2f} {worth.currency} ever")
    show(f"  12 months  {worth.revenue_12m:,.2f} {worth.currency}")
    show(f"  on file    {', '.join(f'{network}:{handle}' for network, handle in handles) or '-'}")
    for view in linked:
        show(
            f"  link {view.link.id}: {view.author.source}:{view.author.handle} {view.link.state}, "
            f"{view.link.basis}"
        )


@click.group("orders")
def orders_group() -> None:
    """What customers bought.

    Example: earshot orders import orders.csv
    """


@orders_group.command("import")
@click.argument("file", type=FILE)
@system_option
@click.pass_obj
def import_orders(session: Session, file: Path, system: str | None) -> None:
    """Import orders: customer (the CRM's id or an e-mail), date, amount.

    A row imported before is brought up to date, not doubled.

    Example: earshot orders import orders.csv
    """
    good, bad = _split(file, read_orders(file, system))
    with session.app.database.begin() as db:
        done = customers.save_orders(db, system or "orders", good)
    for customer in done.unknown[:SHOWN_PROBLEMS]:
        complain(f"{file}: no customer {customer}: import customers first")
    left = len(good) - done.new - done.known
    show(
        f"{file}: {len(good)} good rows, {done.new} new orders, {done.known} known, "
        f"{left} of unknown customers, {bad} bad"
    )
    must_be_some(file, good=len(good), bad=bad)


COMMANDS = (customers_group, orders_group)
