"""The databases that a benchmark fills: SQLite's file, and one of its own on a server."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

NAME = "earshot_benchmark"


def databases(file: Path, postgres: str | None) -> Iterator[tuple[str, str]]:
    """What each is called, and its address; the server's is made anew.

    postgres: an address on the server; None: SQLite alone.
    """
    yield "SQLite", f"sqlite:///{file.resolve()}"
    if postgres is None:
        return
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    yield "PostgreSQL", make_url(postgres).set(database=NAME).render_as_string(hide_password=False)
