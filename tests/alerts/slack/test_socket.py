"""Socket Mode with slack_sdk's own client against a WebSocket on loopback."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from alerts.slack import socket as socket_module
from alerts.slack.endpoint import Taken
from alerts.slack.settings import SlackSettings
from alerts.slack.socket import Socket, open_connection
from domain.errors import RemoteError
from domain.press import Verb
from tests.alerts.slack_double import APP_TOKEN, TOKEN, SlackDouble
from tests.alerts.slack_presses import Presser
from tests.alerts.slack_socket import SocketDouble

PRESS = Presser().press(Verb.ACKNOWLEDGE, 3, 2, "C0ALERTS/1763600000.000100")


class Desk:
    def __init__(self) -> None:
        self.came: list[tuple[str, object]] = []
        self.answer = Taken()

    def receive(self, kind: str, payload: object) -> Taken:
        self.came.append((kind, payload))
        return self.answer


@pytest.fixture
def settings(slack: SlackDouble) -> SlackSettings:
    return SlackSettings(
        bot_token=SecretStr(TOKEN),
        app_token=SecretStr(APP_TOKEN),
        channel="C0ALERTS",
        base_url=slack.url,
    )


@pytest.fixture
def line(slack: SlackDouble) -> Iterator[SocketDouble]:
    with SocketDouble(slack) as made:
        yield made


Connect = Callable[[], tuple[Socket, Desk]]


@pytest.fixture
def connect(settings: SlackSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    monkeypatch.setattr(socket_module, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(socket_module, "FIRST_PAUSE_S", 0.02)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    made: list[Socket] = []

    def make() -> tuple[Socket, Desk]:
        desk = Desk()
        socket = Socket(settings, desk.receive)
        made.append(socket)
        socket.start()
        return socket, desk

    yield make
    for one in made:
        one.stop()


def test_a_press_is_handed_over_and_acknowledged(connect: Connect, line: SocketDouble) -> None:
    _, desk = connect()
    line.wait_for()
    answer = line.send("interactive", PRESS)
    assert answer is not None
    assert set(answer) == {"envelope_id"}
    assert desk.came == [("interactive", PRESS)]


def test_what_is_wrong_in_a_dialog_goes_with_the_acknowledgement(
    connect: Connect, line: SocketDouble
) -> None:
    _, desk = connect()
    desk.answer = Taken(body={"response_action": "errors", "errors": {"how": "Choose one"}})
    line.wait_for()
    answer = line.send("interactive", PRESS)
    assert answer is not None
    assert answer["payload"] == desk.answer.body


def test_without_room_nothing_is_acknowledged(connect: Connect, line: SocketDouble) -> None:
    _, desk = connect()
    desk.answer = Taken(accepted=False)
    line.wait_for()
    assert line.send("interactive", PRESS, patience_s=0.3) is None


def test_every_shape_is_acknowledged(connect: Connect, line: SocketDouble) -> None:
    _, desk = connect()
    line.wait_for()
    shapes: list[object] = [None, "text", 7, [1, 2], {}, {"type": []}]
    assert all(line.send("interactive", payload) for payload in shapes)
    assert [payload for _, payload in desk.came] == shapes


def test_what_is_no_envelope_does_not_end_the_connection(
    connect: Connect, line: SocketDouble
) -> None:
    connect()
    line.wait_for()
    for raw in ("ping", "[]", "{", '{"type": "hello"}', "{}"):
        line.send_raw(raw)
    assert line.send("interactive", PRESS) is not None
    assert line.connected == 1


def test_it_connects_again_when_the_line_breaks(connect: Connect, line: SocketDouble) -> None:
    connect()
    line.wait_for()
    line.cut()
    line.wait_for(2)
    assert line.send("interactive", PRESS) is not None


def test_it_connects_anew_when_slack_asks_it_to(connect: Connect, line: SocketDouble) -> None:
    connect()
    line.wait_for()
    line.ask_to_leave()
    line.wait_for(2)
    assert line.send("interactive", PRESS) is not None


def test_a_slack_that_does_not_answer_is_tried_again(
    connect: Connect, line: SocketDouble, slack: SlackDouble
) -> None:
    slack.fail_next("500", method="apps.connections.open", times=2)
    slack.fail_next("refuse", method="apps.connections.open")
    connect()
    line.wait_for()
    assert line.send("interactive", PRESS) is not None


def test_a_refused_token_is_not_asked_for_every_second(
    connect: Connect, line: SocketDouble, slack: SlackDouble, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail_next("invalid_auth", method="apps.connections.open")
    socket, _ = connect()
    # Fifty looks later it would have asked again.
    threading.Event().wait(1.0)
    assert [call.method for call in slack.calls] == ["apps.connections.open"]
    assert not socket.is_up
    assert "slack socket is down reason=slack: apps.connections.open says invalid_auth: set " in (
        caplog.text
    )
    assert line.connected == 0


def test_it_asks_with_the_apps_token(settings: SlackSettings, slack: SlackDouble) -> None:
    slack.socket_url = "wss://wss.slack.example/link"
    assert open_connection(settings) == "wss://wss.slack.example/link"
    assert [call.token for call in slack.calls] == [APP_TOKEN]


@pytest.mark.parametrize("url", ["", "https://evil.example", "ftp://x"])
def test_an_address_of_another_kind_is_not_opened(
    settings: SlackSettings, slack: SlackDouble, url: str
) -> None:
    slack.socket_url = url
    with pytest.raises(RemoteError):
        open_connection(settings)


def test_no_log_holds_a_token_a_ticket_or_a_text(
    connect: Connect,
    line: SocketDouble,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, "alerts")
    caplog.set_level(logging.DEBUG, "slack_sdk")
    connect()
    line.wait_for()
    line.send("events_api", Presser().reply("canary of a text", "C0ALERTS/1.1"))
    line.cut()
    line.wait_for(2)
    assert "canary" not in caplog.text + "".join(capfd.readouterr())


def test_it_hangs_up_when_it_is_stopped(connect: Connect, line: SocketDouble) -> None:
    socket, _ = connect()
    line.wait_for()
    socket.stop()
    assert not socket.is_up


def test_a_message_of_a_megabyte_is_read(connect: Connect, line: SocketDouble) -> None:
    connect()
    line.wait_for()
    assert line.send("events_api", {"text": "ä" * 150_000}) is not None
