"""Fixtures every test may use: real databases by the real migrations, no network, no sleep."""

import io
import logging
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from textwrap import dedent
from types import FrameType
from typing import Any, cast

import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.engine.default import DefaultDialect

from alerts.notifier import ConsoleNotifier
from earshot.config.load import load as load_config
from earshot.core.app import App
from sentiment.classifier import Classifier
from sentiment.loading import load as load_classifier
from storage import engine, schema, sealing
from storage.engine import Database
from storage.tables import Base, SettingRow
from tests.clock import AHEAD_S
from tests.worlds import Worlds

# Read once, before the environment is wiped: a server whose databases tests may make and drop.
POSTGRES = os.environ.get("EARSHOT_TEST_POSTGRES", "")
ABOVE_STORAGE = ("earshot", "alerts", "crm", "listener", "reputation", "sentiment")
KINDS = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]

# Set before torch is imported: where others work on the same cores, its threads wait for each other
# by spinning, and what takes a second takes ten.
os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile("any machine", deadline=None)  # a busy one is no failure
settings.load_profile("any machine")

# What a test left on the server. To truncate is slower by far: it makes new files for each table.
MADE = SettingRow.__tablename__  # with the schema comes the key of seals, which stays
EMPTY = "; ".join(
    [
        *(str(one.delete()) for one in reversed(Base.metadata.sorted_tables) if one.name != MADE),
        f"DELETE FROM {MADE} WHERE key != '{sealing.SETTING}'",  # noqa: S608
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


class Kept(QueuePool):
    """Connections that stay when a database is closed: the next test goes on with them."""

    def dispose(self) -> None:
        """Close nothing."""

    def recreate(self) -> "Kept":
        return self

    def close(self) -> None:
        """Close them, at the end of the run."""
        super().dispose()


@pytest.fixture(scope="session", autouse=True)
def _engines_share() -> Iterator[None]:
    """What SQLAlchemy made of a statement serves every engine of the run, as in the service.

    Each test makes engines of its own; compiling for each anew takes a third of a test's time. That
    two engines compile alike is held by tests/storage/test_engine.py. So do a server's connections:
    it takes ten milliseconds to make one, and as long again until it knows the tables.
    """
    with pytest.MonkeyPatch.context() as patch:
        shared: dict[str, dict[object, object]] = {"compiled_cache": {}}
        servers: dict[URL, Engine] = {}

        def make(url: URL, **options: Any) -> Engine:  # noqa: ANN401 -- SQLAlchemy's
            if url.get_backend_name() == "sqlite":
                return create_engine(url, execution_options=shared, **options)
            if url not in servers:
                servers[url] = create_engine(
                    url, execution_options=shared, poolclass=Kept, **options
                )
            return servers[url].execution_options()  # the same, with listeners of its own

        patch.setattr(engine, "create_engine", make)
        # The cache looks statements up by dialect, too, and each engine has its own of the same.
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        yield
        for server in servers.values():
            cast("Kept", server.pool).close()


@pytest.fixture(scope="session", autouse=True)
def _rows_stay_in_storage() -> Iterator[None]:
    """Whoever above the store sets an attribute of one of its rows fails the test."""

    def refuse(row: object, value: object, _before: object, initiator: Any) -> object:  # noqa: ANN401 -- SQLAlchemy's
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- who is at work is nowhere else to be had
        while frame is not None and frame.f_globals["__name__"].startswith("sqlalchemy"):
            frame = frame.f_back
        module = frame.f_globals["__name__"] if frame is not None else ""
        if module.split(".")[0] in ABOVE_STORAGE:
            raise AssertionError(f"{module} sets {type(row).__name__}.{initiator.key}")
        return value

    columns = [
        getattr(mapper.class_, column.key)
        for mapper in Base.registry.mappers
        for column in mapper.column_attrs
    ]
    for column in columns:
        event.listen(column, "set", refuse, retval=True)
    yield
    for column in columns:
        event.remove(column, "set", refuse)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of whoever runs the tests, or of another test, reaches them; nothing waits."""
    for name in os.environ:
        if name.startswith("EARSHOT_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)  # the command line sets it for its process


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever touches the database runs on every kind there is."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", KINDS, indirect=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which databases were tried, and when."""
    if AHEAD_S:
        terminalreporter.write_line(f"Clock: {datetime.now(UTC):%d %B %Y}")
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    ran = sum("postgresql" in report.nodeid and report.when == "call" for report in reports)
    if POSTGRES:
        terminalreporter.write_line(f"PostgreSQL: {ran} tests ran on a real server")
    else:
        terminalreporter.write_line(
            "PostgreSQL: its tests did NOT run; they need a server: "
            "EARSHOT_TEST_POSTGRES=postgresql+psycopg://user@127.0.0.1:5432/postgres"
        )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database as the migrations make it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this run's own on the server, as the migrations make it."""
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"earshot_test_{os.getpid()}"
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        # Nothing here has to outlive the server, so no commit needs to wait for the disk.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    schema.upgrade(database)
    database.close()
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def database(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[Database]:
    """An empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "earshot.db"
        shutil.copy(sqlite_template, path)
        made = Database(f"sqlite:///{path}")
    else:
        made = Database(request.getfixturevalue("postgres_url"))
        with made.begin() as session:
            session.connection().exec_driver_sql(EMPTY)
    yield made
    made.close()


Furnish = Callable[[str, Callable[[], object]], None]


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(tmp_path_factory.mktemp("worlds"))


@pytest.fixture
def furnish(database: Database, worlds: Worlds) -> Furnish:
    """Fills the test's database with the world of a name, which is built only once."""
    return partial(worlds.furnish, database)


@pytest.fixture
def empty(database: Database, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, of the same kind as `database`."""
    if database.is_sqlite:
        made = Database(f"sqlite:///{tmp_path}/fresh.db")
        yield made
        made.close()
        return
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    url = make_url(POSTGRES).set(database=f"{database.engine.url.database}_fresh")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {url.database}"))
    made = Database(url.render_as_string(hide_password=False))
    yield made
    made.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.database} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def port() -> Iterator[int]:
    """Nobody listens on it and nobody is given it by chance; who asks for it by number may listen.

    One that was only free a moment ago may be the next connection's of this very process.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture(scope="session")
def bundled() -> Classifier:
    """The shipped model, loaded once for the whole run."""
    return load_classifier("bundled")


BASIC = """
timezone = "Europe/Madrid"

[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000", "reddit:t2_acme"]
competitors = ["Globex"]

[[alerts.rules]]
name = "vip"
tiers = ["gold"]
min_confidence = 0.5
severity = "critical"
answer_within = "1h"

[[alerts.rules]]
name = "negative"
min_confidence = 0.6
answer_within = "24h"
"""


@dataclass
class Made:
    """An application on a test's own database, and what it has printed as alerts."""

    app: App
    config: Path
    printed: io.StringIO


MakeApp = Callable[..., Made]


@pytest.fixture
def make_app(database: Database, tmp_path: Path, bundled: Classifier) -> Iterator[MakeApp]:
    """Makes applications on the test's database, from BASIC and further lines of TOML."""
    made: list[App] = []

    def make(extra: str = "", *, basic: str = BASIC, notify_console: bool = True) -> Made:
        path = tmp_path / "config.toml"
        url = database.engine.url.render_as_string(hide_password=False)
        path.write_text(f"database = '{url}'\n{dedent(basic)}\n{dedent(extra)}", encoding="utf-8")
        printed = io.StringIO()
        notifier = ConsoleNotifier(printed) if notify_console else None
        app = App(load_config(path), notifier=notifier)
        app.__dict__["classifier"] = bundled  # cached_property: loaded once for all tests
        made.append(app)
        return Made(app, path, printed)

    yield make
    for app in made:
        app.close()
