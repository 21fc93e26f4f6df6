import gzip

import pytest
import requests

from listener import wire
from tests.listener.replay import Answer, Replay


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
