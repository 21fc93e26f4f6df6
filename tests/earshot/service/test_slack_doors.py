"""Both ways in while the service runs: taken at once, done afterwards, nothing lost at its end."""

import http.client
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from alerts.slack import socket as socket_module
from domain.incident import State
from domain.press import Verb
from earshot.alerting import delivery, slack_doors, slack_queue
from earshot.core.app import App
from earshot.pipeline import webhook
from earshot.service import scheduler
from storage import incident_events, incidents, presses
from tests.alerts.slack_double import APP_TOKEN, TOKEN, SlackDouble
from tests.alerts.slack_presses import SIGNING_SECRET, Presser, signed
from tests.alerts.slack_socket import SocketDouble
from tests.conftest import MakeApp
from tests.earshot.world import Clock, live, mention, with_words

PATIENCE_S = 20.0
KINDS = ["socket", "http"]
Send = Callable[[dict[str, Any]], bool]  # whether Slack was answered that it is taken


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        yield double


@pytest.fixture
def line(slack: SlackDouble) -> Iterator[SocketDouble]:
    with SocketDouble(slack) as made:
        yield made


@pytest.fixture
def app(make_app: MakeApp, slack: SlackDouble, port: int, monkeypatch: pytest.MonkeyPatch) -> App:
    """With an alert in Slack, and both ways in."""
    monkeypatch.setattr(socket_module, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(socket_module, "FIRST_PAUSE_S", 0.02)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("BOT", TOKEN), ("APP", APP_TOKEN), ("SIGNING", SIGNING_SECRET)):
        monkeypatch.setenv(name, value)
    settings = f"""
        [alerts.slack]
        bot_token = "env:BOT"
        app_token = "env:APP"
        signing_secret = "env:SIGNING"
        channel = "C0ALERTS"
        base_url = "{slack.url}"

        [intake.webhook]
        listen = "127.0.0.1:{port}"
        """
    made = with_words(make_app(settings, notify_console=False).app)
    clock = Clock()
    live(made, mention("1"))
    delivery.notify(made, clock=clock, wait=clock.wait)
    return made


@contextmanager
def serving(app: App) -> Iterator[None]:
    clock = scheduler.now
    with (
        slack_doors.serving(app, clock=clock) as routes,
        webhook.serving(app, routes, clock=clock),
    ):
        yield


@contextmanager
def locked(app: App) -> Iterator[None]:
    """The database as somebody leaves it who is writing for a long time."""
    with app.database.begin() as session:
        session.connection()
        yield


def post(port: int, kind: str, payload: dict[str, Any], *, at: float | None = None) -> int:
    body, headers = signed(kind, payload, at=time.time() if at is None else at)
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/slack", body, headers)
        return connection.getresponse().status


@pytest.fixture
def send(line: SocketDouble, port: int, request: pytest.FixtureRequest) -> Send:
    """Sends a press the one way or the other."""

    def by_socket(payload: dict[str, Any]) -> bool:
        line.wait_for()
        return line.send("interactive", payload, patience_s=3) is not None

    def by_http(payload: dict[str, Any]) -> bool:
        return post(port, "interactive", payload) == 200

    return {"socket": by_socket, "http": by_http}[request.param]


def press(app: App, slack: SlackDouble, verb: Verb = Verb.ACKNOWLEDGE) -> dict[str, Any]:
    with app.database.read() as session:
        ref = presses.first_message(session, 1)
        version = incidents.get(session, 1).version
    assert ref is not None
    return Presser(slack).press(verb, 1, version, ref)


def state(app: App) -> State:
    with app.database.read() as session:
        return incidents.get(session, 1).state


def until(true: Callable[[], bool]) -> bool:
    """Wait for what another thread does."""
    ends = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > ends:
            return False
        threading.Event().wait(0.02)
    return True


@pytest.mark.parametrize("send", KINDS, indirect=True)
def test_slack_is_answered_while_the_database_is_locked(
    app: App, slack: SlackDouble, send: Send
) -> None:
    """Later than after three seconds the person sees an error: nothing may be asked before."""
    with serving(app):
        first, second = press(app, slack), press(app, slack, Verb.RESOLVE)
        with locked(app):
            began = time.monotonic()
            assert send(first)
            assert send(second)
            assert time.monotonic() - began < 3
            assert until(lambda: bool(slack.views)), "a dialog does not wait for the lock"
            assert state(app) is State.OPEN
        assert until(lambda: state(app) is State.ACKNOWLEDGED)


