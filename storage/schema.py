"""Brings a database to the schema this release reads and writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from storage import backups
from storage.engine import Database, shown
from storage.tables import Base

# Alembic is imported where it is used: a database that is up to date, which is nearly always,
# needs none of it, and it takes as long to import as a command to run.
if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0035"  # the newest revision in migrations/versions; a test holds the two together


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade would do."""

    before: str | None  # the revision there is; None when there is no schema yet
    steps: tuple[tuple[str, str], ...]  # (revision, its sentence), oldest first; () when up to date
    copy: Path | None  # what SQLite is copied to first; None for a server, or nothing to copy
    size: int  # of the copy, in bytes, about

    @property
    def after(self) -> str | None:
        return self.steps[-1][0] if self.steps else self.before


Tell = Callable[[Plan], None]


def untold(plan: Plan) -> None:
    """Say nothing of it."""


def ready(database: Database, *, now: datetime, tell: Tell = untold) -> None:
    """Make sure the database has the schema of this release, and let old copies of it go.

    SQLite is upgraded on the spot. A server is not: raises EarshotError with the way out, because
    an upgrade there is somebody's decision. Also raised when a newer release has been here.
    """
    found = revision(database)
    if found != HEAD:
        _make_ready(database, found, tell)
    backups.remove_due(database, now=now)


def _make_ready(database: Database, found: str | None, tell: Tell) -> None:
    _refuse_newer(database, found)
    if database.is_sqlite:
        upgrade(database, tell=tell)
        return
    was = f"is at schema {found}" if found else "is empty"
    raise EarshotError(
        f"database {shown(database.url)} {was}, this release needs {HEAD}: run earshot db upgrade"
    )


def revision(database: Database) -> str | None:
    """The schema's revision; None when there is no schema yet."""
    with database.read() as session:
        return _revision(session)


def _revision(session: Session) -> str | None:
    try:
        found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    except (OperationalError, ProgrammingError) as error:
        if "alembic_version" not in str(error.orig):  # not "no such table" but real trouble
            raise
        session.rollback()
        return None
    return found


def plan(database: Database) -> Plan:
    """What `upgrade` would do now. Raises EarshotError as it does."""
    if database.file is not None and not database.file.exists():
        return _plan(database, None, 0)  # to look into it would make it
    with database.read() as session:
        return _plan_in(database, session)


def upgrade(database: Database, *, tell: Tell = untold) -> tuple[str | None, str]:
    """Run what is missing, all or nothing; return the revision before and after.

    tell: is called with what will be done, before it is, when there is something to do. SQLite is
    copied first. When a step fails the copy stays: nothing was changed, but whoever looks into it
    has what it was, and the next try replaces it.
    Raises EarshotError when the database was made by a newer release or cannot be copied.
    """
    from alembic import command  # noqa: PLC0415

    with database.begin() as session:
        # Under the write lock: a second process that waited here finds nothing left to do.
        todo = _plan_in(database, session)
        if not database.is_sqlite:
            _refuse_ascii(database, session)
        if todo.steps:
            tell(todo)
        if todo.copy is not None and todo.before is not None:
            backups.make(database, todo.copy, todo.before)
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
    return todo.before, HEAD


def _plan_in(database: Database, session: Session) -> Plan:
    from alembic.migration import MigrationContext  # noqa: PLC0415

    before = MigrationContext.configure(session.connection()).get_current_revision()
    return _plan(database, before, backups.size_of(session) if database.is_sqlite else 0)


def _plan(database: Database, before: str | None, size: int) -> Plan:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    _refuse_newer(database, before)
    newest_first = ScriptDirectory.from_config(_config()).iterate_revisions("head", before)
    steps = tuple((script.revision, script.doc) for script in newest_first)[::-1]
    copied = database.file if before and steps else None
    copy = backups.path_of(copied, steps[-1][0]) if copied else None
    return Plan(before, steps, copy, size)


def _refuse_newer(database: Database, found: str | None) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise EarshotError(
            f"database {shown(database.url)} is at schema {found}, which this release does not "
            "know: install the newer Earshot that wrote it"
        )


def _refuse_ascii(database: Database, session: Session) -> None:
    """A server's search knows the letters of the database's locale, and only those."""
    if not session.scalar(text("SELECT 'É' ~ '[[:alnum:]]' AND lower('É') = 'é'")):
        raise EarshotError(
            f"database {shown(database.url)} knows no letters beyond ASCII, so search would miss "
            "most languages: create it with a UTF-8 locale, such as LC_CTYPE 'C.UTF-8'"
        )


def differences(database: Database) -> list[str]:
    """What the tables have or lack against this release's, one line each; empty when equal."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with database.read() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "include_object": ours}
        )
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def ours(
    _object: object,
    name: str | None,
    kind: str,
    reflected: bool,  # noqa: FBT001 -- Alembic calls it so
    _against: object,
) -> bool:
    """Leave the full-text parts out of comparisons: each database has its own, made by hand."""
    if not reflected or name is None:
        return True
    return not (kind == "table" and name.startswith("mention_text")) and not name.endswith(
        "_vector"
    )


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")  # it interpolates
    config.set_main_option("script_location", folder)
    return config
