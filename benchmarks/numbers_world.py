"""An invented database of brands with many mentions, to measure what numbers cost.

    python -m benchmarks.numbers_world DATABASE [--mentions 1000000] [--brands 10] [--days 90]

Rows are written as the tables have them and not by the product's own functions, which would take
an hour for a million. The same seed gives the same rows in both databases. How often people write
has a long tail; some posts tell a story, are own, hidden, reposts, deleted or not scored; a
twentieth of the authors are linked to customers; two thirds of the negative posts were answered.
"""

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table

from storage import listings, schema, sealing, voices
from storage.engine import Database
from storage.tables import (
    AuthorRow,
    CorrectionRow,
    CoverageRow,
    CustomerRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)

MODEL = "invented@1"
SOURCES = ("x", "reddit", "bluesky", "mastodon", "youtube", "trustpilot", "rss", "news")
RATED = "trustpilot"  # has stars; the last two have no authors
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WORDS = ("acme", "kettle", "late", "order", "broke", "love", "support", "never", "again", "refund")
KINDS = {  # of a hundred mentions
    "plain": 88,
    "of nobody": 4,
    "own": 1,
    "hidden": 2,
    "repost": 3,
    "deleted": 1,
    "not scored": 1,
}
TELLS = 0.2  # share of mentions that tell a story
SURE, CORRECTED = 0.6, 0.001
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Size:
    mentions: int = 1_000_000
    brands: int = 10
    days: int = 90  # over which they are spread, ending at `now`
    authors: int = 300_000
    customers: int = 50_000
    now: datetime = NOW
    seed: int = 1

    @property
    def names(self) -> list[str]:
        """Of the brands: the first one of the tests is Acme."""
        return ["Acme", *(f"Brand{one}" for one in range(1, self.brands))]


@dataclass(slots=True)
class Rows:
    """What is to be written, by table."""

    of: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, kind: type[Any], **values: Any) -> None:  # noqa: ANN401  columns of any type
        self.of.setdefault(kind.__table__, []).append(values)


def fill(database: Database, size: Size) -> None:
    """Write the rows of this size into an empty database that has the tables."""
    with database.begin() as session:
        listings.use_model(session, MODEL)
        mark = sealing.marker(session)
        connection = session.connection()
        for rows in _worlds(size, mark):
            for table, values in rows.of.items():
                _write(connection, table, values)
    if not database.is_sqlite:  # which keeps no statistics of its own accord: nor does the product
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def _worlds(size: Size, mark: Any) -> Iterator[Rows]:  # noqa: ANN401  a function
    chance = random.Random(size.seed)  # noqa: S311
    yield _people(size, chance)
    yield _heard(size)
    for start in range(0, size.mentions, CHUNK):
        rows = Rows()
        for number in range(start + 1, min(start + CHUNK, size.mentions) + 1):
            _mention(rows, size, number, chance, mark)
        yield rows


def _people(size: Size, chance: random.Random) -> Rows:
    rows = Rows()
    at = size.now - timedelta(days=400)
    for one in range(1, size.customers + 1):
        rows.add(
            CustomerRow,
            id=one,
            system="shop",
            external_id=f"C{one}",
            name=f"Customer {one}",
            email="",
            tier="",
            imported_at=at,
            joined_to=one - 1 if one % 20 == 0 else None,
        )
    for one in range(1, size.authors + 1):
        source = SOURCES[one % 6]
        rows.add(
            AuthorRow,
            id=one,
            source=source,
            external_id=f"a{one}",
            handle=f"a{one}",
            handle_key=f"a{one}",
            name=f"Author {one}",
            bio="",
            location="",
            url="",
            followers=int(chance.paretovariate(0.8)),
            created_at=size.now - timedelta(days=chance.randrange(1, 3000)) if one % 3 else None,
            told_at=at,
        )
        if one % 20 == 0:
            link = one // 20
            rows.add(
                LinkRow,
                id=link,
                author_id=one,
                customer_id=1 + link % size.customers,
                present_id=link,
            )
            rows.add(
                LinkJudgementRow,
                id=link,
                link_id=link,
                state="confirmed" if link % 10 else "proposed",
                basis="handle_on_file",
                evidence="[]",
                probability=0.97,
                decided_by="rule",
                at=at,
            )
    return rows


