"""From passes over a source to the report, the alarm and the digest."""

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from domain.errors import RemoteError
from domain.incident import State
from earshot.alerting import actions, source_alarms
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.pipeline import score as scoring
from earshot.reporting import coverage
from earshot.reporting.coverage import Heard
from earshot.reporting.digest_facts import digest_of
from listener.coverage import SourceHealth
from listener.source import Gap, Page, Watch
from storage import incidents as stored
from storage.tables import CoverageRow, CursorRow
from tests.conftest import MakeApp
from tests.earshot.world import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Feed,
    mention,
    messages_of,
    page,
    said,
    with_sources,
    with_words,
)

LISTENS = """
[sources.x]
enabled = true
every = "15m"
bearer_token = "env:X_TOKEN"
"""


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")
    return with_words(make_app(LISTENS).app)


def collect(app: App, at: datetime, *found: int, fails: str = "", **more: Any) -> None:  # noqa: ANN401
    """One pass at that moment that brings posts with these numbers."""
    posts = [mention(str(n), published_at=at - MINUTE) for n in found]
    feed = Feed("x", [page(1, *posts, **more)] if posts or more else [], only_for="Acme")
    feed.fails = {0: RemoteError(fails)} if fails else {}
    with app.database.begin() as session:
        session.execute(delete(CursorRow))  # a Feed counts its pages; every pass has its own
    collecting.collect(with_sources(app, feed), "x", now=at)


def listen(app: App, *, days: int, until: datetime = NOW) -> None:
    """Five posts an hour, every hour, for so many days."""
    for hour in range(days * 24, 0, -1):
        at = until - hour * HOUR
        number = int(at.timestamp()) * 10
        collect(app, at, *range(number, number + 5))


def report(app: App, *, since: datetime, now: datetime = NOW) -> Heard:
    with app.database.read() as session:
        (found,) = coverage.report(coverage.read(session, app.config, since=since, now=now))
        return found


def alarms(app: App) -> list[tuple[str, State, str]]:
    with app.database.read() as session:
        return [
            (row.key, State(row.state), row.resolution)
            for row in stored.listing(session, live_only=False)
        ]


def messages(app: App) -> list[tuple[str, str]]:
    kinds = [kind for kind, _ in messages_of(app)]
    return list(zip(kinds, said(app).values(), strict=True))


def test_passes_and_what_they_brought_are_counted_by_the_hour(app: App) -> None:
    collect(app, NOW, 1, 2, 3)
    collect(app, NOW + MINUTE, fails="x: 503")
    collect(app, NOW + HOUR, 3)

    with app.database.read() as session:
        rows = session.scalars(select(CoverageRow).order_by(CoverageRow.hour)).all()
    told = [(row.hour, row.passes, row.failed, row.fetched, row.matched) for row in rows]
    assert told == [(NOW, 1, 1, 3, 3), (NOW + HOUR, 1, 0, 1, 1)]


def test_a_backfill_is_no_news_of_how_loud_a_source_is(app: App) -> None:
    collect(app, NOW, 1, 2, backlog=True)
    with app.database.read() as session:
        assert session.scalars(select(CoverageRow.new)).all() == [0]


def test_the_report_says_what_came_and_what_was_to_be_expected(app: App) -> None:
    listen(app, days=4)
    found = report(app, since=NOW - DAY)
    assert (found.new, found.passes, found.failed) == (24 * 5, 24, 0)
    assert found.expected == pytest.approx(24 * 5)
    at = NOW - 30 * MINUTE  # the last pass was at eleven, and two have been missed
    assert report(app, since=NOW - DAY, now=at).verdict.health is SourceHealth.OK


def test_a_gap_and_the_time_since_the_last_pass_are_not_heard(app: App) -> None:
    collect(app, NOW - DAY, 1)
    lost = Gap(NOW - 12 * HOUR, NOW - 9 * HOUR, "x: the listing ended")
    collect(app, NOW - 9 * HOUR, gap=lost)
    collect(app, NOW - 3 * HOUR)

    found = report(app, since=NOW - DAY)

    assert [gap.reason for gap in found.gaps] == ["x: the listing ended"]
    assert found.share == pytest.approx(1 - 6 / 24)
    assert report(app, since=NOW - 2 * DAY).share == pytest.approx(1 - 30 / 48)


