"""Signed HTTP: who is let in, and what Slack is answered."""

import http.client
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.slack.endpoint import MOST_BYTES, PATH, Taken, envelope, route
from domain.press import Verb
from net.server import Server
from net.signed import SLACK, signature
from tests.alerts.slack_presses import SIGNING_SECRET, Presser, signed

PRESS = Presser().press(Verb.ACKNOWLEDGE, 3, 2, "C0ALERTS/1763600000.000100")


class Desk:
    """Takes what comes, or says that there is no room."""

    def __init__(self) -> None:
        self.came: list[tuple[str, object]] = []
        self.answer = Taken()

    def receive(self, kind: str, payload: object) -> Taken:
        self.came.append((kind, payload))
        return self.answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def server(desk: Desk) -> Iterator[Server]:
    way_in = route(SIGNING_SECRET, desk.receive, clock=lambda: datetime.now(UTC))
    made = Server("127.0.0.1", 0, {PATH: way_in})
    made.start()
    yield made
    made.stop()


def post(server: Server, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as line:
        line.request("POST", PATH, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("interactive", PRESS),
        ("slash_commands", {"text": "mine & more", "user_id": "U0ANA"}),
        ("events_api", {"type": "event_callback", "event": {}}),
    ],
)
def test_what_slack_signed_is_handed_over_as_it_came(
    server: Server, desk: Desk, kind: str, payload: dict[str, Any]
) -> None:
    assert post(server, *signed(kind, payload, at=time.time())) == (200, b"")
    assert desk.came == [(kind, payload)]


def test_what_is_wrong_in_a_dialog_is_answered_at_once(server: Server, desk: Desk) -> None:
    desk.answer = Taken(body={"response_action": "errors", "errors": {"how": "Choose one"}})
    status, body = post(server, *signed("interactive", PRESS, at=time.time()))
    assert (status, json.loads(body)) == (200, desk.answer.body)


def test_without_room_slack_is_told_and_tells_the_person(server: Server, desk: Desk) -> None:
    desk.answer = Taken(accepted=False)
    assert post(server, *signed("interactive", PRESS, at=time.time()))[0] == 503


def test_slacks_question_whether_the_address_is_ours_is_answered(
    server: Server, desk: Desk
) -> None:
    asked = {"type": "url_verification", "challenge": "abc", "token": "old"}
    status, body = post(server, *signed("events_api", asked, at=time.time()))
    assert (status, json.loads(body)) == (200, {"challenge": "abc"})
    assert desk.came == []


def forged(**changed: str) -> tuple[bytes, dict[str, str]]:
    body, headers = signed("interactive", PRESS, at=time.time())
    return body, headers | {name.replace("_", "-"): value for name, value in changed.items()}


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(lambda: forged(X_Slack_Signature=""), id="none"),
        pytest.param(lambda: forged(X_Slack_Signature="v0=" + "0" * 64), id="bad"),
        pytest.param(
            lambda: signed("interactive", PRESS, at=time.time(), secret="another"),
            id="another secret",
        ),
        pytest.param(lambda: signed("interactive", PRESS, at=time.time() - 301), id="old"),
        pytest.param(lambda: signed("interactive", PRESS, at=time.time() + 302), id="future"),
        # On each of these slack_sdk's own verifier raises.
        pytest.param(lambda: forged(X_Slack_Request_Timestamp="abc"), id="no number"),
        pytest.param(lambda: forged(X_Slack_Request_Timestamp="9" * 5_000), id="5,000 digits"),
        pytest.param(lambda: (b"\xff\xfe", forged()[1]), id="no UTF-8"),
        pytest.param(lambda: forged(X_Slack_Signature="v0=\xe9"), id="no ASCII"),
        pytest.param(lambda: forged(X_Slack_Request_Timestamp="-1"), id="negative"),
    ],
)
def test_whoever_is_not_slack_is_refused_and_nothing_of_it_is_logged(
    server: Server,
    desk: Desk,
    request_: Callable[[], tuple[bytes, dict[str, str]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    status, body = post(server, *request_())
    assert status == 401
    assert SIGNING_SECRET.encode() not in body
    assert desk.came == []
    assert "U0ANA" not in caplog.text


def test_a_body_that_slack_signed_and_nobody_can_read_is_handed_over_as_such(
    server: Server, desk: Desk
) -> None:
    stamp, body = str(int(time.time())), b"\xff\xfe"
    _, headers = forged(X_Slack_Request_Timestamp=stamp)
    headers |= {SLACK.signature: signature(SIGNING_SECRET, stamp, body, SLACK)}
    assert post(server, body, headers)[0] == 200
    assert desk.came == [("", None)]


def test_more_than_a_megabyte_is_refused_before_it_is_read(server: Server, desk: Desk) -> None:
    _, headers = forged()
    assert post(server, b"x" * (MOST_BYTES + 1), headers)[0] == 413
    assert post(server, b"x" * 5 * MOST_BYTES, headers)[0] == 413
    assert desk.came == []


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "{", "ping", '{"type": "hello"}', '{"envelope_id": 7}', "[" * 100_000, "null"],
)
def test_what_is_no_envelope_wants_no_acknowledgement(raw: str) -> None:
    assert envelope(raw) is None


def test_an_envelope_is_one_whatever_it_brings() -> None:
    assert envelope('{"envelope_id": "e1", "payload": "x"}') == ("e1", "None", "x")
