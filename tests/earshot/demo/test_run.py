"""The demo takes the same path as real data, so this is the longest regular test: it runs once."""

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from domain.clock import local_day, parse_instant
from domain.digest import Digest
from domain.incident import LIVE, Action
from domain.listing import Role
from domain.reputation import Status
from earshot.cli import cli as program
from earshot.config.load import load
from earshot.core.app import App
from earshot.demo import run as demo
from earshot.reporting.digest_facts import digest_of
from storage.tables import (
    AuthorRow,
    IncidentEventRow,
    IncidentRow,
    LinkJudgementRow,
    MentionBrandRow,
    MentionRow,
    OrderRow,
    OutboxRow,
    SnapshotRow,
)

NOW = datetime.now(UTC).replace(hour=9, minute=20)  # today, when the sample moves by whole days


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
        at = self.results.stands_at
        today = local_day(at, self.app.config.tz)
        with self.app.database.read() as session:
            return digest_of(session, self.app.config.brands[0], today, self.app.config, now=at)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    printed = io.StringIO()
    results = demo.run(tmp_path_factory.mktemp("demo"), demo.DemoNotifier(printed), now=NOW)
    app = App(load(results.config))
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


@pytest.mark.parametrize(
    ("now", "at"),
    [
        pytest.param("2027-07-14T18:40:59", "2027-07-14T08:00:00", id="in the afternoon"),
        pytest.param("2027-07-14T08:00:00", "2027-07-14T08:00:00", id="at eight"),
        pytest.param("2027-07-14T07:59:59", "2027-07-14T07:00:00", id="before eight"),
        pytest.param("2028-02-29T00:00:00", "2028-02-29T00:00:00", id="at midnight"),
        pytest.param("2027-01-01T00:30:00+02:00", "2026-12-31T08:00:00", id="of another zone"),
    ],
)
def test_the_sample_ends_today_and_never_ahead_of_the_clock(now: str, at: str) -> None:
    assert demo.ends_at(parse_instant(now)) == parse_instant(at)


def test_all_that_the_sample_dates_moves_by_one_span(ran: Ran) -> None:
    later = ran.results.stands_at - demo.RECORDED_UNTIL
    assert later % timedelta(days=1) == timedelta()
    with ran.app.database.read() as session:
        published = session.scalars(select(MentionRow.published_at).order_by(MentionRow.id)).all()
        made = session.scalar(select(func.min(AuthorRow.created_at)))
        ordered = session.scalar(select(func.min(OrderRow.ordered_on)))
        latest = [
            session.scalar(select(func.max(column)))
            for column in (
                *(MentionRow.published_at, MentionRow.collected_at, AuthorRow.created_at),
                *(IncidentRow.opened_at, OutboxRow.sent_at, LinkJudgementRow.at),
            )
        ]
    assert published[0] == parse_instant("2026-10-24T05:37:13Z") + later
    assert made == parse_instant("2009-06-17T13:38:36Z") + later
    assert ordered == date(2024, 1, 12) + later
    assert all(one is not None and one <= ran.results.stands_at for one in latest)
    assert ran.results.day == ran.results.stands_at.date() - timedelta(days=1)


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
    assert 20 < made.reputation.low < made.reputation.score < made.reputation.high < 90
    assert made.nps.value is not None
    assert -100 < made.nps.value < 100
    counted = made.nps.promoters + made.nps.passives + made.nps.detractors
    assert counted == made.nps.n_persons > 100

    assert len(made.days) == 28
    assert made.share_of_voice is not None
    voices = made.share_of_voice.sides
    assert [voice.name for voice in voices] == ["Larkspur", "Ostrello", "Kavendo"]
    assert all(voice.mentions > voice.persons > 10 for voice in voices)
    # Copies of stories, and sources that do not hear the competitors, are in no share.
    assert sum(day.total for day in made.days) >= voices[0].mentions

    assert made.response.answered > 0
    assert made.response.overdue > 0
    assert made.response.attainment is not None
    assert 0 < made.response.attainment < 1
    assert made.open_incidents
    assert made.customers_waiting > 0
    [waiting] = made.value_waiting
    assert waiting.amount > 0
    assert waiting.currency == "EUR"
    assert made.worst
    assert made.best


