"""The door for other tools: who is let in, how long they may take, and what they are told."""

import http.client
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Event

import pytest

from listener import webhook
from net.server import AT_ONCE, Answer, Server
from net.signed import ForgedError, Seen, check, signature

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET = "canarySecret7f3a-and-more"
BODY = b'{"text": "canaryText91c"}'


# -- signatures


def test_a_signature_is_the_hmac_of_timestamp_dot_body() -> None:
    # printf '%s' '1763640000.{}' | openssl dgst -sha256 -hmac secret
    expected = "94744772559627b9a3a8520bbcdbfbf167887d62f1c7caab9ec1babf0c67a691"
    assert signature("secret", "1763640000", b"{}") == f"sha256={expected}"
    check(SECRET, STAMP, signature(SECRET, STAMP, BODY), BODY, now=NOW)


@pytest.mark.parametrize(
    ("timestamp", "given", "told"),
    [
        pytest.param("", None, "X-Earshot-Timestamp is missing", id="no timestamp"),
        pytest.param("abc", None, "X-Earshot-Timestamp is missing", id="no number"),
        pytest.param("9" * 5000, None, "X-Earshot-Timestamp is missing", id="5,000 digits"),
        pytest.param("١٢٣", None, "X-Earshot-Timestamp is missing", id="digits of another script"),
        pytest.param("-1", None, "X-Earshot-Timestamp is missing", id="negative"),
        pytest.param("1e9", None, "X-Earshot-Timestamp is missing", id="exponent"),
        pytest.param(str(int(STAMP) - 301), None, "more than 5 minutes off", id="too old"),
        pytest.param(str(int(STAMP) + 301), None, "more than 5 minutes off", id="too early"),
        pytest.param(STAMP, "", "X-Earshot-Signature is missing", id="no signature"),
        pytest.param(STAMP, "sha256=é" + "0" * 63, "is missing or not sha256=", id="no ASCII"),
        pytest.param(STAMP, "sha1=" + "0" * 64, "is missing or not sha256=", id="another kind"),
        pytest.param(STAMP, "sha256=" + "0" * 64, "is it the same secret", id="a guess"),
        pytest.param(
            STAMP, signature("another", STAMP, BODY), "is it the same secret", id="another secret"
        ),
        pytest.param(
            STAMP, signature(SECRET, STAMP, b"{}"), "is it the same secret", id="another body"
        ),
    ],
)
def test_what_is_not_signed_by_us_just_now_is_refused(
    timestamp: str, given: str | None, told: str
) -> None:
    if given is None:
        given = signature(SECRET, timestamp, BODY) if timestamp.isascii() else "sha256=" + "0" * 64
    with pytest.raises(ForgedError, match=told) as caught:
        check(SECRET, timestamp, given, BODY, now=NOW)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    given = signature(SECRET, STAMP, BODY)
    check(SECRET, STAMP, given, BODY, now=NOW + timedelta(minutes=minutes))


def test_a_signature_is_taken_once_as_long_as_it_is_good_and_then_forgotten() -> None:
    seen = Seen()
    assert seen.claim("a", now=NOW)
    assert not seen.claim("a", now=NOW + timedelta(minutes=9))
    assert seen.claim("a", now=NOW + timedelta(minutes=11))
    seen.give_back("a")
    assert seen.claim("a", now=NOW + timedelta(minutes=11))


# -- the server


class Shelf:
    """Takes bodies; may be told to fail or to wait."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.fails = False
        self.go_on = Event()
        self.go_on.set()
        self.busy = Event()

    def take(self, body: bytes) -> Answer:
        self.busy.set()
        self.go_on.wait(5)
        if self.fails:
            raise RuntimeError("the disk is full")
        self.bodies.append(body)
        return Answer(HTTPStatus.ACCEPTED, {"read": 1})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


Start = Callable[..., Server]


@pytest.fixture
def start(shelf: Shelf) -> Iterator[Start]:
    started: list[Server] = []

    def make(**more: float) -> Server:
        made = Server("127.0.0.1", 0, {webhook.PATH: webhook.route(SECRET, shelf.take)}, **more)
        made.start()
        started.append(made)
        return made

    yield make
    shelf.go_on.set()
    for one in started:
        one.stop()


def signed(body: bytes = BODY, **changed: str) -> dict[str, str]:
    stamp = changed.pop("timestamp", str(int(time.time())))
    return {
        "Content-Type": "application/json",
        "X-Earshot-Timestamp": stamp,
        "X-Earshot-Signature": signature(SECRET, stamp, body),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }


def post(
    server: Server,
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
    path: str = "/mentions",
) -> tuple[int, dict[str, object]]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as line:
        line.request("POST", path, body, signed(body) if headers is None else headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())


def raw(server: Server, request: bytes) -> bytes:
    """What is answered to these bytes, all of it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def test_a_signed_request_is_taken_as_it_came(start: Start, shelf: Shelf) -> None:
    server = start()
    body = b"\xff\xfe not even UTF-8"
    assert post(server, body) == (202, {"read": 1})
    assert shelf.bodies == [body]


