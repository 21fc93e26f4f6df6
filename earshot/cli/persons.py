"""`customers show`, `join` and `split`: one customer, and which records are one."""

from collections.abc import Iterable
from typing import NoReturn

import click
from sqlalchemy.orm import Session as DbSession

from domain.clock import local_day
from domain.customer import MIXED, Amount, Value
from domain.errors import EarshotError
from earshot import serializers
from earshot.cli.base import ID, Session, as_json, print_json, say, show
from earshot.cli.story_json import story_json
from earshot.cli.story_lines import story_lines
from earshot.cli.who import by_option, decider
from earshot.customers.find import Found, find
from earshot.customers.profile import values_of
from earshot.customers.story import story_of
from storage import customers, incidents, persons, ranking
from storage.person_facts import facts
from storage.ranking import Wanted
from storage.tables import CustomerRow

_MENTIONS, _ORDERS = 20, 5  # told where nobody says how many
_CHOICES = 20  # of whom one may be meant


def money(worth: Value, paid: Iterable[Amount]) -> str:
    """Each currency apart; 0 where nothing was paid."""
    nothing = "" if worth.currency == MIXED else worth.currency
    return amounts(paid) or f"{0:,.2f} {nothing}".strip()


def amounts(paid: Iterable[Amount]) -> str:
    return ", ".join(f"{one.amount:,.2f} {one.currency}".strip() for one in paid)


@click.command("show")
@click.argument("who", metavar="ID|NAME|E-MAIL")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"How many mentions and orders.  [default: {_MENTIONS} and {_ORDERS}, with --json all]",
)
@as_json
@click.pass_obj
def show_customer(session: Session, who: str, *, limit: int | None, as_json: bool) -> None:
    """Show a customer's story: value, orders, mentions, answers, incidents, links.

    WHO may be our id, an id of your systems (hubspot:123), an e-mail, a telephone, a handle (x:ana)
    or a name or a part of one, with accents or without. Of several they are listed, and the
    command ends with 1.

    Example: earshot customers show "Ruiz, Ana"
    """
    config, now = session.config, session.now
    with session.app.database.read() as db:
        found = find(db, who, phone_region=config.top.crm.phone_region)
        if len(found.person_ids) > 1:
            _choose(session, db, found, as_json=as_json)
        [person_id] = found.person_ids
        most = limit if as_json else limit or _MENTIONS
        told = story_of(db, _person(db, person_id), config, now=now, mentions=most)
        sent = incidents.deliveries(db, list(told.clocks)) if as_json and told.clocks else {}
    if as_json:
        print_json(story_json(told, sent))
    else:
        today = local_day(now, config.tz)
        for line in story_lines(told, now=now, today=today, orders=limit or _ORDERS):
            show(line)
    if found.also:
        say(f"{found.also} more have this in their names: a longer part of one finds them")


def _choose(session: Session, db: DbSession, found: Found, *, as_json: bool) -> NoReturn:
    """List who may be meant, the most valuable first. Raises EarshotError: a script must notice."""
    ids = ranking.ranked(db, Wanted(people=found.person_ids), limit=_CHOICES)
    people = persons.records(db, ids)
    values = values_of(db, [people[one][0] for one in ids], session.config, now=session.now)
    known = facts(db, people)
    for one in ids:
        row, worth = people[one][0], values[one]
        if as_json:
            print_json(serializers.customer_json(row, worth, people[one], known[one]))
            continue
        where = ", ".join(filter(None, (known[one].company, known[one].city, known[one].country)))
        show(f"{one:>6}  {row.name}  {where or '-'}  {money(worth, worth.revenues_12m)}")
    more = len(found.person_ids) - len(ids)
    first = f"; these are the first {len(ids)}" if more else ""
    raise EarshotError(
        f"{len(found.person_ids):,} customers may be meant{first}: choose one by its number, as in "
        f"earshot customers show {ids[0]}"
    )


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
