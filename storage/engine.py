"""The one place that makes an engine, so that both databases behave the same everywhere."""

import contextlib
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from sqlalchemy.orm import Session

from domain.errors import ConfigError, EarshotError, StoreError

BUSY_S = 30  # how long a writer waits for another one before it gives up
WRITER = 7_276_002  # of pg_advisory_xact_lock: any number nobody else in this database uses


class Database:
    """One database: `begin()` to write, `read()` to look. Opens nothing until it is used."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        # A read must not queue behind a writer, so it does not ask for the write lock.
        self._reader = self.engine.execution_options(reads_only=True)
        if not self.is_sqlite:
            self._reader = self._reader.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file, None for a server."""
        return file_of(self.engine)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session that commits at the end and rolls back on any error."""
        with (
            errors_translated(self.url),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent snapshot; nothing it does is kept."""
        with errors_translated(self.url), Session(self._reader, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def file_of(engine: Engine) -> Path | None:
    """The SQLite file, None for a server."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


@contextmanager
def errors_translated(url: str) -> Iterator[None]:
    """Turn errors of a database that is out of reach, locked, full or broken into StoreError."""
    try:
        yield
    except (DatabaseError, InterfaceError, sqlite3.DatabaseError) as error:
        if isinstance(error, DataError | IntegrityError | ProgrammingError):
            raise  # our own mistake
        # Below the driver's first line stand hints and the statement.
        sentence = str(getattr(error, "orig", error)).strip() or type(error).__name__
        raise StoreError(f"database {shown(url)}: {sentence.splitlines()[0]}") from error
    except UnicodeEncodeError as error:  # half a character, as from a terminal of another encoding
        raise EarshotError(
            f"database {shown(url)}: a text holds half a character: write it in UTF-8"
        ) from error


def shown(url: str) -> str:
    """The URL without its password and without its options, which may hold another."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def dump_command(url: str, file: str) -> str:
    """The command that copies a server's database to a file, without the password."""
    parsed = make_url(url)
    # Of the options only where the server is: others may hold a password.
    where = {key: value for key, value in parsed.query.items() if key in ("host", "port")}
    target = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, where
    )
    return shlex.join(["pg_dump", "--format=custom", f"--file={file}", target.render_as_string()])


def check_url(url: str) -> str:
    """What is wrong with a `database` setting, "" when nothing is. Opens nothing."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        return f"is not a database URL: {_URLS}"
    dialect, _, driver = parsed.drivername.partition("+")
    if driver not in _DRIVERS.get(dialect, ()):
        return f"{parsed.drivername} is not supported: {_URLS}"
    if dialect == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        return "names no file: write sqlite:///var/earshot.db"
    if dialect == "sqlite" and Path(parsed.database or "").is_dir():
        return f"{parsed.database} is a directory: name a file in it, such as earshot.db"
    return ""


_DRIVERS = {"sqlite": ("", "pysqlite"), "postgresql": ("", "psycopg")}
_URLS = "write sqlite:///var/earshot.db or postgresql+psycopg://user@host/name"


def make_engine(url: str) -> Engine:
    """An engine on which one transaction at a time writes while the others wait for it.

    The sqlite3 driver begins late and commits on its own: read-modify-write in four threads then
    loses most updates without an error. BEGIN IMMEDIATE takes the write lock first, so a second
    writer waits instead of failing half-way. PostgreSQL loses such updates too, and two writers of
    the same rows can block each other: there an advisory lock does the same.
    hide_parameters keeps texts out of error messages.
    """
    problem = check_url(url)
    if problem:
        raise ConfigError(f"database: {problem}")
    parsed = make_url(url)
    if parsed.get_dialect().name != "sqlite":
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
        event.listen(engine, "begin", _begin_on_server)
        return engine
    _make_folder(Path(parsed.database or ""))
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"database: cannot make the folder {file.parent}: {error.strerror}"
        ) from error


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    # Another process may be switching it right now, or the file is read-only.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    # In WAL, NORMAL can lose the last commits on power loss, never corrupt; a killed process loses
    # none.
    connection.execute("PRAGMA synchronous = NORMAL")
    # Else what is deleted stays readable in the file until its place is needed.
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _reads_only(connection) else "BEGIN IMMEDIATE")


def _begin_on_server(connection: Connection) -> None:
    if not _reads_only(connection):
        # Together: that is one way to the server and back instead of two.
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{BUSY_S}s'; SELECT pg_advisory_xact_lock({WRITER})"
        )


def _reads_only(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("reads_only", False))