def test_a_request_that_comes_again_is_processed_once(start: Start, shelf: Shelf) -> None:
    server, headers = start(), signed()
    assert post(server, headers=headers)[0] == 202
    assert post(server, headers=headers) == (409, {"error": "this request was taken already"})
    assert shelf.bodies == [BODY]


def test_what_could_not_be_stored_may_come_again(
    start: Start, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    server, headers = start(), signed()
    shelf.fails = True
    assert post(server, headers=headers)[0] == 500
    assert "server could not store what it was brought" in caplog.text
    shelf.fails = False
    assert post(server, headers=headers)[0] == 202


@pytest.mark.parametrize(
    ("headers", "path", "expected"),
    [
        pytest.param(signed(X_Earshot_Signature=""), "/mentions", 401, id="no signature"),
        pytest.param(signed(X_Earshot_Signature="sha256=\xe9"), "/mentions", 401, id="no ASCII"),
        pytest.param(signed(timestamp="1"), "/mentions", 401, id="old"),
        pytest.param(signed(X_Earshot_Timestamp="abc"), "/mentions", 401, id="no number"),
        pytest.param(signed(X_Earshot_Timestamp="9" * 5000), "/mentions", 401, id="5,000 digits"),
        pytest.param(signed(), "/", 404, id="another path"),
        pytest.param(signed(Content_Type="text/csv"), "/mentions", 415, id="CSV"),
        pytest.param(signed(Content_Length="5242881"), "/mentions", 413, id="more than 5 MB"),
        pytest.param(signed(Content_Length="9" * 5000), "/mentions", 411, id="5,000 digits long"),
        pytest.param(signed(Content_Length="-1"), "/mentions", 411, id="negative length"),
        pytest.param(signed(Transfer_Encoding="chunked"), "/mentions", 411, id="chunked"),
    ],
)
def test_whoever_is_not_let_in_is_told_why_and_nothing_is_stored(
    start: Start, shelf: Shelf, headers: dict[str, str], path: str, expected: int
) -> None:
    status, said = post(start(), headers=headers, path=path)
    assert status == expected
    assert isinstance(said["error"], str)
    assert SECRET not in said["error"]
    assert shelf.bodies == []


def test_five_megabytes_are_taken_and_more_is_refused_before_it_is_read(
    start: Start, shelf: Shelf
) -> None:
    server = start()
    assert post(server, b"x" * webhook.MOST_BYTES)[0] == 202
    assert post(server, b"x" * (webhook.MOST_BYTES + 1))[0] == 413
    assert len(shelf.bodies) == 1


def test_other_methods_are_refused(start: Start) -> None:
    server = start()
    assert raw(server, b"GET /mentions HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 405 ")
    assert raw(server, b"BREW /mentions HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 501 ")


@pytest.mark.parametrize(
    "request_line",
    [b"\x16\x03\x01\x02 a TLS handshake\r\n\r\n", b"GET\r\n\r\n", b"\r\n\r\n", b"x" * 70_000],
)
def test_what_is_no_http_ends_quietly(
    start: Start, request_line: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start(read_s=0.3)
    with suppress(ConnectionResetError):
        raw(server, request_line)
    assert post(server)[0] == 202
    assert capfd.readouterr().err == ""


def test_a_slow_body_is_told_when_its_time_is_up(start: Start, shelf: Shelf) -> None:
    server = start(read_s=0.2)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    answer = raw(server, f"POST /mentions HTTP/1.1\r\n{head}Content-Length: 25\r\n\r\nxx".encode())
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"longer than 0.2 s" in answer
    assert shelf.bodies == []


def test_a_sender_who_drips_bytes_holds_a_place_no_longer_than_others(start: Start) -> None:
    server, pause = start(read_s=0.3), Event()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(b"POST /mentions HTTP/1.1\r\n")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 5:
                line.sendall(b"X-Drip: 1\r\n")
                pause.wait(0.02)
        assert time.monotonic() - began < 2, "the server has hung up"


def test_more_senders_than_places_are_asked_to_come_back(start: Start) -> None:
    server = start()
    place = ("127.0.0.1", server.port)
    lines = [socket.create_connection(place, timeout=10) for _ in range(AT_ONCE)]
    try:
        answer = raw(server, b"")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 10" in answer
    finally:
        for line in lines:
            line.close()


def test_what_is_in_hand_is_finished_before_it_stops(start: Start, shelf: Shelf) -> None:
    server, body = start(), BODY
    shelf.go_on.clear()
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
    request = (
        f"POST /mentions HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(request)
        assert shelf.busy.wait(5)
        shelf.go_on.set()
        server.stop()
        assert line.recv(12) == b"HTTP/1.1 202"


def test_no_log_holds_a_body_a_secret_or_a_signature(
    start: Start, shelf: Shelf, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server, headers = start(), signed()
    post(server, headers=headers)
    post(server, headers=headers)
    post(server, headers=signed(timestamp="1"))
    shelf.fails = True
    post(server, BODY + b" ")
    written = caplog.text + "".join(capfd.readouterr())
    assert "canary" not in written
    assert headers["X-Earshot-Signature"] not in written