def test_a_network_that_falls_silent_raises_one_incident_until_it_is_heard_again(app: App) -> None:
    listen(app, days=4)
    for hour in range(4):
        collect(app, NOW + hour * HOUR)
        source_alarms.watch(app, now=NOW + hour * HOUR)
    assert alarms(app) == [("deaf:x", State.OPEN, "")]
    (told,) = messages(app)
    assert told[0] == "post"
    assert "Quiet because deaf? x" in told[1]
    assert "nothing new for" in told[1]

    collect(app, NOW + 4 * HOUR, 7)
    assert source_alarms.watch(app, now=NOW + 4 * HOUR) == 0
    assert alarms(app) == [("deaf:x", State.RESOLVED, "heard again")]


def test_a_silence_that_is_no_chance_was_not_heard(app: App) -> None:
    listen(app, days=4)
    for hour in range(4):
        collect(app, NOW + hour * HOUR)
    at = NOW + 3 * HOUR
    silent_for = at - NOW.replace(minute=0, second=0, microsecond=0)
    assert report(app, since=at - DAY, now=at).share == pytest.approx(1 - silent_for / DAY)

    collect(app, at, 7)
    assert report(app, since=at - DAY, now=at).share == pytest.approx(1.0)


def test_a_source_that_fails_for_three_passes_raises_an_incident_with_its_reason(app: App) -> None:
    collect(app, NOW, 1)
    collect(app, NOW + 30 * MINUTE, fails="x: the service fails (503)")
    assert source_alarms.watch(app, now=NOW + 44 * MINUTE) == 0
    assert source_alarms.watch(app, now=NOW + 45 * MINUTE) == 1
    assert source_alarms.watch(app, now=NOW + 3 * HOUR) == 0, "it is told once"
    assert "x: the service fails (503)" in messages(app)[0][1]


def test_a_source_that_never_went_well_counts_from_its_first_try(app: App) -> None:
    first = NOW.replace(minute=50)  # an hour of coverage began long before
    collect(app, first, fails="x: the service fails (503)")
    collect(app, first + 20 * MINUTE, fails="x: the service fails (503)")
    assert source_alarms.watch(app, now=first + 44 * MINUTE) == 0
    assert source_alarms.watch(app, now=first + 45 * MINUTE) == 1


def test_what_a_person_has_closed_stays_closed_until_it_was_heard_in_between(app: App) -> None:
    collect(app, NOW, 1)
    source_alarms.watch(app, now=NOW + 2 * HOUR)
    actions.resolve(app, 1, by="mia", now=NOW + 3 * HOUR)
    assert source_alarms.watch(app, now=NOW + 4 * HOUR) == 0

    collect(app, NOW + 5 * HOUR)
    source_alarms.watch(app, now=NOW + 5 * HOUR)
    assert source_alarms.watch(app, now=NOW + 8 * HOUR) == 1


def test_an_alarm_of_our_ears_is_in_no_brands_figures(app: App) -> None:
    collect(app, NOW, 1)
    source_alarms.watch(app, now=NOW + 2 * HOUR)
    with app.database.read() as session:
        assert stored.listing(session, live_only=False, brand="Acme") == []


def test_the_digest_says_which_days_were_not_heard(app: App) -> None:
    listen(app, days=2)
    scoring.score(app, now=NOW)
    with app.database.read() as session:
        made = digest_of(session, app.config.brand("Acme"), NOW.date(), app.config, now=NOW + HOUR)
    shares = [day.heard for day in made.days]
    assert shares[:26] == [0.0] * 26
    assert shares[26:] == [pytest.approx(11 / 24), pytest.approx(1.0)], (
        "from one o'clock on, in Madrid"
    )
    (x,) = made.health
    assert "no pass has gone well since" in x.trouble


class Hanging(Feed):
    """A source that answers only when another one has been read."""

    def __init__(self, name: str, other: threading.Event, mine: threading.Event) -> None:
        super().__init__(name)
        self._other, self._mine = other, mine

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        self._mine.set()
        assert self._other.wait(10), "the other source was never asked"
        return super().collect(watch, cursor, since=since, now=now)


def test_sources_are_read_side_by_side(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")
    app = make_app(LISTENS + "\n[sources.reddit]\nclient_id='i'\nclient_secret='env:X_TOKEN'\n").app
    first, second = threading.Event(), threading.Event()
    with_sources(app, Hanging("x", first, second), Hanging("reddit", second, first))
    done = collecting.collect_all(app, ["x", "reddit"], now=NOW)
    assert [(one.source, one.trouble) for one in done] == [("x", ""), ("reddit", "")]
