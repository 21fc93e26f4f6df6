"""How fast mentions are taken in, and that memory stays flat however many come.

    python -m benchmarks.collecting [--posts 1000000] [--brands 10]

A source that makes up posts, page by page, is collected into a new SQLite file by the same job that
the service runs: matched against every brand, grouped, stored with its cursor. Beside it the least
that anybody could do: the same posts inserted into one table, a page a transaction.
"""

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.contract import Contract
from domain.mention import Author, Engagement, Mention
from earshot.config.load import load
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from listener.contracts import contract_of
from listener.source import Page, Watch

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAGE = 100
SHARE = 10  # one post in so many names a brand
SAID = (
    "the kettle broke again and nobody answers me since monday while the shop says wait or pay "
    "love this thing so much it just works morning coffee with friends and a long walk home"
)
CONFIG = """
database = "sqlite:///{folder}/earshot.db"
[sources.x]
enabled = true
bearer_token = "env:BENCHMARK_TOKEN"
"""
# X cannot tell what type: means, so every post is matched here, as those of a feed are.
BRAND = '[[brands]]\nname = "Brand{n}"\nquery = "brand{n} type:post"\n'


class Flood:
    """A source of made-up posts, the same ones every time."""

    name = "x"

    def __init__(self, posts: int, brands: int) -> None:
        self._posts, self._brands = posts, brands

    @property
    def contract(self) -> Contract:
        return contract_of(self.name)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        del since, now
        if watch.brand != "Brand0" or cursor is not None:
            return
        for start in range(0, self._posts, PAGE):
            found = tuple(post(start + n, self._brands) for n in range(PAGE))
            yield Page(found, {"at": start}, PAGE)

    def check(self) -> str:
        return "it makes everything up"


def post(number: int, brands: int) -> Mention:
    dice = random.Random(number)  # noqa: S311  made-up posts
    words = dice.choices(SAID.split(), k=dice.randint(5, 60))
    if number % SHARE == 0:
        words.insert(dice.randrange(len(words)), f"Brand{dice.randrange(brands)}")
    return Mention(
        source="x",
        external_id=str(number),
        text=" ".join(words),
        published_at=NOW - timedelta(seconds=number),
        author=Author(str(number % 50_000), f"user{number % 50_000}", followers=number % 1000),
        engagement=Engagement(likes=number % 7),
    )


def collected(folder: Path, posts: int, brands: int) -> tuple[float, int]:
    """Posts a second, and how many were stored."""
    path = folder / "config.toml"
    tables = "".join(BRAND.format(n=n) for n in range(brands))
    path.write_text(CONFIG.format(folder=folder) + tables, encoding="utf-8")
    app = App(load(path))
    app.__dict__["sources"] = {"x": Flood(posts, brands)}
    app.database  # noqa: B018  its tables are made before the clock starts
    began = time.perf_counter()
    done = collecting.collect(app, "x", now=NOW)
    speed = posts / (time.perf_counter() - began)
    app.close()
    return speed, done.new


def inserted(folder: Path, posts: int) -> float:
    """Posts a second into one bare table with one index, matched against nothing."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE post (id TEXT PRIMARY KEY, text TEXT, at TEXT, author TEXT)")
    began = time.perf_counter()
    for start in range(0, posts, PAGE):
        made = [post(start + n, 1) for n in range(PAGE)]
        rows = [(one.external_id, one.text, str(one.published_at), "a") for one in made]
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO post VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()
    return posts / (time.perf_counter() - began)


def megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=10)
    options = parser.parse_args()
    for posts in (options.posts // 10, options.posts):
        with tempfile.TemporaryDirectory() as folder:
            speed, new = collected(Path(folder), posts, options.brands)
        print(f"{posts:>9,} posts: {speed:>7,.0f}/s, {new:,} stored, peak {megabytes():.0f} MB")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        speed = inserted(Path(folder), options.posts // 10)
    print(f"one bare table, nothing matched: {speed:,.0f}/s")  # noqa: T201


if __name__ == "__main__":
    main()
