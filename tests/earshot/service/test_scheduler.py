import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.errors import EarshotError
from earshot.core.app import App
from earshot.pipeline import webhook
from earshot.reporting import publishing
from earshot.service import loop, scheduler
from sentiment.backend import Prepared
from sentiment.text import Span
from storage.engine import Database
from storage.tables import (
    Base,
    CursorRow,
    IncidentEventRow,
    IncidentMentionRow,
    IncidentRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    OutboxRow,
    ScoreRow,
    SnapshotRow,
)
from storage.worker_lock import LostLockError, only_worker
from tests.clock import EARSHOT
from tests.conftest import MakeApp
from tests.earshot.world import (
    BEN,
    HOUR,
    NOW,
    Clock,
    Feed,
    Words,
    mention,
    page,
    reply,
    store,
    with_sources,
    with_words,
)
from tests.storage.made import cut_lock

X = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"
"""


# --- one pass ---------------------------------------------------------------------------------


def everything(app: App) -> dict[str, int]:
    tables: tuple[type[Base], ...] = (
        *(MentionRow, MentionBrandRow, ScoreRow, IncidentRow, IncidentMentionRow, LinkRow),
        *(IncidentEventRow, OutboxRow, SnapshotRow, CursorRow),
    )
    with app.database.read() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def test_a_second_pass_doubles_nothing(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "invented")
    made = make_app(X)
    posts = [mention("1"), mention("2", "Acme is lovely", author=BEN), reply("3", to="1")]
    app = with_words(with_sources(made.app, Feed("x", [page(1, *posts)], only_for="Acme")))
    clock = Clock()
    scheduler.full_pass(app, clock=clock, wait=clock.wait)
    first, printed = everything(app), made.printed.getvalue()

    with_sources(app, Feed("x", [page(0, *posts)], only_for="Acme"))
    clock.at += timedelta(minutes=1)
    scheduler.full_pass(app, clock=clock, wait=clock.wait)

    assert everything(app) == first
    assert made.printed.getvalue() == printed
    assert first["mention"] == 3
    assert first["incident"] == 1


def test_an_alert_does_not_wait_for_history(make_app: MakeApp) -> None:
    """A first pass may bring a year of posts; scoring them takes hours."""
    made = make_app()
    told_before: list[bool] = []

    class Looking(Words):
        def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
            if "long ago" in text:
                told_before.append("Acme is awful" in made.printed.getvalue())
            return super().prepare(text, target)

    app = with_words(made.app, Looking())
    store(app, mention("1", "Acme, long ago", published_at=NOW - timedelta(days=90)))
    store(app, mention("2", "Acme is awful"))
    clock = Clock()
    scheduler.full_pass(app, clock=clock, wait=clock.wait)
    assert told_before == [True]


def test_only_one_worker_is_at_work(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    other = make_app().app
    with (
        only_worker(other.database),
        pytest.raises(EarshotError, match="another earshot is at work on"),
    ):
        scheduler.run_once(app)
    scheduler.run_once(app)


def test_a_service_that_is_stopped_lets_the_next_one_begin(make_app: MakeApp) -> None:
    stop = threading.Event()
    stop.set()
    for _ in range(2):
        assert scheduler.run_until_stopped(with_words(make_app().app), stop=stop)


def test_a_service_that_has_lost_its_lock_stops(
    make_app: MakeApp, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("a file's lock is lost with the process only")
    monkeypatch.setattr(scheduler, "LOCK_EVERY", timedelta(seconds=0.1))
    app = with_words(make_app().app)
    cutting = threading.Timer(1.0, cut_lock, [database])
    cutting.start()
    with pytest.raises(LostLockError, match="was cut"):
        scheduler.run_until_stopped(app, stop=threading.Event())
    cutting.join()
    with pytest.raises(LostLockError):
        scheduler.full_pass(app, clock=Clock(), wait=lambda _: None)


def test_yesterdays_numbers_are_published_for_every_brand(make_app: MakeApp) -> None:
    app = with_words(make_app('\n[[brands]]\nname = "Bolt"\nquery = "bolt"\n').app)
    publishing.publish_due(app, at=NOW)
    publishing.publish_due(app, at=NOW + HOUR)
    with app.database.read() as session:
        found = {
            (row.brand, row.kind, row.revision) for row in session.scalars(select(SnapshotRow))
        }
    assert found == {
        (brand, kind, 1) for brand in ("Acme", "Bolt") for kind in ("reputation", "nps")
    }


# --- the process itself -----------------------------------------------------------------------

RunEarshot = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f"""
database = 'sqlite:///{tmp_path / "earshot.db"}'

