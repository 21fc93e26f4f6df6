import gzip
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from domain.errors import RemoteError
from net import fetch
from net.fetch import Fetched, Fetcher, named
from net.guard import is_public
from tests.net.replay import Answer, Replay, dripping

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLIC = "93.184.216.34"
PRIVATE = "it leads into a private network; set allow_private if it may"


@dataclass
class Internet:
    """A public address behind which the replaying server stands, and the names that lead there."""

    names: dict[str, list[list[str]]] = field(default_factory=dict)  # one answer a look-up
    looked_up: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)


@pytest.fixture
def internet(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet({"news.example": [[PUBLIC]]})
    connect, look_up = socket.create_connection, socket.getaddrinfo
    port = urlsplit(replay.url).port

    def found(host: str, asked: int, *more: int, **named: int) -> list[object]:
        if host not in made.names:
            return [*look_up(host, asked, *more, **named)]
        made.looked_up.append(host)
        answers = made.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, asked)) for one in addresses]

    def connected(address: tuple[str, int], timeout: float) -> socket.socket:
        made.connected.append(address[0])
        return connect(("127.0.0.1", port) if address[0] == PUBLIC else address, timeout)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", connected)
    return made


def get(url: str, *, allow_private: bool = False, base_url: str | None = None) -> Fetched:
    fetcher = Fetcher("rss", allow_private=allow_private, base_url=base_url)
    return fetcher.get(url, {"Accept": "text/xml"}, now=NOW)


def refused(url: str, *, allow_private: bool = False) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        get(url, allow_private=allow_private)
    assert "\n" not in str(caught.value)
    return caught.value


def test_fetches_from_a_public_host_by_its_name(replay: Replay, internet: Internet) -> None:
    replay.plan(Answer(b"<rss/>", headers={"etag": '"1"'}))
    found = get("http://news.example/feed?page=1#top")
    assert (found.status, found.body, found.headers["ETag"]) == (200, b"<rss/>", '"1"')
    assert found.url == "http://news.example/feed?page=1#top"
    (asked,) = replay.asked
    assert (asked.path, asked.query, asked.headers["host"]) == (
        "/feed",
        {"page": "1"},
        "news.example",
    )
    assert asked.headers["accept"] == "text/xml"
    assert internet.connected == [PUBLIC]


INSIDE = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::]",
    "0.0.0.0",  # noqa: S104 (nothing is bound to it)
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f000001",
    "169.254.169.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.10",
    "[fe80::1]",
    "[fd00::1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "224.0.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_a_private_address_is_connected_to(
    replay: Replay, internet: Internet, host: str
) -> None:
    replay.plan(Answer(b"secret"))
    error = refused(f"http://{host}:{urlsplit(replay.url).port}/feed")
    assert str(error).endswith(PRIVATE)
    assert error.permanent
    assert (internet.connected, replay.asked) == ([], [])


@pytest.mark.parametrize("host", INSIDE)
def test_no_redirect_leads_inside(replay: Replay, internet: Internet, host: str) -> None:
    inside = f"http://{host}:{urlsplit(replay.url).port}/secret"
    replay.plan(Answer(b"", 302, {"location": inside}), Answer(b"secret"))
    assert str(refused("http://news.example/feed")) == f"rss: news.example/feed: {PRIVATE}"
    assert internet.connected == [PUBLIC]
    assert len(replay.asked) == 1


@pytest.mark.parametrize(
    ("target", "told"),
    [
        pytest.param("file:///etc/passwd", "only http and https", id="file"),
        pytest.param("gopher://news.example/", "only http and https", id="gopher"),
        pytest.param("data:text/xml,<rss/>", "only http and https", id="data"),
        pytest.param("http://news.example@127.0.0.1/", "a user or password", id="user"),
        pytest.param("http://u:p@news.example/", "a user or password", id="password"),
        pytest.param("http://[::1/", "address", id="half an address"),
        pytest.param("http://news.example:99999/", "it is no address", id="no such port"),
    ],
)
@pytest.mark.parametrize("by_redirect", [False, True])
def test_what_is_no_plain_web_address_is_refused(
    replay: Replay, internet: Internet, target: str, told: str, *, by_redirect: bool
) -> None:
    replay.plan(Answer(b"", 301, {"location": target}))
    error = refused("http://news.example/" if by_redirect else target)
    assert told in str(error)
    assert internet.connected == [PUBLIC] * by_redirect


def test_a_name_that_changes_its_answer_is_looked_up_once(
    replay: Replay, internet: Internet
) -> None:
    internet.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    replay.plan(Answer(b"<rss/>"))
    assert get("http://rebind.example/").body == b"<rss/>"
    assert internet.looked_up == ["rebind.example"]
    assert internet.connected == [PUBLIC]
    assert str(refused("http://rebind.example/")).endswith(PRIVATE), "the next fetch asks anew"


def test_a_name_with_one_private_address_among_its_own_is_refused(internet: Internet) -> None:
    internet.names["both.example"] = [[PUBLIC, "10.0.0.1"]]
    assert str(refused("http://both.example/")).endswith(PRIVATE)
    assert internet.connected == []


