"""One worker at a time: whoever holds the lock knows that no other process is half-way.

On a server the lock may be lost while the worker goes on: its connection is cut. So each worker
gets a number with the lock, and what it writes about messages is refused once there is a newer one.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from storage.engine import Database, errors_translated, shown
from storage.sql import insert
from storage.tables import WorkerRow

KEY = 7_276_001  # of pg_advisory_lock; any number nobody else in this database uses
ONLY = 1  # the id of the one row


class LostLockError(EarshotError):
    """A worker has lost its lock and may not be the only one any more, so it stops."""


class Tenure:
    """The time of one worker, from when it took the lock."""

    def __init__(self, number: int, connection: Connection | None, name: str) -> None:
        self.number = number
        self._connection = connection  # None: a file's lock is lost with the process only
        self._lost = False
        self._one_at_a_time = threading.Lock()
        self._name = name

    def check(self) -> None:
        """Raises LostLockError when the lock is gone, once and for ever."""
        if self._connection is None:
            return
        with self._one_at_a_time:
            try:
                # A connection that was cut would be made anew at the next call, without the lock.
                if not self._lost:
                    self._connection.execute(text("SELECT 1"))
            except (DBAPIError, InvalidRequestError):  # the latter: it was given back
                self._lost = True
            if self._lost:
                raise LostLockError(
                    f"the connection that held the worker's lock on {self._name} was cut: "
                    "this worker stops, start it again"
                )

    def fence(self, session: Session) -> None:
        """Hold off the next worker until this transaction ends.

        Raises LostLockError when there is one already: then nothing of it is kept.
        """
        number = session.scalar(
            select(WorkerRow.tenure).where(WorkerRow.id == ONLY).with_for_update(read=True)
        )
        if number != self.number:
            raise LostLockError(
                f"another worker has taken over {self._name}: this one stops, as it should"
            )


@contextmanager
def only_worker(database: Database) -> Iterator[Tenure]:
    """Hold the worker's lock. The kernel or the server frees it when the process dies.

    Raises EarshotError when another process holds it.
    """
    lock = _file_lock if database.is_sqlite else _server_lock
    with errors_translated(database.url), lock(database) as connection:
        yield Tenure(_next_number(database), connection, shown(database.url))


def _next_number(database: Database) -> int:
    with database.begin() as session:
        statement = (
            insert(session, WorkerRow)
            .values(id=ONLY, tenure=1)
            .on_conflict_do_update(index_elements=["id"], set_={"tenure": WorkerRow.tenure + 1})
            .returning(WorkerRow.tenure)
        )
        number: int = session.scalars(statement).one()
    return number


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
def _server_lock(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        # It holds the worker's lock only: everybody may go on writing.
        connection.execution_options(isolation_level="AUTOCOMMIT", reads_only=True)
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}):
            raise _busy(database)
        try:
            yield connection
        finally:
            with suppress(DBAPIError, InvalidRequestError):  # cut: then it is free already
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})


def _busy(database: Database) -> EarshotError:
    return EarshotError(
        f"another earshot is at work on {shown(database.url)}: stop it first, or leave it to it"
    )
