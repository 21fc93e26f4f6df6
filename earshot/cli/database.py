"""`db`: the database's schema, what an upgrade does to it, and the upgrade."""

from collections.abc import Iterator
from contextlib import closing

import click

from domain.errors import EarshotError
from earshot.cli.base import Session, megabytes, say, show
from storage import backups, schema
from storage.engine import Database, dump_command, shown


@click.group("db")
def db_group() -> None:
    """The database's schema.

    Example: earshot db upgrade
    """


@db_group.command("upgrade")
@click.option("--check", "only_look", is_flag=True, help="Say what would be done; change nothing.")
@click.pass_obj
def upgrade(session: Session, *, only_look: bool) -> None:
    """Bring the database to this release's schema, and say what that does.

    SQLite does it by itself on first use, and is copied first: docs/upgrading.md.
    With --check exit 0 when there is nothing to do, 1 when there is.

    Example: earshot db upgrade --check
    """
    with closing(Database(session.config.database)) as database:
        if only_look:
            _look(database)
            return
        before, after = schema.upgrade(database, tell=lambda plan: _say(database, plan))
    was = before or "empty"
    show(
        f"{shown(session.config.database)}: {was} → {after}"
        if was != after
        else f"already at {after}"
    )


def _look(database: Database) -> None:
    plan = schema.plan(database)
    if not plan.steps:
        show(f"already at {plan.after}")
        return
    for line in _lines(database, plan):
        show(line)
    raise click.exceptions.Exit(1)


def _say(database: Database, plan: schema.Plan) -> None:
    for line in _lines(database, plan):
        say(line)


def _lines(database: Database, plan: schema.Plan) -> Iterator[str]:
    """What is to be done, what is copied, and how to go back."""
    yield f"{shown(database.url)} goes from {plan.before or 'empty'} to {plan.after}:"
    for revision, sentence in plan.steps:
        yield f"  {revision}  {sentence}"
    if plan.copy is not None:
        yield (
            f"It is copied first, to {plan.copy} ({megabytes(plan.size)}), which is removed after "
            f"{backups.KEPT.days} days, or as soon as mentions are deleted."
        )
        yield (
            f"To go back: stop Earshot, remove {database.file}-wal and -shm, put the copy in the "
            f"place of {database.file}, install the former release."
        )
    elif plan.before is not None:
        dump = dump_command(database.url, f"earshot.before-{plan.after}.dump")
        yield f"A copy is yours to make, before: {dump}"
        yield "To go back: stop Earshot, restore the copy, install the former release."


@db_group.command("check")
@click.pass_obj
def check(session: Session) -> None:
    """Compare the database's tables with what this release expects; exit 1 if they differ.

    Example: earshot db check
    """
    with closing(Database(session.config.database)) as database:
        found = schema.revision(database)
        if found != schema.HEAD:
            raise EarshotError(
                f"the schema is at {found or 'nothing'}, this release needs {schema.HEAD}: "
                "run earshot db upgrade"
            )
        for difference in schema.differences(database):
            raise EarshotError(f"the schema differs: {difference}")
    show(f"{shown(session.config.database)} is at {found}, as it should be")


COMMANDS = (db_group,)