def test_a_name_that_leads_nowhere_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    error = refused("http://no.example/feed")
    assert str(error) == "rss: no.example/feed: no such host is found"
    assert not error.permanent


def test_the_next_address_is_tried_when_one_does_not_answer(
    replay: Replay, internet: Internet
) -> None:
    internet.names["two.example"] = [["127.0.0.1", PUBLIC]]
    replay.plan(Answer(b"<rss/>"))
    assert get("http://two.example:1/", allow_private=True).body == b"<rss/>"
    assert internet.connected == ["127.0.0.1", PUBLIC]


def test_redirects_are_followed_a_few_times(replay: Replay, internet: Internet) -> None:
    hop = Answer(b"", 308, {"location": "../b?x=1"})
    replay.plan(*[hop] * fetch.MOST_REDIRECTS, Answer(b"<rss/>"))
    assert get("http://news.example/a/feed").url == "http://news.example/b?x=1"
    assert len(internet.looked_up) == fetch.MOST_REDIRECTS + 1, "every hop is checked"
    replay.plan(hop)
    error = refused("http://news.example/a/feed")
    assert str(error).endswith("it is redirected more than 5 times")
    assert len(replay.asked) == fetch.MOST_REDIRECTS + 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_without_end_is_left(replay: Replay, *, packed: bool) -> None:
    body = b"0" * (fetch.BODY_BYTES + 1)
    replay.plan(
        Answer(gzip.compress(body), headers={"content-encoding": "gzip"})
        if packed
        else Answer(body)
    )
    error = refused(replay.url, allow_private=True)
    assert str(error).endswith("it is longer than 5 MiB")
    assert not error.permanent, "it may be shorter tomorrow"


def test_a_packed_body_is_unpacked(replay: Replay) -> None:
    replay.plan(Answer(gzip.compress(b"<rss/>"), headers={"content-encoding": "gzip"}))
    assert get(replay.url, allow_private=True).body == b"<rss/>"


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="in the first line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Header: ", id="in the headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n<rss>", id="in a body of no known length"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", id="in the body"),
    ],
)
def test_an_answer_that_drips_is_hung_up_on(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "ALL_S", 0.3)
    began = time.monotonic()
    with dripping(start) as url:
        error = refused(url, allow_private=True)
    assert time.monotonic() - began < 5
    assert "no whole answer came" in str(error)
    assert not error.permanent


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s"),
    [
        pytest.param(Answer(b"", 202), False, None, id="202"),
        pytest.param(Answer(b"", 401), True, None, id="401"),
        pytest.param(Answer(b"", 403, {"retry-after": "7"}), True, None, id="403"),
        pytest.param(Answer(b"", 404), True, None, id="404"),
        pytest.param(Answer(b"", 410), True, None, id="410"),
        pytest.param(Answer(b"", 429, {"retry-after": "7"}), False, 7, id="429"),
        pytest.param(
            Answer(b"", 429, {"retry-after": "Fri, 20 Nov 2026 12:00:10 GMT"}),
            False,
            10,
            id="429 with a date",
        ),
        pytest.param(Answer(b"", 429), False, None, id="429 without a word"),
        pytest.param(Answer(b"", 503, {"retry-after": "99999999"}), False, 900, id="503"),
        pytest.param(Answer(b"x", cut=True), False, None, id="cut body"),
        pytest.param(Answer(reset=True), False, None, id="reset connection"),
        pytest.param(
            Answer(b"no gzip", headers={"content-encoding": "gzip"}), False, None, id="bad gzip"
        ),
    ],
)
def test_says_whether_trying_again_can_help(
    replay: Replay, answer: Answer, wait_s: int | None, *, permanent: bool
) -> None:
    replay.plan(answer)
    error = refused(f"{replay.url}/feed?token=canary7f3a", allow_private=True)
    assert error.permanent is permanent
    assert (error.retry_after and error.retry_after.total_seconds()) == wait_s
    told = str(error) + repr(error)
    assert "127.0.0.1" in told
    assert "canary7f3a" not in told


def test_a_gateway_is_asked_instead(replay: Replay) -> None:
    replay.plan(Answer(b"<rss/>"))
    get("https://news.example/feed?page=1", base_url=f"{replay.url}/feeds")
    assert (replay.asked[0].path, replay.asked[0].query) == ("/feeds/feed", {"page": "1"})


def test_no_proxy_of_the_environment_is_used(
    replay: Replay, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would look the name up once more, and nobody could check where it goes."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    replay.plan(Answer(b"<rss/>"))
    get("http://news.example/")
    assert internet.connected == [PUBLIC]


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/"])
def test_the_guard_stands_before_tls_too(internet: Internet, url: str) -> None:
    assert str(refused(url)).endswith(PRIVATE)
    assert internet.connected == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("fe80::1%eth0", False),
        ("198.18.0.1", False),
        ("192.0.2.1", False),
        ("240.0.0.1", False),
        ("ff02::1", False),
    ],
)
def test_what_is_public(address: str, *, public: bool) -> None:
    assert is_public(address) is public


def test_an_address_is_named_without_its_query() -> None:
    assert named("https://u:secret@news.example/feed?key=secret") == "news.example/feed"
    assert named("http://[::1/") == "an address that is none"
