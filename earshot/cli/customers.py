"""`customers` and `orders`: who your customers are, and what they are worth."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from crm.imports import SYSTEMS, Export, read_customers, read_orders
from domain.customer import CustomerRecord, OrderRecord
from earshot.cli import (
    customer_list,
    customer_lists,
    customer_loyalty,
    customer_segments,
    customer_value,
)
from earshot.cli import persons as persons_commands
from earshot.cli.base import (
    FILE,
    SHOWN_PROBLEMS,
    Session,
    say,
    show,
)
from earshot.cli.crm import sync
from earshot.cli.persons import amounts
from earshot.cli.refused import tell_refused
from earshot.customers.intake import Progress, Taken, take_customers, take_orders
from earshot.customers.refusals import Refusals
from storage import persons
from storage.tables import CustomerRow

Record = TypeVar("Record", CustomerRecord, OrderRecord)
Command = Callable[..., Any]
_SHOWN_COLUMNS = 20
_TOLD_ROWS = 100_000  # some seconds


def _of_a_file(command: Command) -> Command:
    """The arguments of the two imports."""
    for one in (
        click.option(
            "--shop",
            metavar="NAME",
            default="",
            help="Which one wrote it, where you have several of one system.",
        ),
        click.option(
            "--system",
            type=click.Choice(list(SYSTEMS)),
            metavar="NAME",
            help=f"Who wrote the file: {', '.join(SYSTEMS)}.  [default: by its header]",
        ),
        click.argument("file", type=FILE),
    ):
        command = one(command)
    return command


def _tell_how(file: Path, export: Export[Record]) -> None:
    """Tell how the file was read, where that is not plain."""
    if export.encoding == "Windows-1252":
        say(f"{file} is not UTF-8: read as {export.encoding}; check names with accents")
    if export.ignored:
        more = len(export.ignored) - _SHOWN_COLUMNS
        names = ", ".join(export.ignored[:_SHOWN_COLUMNS]) + (
            f" and {more} more" if more > 0 else ""
        )
        say(f"{file}: read as {export.system}; columns that are not read: {names}")


def _progress(file: Path) -> Progress:
    """Tells a person who waits how far it is, now and then."""
    told = 0

    def tell(taken: Taken) -> None:
        nonlocal told
        if taken.rows - told >= _TOLD_ROWS and sys.stderr.isatty():
            told = taken.rows
            say(f"{file}: {taken.rows:,} rows")

    return tell


@click.group("customers")
def customers_group() -> None:
    """Your customers: import them, list them, look at one.

    Example: earshot customers import contacts.csv
    """


@customers_group.command("import")
@_of_a_file
@click.pass_obj
def import_customers(session: Session, file: Path, system: str | None, shop: str) -> None:
    """Import contacts from a CSV export of a CRM or a shop (see --system), or any other CSV.

    Columns named after a network (twitter, reddit, bluesky …) are the handles on file. A customer
    that is known is brought up to date. Customers of several systems with one e-mail or telephone
    become one, as do those that the CRM has merged.
    Refused rows go into FILE's name with .refused.csv, and the command ends with 1.

    Example: earshot customers import contacts.csv --system hubspot
    """
    export = read_customers(file, system, shop, phone_region=session.config.top.crm.phone_region)
    _tell_how(file, export)
    with Refusals(file, shown=SHOWN_PROBLEMS) as refused:
        taken = take_customers(
            session.app.database,
            export,
            now=session.now,
            refuse=refused.add,
            progress=_progress(file),
        )
    _tell_joined(session, file, list(taken.joined))
    show(
        f"{file}: {taken.good} good rows, {taken.new} new customers, {taken.known} known, "
        f"{taken.bad} bad"
    )
    tell_refused(file, refused, good=taken.good)


def _tell_joined(session: Session, file: Path, person_ids: list[int]) -> None:
    with session.app.database.read() as db:
        people = persons.records(db, person_ids[:SHOWN_PROBLEMS])
    for records in people.values():
        if len(records) > 1:  # a later row of the file may have parted them again
            say(f"{file}: {_joined(records)}")
    if len(person_ids) > SHOWN_PROBLEMS:
        say(f"{file}: and {len(person_ids) - SHOWN_PROBLEMS} more customers of several systems")


def _joined(records: list[CustomerRow]) -> str:
    stands, *others = (
        row.system if "@" in row.external_id else f"{row.system} {row.external_id}"
        for row in records
    )
    return (
        f"customer {records[0].id} is {stands} and {', '.join(others)}, which have one e-mail or "
        f"telephone, or were merged: earshot customers split {records[0].id} undoes it"
    )


for one in (
    *customer_list.COMMANDS,
    *customer_value.COMMANDS,
    *customer_segments.COMMANDS,
    *customer_loyalty.COMMANDS,
    *customer_lists.COMMANDS,
    *persons_commands.COMMANDS,
):
    customers_group.add_command(one)


@click.group("orders")
def orders_group() -> None:
    """What customers bought.

    Example: earshot orders import orders.csv
    """


@orders_group.command("import")
@_of_a_file
@click.pass_obj
def import_orders(session: Session, file: Path, system: str | None, shop: str) -> None:
    """Import orders of a CRM or a shop: customer (the system's id or an e-mail), date, amount.

    A row imported before is brought up to date, not doubled. Amounts count after refunds.
    Who bought as a guest of the shop becomes a customer by their e-mail.
    Refused rows go into FILE's name with .refused.csv, and the command ends with 1.

    Example: earshot orders import orders.csv
    """
    export = read_orders(file, system, shop)
    _tell_how(file, export)
    with Refusals(file, shown=SHOWN_PROBLEMS) as refused:
        taken = take_orders(
            session.app.database,
            export.system,
            export,
            now=session.now,
            refuse=refused.add,
            progress=_progress(file),
        )
    show(
        f"{file}: {taken.good} good rows, {taken.new} new orders, {taken.known} known, "
        f"{taken.unknown} of unknown customers, {taken.bad} bad"
    )
    if taken.guests:
        what = "guest became a customer" if taken.guests == 1 else "guests became customers"
        show(f"{file}: {taken.guests} {what}")
    show(f"{file}: {amounts(taken.paid) or 'nothing'} paid, after refunds")
    tell_refused(file, refused, good=taken.good)


customers_group.add_command(sync)

COMMANDS = (customers_group, orders_group)
