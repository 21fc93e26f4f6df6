"""Brings a database to the schema this release reads and writes."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from storage.engine import Database, shown
from storage.tables import Base

# Alembic is imported where it is used: a database that is up to date, which is nearly always,
# needs none of it, and it takes as long to import as a command to run.
if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"  # the newest revision in migrations/versions; a test holds the two together


def ready(database: Database) -> None:
    """Make sure the database has the schema of this release.

    SQLite is upgraded on the spot. A server is not: raises EarshotError with the way out, because
    an upgrade there is somebody's decision. Also raised when a newer release has been here.
    """
    found = revision(database)
    if found == HEAD:
        return
    _refuse_newer(database, found)
    if database.is_sqlite:
        upgrade(database)
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


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run what is missing, all or nothing; return the revision before and after.

    Raises EarshotError when the database was made by a newer release.
    """
    from alembic import command  # noqa: PLC0415

    before = revision(database)
    _refuse_newer(database, before)
    with database.begin() as session:
        # Under the write lock: a second process that waited here finds nothing left to do.
        if not database.is_sqlite:
            _refuse_ascii(database, session)
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
    return before, HEAD


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
