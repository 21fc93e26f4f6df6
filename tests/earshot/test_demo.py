"""The demo takes the same path as real data, so this is the longest regular test: it runs once."""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.clock import local_day
from domain.digest import Digest
from domain.incident import LIVE
from domain.listing import Role
from domain.reputation import Status
from earshot import config, demo, morning
from earshot.wiring import App
from storage.tables import (
    IncidentRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    SnapshotRow,
)


@dataclass(frozen=True)
class Ran:
    results: demo.Results
    printed: str
    app: App

    @property
    def html(self) -> str:
        return self.results.digest.read_text("utf-8")

    @property
    def digest(self) -> Digest:
        today = local_day(demo.STANDS_AT, self.app.config.tz)
        with self.app.database.read() as session:
            return morning.digest(
                session, self.app.config.brands[0], today, self.app.config, now=demo.STANDS_AT
            )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    printed = io.StringIO()
    results = demo.run(tmp_path_factory.mktemp("demo"), demo.DemoNotifier(printed))
    app = App(config.load(results.config))
    yield Ran(results, printed.getvalue(), app)
    app.close()


def test_the_alerts_of_the_last_day_are_printed_and_safe_in_a_terminal(ran: Ran) -> None:
    assert ran.printed.count("answer due") + ran.printed.count("Answer due") >= 3
    assert ran.results.unseen > 0
    controls = {c for c in ran.printed if unicodedata.category(c) == "Cc"}
    assert controls <= {"\n"}


def test_the_digest_is_one_file_that_needs_nothing_else(ran: Ran) -> None:
    assert "Larkspur" in ran.html
    assert "<script" not in ran.html.lower()
    assert not re.findall(r"(?:src|href)=[\"'](?!https?://|#|data:image|mailto:)", ran.html)


def test_every_mention_is_stored_once_and_scored(ran: Ran) -> None:
    with ran.app.database.read() as session:
        stored = session.scalar(select(func.count()).select_from(MentionRow)) or 0
        stages = set(session.scalars(select(MentionBrandRow.stage)))
    assert 300 <= stored <= ran.results.mentions
    assert stages == {"done"}


def test_the_numbers_are_plausible(ran: Ran) -> None:
    made = ran.digest
    assert made.reputation.status is Status.OK
    assert made.reputation.score is not None
    assert made.reputation.low is not None
    assert made.reputation.high is not None
    assert 30 < made.reputation.low < made.reputation.score < made.reputation.high < 90
    assert made.nps.value is not None
    assert -100 < made.nps.value < 100
    counted = made.nps.promoters + made.nps.passives + made.nps.detractors
    assert counted == made.nps.n_authors > 100

    assert len(made.days) == 28
    assert sum(day.total for day in made.days) == made.voices[0].mentions
    assert [voice.name for voice in made.voices] == ["Larkspur", "Ostrello", "Kavendo"]
    assert all(voice.mentions > 10 for voice in made.voices)

    assert made.response.answered > 0
    assert made.response.overdue > 0
    assert made.response.attainment is not None
    assert 0 < made.response.attainment < 1
    assert made.open_incidents
    assert made.customers_waiting > 0
    assert made.value_waiting > 0
    assert made.currency == "EUR"
    assert made.worst
    assert made.best


def test_incidents_were_answered_and_wait(ran: Ran) -> None:
    with ran.app.database.read() as session:
        rows = list(session.scalars(select(IncidentRow)))
    assert any(row.resolution == "replied" and row.answered_at for row in rows)
    assert any(row.state in LIVE for row in rows)
    assert len({row.rule for row in rows}) >= 2
    assert all(row.posted_at <= row.opened_at for row in rows)


def test_every_day_has_its_published_numbers(ran: Ran) -> None:
    with ran.app.database.read() as session:
        days = set(session.scalars(select(SnapshotRow.day)))
    assert len(days) == 28
    assert max(days) - min(days) == timedelta(days=27)


def test_nobody_on_reddit_is_linked(ran: Ran) -> None:
    with ran.app.database.read() as session:
        linked = list(session.scalars(select(LinkRow)))
        own = session.scalar(
            select(func.count())
            .select_from(MentionBrandRow)
            .where(MentionBrandRow.role == Role.OWN)
        )
    assert len(linked) > 5
    assert all("reddit" not in " ".join(row.evidence) for row in linked)
    assert own


@pytest.mark.slow
def test_it_says_the_same_every_time(ran: Ran, tmp_path: Path) -> None:
    printed = io.StringIO()
    results = demo.run(tmp_path / "again", demo.DemoNotifier(printed))
    assert printed.getvalue() == ran.printed
    assert results.digest.read_text("utf-8") == ran.html
    assert results.unseen == ran.results.unseen
