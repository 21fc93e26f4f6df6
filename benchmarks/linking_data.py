"""A folder with known truth, and a database made of it the way the product makes one.

Customers and orders go in by the product's own command, mentions as a collector stores them.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from click.testing import CliRunner

from domain.listing import Role
from domain.mention import Author, Mention
from earshot.cli import cli
from earshot.config.load import load
from earshot.core.app import App
from storage.mentions import Listed, add_new

SYSTEM = "csv"  # whose ids the customers have: those of any CSV
_BRAND = "Invented"
_CONFIG = """
database = "sqlite:///{folder}/earshot.db"

[[brands]]
name = "Invented"
query = "invented"
"""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one author."""

    case: str
    customer_ids: frozenset[str]  # as the CRM has them; empty: no customer
    linkable: bool  # by a careful person

    @property
    def is_customer(self) -> bool:
        return bool(self.customer_ids)


@dataclass(frozen=True, slots=True)
class Folder:
    """customers.csv, orders.csv, authors.csv, mentions.jsonl and truth.csv."""

    path: Path
    authors: Mapping[str, Mapping[str, str]]  # by author_id
    truth: Mapping[str, Truth]  # by author_id
    texts: Mapping[str, Sequence[Mapping[str, str]]]  # the mentions by author_id

    @property
    def customers(self) -> list[dict[str, str]]:
        return list(rows(self.path / "customers.csv"))

    @property
    def now(self) -> datetime:
        """The day after the last mention."""
        last = max(one["created_at"] for texts in self.texts.values() for one in texts)
        return datetime.fromisoformat(last) + timedelta(days=1)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read(path: Path) -> Folder:
    texts = defaultdict(list)
    with (path / "mentions.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            texts[one["author_id"]].append(one)
    truth = {
        row["author_id"]: Truth(
            row["case"],
            frozenset(filter(None, row["customer_ids"].split("|"))),
            row["linkable"] == "1",
        )
        for row in rows(path / "truth.csv")
    }
    authors = {row["author_id"]: row for row in rows(path / "authors.csv")}
    return Folder(path, authors, truth, texts)


def configure(folder: Path) -> Path:
    """The settings of a database in this folder."""
    path = folder / "config.toml"
    path.write_text(_CONFIG.format(folder=folder.resolve().as_posix()), "utf-8")
    return path


def earshot(config: Path, *words: str) -> str:
    """What a command of the product prints. Raises RuntimeError with its complaint."""
    done = CliRunner().invoke(cli, ["--config", str(config), *words], prog_name="earshot")
    if done.exit_code != 0:
        raise RuntimeError(f"earshot {' '.join(words)}: {done.output}") from done.exception
    return done.output


def import_crm(config: Path, data: Path) -> str:
    """What the product says of it: the customers first, then their orders."""
    said = earshot(config, "customers", "import", str(data / "customers.csv"), "--system", SYSTEM)
    if (data / "orders.csv").exists():
        said += earshot(config, "orders", "import", str(data / "orders.csv"), "--system", SYSTEM)
    return said


def store(app: App, folder: Folder) -> None:
    """The mentions, with all that their networks tell of who wrote them."""
    found = [
        Listed(_mention(one, folder.authors[author_id]), {_BRAND: Role.BRAND}, quiet=True)
        for author_id, texts in folder.texts.items()
        for one in texts
    ]
    for at in range(0, len(found), _BATCH):
        with app.database.begin() as session:
            add_new(session, found[at : at + _BATCH], now=folder.now)


def _mention(one: Mapping[str, str], author: Mapping[str, str]) -> Mention:
    made = author["account_created"]
    return Mention(
        source=one["platform"],
        external_id=one["mention_id"],
        text=one["text"],
        published_at=datetime.fromisoformat(one["created_at"]),
        lang=one["lang"],
        author=Author(
            id=author["platform_user_id"],
            handle=author["handle"],
            name=author["display_name"],
            bio=author["bio"],
            location=author["location"],
            url=author["url"],
            followers=int(author["followers"]),
            created_at=_midnight(made) if made else None,
        ),
    )


def _midnight(day: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(day), time.min, tzinfo=UTC)


def prepare(folder: Folder, where: Path) -> Path:
    """Make the database; return its settings."""
    where.mkdir(parents=True, exist_ok=True)
    config = configure(where)
    import_crm(config, folder.path)
    app = App(load(config))
    try:
        store(app, folder)
    finally:
        app.close()
    return config
