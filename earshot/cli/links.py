"""`links`: which author is which customer, why, and who decided it."""

import click

from domain.contract import Contract
from domain.customer import LinkState
from domain.errors import ConfigError, EarshotError
from earshot import serializers
from earshot.cli.base import (
    ID,
    Session,
    as_json,
    me,
    one_of,
    print_json,
    say,
    show,
)
from listener.contracts import contract_of
from storage import customers, link_ledger, links
from storage.tables import AuthorRow


@click.group("links")
def links_group() -> None:
    """Which author is which customer, why, and who decided it.

    Example: earshot links list --state proposed
    """


@links_group.command("list")
@click.option("--state", type=one_of(LinkState), help="Only these.")
@as_json
@click.pass_obj
def list_links(session: Session, state: LinkState | None, *, as_json: bool) -> None:
    """List links with their evidence, the newest decision first.

    Example: earshot links list --state proposed
    """
    with session.app.database.read() as db:
        found = link_ledger.listing(db, state=state)
    for view in found:
        if as_json:
            print_json(serializers.link_json(view))
        else:
            show(
                f"{view.link.id:>5}  {view.judgement.state:9}  "
                f"{view.author.source}:{view.author.handle}  →  "
                f"{view.customer.id} {view.customer.name}  "
                f"({'; '.join(view.judgement.evidence)}; by {view.judgement.decided_by})"
            )


def _must_be_allowed(contract: Contract) -> None:
    if not contract.may_link:
        raise EarshotError(
            f"{contract.source} must not be linked: {contract.reason} ({contract.reference})"
        )


def _decide(session: Session, link_id: int, state: LinkState) -> None:
    with session.app.database.begin() as db:
        done = links.decide(db, link_id, state, by=me(), now=session.now)
        author = db.get(AuthorRow, done.link.author_id)
        if author is not None and state is LinkState.CONFIRMED:
            _must_be_allowed(contract_of(author.source))
    say(f"link {link_id} is {state}")


@links_group.command("confirm")
@click.argument("link_id", type=ID, metavar="ID")
@click.pass_obj
def confirm_link(session: Session, link_id: int) -> None:
    """Say that a link is right; no rule changes that again.

    Example: earshot links confirm 4
    """
    _decide(session, link_id, LinkState.CONFIRMED)


@links_group.command("reject")
@click.argument("link_id", type=ID, metavar="ID")
@click.pass_obj
def reject_link(session: Session, link_id: int) -> None:
    """Say that a link is wrong; no rule makes it again.

    Example: earshot links reject 4
    """
    _decide(session, link_id, LinkState.REJECTED)


@links_group.command("add")
@click.argument("author")
@click.argument("customer_id", type=ID, metavar="CUSTOMER")
@click.option("--basis", required=True, help="What allows it, e.g. 'told us by e-mail 2026-11-02'.")
@click.pass_obj
def add_link(session: Session, author: str, customer_id: int, basis: str) -> None:
    """Link AUTHOR (SOURCE:HANDLE or SOURCE:ID) to CUSTOMER on a basis you state.

    Refused where the source's contract forbids linking: see `earshot policy show SOURCE`.

    Example: earshot links add x:ana 12 --basis "wrote her handle in ticket 881"
    """
    source, _, name = author.partition(":")
    if not name or not basis.strip():
        raise ConfigError(
            "write the author as SOURCE:HANDLE, e.g. x:ana, and a basis that says why"
        )
    _must_be_allowed(contract_of(source))
    with session.app.database.begin() as db:
        row = links.find_author(db, source, name)
        if row is None:
            raise EarshotError(
                f"no mention by {author} is stored: see earshot mentions --source {source}"
            )
        if customers.get(db, customer_id) is None:
            raise EarshotError(f"there is no customer {customer_id}: see earshot customers list")
        done = links.add(db, row, customer_id, evidence=[basis.strip()], by=me(), now=session.now)
    say(f"link {done.link.id} is confirmed")


COMMANDS = (links_group,)