def test_incidents_were_answered_and_wait(ran: Ran) -> None:
    with ran.app.database.read() as session:
        rows = list(session.scalars(select(IncidentRow)))
        reopened = set(  # their clock began anew, after they were opened
            session.scalars(
                select(IncidentEventRow.incident_id).where(
                    IncidentEventRow.action == Action.REOPENED
                )
            )
        )
    assert any(row.resolution == "replied" and row.answered_at for row in rows)
    assert any(row.state in LIVE for row in rows)
    assert len({row.rule for row in rows}) >= 2
    assert all(row.posted_at <= row.opened_at for row in rows if row.id not in reopened)


def test_every_day_has_its_published_numbers(ran: Ran) -> None:
    with ran.app.database.read() as session:
        days = set(session.scalars(select(SnapshotRow.day)))
    assert len(days) == 28
    assert max(days) - min(days) == timedelta(days=27)


def test_nobody_on_reddit_is_linked(ran: Ran) -> None:
    with ran.app.database.read() as session:
        linked = list(session.scalars(select(LinkJudgementRow)))
        own = session.scalar(
            select(func.count())
            .select_from(MentionBrandRow)
            .where(MentionBrandRow.role == Role.OWN)
        )
    assert len(linked) > 5
    assert all("reddit" not in " ".join(row.evidence) for row in linked)
    assert own


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("mentions --sentiment negative", id="what was said"),
        pytest.param("mentions --since 7d --sentiment negative --unanswered", id="this week"),
        pytest.param("alerts list --open", id="incidents"),
        pytest.param("reputation explain --date {day}", id="the score of the last day"),
        pytest.param("reputation explain", id="the score"),
        pytest.param("digest", id="the digest of now"),
        pytest.param("rules test --since 30d", id="what rules would have done"),
    ],
)
def test_what_can_be_asked_shows_something_today(ran: Ran, words: str) -> None:
    asked = words.format(day=ran.results.day).split()
    done = CliRunner().invoke(program, ["--config", str(ran.results.config), *asked])
    assert (done.exit_code, done.exception) == (0, None)
    assert len(done.stdout.splitlines()) > 3
    assert "insufficient" not in done.stdout


def test_customers_of_mentions_are_valued(ran: Ran) -> None:
    asked = ["--config", str(ran.results.config), "mentions", "--json", "--limit", "1000"]
    records = map(json.loads, CliRunner().invoke(program, asked).stdout.splitlines())
    found = [one["customer"] for one in records if one["customer"]]
    ordered = [one for one in found if one["revenue_12m"]]
    assert len(ordered) > 5
    assert all(one["segment"] and one["values"] for one in ordered)
    assert not any(one["clv"] for one in found), "so small a shop has no model"


def test_recommending_has_a_number_today(ran: Ran) -> None:
    done = CliRunner().invoke(program, ["--config", str(ran.results.config), "nps"])
    assert re.match(r"Larkspur [\d-]+: NPS proxy -?\d+ ", done.stdout), done.stdout


@pytest.mark.slow
def test_it_says_the_same_every_time(ran: Ran, tmp_path: Path) -> None:
    printed = io.StringIO()
    results = demo.run(tmp_path / "again", demo.DemoNotifier(printed), now=NOW)
    assert printed.getvalue() == ran.printed
    assert results.digest.read_text("utf-8") == ran.html
    assert results.unseen == ran.results.unseen


@pytest.mark.slow
@pytest.mark.parametrize(
    "now",
    [
        pytest.param("2027-07-14T18:40:00", id="in summer"),
        pytest.param("2027-03-28T09:00:00", id="on the day the clock goes forward"),
        pytest.param("2027-11-01T09:00:00", id="after the day it goes back"),
        pytest.param("2028-02-29T00:03:00", id="in the first minutes of a leap day"),
    ],
)
def test_the_same_happens_on_every_day(ran: Ran, tmp_path: Path, now: str) -> None:
    printed = io.StringIO()
    results = demo.run(tmp_path / "then", demo.DemoNotifier(printed), now=parse_instant(now))
    app = App(load(results.config))
    assert incidents_of(app) == incidents_of(ran.app)
    app.close()
    assert results.unseen == ran.results.unseen
    assert printed.getvalue().count("Incident ") == ran.printed.count("Incident ")


def incidents_of(app: App) -> list[tuple[str, str, str]]:
    with app.database.read() as session:
        rows = session.scalars(select(IncidentRow).order_by(IncidentRow.id)).all()
    return [(row.rule, row.severity, row.state) for row in rows]