[[brands]]
name = "Acme"
query = "acme"
""",
        encoding="utf-8",
    )
    return path


def run_once(settings: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EARSHOT, "--config", str(settings), "run", "--once"],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(settings: Path) -> Iterator[subprocess.Popen[str]]:
    """`earshot run`, from the moment it says that it listens."""
    process = subprocess.Popen(
        [*EARSHOT, "--config", str(settings), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            assert "earshot is listening" in process.stderr.readline()
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_cleanly(settings: Path, number: signal.Signals) -> None:
    with running(settings) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    assert err == "earshot has stopped\n"


def test_a_second_copy_is_refused_in_one_line(settings: Path) -> None:
    with running(settings):
        second = run_once(settings)
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert second.stderr.startswith("earshot: another earshot is at work on sqlite:///")


def test_one_pass_without_a_source_ends_well(settings: Path) -> None:
    done = run_once(settings)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_pass_with_a_failing_source_says_so_in_one_line(settings: Path) -> None:
    with settings.open("a") as file:
        file.write(X + 'base_url = "http://127.0.0.1:9"\n')
    done = run_once(settings, X_TOKEN="canary-bearer")
    assert done.returncode == 1
    assert done.stdout == "x: fetched 0, matched 0, new 0, gaps 0\n"
    assert done.stderr == "earshot: x: no whole answer came (ConnectionError)\n"


def test_one_pass_with_a_wrong_key_is_a_usage_error(settings: Path) -> None:
    with settings.open("a") as file:
        file.write('colour = "blue"\n')
    done = run_once(settings)
    assert done.returncode == 2
    assert "brands[1].colour: unknown key" in done.stderr


def test_one_pass_with_a_failing_slack_says_so_in_one_line(settings: Path) -> None:
    with settings.open("a") as file:
        file.write(
            """
[alerts.slack]
bot_token = "env:SLACK_TOKEN"
channel = "C0ALERTS"
base_url = "http://127.0.0.1:9/api/"

[[alerts.rules]]
name = "all"
query = "acme"
answer_within = "1h"
"""
        )
    export = settings.with_name("export.csv")
    export.write_text(
        f"source,external_id,text,published_at\nforum,1,Acme,{datetime.now(UTC).isoformat()}\n"
    )
    env = os.environ | {"SLACK_TOKEN": "xoxb-canary"}
    subprocess.run(
        [*EARSHOT, "--config", str(settings), "import", str(export)], env=env, check=True
    )
    done = run_once(settings, SLACK_TOKEN="xoxb-canary")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("earshot: slack: no usable answer to conversations.history")
    assert "messages wait" in last
    assert "canary" not in done.stderr


def test_what_is_stored_is_told_at_once(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """No job waits for its time: together that would take up to 25 seconds."""
    monkeypatch.setattr(loop, "REST_S", 0.01)
    made = make_app()
    app, stop = with_words(made.app), threading.Event()
    began, told = threading.Event(), threading.Event()
    monkeypatch.setattr(made.printed, "write", partial(_tell, told, made.printed.write))

    def serving(*_: object, **__: object) -> AbstractContextManager[None]:
        began.set()
        return nullcontext()

    monkeypatch.setattr(webhook, "serving", serving)
    running = threading.Thread(
        target=scheduler.run_until_stopped, args=[app], kwargs={"stop": stop}
    )
    running.start()
    try:
        assert began.wait(20)
        threading.Event().wait(1.0)  # the first rounds are over, the next ones far away
        now = datetime.now(UTC)
        store(app, mention("1", "Acme is awful", published_at=now - timedelta(minutes=5)), now=now)
        assert told.wait(4.0)
    finally:
        stop.set()
        running.join(20)
    assert "Acme is awful" in made.printed.getvalue()


def _tell(told: threading.Event, write: Callable[[str], int], text: str) -> int:
    done = write(text)
    told.set()
    return done
