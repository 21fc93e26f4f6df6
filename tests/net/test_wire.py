import gzip
import time
from threading import Event

import pytest
import requests

from net import hangup, wire
from tests.net.replay import Answer, Replay, dripping


def test_requests_go_to_the_gateway_with_path_and_query(replay: Replay) -> None:
    replay.plan(Answer({"ok": 1}))
    session = wire.session(f"{replay.url}/gate", instead_of="https://api.example.org/")
    answer = session.get("https://api.example.org/2/search?q=a%20b", headers={"Authorization": "x"})
    assert answer.json() == {"ok": 1}
    assert replay.asked[0].path == "/gate/2/search"
    assert replay.asked[0].query == {"q": "a b"}
    assert replay.asked[0].headers["authorization"] == "x"


def test_a_proxy_for_the_service_is_not_asked_for_the_gateway(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    replay.plan(Answer({}))
    session = wire.session(replay.url, instead_of="https://api.example.org/")
    assert session.get("https://api.example.org/").status_code == 200


def test_every_request_has_a_timeout(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    send = requests.adapters.HTTPAdapter.send

    def spy(
        self: object, request: object, stream: object, timeout: object, *rest: object
    ) -> object:
        seen.append(timeout)
        return send(self, request, stream, timeout, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", spy)
    replay.plan(Answer({}))
    wire.session().get(replay.url)
    wire.session().get(replay.url, timeout=4)
    assert seen == [(3.05, 20.0), 4]


def test_an_answer_that_is_too_long_is_not_read(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_BYTES", 100_000)
    bomb = gzip.compress(b"0" * 5_000_000)
    replay.plan(Answer(bomb, headers={"content-encoding": "gzip"}))
    with pytest.raises(requests.RequestException):
        wire.session().get(replay.url)


def test_an_answer_that_is_too_slow_is_not_waited_for(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_S", -1.0)
    replay.plan(Answer({"a": 1}))
    with pytest.raises(requests.RequestException):
        wire.session().get(replay.url)


def test_a_packed_answer_is_unpacked(replay: Replay) -> None:
    packed = gzip.compress(b'{"a": 1}')
    replay.plan(Answer(packed, headers={"content-encoding": "gzip"}))
    assert wire.session().get(replay.url).json() == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"id": ' + b"9" * 5_000 + b"}", id="a number of 5,000 digits"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_cannot_be_read_is_one_kind_of_error(replay: Replay, body: bytes) -> None:
    replay.plan(Answer(body))
    with pytest.raises(requests.JSONDecodeError):
        wire.session().get(replay.url).json()


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=idna",
        "application/json; charset=hex",
        "application/octet-stream",
        "text/html",
    ],
)
def test_json_is_utf_8_whatever_the_header_says(replay: Replay, kind: str) -> None:
    replay.plan(Answer(b'\xef\xbb\xbf{"a": "\xc3\xa9"}', headers={"content-type": kind}))
    answer = wire.session().get(replay.url)
    assert answer.json() == {"a": "é"}
    assert answer.text == '{"a": "é"}'


@pytest.mark.parametrize("to", ["/elsewhere", "http://169.254.169.254/", "http://[::bad", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_redirect_is_followed(replay: Replay, method: str, to: str) -> None:
    replay.plan(Answer({}, 302, {"location": to}))
    session = wire.session()
    assert session.request(method, replay.url).status_code == 302
    assert session.request(method, replay.url, allow_redirects=False).status_code == 302
    assert len(replay.asked) == 2


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="in the first line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Header: ", id="in the headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n[1, ", id="in a body of no known length"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", id="in the body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", id="in the size of a chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", id="in the trailers"
        ),
    ],
)
def test_an_answer_that_drips_is_hung_up_on(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hangup, "HEAD_S", 0.3)
    monkeypatch.setattr(wire, "BODY_S", 0.3)
    began = time.monotonic()
    with dripping(start) as url, pytest.raises(requests.RequestException):
        wire.session().get(url)
    assert time.monotonic() - began < 5


def lines_of(url: str) -> list[bytes]:
    answer = wire.session().get(url, stream=True)
    wire.by_lines(answer)
    return list(answer.iter_lines())


def test_an_answer_read_by_lines_may_be_of_any_length_and_age(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_BYTES", 100)
    monkeypatch.setattr(wire, "BODY_S", -1.0)
    monkeypatch.setattr(wire, "LINE_BYTES", 100)
    replay.plan(Answer(b"x" * 50 + b"\r\n" for _ in range(50)))
    assert [line for line in lines_of(replay.url) if line] == [b"x" * 50] * 50


def test_what_is_done_with_a_line_does_not_make_the_next_one_late(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LINE_S", 0.5)
    replay.plan(Answer(iter([b"one\n", b"two\n"])))
    answer = wire.session().get(replay.url, stream=True)
    wire.by_lines(answer)
    read = answer.iter_lines(chunk_size=4)
    assert next(read) == b"one"
    Event().wait(0.6)
    assert next(read) == b"two"


def test_a_packed_answer_is_unpacked_line_by_line(replay: Replay) -> None:
    packed = gzip.compress(b"one\ntwo\n")
    replay.plan(Answer(iter([packed]), headers={"content-encoding": "gzip"}))
    assert lines_of(replay.url) == [b"one", b"two"]


def test_a_line_that_is_too_long_is_not_read(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LINE_BYTES", 100_000)
    replay.plan(Answer(b"x" * 10_000 for _ in range(1_000)))
    with pytest.raises(requests.RequestException):
        lines_of(replay.url)


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\none\n", id="in a line"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n1;",
            id="in the size of a chunk",
        ),
    ],
)
def test_a_line_that_drips_is_hung_up_on(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LINE_S", 0.3)
    began = time.monotonic()
    with dripping(start) as url, pytest.raises(requests.RequestException):
        lines_of(url)
    assert time.monotonic() - began < 5
