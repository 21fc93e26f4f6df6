"""What every query module needs: inserts that tolerate repetition, and batches."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import backups

T = TypeVar("T")

BATCH = 500  # rows in one statement: SQLite allows 32,766 bound values
BIGGEST = 2**63 - 1  # what a column holds


def insert(session: Session, table: type[Any]) -> Any:  # noqa: ANN401 -- two unrelated classes
    """The INSERT with ON CONFLICT; both databases write it alike, SQLAlchemy has two classes.

    Never give it the same key twice in one statement: PostgreSQL refuses that.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  as in storage.types

    return postgresql.insert(table)


def expect_many(session: Session) -> None:
    """Make this transaction ready to write some thousands of rows, one of many such.

    PostgreSQL else keeps the plan that was good for an empty table, and reads all of it for every
    batch of an import: sixteen times as slow after 30,000 rows. SQLite else writes a page of an
    index back after every batch that touched it: three times as much in all.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    else:
        session.execute(text("PRAGMA cache_size = -65536"))  # KiB
        session.execute(text("PRAGMA wal_autocheckpoint = 16384"))  # pages, 64 MB


def countable(claimed: int | None) -> int | None:
    """A count as a column holds it; an import may claim more, or less than nothing."""
    return None if claimed is None else max(0, min(claimed, BIGGEST))


def among(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], ids: Iterable[int]
) -> ColumnElement[bool]:
    """`column IN (ids)` for as many ids as there are: written out, so they are no bound values."""
    return column.in_(bindparam(None, sorted(set(ids)), expanding=True, literal_execute=True))


def pairs(
    first: InstrumentedAttribute[str],
    second: InstrumentedAttribute[Any],
    wanted: Iterable[tuple[str, Any]],
) -> ColumnElement[bool]:
    """`(first, second) IN (wanted)`, for few values of the first: each gets a list of its own.

    Written as pairs, SQLite reads the whole table instead of the index.
    """
    lists = groupby(sorted(wanted), key=itemgetter(0))
    return or_(
        false(), *(and_(first == key, second.in_([one for _, one in rest])) for key, rest in lists)
    )


def forget_words(session: Session) -> None:
    """Remove the words of deleted mentions wherever SQLite still has them.

    Its full-text index only marks them as deleted, and copies from before upgrades keep them.
    """
    backups.remove_after(session)
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO mention_text(mention_text) VALUES ('optimize')"))


def batches(rows: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """The rows in slices of at most `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