@pytest.mark.parametrize("send", KINDS, indirect=True)
def test_what_was_taken_before_the_end_is_done(app: App, slack: SlackDouble, send: Send) -> None:
    with serving(app):
        held = locked(app)
        held.__enter__()
        assert send(press(app, slack))
        letting_go = threading.Timer(0.5, held.__exit__, (None, None, None))
        letting_go.start()
    assert state(app) is State.ACKNOWLEDGED
    letting_go.join()


def test_what_cannot_be_done_before_the_end_is_told_and_may_be_pressed_again(
    app: App, slack: SlackDouble, port: int, line: SocketDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_queue, "STOP_S", 0.2)
    payloads = [press(app, slack) for _ in range(3)]
    with locked(app):
        with serving(app):
            line.wait_for()
            assert [post(port, "interactive", one) for one in payloads] == [200] * 3
        assert (
            slack.told("U0ANA")
            == ["Earshot was stopped before this was done: try again in a minute."] * 2
        )
    assert until(lambda: state(app) is State.ACKNOWLEDGED), "the one in hand is still done"
    with serving(app):
        assert post(port, "interactive", payloads[1]) == 200
        assert until(lambda: len(slack.told("U0ANA")) == 3)
    assert "already acknowledged by ana" in slack.told("U0ANA")[-1]


def test_a_press_comes_by_both_ways_and_is_done_once(
    app: App, slack: SlackDouble, port: int, line: SocketDouble
) -> None:
    payload = press(app, slack)
    with serving(app):
        line.wait_for()
        assert line.send("interactive", payload) is not None
        assert post(port, "interactive", payload) == 200
        assert post(port, "interactive", payload, at=time.time() - 200) == 200
    with app.database.read() as session:
        actions = [one.action for one in incident_events.of(session, 1)]
    assert actions.count("acknowledged") == 1
    assert slack.told("U0ANA") == []


def test_a_press_during_a_restart_is_answered_by_the_next_service(
    app: App, slack: SlackDouble, line: SocketDouble
) -> None:
    payload = press(app, slack)
    with serving(app):
        line.wait_for()
    with serving(app):
        line.wait_for(2)
        assert line.send("interactive", payload) is not None
        assert until(lambda: state(app) is State.ACKNOWLEDGED)


def test_the_service_takes_presses_and_brings_the_message_up_to_date(
    app: App, slack: SlackDouble, line: SocketDouble
) -> None:
    stop = threading.Event()
    running = threading.Thread(
        target=scheduler.run_until_stopped, args=[app], kwargs={"stop": stop}
    )
    running.start()
    try:
        line.wait_for()
        assert line.send("interactive", press(app, slack)) is not None
        assert until(lambda: slack.roots[0].get("edits", 0) >= 1)
    finally:
        stop.set()
        running.join()
    assert state(app) is State.ACKNOWLEDGED
    assert line.connected == 1


def test_one_pass_alone_opens_no_way_in(app: App, slack: SlackDouble, line: SocketDouble) -> None:
    scheduler.run_once(app)
    assert "apps.connections.open" not in [call.method for call in slack.calls]
    assert line.connected == 0


def test_without_a_way_in_nothing_is_opened(make_app: MakeApp, slack: SlackDouble) -> None:
    app = make_app(f'[alerts.slack]\nchannel = "C1"\nbase_url = "{slack.url}"').app
    with slack_doors.serving(app, clock=scheduler.now) as routes:
        assert routes == {}
    assert slack.calls == []


def test_a_hundred_people_press_and_slack_is_answered_within_a_second(
    app: App, slack: SlackDouble, line: SocketDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(app):
        line.wait_for()
        took = []
        with locked(app):
            for _ in range(100):
                began = time.monotonic()
                assert line.send("interactive", press(app, slack)) is not None
                took.append(time.monotonic() - began)
    assert sorted(took)[98] < 1, "p99"
    assert [one.action for one in _history(app)].count("acknowledged") == 1
    assert len(slack.told("U0ANA")) == 99


def _history(app: App) -> list[incident_events.Event]:
    with app.database.read() as session:
        return incident_events.of(session, 1)
