"""X's compliance jobs, by the shapes of its integration guide."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import tweepy

from domain.errors import RemoteError
from domain.mention import Standing
from listener.source import BatchLookup, BatchLostError
from listener.sources.x.compliance import MOST, Compliance
from listener.sources.x.settings import XSettings
from listener.sources.x.source import XSource
from net import wire
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN = "AAAAcanaryBearer7f3a"
NAME = "earshot 2026-11-20T12:00:00Z"
UPLOAD = "https://api.x.com/2/compliance/jobs/77/upload?token=canaryUp91c"
DOWNLOAD = "https://api.x.com/2/compliance/jobs/77/download?token=canaryDown91c"
RECEIPT = {"job": "77"}
IDS = ["1991450000000000001", "1991450000000000002", "1991450000000000003"]


@pytest.fixture
def source(replay: Replay) -> XSource:
    return XSource(XSettings.model_validate({"bearer_token": TOKEN, "base_url": replay.url}))


def job(**changed: object) -> dict[str, object]:
    return {
        "id": "77",
        "type": "tweets",
        "name": NAME,
        "status": "created",
        "created_at": "2026-11-20T12:00:00.000Z",
        "upload_url": UPLOAD,
        "upload_expires_at": "2026-11-20T12:15:00.000Z",
        "download_url": DOWNLOAD,
        "download_expires_at": "2026-11-27T12:00:00.000Z",
        **changed,
    }


def one(**changed: object) -> Answer:
    return Answer({"data": job(**changed)})


def line(post_id: str, action: str = "delete", reason: str = "deleted") -> dict[str, object]:
    at = "2026-11-19T08:30:00.000Z"
    times = {"created_at": "2026-11-01T12:00:00.000Z", "redacted_at": at, "deleted_at": at}
    return {"id": post_id, "action": action, "reason": reason, **times}


def result(*lines: object) -> Answer:
    return Answer("".join(json.dumps(each) + "\n" for each in lines).encode())


def submit(source: XSource, ids: list[str] = IDS) -> Mapping[str, Any]:
    return source.submit(ids, name=NAME, now=NOW)


def poll(source: XSource, ids: list[str] = IDS) -> Mapping[str, Standing] | None:
    return source.poll(RECEIPT, ids, now=NOW)


def test_posts_are_handed_in_by_a_job_of_their_own(source: XSource, replay: Replay) -> None:
    replay.plan(one(), one(status="in_progress"))
    assert submit(source) == RECEIPT
    made, sent = replay.asked
    assert (made.method, made.path) == ("POST", "/2/compliance/jobs")
    assert json.loads(made.body) == {"type": "tweets", "name": NAME}
    assert (sent.method, sent.path) == ("PUT", "/2/compliance/jobs/77/upload")
    assert sent.query == {"token": "canaryUp91c"}
    assert sent.body.split("\n") == IDS
    assert sent.headers["content-type"] == "text/plain"
    assert [each.headers["authorization"] for each in replay.asked] == [f"Bearer {TOKEN}"] * 2
    assert isinstance(source, BatchLookup)


def test_what_stands_in_the_place_of_x_may_name_its_own_addresses(
    source: XSource, replay: Replay
) -> None:
    replay.plan(one(upload_url=f"{replay.url}/up/77"), one())
    assert submit(source) == RECEIPT
    replay.plan(one(status="complete", download_url=f"{replay.url}/down/77"), result(line(IDS[0])))
    assert poll(source, IDS[:1]) == {IDS[0]: Standing.GONE}
    assert replay.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_what_is_no_post_of_x_is_not_handed_in(source: XSource, replay: Replay) -> None:
    replay.plan(one(), one())
    submit(source, ["row 7", IDS[0], "12\n13"])
    assert replay.asked[1].body == IDS[0]
    replay.plan(one())
    assert source.poll(submit(source, ["row 7"]), ["row 7"], now=NOW) == {}
    assert replay.asked == []


@pytest.mark.parametrize(
    ("status", "requests"),
    [
        pytest.param("created", ["POST", "GET", "PUT"], id="it has no posts yet"),
        pytest.param("in_progress", ["POST", "GET"], id="it has its posts"),
    ],
)
def test_the_open_job_of_this_name_is_taken_instead_of_a_second_one(
    source: XSource, replay: Replay, status: str, requests: list[str]
) -> None:
    others = [job(id="75", name="nightly"), job(id="76", status="expired")]
    mine = job(status=status)
    replay.plan(Answer({"title": "Conflict"}, 409), Answer({"data": [*others, mine]}), one())
    assert submit(source) == RECEIPT
    assert [asked.method for asked in replay.asked] == requests
    assert replay.asked[1].query == {"type": "tweets"}


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param({"meta": {"result_count": 0}}, id="none"),
        pytest.param({"data": [job(name="nightly")]}, id="somebody else's"),
        pytest.param(
            {"data": [job(upload_expires_at="2026-11-20T11:59:59.000Z")]}, id="too late to fill"
        ),
    ],
)
def test_a_job_in_the_way_is_waited_for(
    source: XSource, replay: Replay, listed: dict[str, object]
) -> None:
    replay.plan(Answer({"title": "Conflict"}, 409), Answer(listed))
    with pytest.raises(RemoteError, match="409") as caught:
        submit(source)
    assert not caught.value.permanent


def test_only_what_x_names_does_not_stand(source: XSource, replay: Replay) -> None:
    replay.plan(
        one(status="complete"),
        result(line(IDS[0]), line(IDS[1], reason="suspended"), line("1991450000000000999")),
    )
    assert poll(source) == {
        IDS[0]: Standing.GONE,
        IDS[1]: Standing.HIDDEN,
        IDS[2]: Standing.THERE,
    }
    looked, fetched = replay.asked
    assert looked.path == "/2/compliance/jobs/77"
    assert (fetched.method, fetched.path) == ("GET", "/2/compliance/jobs/77/download")
    assert fetched.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        pytest.param(line("1", reason="protected"), Standing.HIDDEN, id="protected"),
        pytest.param(line("1", reason="deactivated"), Standing.HIDDEN, id="deactivated"),
        pytest.param(line("1", reason="bounced"), Standing.HIDDEN, id="a reason we do not know"),
        pytest.param(line("1", "rehydrate", "tweet_edited"), Standing.THERE, id="edited"),
        pytest.param(line("1", "scrub_geo", "geo_scrubbed"), Standing.THERE, id="place taken out"),
        pytest.param(line("1", reason="scrub_geo"), Standing.THERE, id="place, as it was told"),
        pytest.param(line("1", "amend"), None, id="an action we do not know"),
        pytest.param({"id": "1", "error": "invalid_id"}, None, id="an error is no deletion"),
        pytest.param({**line("1"), "id": 1, "redacted_at": None}, Standing.GONE, id="a number"),
    ],
)
def test_what_x_says_of_a_post(
    source: XSource, replay: Replay, said: dict[str, object], standing: Standing | None
) -> None:
    replay.plan(one(status="complete"), result(said))
    expected = {} if standing is None else {"1": standing}
    assert poll(source, ["1"]) == expected


def test_an_empty_result_says_that_all_stand(source: XSource, replay: Replay) -> None:
    replay.plan(one(status="complete"), Answer(b""))
    assert poll(source) == dict.fromkeys(IDS, Standing.THERE)


@pytest.mark.parametrize("status", ["created", "in_progress"])
def test_an_unfinished_job_says_nothing_yet(source: XSource, replay: Replay, status: str) -> None:
    replay.plan(one(status=status))
    assert poll(source) is None
    assert len(replay.asked) == 1


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_a_lost_job_is_told_apart(source: XSource, replay: Replay, status: str) -> None:
    replay.plan(one(status=status))
    with pytest.raises(BatchLostError, match=status) as caught:
        poll(source)
    assert not caught.value.permanent


def test_a_result_that_names_tens_of_thousands_is_read(source: XSource, replay: Replay) -> None:
    ids = [str(1991450000000000000 + number) for number in range(MOST)]
    replay.plan(one(status="complete"), result(*map(line, ids)))
    found = poll(source, ids)
    assert found is not None
    assert set(found.values()) == {Standing.GONE}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Answer(b"<html><title>Sign in</title></html>"), id="HTML"),
        pytest.param(Answer(json.dumps(line(IDS[0])).encode() + b'\n{"id": "19'), id="half a line"),
        pytest.param(Answer(json.dumps(line(IDS[0])).encode(), cut=True), id="cut body"),
        pytest.param(Answer([line(IDS[0])]), id="a list"),
        pytest.param(Answer({"title": "Not ready"}), id="something else"),
        pytest.param(Answer(b"[" * 100_000), id="too deep"),
        pytest.param(Answer(b"\xff\xfe\n"), id="bytes"),
        pytest.param(Answer(b" " * (wire.BODY_BYTES + 1)), id="too long"),
        pytest.param(Answer(reset=True), id="reset connection"),
        pytest.param(Answer({}, 503), id="503"),
        pytest.param(Answer({}, 429), id="429"),
    ],
)
def test_a_broken_result_is_no_deletion_and_may_be_fetched_again(
    source: XSource, replay: Replay, broken: Answer
) -> None:
    replay.plan(one(status="complete"), broken)
    with pytest.raises(RemoteError) as caught:
        poll(source)
    assert not caught.value.permanent
    assert not isinstance(caught.value, BatchLostError)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "permanent", "words"),
    [
        pytest.param([Answer({}, 401)], True, "401.*bearer_token", id="401"),
        pytest.param([Answer({}, 402)], True, "no credits", id="402"),
        pytest.param([Answer({}, 403)], True, "403.*access of its app", id="403"),
        pytest.param([Answer({}, 429, {"retry-after": "60"})], False, "rate limited", id="429"),
        pytest.param([Answer({}, 500)], False, "fails", id="500"),
        pytest.param([Answer({"data": {"id": "../7"}})], False, "no compliance job", id="odd id"),
        pytest.param([Answer({"data": []})], False, "no compliance job", id="a list"),
        pytest.param([one(), Answer({}, 403)], True, "403", id="upload refused"),
        pytest.param([one(), Answer(b"", 404)], True, "404", id="upload not there"),
        pytest.param([one(), Answer({}, 502)], False, "502", id="upload fails"),
        pytest.param(
            [one(), Answer(b"", 307, {"location": "https://evil.example/"})],
            True,
            "307",
            id="upload sent elsewhere",
        ),
    ],
)
def test_trouble_with_handing_in(
    source: XSource, replay: Replay, answers: list[Answer], *, permanent: bool, words: str
) -> None:
    replay.plan(*answers)
    with pytest.raises(RemoteError, match=words) as caught:
        submit(source)
    assert caught.value.permanent is permanent
    assert len(replay.asked) == len(answers), "nothing is asked twice"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://evil.example/2/compliance/jobs/77/upload", id="another host"),
        pytest.param("http://api.x.com/2/compliance/jobs/77/upload", id="without TLS"),
        pytest.param("https://api.x.com@evil.example/", id="a host in disguise"),
        pytest.param("https://api.x.com.evil.example/", id="a host that begins alike"),
        pytest.param("https://[", id="no address"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param(None, id="none"),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_xs(
    source: XSource, replay: Replay, url: str | None
) -> None:
    replay.plan(one(upload_url=url))
    with pytest.raises(RemoteError) as caught:
        submit(source)
    assert not caught.value.permanent
    assert len(replay.asked) == 1


def test_googles_store_is_given_no_token(replay: Replay) -> None:
    """The addresses that X gave before, signed for whoever has them."""
    client = tweepy.Client(TOKEN, return_type=dict)
    client.session = wire.session(replay.url, instead_of="https://api.twitter.com/")
    client.session.mount("https://storage.googleapis.com/", wire.Wire(replay.url))
    source = Compliance(client, replay.url)
    store = "https://storage.googleapis.com/compliance/77/submission/1_77?X-Goog-Expires=900"
    replay.plan(one(upload_url=store), Answer(b""))
    assert source.submit(IDS, name=NAME, now=NOW) == RECEIPT
    sent = replay.asked[-1]
    assert (sent.method, sent.path) == ("PUT", "/compliance/77/submission/1_77")
    assert sent.headers["content-type"] == "text/plain"
    assert "authorization" not in sent.headers


def test_nothing_secret_is_logged(
    source: XSource, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    replay.plan(one(), one(), one(status="complete"), result(line(IDS[0])))
    submit(source)
    poll(source)
    assert "canary" not in caplog.text
