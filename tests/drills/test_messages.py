"""Workers die, or lose their lock, while a message is in Slack's hands: each incident, one root."""

import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from earshot.core.app import App
from storage import undelivered
from storage.engine import Database
from storage.tables import IncidentRow
from tests.alerts.slack_double import TOKEN, Call, Failure
from tests.conftest import MakeApp
from tests.drills.test_kill import ClockedSlack
from tests.earshot.world import ANA, live, mention, with_words
from tests.storage.made import cut_lock

pytestmark = pytest.mark.slow

log = logging.getLogger(__name__)

KILLS, CUTS = 200, 40
SPARE = 20  # incidents more than kills, so that there is always one to send

# Workers are forked from a process that has everything loaded: a life takes no second to begin.
NURSERY = """
import os, sys, threading
from pathlib import Path
from domain.errors import EarshotError
from earshot.alerting import delivery
from earshot.config.load import load
from earshot.core.app import App
from earshot.service import scheduler
import alerts.slack.notifier, storage.schema

def work(parent):
    sys.stdout = open(os.devnull, "w")
    app = App(load(Path(sys.argv[1])))
    rest = threading.Event()
    while True:
        try:
            with scheduler.at_work(app) as worker:
                while os.getppid() == parent:
                    worker.tenure.check()
                    delivery.notify(app, clock=scheduler.now, wait=lambda _: None)
                    rest.wait(0.05)
        except EarshotError:
            rest.wait(0.1)
        if os.getppid() != parent:
            os._exit(0)

parent = os.getpid()
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        work(parent)
    print(pid, flush=True)
    if line.strip() == "one":
        os.waitpid(pid, 0)
        print("ended", flush=True)
"""

RULE = """
[[brands]]
name = "Acme"
query = "acme"

[noise]
spam = false

[[alerts.rules]]
name = "negative"
min_confidence = 0.5
severity = "critical"  # they always go alone, however many
answer_within = "24h"
"""


class HeldSlack(ClockedSlack):
    """Stops once in the middle of a post, where it is told, until the worker is dead."""

    def __init__(self) -> None:
        super().__init__()
        self.stop_at = ""  # before: it is never stored; late: stored afterwards; stored: no answer
        self.caught = threading.Event()
        self.dead = threading.Event()

    def answer(self, call: Call) -> tuple[Failure | None, dict[str, Any]]:
        stop_at = self.stop_at if call.method == "chat.postMessage" else ""
        if stop_at:
            self.stop_at = ""
        if stop_at in ("before", "late"):
            self._hold()
            if stop_at == "before":
                return None, {"ok": False, "error": "internal_error"}
            threading.Event().wait(0.2)
        done = super(ClockedSlack, self).answer(call)
        if stop_at == "stored":
            self._hold()
        if stop_at == "answered":
            self.caught.set()
        return done

    def _hold(self) -> None:
        self.dead.clear()
        self.caught.set()
        self.dead.wait(60)


class SlowSlack(ClockedSlack):
    """Takes up to half a second before and after it stores a message."""

    chance = random.Random(7)  # noqa: S311 - the same moments every time

    def answer(self, call: Call) -> tuple[Failure | None, dict[str, Any]]:
        threading.Event().wait(self.chance.uniform(0, 0.5))
        done = super(ClockedSlack, self).answer(call)
        threading.Event().wait(self.chance.uniform(0, 0.5))
        return done


def owe(make_app: MakeApp, slack: ClockedSlack, incidents: int) -> tuple[App, str]:
    """So many incidents whose messages wait."""
    table = f"""
    [alerts.slack]
    bot_token = "env:SLACK_TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    made = make_app(table, basic=RULE, notify_console=False)
    now = datetime.now(UTC)
    live(
        with_words(made.app),
        *(
            mention(
                str(n),
                f"Acme is awful, order {n}",
                author=replace(ANA, id=str(n), handle=f"author{n}"),
                published_at=now - timedelta(minutes=5),
            )
            for n in range(incidents)
        ),
        now=now,
    )
    return made.app, str(made.config)


@contextmanager
def nursery(config: str) -> Iterator["subprocess.Popen[str]"]:
    env = os.environ | {"SLACK_TOKEN": TOKEN}
    process = subprocess.Popen(
        [sys.executable, "-c", NURSERY, config],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def begin(process: "subprocess.Popen[str]", how: str) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{how}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def until_all_is_sent(app: App, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        with app.database.read() as session:
            if undelivered.backlog(session, now=datetime.now(UTC))[0] == 0:
                return
        threading.Event().wait(0.5)
    raise AssertionError("messages wait still")


def each_incident_has_one_root(app: App, slack: ClockedSlack) -> None:
    with app.database.read() as session:
        incidents = list(session.scalars(select(IncidentRow.id)))
    keys = Counter(one["metadata"]["event_payload"]["key"] for one in slack.messages)
    assert set(keys.values()) == {1}
    assert len(keys) == len(incidents)
    assert slack.refused == []


def test_killed_while_slack_has_the_message_in_its_hands(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    chance = random.Random(20_261_128)  # noqa: S311 - the same moments every time
    killed: Counter[str] = Counter()
    with HeldSlack() as slack:
        app, config = owe(make_app, slack, KILLS + SPARE)
        with nursery(config) as process:
            for _ in range(KILLS):
                how = chance.choice(["before", "late", "stored", "answered"])
                slack.caught.clear()
                slack.stop_at = how
                pid = begin(process, "one")
                assert slack.caught.wait(60), f"nothing was sent after {killed}"
                os.kill(pid, signal.SIGKILL)
                assert process.stdout is not None
                assert process.stdout.readline() == "ended\n"
                slack.dead.set()
                killed[how] += 1
            pid = begin(process, "one")
            until_all_is_sent(app, 300)
            os.kill(pid, signal.SIGKILL)
        log.info("kills: %s; calls: %s", killed, Counter(one.method for one in slack.calls))
        each_incident_has_one_root(app, slack)


def test_two_workers_and_connections_that_are_cut(
    make_app: MakeApp, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("a file's lock is lost with the process only")
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    chance = random.Random(20_261_129)  # noqa: S311 - the same moments every time
    lost: Counter[str] = Counter()
    with SlowSlack() as slack:
        app, config = owe(make_app, slack, 2 * CUTS)
        with nursery(config) as process:
            pids = [begin(process, "both") for _ in range(2)]
            for number in range(CUTS):
                threading.Event().wait(chance.uniform(0.3, 2.0))
                if number % 2:
                    lost["all"] += cut_all(database)
                else:
                    lost["lock"] += cut_lock(database)
            until_all_is_sent(app, 300)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
        log.info("cut: %s; calls: %s", lost, Counter(one.method for one in slack.calls))
        assert lost["lock"] >= CUTS // 4
        each_incident_has_one_root(app, slack)


def cut_all(database: Database) -> int:
    """Cut every connection there is but our own."""
    others = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
    with database.read() as session:
        found = session.scalars(text(others)).all()
        for pid in found:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    return len(found)
