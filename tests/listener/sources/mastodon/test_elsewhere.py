from datetime import UTC, datetime, timedelta

import pytest

from domain.mention import Standing
from listener.sources.mastodon.elsewhere import Elsewhere
from listener.sources.mastodon.settings import MastodonSettings
from listener.sources.mastodon.source import MastodonSource
from net.fetch import Fetcher
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POST = "https://two.example/users/bo/statuses/2"
NOTE = {"@context": "https://www.w3.org/ns/activitystreams", "id": POST, "type": "Note"}
PAGE = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def elsewhere(replay: Replay) -> Elsewhere:
    return Elsewhere(Fetcher("mastodon", base_url=replay.url))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(Answer(NOTE), Standing.THERE, id="it stands"),
        pytest.param(Answer({**NOTE, "id": "x", "url": POST}), Standing.THERE, id="by its address"),
        pytest.param(Answer({**NOTE, "type": "Tombstone"}), Standing.GONE, id="a tombstone"),
        pytest.param(Answer({}, 410), Standing.GONE, id="gone"),
        pytest.param(Answer(b"", 410, PAGE), Standing.GONE, id="gone, for people"),
        pytest.param(Answer({"error": "Not Found"}, 404), Standing.GONE, id="not found"),
        pytest.param(Answer(b"<html>", 404, PAGE), None, id="a page that is not found"),
        pytest.param(Answer({"error": "signature"}, 401), None, id="only for other servers"),
        pytest.param(Answer({}, 403), None, id="refused"),
        pytest.param(Answer({}, 503), None, id="down"),
        pytest.param(Answer({}, 429), None, id="rate limited"),
        pytest.param(Answer(reset=True), None, id="cut off"),
        pytest.param(Answer({**NOTE, "id": f"{POST}1"}), None, id="another post"),
        pytest.param(Answer(b"<html>", 200, PAGE), None, id="a page"),
        pytest.param(Answer(b"[" * 100_000), None, id="nested too deep"),
        pytest.param(Answer([NOTE]), None, id="a list"),
    ],
)
def test_where_a_post_was_written_tells_what_has_become_of_it(
    elsewhere: Elsewhere, replay: Replay, answer: Answer, expected: Standing | None
) -> None:
    replay.plan(answer)
    found = elsewhere.standings([POST], now=NOW)
    assert found == ({} if expected is None else {POST: expected})
    (asked,) = replay.asked
    assert asked.path == "/users/bo/statuses/2"
    assert asked.headers["accept"] == "application/activity+json"


def test_a_server_that_fails_is_asked_once_a_sweep(elsewhere: Elsewhere, replay: Replay) -> None:
    replay.plan(Answer({}, 503), Answer({}, 410))
    others = [f"https://two.example/users/bo/statuses/{n}" for n in range(3, 9)]
    assert elsewhere.standings([POST, *others], now=NOW) == {}
    assert elsewhere.standings([POST], now=NOW) == {}
    assert len(replay.asked) == 1
    later = NOW + timedelta(minutes=15)
    assert elsewhere.standings([POST], now=later) == {POST: Standing.GONE}


def test_many_dead_servers_do_not_keep_a_sweep_busy(elsewhere: Elsewhere, replay: Replay) -> None:
    replay.plan(Answer({}, 503))
    posts = [f"https://{n}.example/users/bo/statuses/2" for n in range(40)]
    assert elsewhere.standings(posts, now=NOW) == {}
    assert len(replay.asked) == 12


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_post_that_is_refused_does_not_speak_for_the_others_of_its_server(
    elsewhere: Elsewhere, replay: Replay, status: int
) -> None:
    replay.plan(Answer(b"<html>", status, PAGE), Answer({}, 410))
    other = f"{POST}3"
    assert elsewhere.standings([POST, other], now=NOW) == {other: Standing.GONE}


@pytest.mark.parametrize(
    "external_id",
    ["", "tag:two.example,2026:2", "http://127.0.0.1/users/bo/statuses/2", "//x", "https://[::1/2"],
)
def test_what_is_no_public_address_is_not_asked(external_id: str) -> None:
    assert Elsewhere(Fetcher("mastodon")).standings([external_id], now=NOW) == {}


def test_a_gateway_is_not_asked_for_posts_of_other_servers(replay: Replay) -> None:
    replay.plan(Answer({}, 410))
    table = {"base_url": replay.url, "servers": ["one.example"]}
    source = MastodonSource(MastodonSettings.model_validate(table))
    assert source.recheck([POST], now=NOW) == {}
    assert replay.asked == []
