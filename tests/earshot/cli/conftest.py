"""The command line on a test's own database, empty or with a small world in it."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerts.notifier import ConsoleNotifier
from domain.mention import Author, Engagement, Mention
from earshot.alerting import delivery
from earshot.cli import cli as program
from earshot.config.load import load
from earshot.core.app import App
from earshot.service import steps
from tests.conftest import Furnish
from tests.earshot.world import Words, store, with_words

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)

ANA = Author(
    id="99",
    handle="ana",
    name="Ana Ruiz",
    bio="reads",
    location="Madrid",
    url="https://ana.example",
    followers=120,
    created_at=NOW - 9000 * HOUR,
)
BEN = Author(id="t2_ben", handle="ben", name="Ben")
ACME = Author(id="1000", handle="acme_help", name="Acme")

AWFUL = Mention(
    source="x",
    external_id="1849",
    text="Acme is awful",
    published_at=NOW - 3 * HOUR,
    url="https://x.com/ana/status/1849",
    lang="en",
    conversation_id="1849",
    author=ANA,
    engagement=Engagement(likes=3, reposts=0, replies=1),
)
LOVELY = Mention(
    source="reddit",
    external_id="t3_one",
    text="Acme and Globex are lovely",
    published_at=NOW - 2 * HOUR,
    url="https://www.reddit.com/r/coffee/comments/one/",
    author=BEN,
    rating=4.5,
)
DELETED = Mention(
    source="x",
    external_id="1900",
    text="acme, plain",
    published_at=NOW - HOUR,
    parent_id="1849",
)
MENTIONS = (AWFUL, LOVELY, DELETED)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON Lines on stdout."""
        return [json.loads(line) for line in self.lines]

    @property
    def record(self) -> dict[str, Any]:
        (only,) = self.records
        return only


@dataclass(frozen=True, slots=True)
class Cli:
    """`earshot --config PATH`, in this process."""

    config: Path
    app: App  # the same database, for what no command does

    def __call__(self, *args: object, code: int = 0, typed: str = "") -> Ran:
        """Run a command and expect its exit code. A traceback is a failure whatever the code."""
        given = ["--config", str(self.config), *map(str, args)]
        done = CliRunner().invoke(program, given, prog_name="earshot", input=typed)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        ran = Ran(done.exit_code, done.stdout, done.stderr)
        assert ran.code == code, ran
        return ran


MakeCli = Callable[[str], Cli]


@pytest.fixture
def make_cli(make_app: Callable[..., Any]) -> MakeCli:
    """Make a command line for a configuration with some more TOML in it."""

    def make(extra: str = "") -> Cli:
        made = make_app(extra)
        return Cli(made.config, with_words(made.app))

    return make


@pytest.fixture
def cli(make_cli: MakeCli) -> Cli:
    return make_cli("")


@pytest.fixture
def lone(tmp_path: Path, sqlite_template: Path) -> Iterator[Cli]:
    """One on SQLite alone, for what no kind of database can change."""
    shutil.copy(sqlite_template, tmp_path / "lone.db")
    path = tmp_path / "lone.toml"
    brand = '[[brands]]\nname = "Acme"\nquery = "acme"\n'
    path.write_text(f"database = 'sqlite:///{tmp_path}/lone.db'\n{brand}", encoding="utf-8")
    app = App(load(path))
    yield Cli(path, app)
    app.close()


def on_its_own(lone: Cli, tmp_path: Path, database: str, extra: str = "") -> Cli:
    """The command line on another database."""
    path = tmp_path / "own.toml"
    brand = '[[brands]]\nname = "Acme"\nquery = "acme"\n'
    path.write_text(f"database = '{database}'\n{brand}{extra}", encoding="utf-8")
    return Cli(path, lone.app)


@pytest.fixture
def stocked(cli: Cli, furnish: Furnish, tmp_path: Path) -> Cli:
    """Three mentions, a linked customer with an order, an incident that has been told."""
    furnish("stocked", lambda: stock(cli, tmp_path))
    return cli


def stock(cli: Cli, folder: Path) -> None:
    contacts, orders = folder / "contacts.csv", folder / "orders.csv"
    contacts.write_text(
        "customer_id,name,email,twitter,tier\nc-1,Ana Ruiz,ana@example.org,@Ana,gold\n"
        "c-2,Zoe,zoe@example.org,,\n",
        encoding="utf-8",
    )
    day = (NOW - 24 * 30 * HOUR).date()
    orders.write_text(
        f"order_id,customer_id,date,amount,currency\no-1,c-1,{day},1830.50,EUR\n", encoding="utf-8"
    )
    cli("customers", "import", contacts)
    cli("orders", "import", orders)
    take_in(cli, *MENTIONS)


def take_in(cli: Cli, *mentions: Mention) -> None:
    """Store mentions and take every step up to the message on a console nobody reads."""
    store(cli.app, *mentions, now=NOW)
    quiet = App(replace(cli.app.config), notifier=ConsoleNotifier(io.StringIO()))
    with_words(quiet, Words())
    steps.work(quiet, clock=lambda: NOW)
    delivery.notify_until_quiet(quiet, clock=lambda: NOW, wait=lambda _: None)
    quiet.close()
