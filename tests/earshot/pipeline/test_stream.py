"""A source that pushes: its pages are stored as those of a pass, its troubles are its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import RemoteError
from domain.source_state import SourceState
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.pipeline import stream as streaming
from earshot.pipeline import webhook
from earshot.reporting import coverage
from earshot.service import scheduler
from listener.source import Gap, Page, Watch
from storage import source_state
from storage.tables import CoverageRow, CursorRow, GapRow, MentionRow
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    HOUR,
    MINUTE,
    NOW,
    Clock,
    Feed,
    mention,
    page,
    with_sources,
    with_words,
)

STREAM = "bluesky (stream)"
BLUESKY = """
[sources.bluesky]
enabled = true
handle = "me.example.com"
app_password = "env:TOKEN"
stream = true
"""


@dataclass
class Pushing(Feed):
    """A source that pushes the pages it was made with, and then fails or waits where told."""

    streaming: bool = True
    pushes: list[Page] = field(default_factory=list)
    error: RemoteError | None = None
    waits: bool = False
    begun: Event = field(default_factory=Event)
    streamed: list[tuple[Sequence[Watch], Mapping[str, Any] | None]] = field(default_factory=list)

    def stream(
        self,
        watches: Sequence[Watch],
        cursor: Mapping[str, Any] | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],  # noqa: ARG002 - the Protocol's
    ) -> None:
        self.streamed.append((watches, cursor))
        for one in self.pushes:
            take(one)
        self.begun.set()
        if self.waits:
            stop.wait()
        if self.error is not None:
            raise self.error


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "invented")


def streaming_app(make_app: MakeApp, *pushes: Page, **more: Any) -> tuple[App, Pushing]:  # noqa: ANN401
    source = Pushing("bluesky", pushes=list(pushes), **more)
    return with_sources(make_app(BLUESKY).app, source), source


def listen(app: App, clock: Callable[[], datetime] = lambda: NOW) -> None:
    streaming.listen(app, "bluesky", stop=Event(), clock=clock)


def state(app: App) -> SourceState | None:
    with app.database.read() as session:
        return source_state.states(session).get(STREAM)


def post(external_id: str, text: str = "Acme is awful", **changed: Any) -> Any:  # noqa: ANN401
    return mention(external_id, text, source="bluesky", **changed)


# --- what is stored ---------------------------------------------------------------------------


def test_a_pushed_page_is_matched_and_stored_like_one_of_a_pass(make_app: MakeApp) -> None:
    named, other = post("1"), post("2", "the weather")
    app, source = streaming_app(make_app, page(7, named, other, post("3", "Globex is fine")))

    listen(app)

    with app.database.read() as session:
        assert [row.external_id for row in session.scalars(select(MentionRow))] == ["1", "3"]
        (row,) = session.scalars(select(CoverageRow))
        assert (row.source, row.passes, row.failed) == ("bluesky", 0, 0), "it is no pass"
        assert (row.fetched, row.matched, row.new) == (3, 2, 2)
    assert [watch.brand for watch in source.streamed[0][0]] == ["Acme", "Globex"]


def test_what_a_pass_has_stored_is_not_stored_again(make_app: MakeApp) -> None:
    app, _ = streaming_app(make_app, page(1, post("1")), pages=[page(1, post("1"))])
    assert collecting.collect(app, "bluesky", now=NOW).new == 1

    listen(app)

    with app.database.read() as session:
        assert len(list(session.scalars(select(MentionRow)))) == 1


def test_a_stream_goes_on_from_its_own_cursor_and_leaves_those_of_the_passes(
    make_app: MakeApp,
) -> None:
    app, source = streaming_app(make_app, page(7), pages=[page(1, post("1"))])
    collecting.collect(app, "bluesky", now=NOW)
    listen(app)
    listen(app)

    assert [cursor for _, cursor in source.streamed] == [None, {"page": 7}]
    with app.database.read() as session:
        kept = {(row.source, row.brand): row.state for row in session.scalars(select(CursorRow))}
    assert kept[STREAM, ""] == {"page": 7}
    assert kept["bluesky", "Acme"] == {"page": 1}


def test_another_query_begins_another_stream(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app, page(7))
    listen(app)
    other = BASIC.replace('query = "acme"', 'query = "acme OR akme"')

    listen(with_sources(make_app(BLUESKY, basic=other).app, source))

    assert [cursor for _, cursor in source.streamed] == [None, None]


def test_a_page_without_anything_keeps_how_far_the_stream_was_read(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app, page(8), page(9))
    listen(app)
    listen(app)
    assert source.streamed[1][1] == {"page": 9}


def test_what_a_stream_has_certainly_missed_is_a_gap_of_its_source(make_app: MakeApp) -> None:
    lost = Gap(NOW - HOUR, NOW, "bluesky: what was pushed is lost")
    app, _ = streaming_app(make_app, page(1, gap=lost))
    listen(app)
    with app.database.read() as session:
        (row,) = session.scalars(select(GapRow))
        assert (row.source, row.brand, row.reason) == ("bluesky", "", lost.reason)


# --- trouble ----------------------------------------------------------------------------------


def test_a_failing_stream_keeps_what_it_brought_and_pauses_alone(make_app: MakeApp) -> None:
    error = RemoteError("bluesky: the stream broke off (1011)")
    app, source = streaming_app(make_app, page(1, post("1")), error=error)
    clock = Clock()

    listen(app, clock)
    clock.at += MINUTE / 2
    listen(app, clock)
    assert len(source.streamed) == 1, "left alone for a minute"
    found = collecting.collect(app, "bluesky", now=clock.at)
    assert (found.trouble, len(source.asked)) == ("", 2), "the passes go on"
    row = state(app)
    assert row is not None
    assert (row.trouble, row.failures) == (str(error), 1)

    clock.at += MINUTE
    source.error = None
    listen(app, clock)
    row = state(app)
    assert row is not None
    assert (row.trouble, row.last_ok_at) == ("", clock.at)


def test_a_stream_that_brings_nothing_is_left_alone_longer_each_time(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app, error=RemoteError("bluesky: the stream is silent"))
    clock = Clock()
    listen(app, clock)
    clock.at += MINUTE
    listen(app, clock)
    clock.at += MINUTE
    listen(app, clock)
    assert len(source.streamed) == 2, "two minutes after the second failure"


def test_an_error_in_the_store_ends_the_stream_and_is_no_trouble_of_the_source(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = streaming_app(make_app, page(1, post("1")), page(2, post("2")))

    def dies(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(source_state, "save_cursor", dies)
    with pytest.raises(OSError, match="disk full"):
        listen(app)
    with app.database.read() as session:
        assert not list(session.scalars(select(MentionRow))), "the page is stored whole or not"
    assert state(app) is None


def test_trouble_of_a_stream_is_told_beside_its_source(make_app: MakeApp) -> None:
    app, _ = streaming_app(make_app, error=RemoteError("bluesky: the stream is silent"))
    listen(app)
    with app.database.read() as session:
        ledger = coverage.read(session, app.config, since=NOW - HOUR, now=NOW)
    (heard,) = coverage.report(ledger)
    assert heard.troubles == {"stream": "bluesky: the stream is silent"}


def test_trouble_of_a_stream_that_nobody_asks_for_any_more_is_forgotten(
    make_app: MakeApp,
) -> None:
    app, source = streaming_app(make_app, error=RemoteError("bluesky: the stream is silent"))
    listen(app)
    streaming.forget_unasked(app)
    assert state(app) is not None, "it is asked for"

    source.streaming = False
    streaming.forget_unasked(app)
    assert state(app) is None


# --- the service ------------------------------------------------------------------------------


def test_only_a_source_that_is_asked_to_has_a_stream(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app)
    assert list(streaming.names(app)) == ["bluesky"]
    source.streaming = False
    assert list(streaming.names(app)) == []
    assert list(streaming.names(with_sources(app, Feed("bluesky")))) == []


def test_one_full_pass_does_not_stream(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app, page(1, post("1")))
    clock = Clock()
    scheduler.full_pass(with_words(app), clock=clock, wait=clock.wait)
    assert (len(source.asked), source.streamed) == (2, [])


def test_the_service_streams_until_it_is_stopped(make_app: MakeApp) -> None:
    app, source = streaming_app(make_app, replace(page(1, post("1"))), waits=True)
    stop = Event()
    ended: list[bool] = []
    running = threading.Thread(
        target=lambda: ended.append(scheduler.run_until_stopped(with_words(app), stop=stop))
    )
    running.start()
    try:
        assert source.begun.wait(20)
    finally:
        stop.set()
        running.join(20)
    assert ended == [True], "with everything in hand finished"
    assert len(source.streamed) == 1


def test_a_service_that_cannot_begin_leaves_no_stream_behind(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, source = streaming_app(make_app, waits=True)

    def taken(*_: object, **__: object) -> None:
        assert source.begun.wait(20)
        raise RemoteError("the port is taken")

    monkeypatch.setattr(webhook, "serving", taken)
    with pytest.raises(RemoteError, match="the port is taken"):
        scheduler.run_until_stopped(with_words(app), stop=Event())
    threads = [one.name for one in threading.enumerate() if "APScheduler" in one.name]
    assert not threads
