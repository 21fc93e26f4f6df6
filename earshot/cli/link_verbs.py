"""`links confirm`, `reject`, `withdraw`, `add`: what people say of who is whom."""

from datetime import date, timedelta

import click

from domain.clock import midnight
from domain.contract import Contract
from domain.customer import Basis, LinkState
from domain.deciding import RULE
from domain.errors import ConfigError, EarshotError
from earshot.cli.base import DAY, ID, Session, one_of, say
from earshot.cli.who import author_named, by_option, decider, source_of
from listener.contracts import contract_of
from storage import customers, links
from storage.links import Decided
from storage.tables import AuthorRow

note_option = click.option("--note", default="", help="In a sentence that others can check.")
# What a person may say that a link rests on; weighed evidence is not theirs to state.
STATED = (Basis.GIVEN, Basis.SELF_STATED, Basis.HANDLE_ON_FILE, Basis.PERSON)


@click.command("confirm")
@click.argument("link_id", type=ID, metavar="ID")
@click.option("--basis", type=one_of(Basis), help="What it rests on, where that was not found.")
@note_option
@by_option
@click.pass_obj
def confirm_link(
    session: Session, link_id: int, basis: Basis | None, note: str, by: str | None
) -> None:
    """Say that a link is right; no rule changes that again.

    Some networks allow a link only where the customer told you the handle, where it is on file, or
    where the author says in public who they are: there you say which of these it is.

    Example: earshot links confirm 4
    Example: earshot links confirm 4 --basis given --note "wrote the handle in ticket 881"
    """
    if basis is Basis.SCORED:
        raise ConfigError("scored is what rules weigh: say --basis given, self_stated or person")
    _decide(session, link_id, LinkState.CONFIRMED, by=by, basis=basis, note=note.strip())


@click.command("reject")
@click.argument("link_id", type=ID, metavar="ID")
@note_option
@by_option
@click.pass_obj
def reject_link(session: Session, link_id: int, note: str, by: str | None) -> None:
    """Say that a link is wrong; no rule makes it again, and all that rested on it goes.

    Example: earshot links reject 4
    """
    _decide(session, link_id, LinkState.REJECTED, by=by, note=note.strip())


@click.command("withdraw")
@click.argument("link_id", type=ID, metavar="ID")
@click.option("--why", default="", help="In a sentence that others can check.")
@by_option
@click.pass_obj
def withdraw_link(session: Session, link_id: int, why: str, by: str | None) -> None:
    """Take a link back; no rule makes it again, and all that rested on it is worked out anew.

    Example: earshot links withdraw 4 --why "asked us by mail not to be linked"
    """
    _decide(session, link_id, LinkState.WITHDRAWN, by=by, note=why.strip())


def _decide(
    session: Session,
    link_id: int,
    state: LinkState,
    *,
    by: str | None,
    basis: Basis | None = None,
    note: str = "",
) -> None:
    who = decider(by)
    with session.app.database.begin() as db:
        done = links.decide(db, link_id, state, by=who, now=session.now, basis=basis, note=note)
        if state is LinkState.CONFIRMED:
            source = db.get_one(AuthorRow, done.link.author_id).source
            _must_be_allowed(contract_of(source), Basis(done.now.basis), link_id)
    _tell(done, who)


def _tell(done: Decided, who: str) -> None:
    """What is so now, and whose verdict that changed."""
    before = done.before
    say(f"link {done.link.id} is {done.now.state}")
    if (
        before is not None
        and before.state != done.now.state
        and before.decided_by != who
        and not before.decided_by.startswith(RULE)
    ):
        say(
            f"{before.decided_by} had {_DID[LinkState(before.state)]} it on {before.at:%Y-%m-%d}: "
            f"both stand in earshot links show {done.link.id}"
        )


_DID = {
    LinkState.CONFIRMED: "confirmed",
    LinkState.PROPOSED: "proposed",
    LinkState.REJECTED: "rejected",
    LinkState.WITHDRAWN: "withdrawn",
}


def _must_be_allowed(contract: Contract, basis: Basis, link_id: int | None = None) -> None:
    """Raises EarshotError where the network's contract does not allow a link, or not on this."""
    if not contract.may_link:
        raise EarshotError(
            f"{contract.source} must not be linked: {contract.reason} ({contract.reference})"
        )
    if basis in contract.bases:
        return
    allowed = " or ".join(one for one in contract.bases if one in STATED)
    again = "earshot links add" if link_id is None else f"earshot links confirm {link_id}"
    raise EarshotError(
        f"on {contract.source} a link may not rest on “{basis.words}”: {contract.reason} "
        f"If one of these is so, say which: {again} --basis {allowed}"
    )


@click.command("add")
@click.argument("author")
@click.argument("customer_id", type=ID, metavar="CUSTOMER")
@click.option(
    "--basis",
    required=True,
    help="given, self_stated, handle_on_file, person; or what they told you, in your words.",
)
@click.option("--told-on", type=DAY, help="The day the customer told you the handle.")
@note_option
@click.option("--until", type=DAY, help="The last day it holds: it is withdrawn then.")
@by_option
@click.pass_obj
def add_link(
    session: Session,
    /,
    *,
    author: str,
    customer_id: int,
    basis: str,
    told_on: date | None,
    note: str,
    until: date | None,
    by: str | None,
) -> None:
    """Link AUTHOR (SOURCE:HANDLE or SOURCE:ID) to CUSTOMER on a basis you state.

    A basis in your own words says what the customer told you, and counts as given. Refused where
    the source's contract forbids linking, or that basis: see `earshot policy show SOURCE`.

    Example: earshot links add x:ana 12 --basis "wrote her handle in ticket 881"
    Example: earshot links add x:ana 12 --basis given --told-on 2026-11-02 --until 2027-11-01
    """
    source = source_of(author)
    if not basis.strip():
        raise ConfigError("--basis is empty: say what allows the link")
    rests_on, evidence = _stated(basis.strip(), told_on, note.strip())
    _must_be_allowed(contract_of(source), rests_on)
    ends_at = None if until is None else midnight(until + timedelta(days=1), session.config.tz)
    if ends_at is not None and ends_at <= session.now:
        raise ConfigError(f"--until {until} is over: give a day to come")
    who = decider(by)
    with session.app.database.begin() as db:
        row = author_named(db, author)
        if customers.get(db, customer_id) is None:
            raise EarshotError(f"there is no customer {customer_id}: see earshot customers list")
        done = links.add(
            db,
            row,
            customer_id,
            by=who,
            now=session.now,
            basis=rests_on,
            evidence=evidence,
            until=ends_at,
        )
    _tell(done, who)


def _stated(basis: str, told_on: date | None, note: str) -> tuple[Basis, list[str]]:
    """What a person rests a link on, and the sentences for it."""
    named = {str(one): one for one in STATED}.get(basis.casefold().replace("-", "_"))
    if told_on is not None and named not in (None, Basis.GIVEN):
        raise ConfigError("--told-on says when the customer told you: it goes with --basis given")
    sentences = [basis] if named is None else []
    if told_on is not None:
        sentences.append(f"the customer told us the handle on {told_on}")
    if note:
        sentences.append(note)
    return named or Basis.GIVEN, sentences or [(named or Basis.GIVEN).words]


VERBS = (confirm_link, reject_link, withdraw_link, add_link)
