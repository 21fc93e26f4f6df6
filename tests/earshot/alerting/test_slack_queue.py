"""Taken at once, done one after the other, given back at the end."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from alerts.slack.actions import Incoming, Press
from alerts.slack.endpoint import Taken
from domain.press import Verb
from earshot.alerting import slack_queue
from earshot.alerting.slack_queue import Desk
from tests.alerts.slack_presses import Presser

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REF = "C0ALERTS/1763600000.000100"
ANA = Presser()
PATIENCE_S = 10


class Slow:
    """Does one thing at a time, and waits where it is told to."""

    def __init__(self) -> None:
        self.done: list[Incoming] = []
        self.given_back: list[Incoming] = []
        self.begun = threading.Semaphore(0)
        self.finished = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.stumbles = False

    def handle(self, incoming: Incoming) -> None:
        self.begun.release()
        asks = isinstance(incoming, Press) and incoming.verb is Verb.RESOLVE
        if not asks:
            self.go_on.wait(PATIENCE_S)
        self.done.append(incoming)
        self.finished.release()
        if self.stumbles:
            raise RuntimeError("canary of a bug")

    def give_back(self, incoming: Incoming) -> None:
        self.given_back.append(incoming)


@pytest.fixture
def slow() -> Slow:
    return Slow()


Open = Callable[..., Desk]


@pytest.fixture
def open_desk(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setattr(slack_queue, "STOP_S", 0.2)
    made: list[Desk] = []

    def make(most: int = 200) -> Desk:
        desk = Desk(slow, clock=lambda: NOW, most=most)
        desk.start()
        made.append(desk)
        return desk

    yield make
    slow.go_on.set()
    for one in made:
        one.stop()


def press(verb: Verb = Verb.ACKNOWLEDGE) -> tuple[str, dict[str, object]]:
    return "interactive", ANA.press(verb, 3, 2, REF)


def test_what_is_taken_is_done_in_order(open_desk: Open, slow: Slow) -> None:
    desk = open_desk()
    for number in range(1, 6):
        assert desk.receive("interactive", ANA.press(Verb.ACKNOWLEDGE, number, 1, REF)).accepted
    desk.stop()
    assert [one.incident_id for one in slow.done if isinstance(one, Press)] == [1, 2, 3, 4, 5]


def test_it_is_taken_while_what_came_before_waits(open_desk: Open, slow: Slow) -> None:
    desk = open_desk()
    slow.go_on.clear()
    assert desk.receive(*press()).accepted
    assert slow.begun.acquire(timeout=PATIENCE_S)
    assert desk.receive(*press()).accepted
    assert slow.done == []


def test_a_dialog_does_not_wait_for_what_came_before(open_desk: Open, slow: Slow) -> None:
    desk = open_desk()
    slow.go_on.clear()
    desk.receive(*press())
    desk.receive(*press(Verb.RESOLVE))
    assert slow.finished.acquire(timeout=PATIENCE_S)
    assert [one.verb for one in slow.done if isinstance(one, Press)] == [Verb.RESOLVE]


def test_more_than_can_be_kept_is_not_taken(open_desk: Open, slow: Slow) -> None:
    desk = open_desk(most=2)
    slow.go_on.clear()
    desk.receive(*press())
    assert slow.begun.acquire(timeout=PATIENCE_S)
    taken = [desk.receive(*press()).accepted for _ in range(3)]
    assert taken == [True, True, False]


def test_a_bug_does_not_end_it(
    open_desk: Open, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    desk = open_desk()
    slow.stumbles = True
    desk.receive(*press())
    desk.receive(*press())
    desk.stop()
    assert len(slow.done) == 2
    assert caplog.text.count("slack press stumbled kind=Press") == 2


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        pytest.param("interactive", {"type": "block_actions"}, id="fields missing"),
        pytest.param("interactive", ANA.press("shutdown", 3, 2, REF), id="unknown action"),
        pytest.param("interactive", ["canary"], id="no object"),
        pytest.param("interactive", ANA.submit(Verb.SNOOZE, 3, 2), id="no dialog of ours"),
        pytest.param("canary", {}, id="unknown kind"),
    ],
)
def test_what_nobody_can_read_is_taken_and_let_go_with_a_line(
    open_desk: Open, slow: Slow, kind: str, payload: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk = open_desk()
    assert desk.receive(kind, payload) == Taken()
    desk.stop()
    assert slow.done == []
    assert "it was let go" in caplog.text
    assert "U0ANA" not in caplog.text


def test_talk_in_the_channel_is_no_news(
    open_desk: Open, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk = open_desk()
    assert desk.receive("events_api", ANA.reply("x", REF, thread_ts=None)) == Taken()
    desk.stop()
    assert (slow.done, caplog.text) == ([], "")


def test_a_dialog_that_is_filled_in_wrongly_is_answered_at_once_and_not_kept(
    open_desk: Open, slow: Slow
) -> None:
    desk = open_desk()
    found = desk.receive("interactive", ANA.submit(Verb.RESOLVE, 3, 2, how="duplicate"))
    assert found.accepted
    assert found.body is not None
    assert found.body["response_action"] == "errors"
    assert list(found.body["errors"]) == ["duplicate"]
    desk.stop()
    assert slow.done == []


def test_once_closed_nothing_is_taken(open_desk: Open, slow: Slow) -> None:
    desk = open_desk()
    desk.close()
    assert not desk.receive(*press()).accepted
    desk.stop()
    assert slow.done == []


def test_whose_turn_does_not_come_in_time_is_told_so(open_desk: Open, slow: Slow) -> None:
    desk = open_desk()
    slow.go_on.clear()
    for _ in range(3):
        desk.receive(*press())
    assert slow.begun.acquire(timeout=PATIENCE_S)
    desk.stop()
    assert slow.done == []
    assert len(slow.given_back) == 2, "the one in hand may still be done"