def _heard(size: Size) -> Rows:
    rows = Rows()
    end = size.now.replace(minute=0, second=0, microsecond=0)
    for source in SOURCES[:6]:
        for back in range(24 * size.days):
            counts = {"passes": 4, "failed": 0, "limited": 0, "fetched": 9, "matched": 3, "new": 2}
            hour = end - timedelta(hours=back)
            rows.add(CoverageRow, source=source, hour=hour, counted=0, came=0, **counts)
    return rows


def _mention(rows: Rows, size: Size, number: int, chance: random.Random, mark: Any) -> None:  # noqa: ANN401
    """The mentions are numbered as they were written, but for an hour."""
    back = (size.mentions - number) / size.mentions * size.days * 86_400
    at = size.now - timedelta(seconds=int(back) + chance.randrange(3600))
    author = min(size.authors, int(chance.paretovariate(0.35)))
    [kind] = chance.choices(tuple(KINDS), tuple(KINDS.values()))
    source = SOURCES[6 + number % 2] if kind == "of nobody" else SOURCES[author % 6]
    gone = kind == "deleted"
    block = number % (7 * size.brands)  # seven posts of each brand, of which some tell one story
    rows.add(
        MentionRow,
        id=number,
        source=source,
        external_id=f"sealed-{number:064x}" if gone else f"m{number}",
        text="" if gone else " ".join(chance.choices(WORDS, k=30)),
        url="" if gone else f"https://{source}.example/m{number}",
        lang="en",
        published_at=at,
        collected_at=at + timedelta(minutes=5),
        author_id=None if kind in ("of nobody", "deleted") else author,
        rating=float(chance.randrange(1, 6)) if source == RATED else None,
        is_repost=kind == "repost",
        standing="gone" if gone else "there",
        story_id=max(1, number - block + number % size.brands) if chance.random() < TELLS else None,
        voice=mark(voices.account_key(source, f"a{author}")) if gone else None,
    )
    listed = {"mention_id": number, "brand": size.names[number % size.brands]}
    _listing(rows, listed, kind, at, chance)


def _listing(
    rows: Rows, listed: dict[str, Any], kind: str, at: datetime, chance: random.Random
) -> None:
    negative = chance.random() ** 2
    positive = (1 - negative) * chance.random()
    tones = {"negative": negative, "neutral": 1 - negative - positive, "positive": positive}
    label = max(tones, key=tones.__getitem__)
    asks = negative > SURE
    rows.add(
        MentionBrandRow,
        **listed,
        role="own" if kind == "own" else "brand",
        stage="done",
        published_at=at,
        answered_at=at + timedelta(hours=40 * chance.random())
        if asks and chance.random() < SURE
        else None,
        quiet=False,
        hidden="rule:spam" if kind == "hidden" else "",
        sifted_by="",
        asks_for_answer=asks,
    )
    if kind != "not scored":
        rows.add(
            ScoreRow,
            **listed,
            model=MODEL,
            label=label,
            truncated=False,
            lang="en",
            reason="",
            scored_at=at + timedelta(minutes=6),
            asks="complaint" if asks else None,
            **tones,
        )
    if chance.random() < CORRECTED:
        rows.add(CorrectionRow, **listed, label="neutral", by="mia", at=at)


# --- writing --------------------------------------------------------------------------------------


def _write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """By the driver: SQLite's executemany, PostgreSQL's COPY."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "sqlite":
        values = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({values})"  # noqa: S608
        connection.exec_driver_sql(statement, list(_tuples(rows, names, plain=_as_text)))
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in _tuples(rows, names, plain=lambda value: value):
            copy.write_row(row)


def _tuples(
    rows: Iterable[dict[str, Any]],
    names: Sequence[str],
    *,
    plain: Any,  # noqa: ANN401  a function of any value
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(plain(row.get(name)) for name in names)


def _as_text(value: object) -> object:
    """An instant as SQLAlchemy writes it for SQLite."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=10)
    parser.add_argument("--days", type=int, default=90)
    given = parser.parse_args()
    database = Database(given.database)
    schema.upgrade(database)
    started = time.perf_counter()
    fill(database, Size(given.mentions, given.brands, given.days))
    print(f"filled in {time.perf_counter() - started:.0f} s")  # noqa: T201  a benchmark speaks
    database.close()


if __name__ == "__main__":
    main()
