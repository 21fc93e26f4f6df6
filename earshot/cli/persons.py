"""`customers show`, `join` and `split`: one customer, and which records are one."""

from collections.abc import Iterable, Iterator, Sequence

import click
from sqlalchemy.orm import Session as DbSession

from domain.clock import iso
from domain.customer import MIXED, Amount, Basis, Value
from domain.errors import EarshotError
from earshot import serializers
from earshot.cli.author_company import company_words, link_json
from earshot.cli.base import ID, Session, as_json, print_json, say, show
from earshot.cli.who import by_option, decider
from earshot.customers import companies as author_companies
from earshot.customers.profile import values_of
from storage import customers, link_ledger, persons
from storage.person_decisions import Verb
from storage.person_facts import Facts, facts
from storage.tables import CustomerRow

_DONE = {Verb.JOIN: "joined", Verb.SPLIT: "split"}


def money(worth: Value, paid: Iterable[Amount]) -> str:
    """Each currency apart; 0 where nothing was paid."""
    nothing = "" if worth.currency == MIXED else worth.currency
    return amounts(paid) or f"{0:,.2f} {nothing}".strip()


def amounts(paid: Iterable[Amount]) -> str:
    return ", ".join(f"{one.amount:,.2f} {one.currency}".strip() for one in paid)


@click.command("show")
@click.argument("customer_id", type=ID, metavar="ID")
@as_json
@click.pass_obj
def show_customer(session: Session, customer_id: int, *, as_json: bool) -> None:
    """Show a customer: value, what your systems know, who joined or split them, linked authors.

    Example: earshot customers show 12
    """
    with session.app.database.read() as db:
        row = _person(db, customer_id)
        worth = values_of(db, [row], session.config, now=session.now)[row.id]
        people = persons.records(db, [row.id])
        records, known = people[row.id], facts(db, people)[row.id]
        handles = customers.handles(db, row.id)
        linked = link_ledger.listing(db, person_id=row.id)
        at = author_companies.of(db, [view.author for view in linked])
    if as_json:
        record = serializers.customer_json(row, worth, records, known)
        record["handles"] = [{"network": network, "handle": handle} for network, handle in handles]
        record["links"] = [link_json(view, at.get(view.author.id)) for view in linked]
        print_json(record)
        return
    known_as = ", ".join(f"{one.system} {one.external_id}" for one in records)
    show(f"customer {row.id}  {row.name}  ({known_as})")
    show(f"  tier       {worth.tier or '-'}")
    show(f"  orders     {worth.orders}, {money(worth, worth.revenues)} ever")
    show(f"  12 months  {money(worth, worth.revenues_12m)}")
    show(f"  on file    {', '.join(f'{network}:{handle}' for network, handle in handles) or '-'}")
    for line in _known(known, records):
        show(f"  {line}")
    for view in linked:
        show(
            f"  link {view.link.id}: {view.author.source}:{view.author.handle} "
            f"{view.judgement.state}, {Basis(view.judgement.basis).words}"
            + (f"; {company_words(at[view.author.id])}" if view.author.id in at else "")
        )


def _known(known: Facts, records: Sequence[CustomerRow]) -> Iterator[str]:
    """What the systems say, where they say anything, and what people decided."""
    for name, said in (
        ("e-mail", known.emails),
        ("phone", known.phones),
        ("permission", [known.permission]),
        ("company", [known.company]),
        ("place", [known.city, known.country]),
        ("site", [known.website]),
        ("language", [known.language]),
        ("tags", known.tags),
        ("since", [f"{known.created_at:%F}" if known.created_at else ""]),
    ):
        if any(said):
            yield f"{name:10} {', '.join(filter(None, said))}"
    named = {one.id: f"{one.system} {one.external_id}" for one in records}
    for one in known.decisions:
        which = ", ".join(named.get(record, f"customer {record}") for record in one.records)
        yield f"{_DONE[one.verb]:10} by {one.decided_by}, {iso(one.at)}: {which}"


@click.command("join")
@click.argument("customer_id", type=ID, metavar="ID")
@click.argument("other_id", type=ID, metavar="OTHER_ID")
@by_option
@click.pass_obj
def join_customers(session: Session, customer_id: int, other_id: int, by: str | None) -> None:
    """Say that two customers are one person, whatever their e-mails and telephones; it stays so.

    `customers split` undoes it. `customers show` tells who decided what.

    Example: earshot customers join 12 40
    """
    with session.app.database.begin() as db:
        one, other = _person(db, customer_id).id, _person(db, other_id).id
        if one == other:
            raise EarshotError(f"customers {customer_id} and {other_id} are one person already")
        stands = persons.join_by_hand(db, one, other, by=decider(by), now=session.now)
    say(f"customers {one} and {other} are one: customer {stands}")


@click.command("split")
@click.argument("customer_id", type=ID, metavar="ID")
@by_option
@click.pass_obj
def split_customer(session: Session, customer_id: int, by: str | None) -> None:
    """Make a customer of several systems several customers again; no import joins them any more.

    Each keeps its own orders, handles and links. `customers join` undoes it.

    Example: earshot customers split 12
    """
    with session.app.database.begin() as db:
        person_id = _person(db, customer_id).id
        ids = persons.split(db, person_id, by=decider(by), now=session.now)
        if not ids:
            raise EarshotError(
                f"customer {person_id} is known to one system only: there is nothing to split"
            )
    say(f"customers {', '.join(map(str, ids))} are customers of their own")


def _person(db: DbSession, customer_id: int) -> CustomerRow:
    row = customers.get(db, customer_id)
    if row is None:
        raise EarshotError(f"there is no customer {customer_id}: see earshot customers list")
    return row


COMMANDS = (show_customer, join_customers, split_customer)
