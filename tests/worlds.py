"""Worlds that many tests begin with: built once for each kind of database, then copied.

What a test changes is its own: it works on a copy of what stood there when the world was built.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage.engine import Database
from storage.tables import Base

TABLES = Base.metadata.sorted_tables  # what others refer to comes first


class Worlds:
    def __init__(self, folder: Path) -> None:
        self._folder = folder  # for the copies of SQLite; a server keeps its own in a schema each
        self._built: set[tuple[str, bool]] = set()

    def furnish(self, database: Database, name: str, build: Callable[[], object]) -> None:
        """Fill an empty database: with what `build` writes, or with a copy of what it once wrote.

        name: a word that is no other world's.
        """
        built = (name, database.is_sqlite)
        if built in self._built:
            self._copy(database, name)
        else:
            build()
            self._keep(database, name)
            self._built.add(built)

    def _keep(self, database: Database, name: str) -> None:
        if database.file is not None:
            _copy_file(database.file, self._folder / name)
        else:
            _run(database, f"CREATE SCHEMA {name}", *_kept_tables(name))

    def _copy(self, database: Database, name: str) -> None:
        if database.file is not None:
            _copy_file(self._folder / name, database.file)
        else:
            _run(database, "DELETE FROM setting", *_copied_tables(name))


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _run(database: Database, *statements: str) -> None:
    """In one round trip to the server."""
    with database.begin() as session:
        session.connection().exec_driver_sql("; ".join(statements))


def _kept_tables(world: str) -> list[str]:
    tables = [f"CREATE TABLE {world}.{one.name} AS TABLE {one.name}" for one in TABLES]
    used = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    return [*tables, f"CREATE TABLE {world}.counted AS {used}"]


def _copied_tables(world: str) -> list[str]:
    statements = []
    for one in TABLES:
        columns = ", ".join(f'"{column.name}"' for column in one.columns)
        statements.append(
            f"INSERT INTO {one.name} ({columns}) SELECT {columns} FROM {world}.{one.name}"  # noqa: S608
        )
    counted = f"SELECT setval(sequencename::regclass, last_value) FROM {world}.counted"  # noqa: S608
    return [*statements, counted]
