"""`mute`: what the channel shall not hear of for a while, and why."""

from collections.abc import Mapping
from typing import Any

import click
from sqlalchemy.orm import Session as Db

from alerts import source_alarm
from domain.clock import iso, parse_duration
from domain.errors import ConfigError, EarshotError
from domain.mute import Mute, Muted
from domain.network import name_of
from earshot.alerting.actions import LONGEST_SNOOZE
from earshot.alerting.peace import author_value
from earshot.cli.base import ID, Session, as_json, me, print_json, say, show
from earshot.cli.who import author_named, by_option
from storage import deliveries, mutes, views


@click.group("mute")
def mute_group() -> None:
    """What the channel shall not hear of for a while, and why.

    Incidents open as ever and their clocks run; only the channel hears nothing of them, however
    grave they are. What needs somebody still when the time is over is told then.

    Example: earshot mute list
    """


@mute_group.command("add")
@click.option("--source", help="Whatever comes from this source.")
@click.option("--author", metavar="SOURCE:ID", help="What this author writes; or SOURCE:HANDLE.")
@click.option("--rule", help="Incidents of this rule, with or without a mention.")
@click.option("--story", type=ID, metavar="MENTION", help="This mention, and copies of its text.")
@click.option("--query", help="What this query finds; written like a brand's.")
@click.option("--brand", help="Only of this brand.")
@click.option("--for", "length", required=True, help="How long: 90m, 24h, 7d.")
@click.option("--reason", required=True, help="Why; the digest tells it.")
@by_option
@click.pass_obj
def add(
    session: Session,
    /,
    *,
    brand: str | None,
    length: str,
    reason: str,
    by: str | None,
    **what: str | int | None,
) -> None:
    """Mute one thing: a source, an author, a rule, a story, or what a query finds.

    A further mention of an incident that the channel knows is shown by its first message, without
    a word in the thread. A mention that nothing mutes is told as ever, also with muted ones in
    its incident.

    Example: earshot mute add --author x:ana --for 24h --reason "legal is on it"
    """
    who, why = (me() if by is None else by.strip()), reason.strip()
    if not who or not why:
        raise ConfigError("a mute needs somebody who says so, and a reason: it is listed with both")
    of = session.brands(brand)[0] if brand is not None else ""
    for_ = parse_duration(length)
    if for_ > LONGEST_SNOOZE:
        raise ConfigError(f"{length!r} is longer than a year: change the rules instead")
    with session.app.database.begin() as db:
        kind, value, author_id = _asked(db, session, what)
        mute = Mute(0, kind, value, of, why, who, session.now, session.now + for_)
        stored = mutes.add(db, mute, author_id=author_id)
    say(f"mute {stored.id}: {stored.name} until {iso(stored.until)}")


def _asked(db: Db, session: Session, what: Mapping[str, Any]) -> tuple[Muted, str, int | None]:
    """What is to be muted, how that is stored, and our id of the author."""
    given = {Muted(name): value for name, value in what.items() if value is not None}
    if len(given) != 1:
        raise ConfigError(
            "say what to mute: one of --source, --author, --rule, --story and --query"
        )
    [(kind, value)] = given.items()
    match kind:
        case Muted.SOURCE:
            return kind, _source(value), None
        case Muted.AUTHOR:
            return kind, *_author(db, value)
        case Muted.RULE:
            return kind, _rule(session, value), None
        case Muted.STORY:
            return kind, _story(db, value), None
        case Muted.QUERY:
            return kind, _query(value), None


def _source(value: str) -> str:
    if not value.strip():
        raise ConfigError("--source names none: write for example x or reddit")
    return name_of(value)


def _author(db: Db, value: str) -> tuple[str, int]:
    row = author_named(db, value)
    return author_value(db, row.source, row.external_id), row.id


def _rule(session: Session, value: str) -> str:
    known = [*(rule.name for rule in session.config.top.alerts.rules), source_alarm.RULE]
    if value not in known:
        raise ConfigError(f"there is no rule {value!r}: the rules are {', '.join(known)}")
    return value


def _story(db: Db, mention_id: int) -> str:
    if not views.search(db, views.Filter(ids=[mention_id], hidden=None), limit=1):
        raise EarshotError(f"there is no mention {mention_id}: see earshot mentions")
    return str(mention_id)


def _query(value: str) -> str:
    from listener import query  # noqa: PLC0415  as in earshot.config.load

    query.parse(value)
    return value


@mute_group.command("list")
@as_json
@click.pass_obj
def list_mutes(session: Session, *, as_json: bool) -> None:
    """List mutes, the newest first: of what, until when, how much they kept quiet, who and why.

    Example: earshot mute list --json
    """
    with session.app.database.read() as db:
        found = mutes.listing(db)
    for one in found:
        if as_json:
            print_json(_json(one, session))
        else:
            show(_line(one, session))


def _line(mute: Mute, session: Session) -> str:
    until = "until" if mute.holds(session.now) else "ended"
    brand = f" ({mute.brand})" if mute.brand else ""
    return (
        f"{mute.id:>5}  {until} {iso(mute.ends_at)}  {mute.kept_quiet:>5} kept quiet  "
        f"{mute.name}{brand}  by {mute.by}: {mute.reason}"
    )


def _json(mute: Mute, session: Session) -> Mapping[str, Any]:
    return {
        "id": mute.id,
        "what": mute.what,
        "value": mute.value,
        "name": mute.name,
        "brand": mute.brand or None,
        "reason": mute.reason,
        "by": mute.by,
        "created_at": iso(mute.created_at),
        "until": iso(mute.until),
        "removed_at": iso(mute.removed_at),
        "holds": mute.holds(session.now),
        "kept_quiet": mute.kept_quiet,
    }


@mute_group.command("remove")
@click.argument("mute_id", type=ID, metavar="ID")
@click.pass_obj
def remove(session: Session, mute_id: int) -> None:
    """End a mute. What it kept quiet and needs somebody still is told now.

    Example: earshot mute remove 3
    """
    with session.app.database.begin() as db:
        mute = mutes.remove(db, mute_id, now=session.now)
        deliveries.hear_again(db, mutes.incidents_of(db, mute_id), now=session.now)
    say(f"mute {mute.id} has ended: {mute.name}")


COMMANDS = (mute_group,)
