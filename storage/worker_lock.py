"""One worker at a time: whoever holds the lock knows that no other process is half-way."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from domain.errors import EarshotError
from storage.engine import Database, errors_translated, shown

KEY = 7_276_001  # of pg_advisory_lock; any number nobody else in this database uses


@contextmanager
def only_worker(database: Database) -> Iterator[None]:
    """Hold the worker's lock. The kernel or the server frees it when the process dies.

    Raises EarshotError when another process holds it.
    """
    lock = _file_lock if database.is_sqlite else _server_lock
    with errors_translated(database.url), lock(database):
        yield


@contextmanager
def _file_lock(database: Database) -> Iterator[None]:
    """A write transaction on a small database beside the real one: portable, freed by kill -9."""
    path = Path(f"{database.file}.lock")
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise _busy(database) from error
        yield
    finally:
        connection.close()


@contextmanager
def _server_lock(database: Database) -> Iterator[None]:
    with database.engine.connect() as connection:
        # It holds the worker's lock only: everybody may go on writing.
        connection.execution_options(isolation_level="AUTOCOMMIT", reads_only=True)
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}):
            raise _busy(database)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})


def _busy(database: Database) -> EarshotError:
    return EarshotError(
        f"another earshot is at work on {shown(database.url)}: stop it first, or leave it to it"
    )
