"""`customers sync`: reads customers and orders from CRMs and shops over their APIs."""

from collections.abc import Iterable, Iterator
from typing import Any

import click

from crm.api import SYSTEMS
from domain.clock import iso
from domain.errors import ConfigError
from earshot.cli.base import Session, as_json, complain, print_json, say, show
from earshot.customers import sync as syncing
from earshot.customers.sync import Pass
from earshot.customers.sync_pages import Synced


@click.command("sync")
@click.option(
    "--system",
    "name",
    type=click.Choice(list(SYSTEMS)),
    metavar="NAME",
    help=f"Only this one: {', '.join(SYSTEMS)}.  [default: all that are enabled]",
)
@click.option(
    "--full", is_flag=True, help="Read everything anew: what is gone there is removed here."
)
@as_json
@click.pass_obj
def sync(session: Session, name: str | None, *, full: bool, as_json: bool) -> None:
    """Read what has changed in your CRM and your shop; per object: read, new, changed, deleted.

    Guests are those who became customers by their orders.

    Needs a [crm.NAME] table. `earshot run` does the same by itself. What breaks off goes on there.
    A system that fails does not stop the others; the exit code is 1 then.

    Example: earshot customers sync --system hubspot
    """
    how = Pass(session.now, full=full, progress=_progress if full else lambda _: None)
    done = syncing.sync(session.app, list(_wanted(session, name)), how)
    for one in done:
        if as_json:
            print_json(_json(one))
        elif one.what:
            show(_line(one))
    _tell_troubles(done)


def _wanted(session: Session, name: str | None) -> Iterator[str]:
    enabled = session.config.top.crm.enabled
    if name is not None and name not in enabled:
        raise ConfigError(
            f"system {name!r} is not enabled in {session.path} "
            f"(enabled: {', '.join(enabled) or 'none'}): set enabled = true in [crm.{name}]"
        )
    if not enabled:
        say(f"no system is enabled in {session.path}: set enabled = true in a [crm.*] table")
    for one in [name] if name is not None else enabled:
        why = syncing.left_alone(session.app, one, now=session.now)
        if why:
            complain(why)
        yield one


def _progress(so_far: Synced) -> None:
    say(f"{so_far.system}: {so_far.what}: {so_far.read} read")


def _line(one: Synced) -> str:
    stands = f"read up to {iso(one.stands_at)}" if one.stands_at else "not read to its end"
    guests = f", guests {one.guests}" if one.guests else ""
    return (
        f"{one.system} {one.what}: read {one.read}, new {one.new}, changed {one.changed}, "
        f"deleted {one.deleted}, refused {one.refused}{guests}; {stands}"
    )


def _json(one: Synced) -> dict[str, Any]:
    return {
        "system": one.system,
        "object": one.what,
        "read": one.read,
        "new": one.new,
        "changed": one.changed,
        "deleted": one.deleted,
        "refused": one.refused,
        "guests": one.guests,
        "problems": one.told,
        "stands_at": iso(one.stands_at) if one.stands_at else None,
        "trouble": one.trouble or None,
    }


def _tell_troubles(done: Iterable[Synced]) -> None:
    """A line per refused record and per trouble. Exits 1 when a system failed."""
    failed = False
    for one in done:
        for problem in one.told:
            complain(f"{one.system}: {one.what} {problem}")
        if one.refused > len(one.told):
            complain(f"{one.system}: and {one.refused - len(one.told)} more {one.what} like these")
        if one.trouble:
            failed = True
            complain(one.trouble)
    if failed:
        raise click.exceptions.Exit(1)
