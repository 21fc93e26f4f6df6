"""Bluesky's stream against a WebSocket server on loopback, which may be as hostile as it likes."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Event
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from atproto import models
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from domain.brand import OwnAccount
from domain.errors import RemoteError
from listener.query import parse
from listener.source import Page, Streams, Watch
from listener.sources.bluesky.settings import BlueskySettings
from listener.sources.bluesky.source import BlueskySource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
CANARY = "canary-pass-7f3a"
ANA = "did:plc:anaaaaaaaaaaaaaaaaaaaaaa"
OUR_DID = "did:plc:acmeaaaaaaaaaaaaaaaaaaaa"
LOGIN = "/xrpc/com.atproto.server.createSession"
POSTS = "/xrpc/app.bsky.feed.getPosts"
PROFILE = "/xrpc/app.bsky.actor.getProfile"
KIND = "network.bsky.jetstream.subscribeEvents"
WATCH = Watch("Acme", parse("acme"))


# --- the two servers --------------------------------------------------------------------------

Script = Callable[[ServerConnection], None]


@dataclass
class Jetstream:
    """Sends each connection what its script says; the last one again and again."""

    scripts: list[Script] = field(default_factory=list)
    refusal: Response | None = None  # instead of opening anything
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    url: str = ""
    over: Event = field(default_factory=Event)

    def plan(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    def answer(self, connection: ServerConnection) -> None:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with suppress(ConnectionClosed):  # whoever was listening has gone
            script(connection)

    def open(self, _: ServerConnection, request: Request) -> Response | None:
        parts, asked = urlsplit(request.path), dict[str, list[str]]()
        for key, value in parse_qsl(parts.query):
            asked.setdefault(key, []).append(value)
        self.asked.append(asked)
        self.paths.append(parts.path)
        self.agents.append(request.headers["User-Agent"])
        return self.refusal

    def sends(self, *messages: str | bytes, then: Script | None = None) -> Script:
        """Sends these, and says nothing more until the test is over."""

        def script(connection: ServerConnection) -> None:
            for message in messages:
                connection.send(message)
            (then or self.stay)(connection)

        return script

    def stay(self, connection: ServerConnection) -> None:
        while not self.over.is_set():
            try:
                connection.recv(timeout=0.05)
            except TimeoutError:
                continue


def closes(code: int) -> Script:
    return lambda connection: connection.close(code)


@pytest.fixture
def jetstream() -> Iterator[Jetstream]:
    double = Jetstream()
    with serve(double.answer, "127.0.0.1", 0, process_request=double.open) as server:
        double.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield double
        double.over.set()
        server.shutdown()
        running.join()


@pytest.fixture
def source(replay: Replay, jetstream: Jetstream) -> BlueskySource:
    replay.fixed[LOGIN] = Answer(
        {"did": ANA, "handle": "me.example.com", "accessJwt": "a", "refreshJwt": "r"}
    )
    replay.by_query = whole
    return BlueskySource(settings(replay, jetstream))


def settings(replay: Replay, jetstream: Jetstream) -> BlueskySettings:
    given = {"handle": "me.example.com", "app_password": CANARY, "base_url": replay.url}
    return BlueskySettings.model_validate(
        {**given, "stream": True, "stream_url": f"{jetstream.url}/"}
    )


def whole(asked: Asked) -> Answer:
    """What Bluesky has of each post that is asked for."""
    return Answer({"posts": [view(uri) for uri in uris_of(asked)]})


def uris_of(asked: Asked) -> list[str]:
    return [value for key, value in asked.pairs if key == "uris"]


def view(uri: str) -> dict[str, Any]:
    did = uri.split("/")[2]
    return {
        "uri": uri,
        "author": {"did": did, "handle": "ana.example.com", "displayName": "Ana"},
        "record": {"text": "Acme is awful", "createdAt": "2026-11-20T11:59:58Z"},
        "indexedAt": "2026-11-20T11:59:59Z",
        "likeCount": 2,
    }


# --- what is pushed ---------------------------------------------------------------------------


def pushed(rkey: str, text: str = "Acme is awful", **changed: object) -> str:
    """A post as the documentation of the second version shows a commit."""
    payload = {
        "$type": f"{KIND}#commit",
        "seq": 12345,
        "did": ANA,
        "time": "2026-11-20T11:59:59.000000Z",
        "witnessedAt": "2026-11-20T11:59:59.329308Z",
        "rev": "3l3qo2vutsw2b",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": rkey,
        "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi",
        "record": {"$type": "app.bsky.feed.post", "text": text},
        **changed,
    }
    return json.dumps({"$type": "message", "payload": payload})


class Ticking:
    """A clock that goes on by so much whenever somebody looks."""

    def __init__(self, by: timedelta = SECOND) -> None:
        self.at, self.by = NOW, by

    def __call__(self) -> datetime:
        self.at += self.by
        return self.at


def follow(
    source: BlueskySource,
    *watches: Watch,
    pages: int = 1,
    cursor: Mapping[str, Any] | None = None,
    by: timedelta = SECOND,
) -> list[Page]:
    """The first pages of a stream, which is then told to stop."""
    stop, taken = Event(), list[Page]()

    def take(page: Page) -> None:
        taken.append(page)
        if len(taken) >= pages:
            stop.set()

    source.stream(watches or (WATCH,), cursor, take=take, stop=stop, clock=Ticking(by))
    return taken


def refused(source: BlueskySource, **more: Any) -> RemoteError:  # noqa: ANN401
    with pytest.raises(RemoteError) as caught:
        follow(source, **more)
    assert CANARY not in str(caught.value)
    return caught.value


def rkeys(pages: Sequence[Page]) -> list[str]:
    return [m.external_id.rpartition("/")[2] for page in pages for m in page.mentions]


def micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


# --- what is read -----------------------------------------------------------------------------


def test_a_pushed_post_is_the_mention_that_a_search_finds(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1")))
    (page,) = follow(source)
    assert isinstance(source, Streams)

    replay.by_query = None
    uri = f"at://{ANA}/app.bsky.feed.post/3l1"
    replay.plan(Answer({"posts": [view(uri)]}))
    (searched,) = source.collect(WATCH, None, since=None, now=NOW)
    assert page.mentions == searched.mentions
    assert page.mentions[0].author is not None
    assert page.mentions[0].author.handle == "ana.example.com"
    assert (page.fetched, page.gap, page.backlog) == (1, None, False)


def test_only_posts_are_asked_for_and_only_once(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1"), pushed("3l1")))
    follow(source)
    assert jetstream.paths == [f"/xrpc/{KIND}"]
    assert jetstream.asked == [
        {
            "kinds": ["commit"],
            "collections": ["app.bsky.feed.post"],
            "maxMessageSizeBytes": ["262144"],
        }
    ]
    assert "earshot" in jetstream.agents[0]
    assert [uris_of(asked) for asked in replay.asked] == [[f"at://{ANA}/app.bsky.feed.post/3l1"]]


def test_both_sides_of_the_double_are_those_of_the_lexicon(
    source: BlueskySource, jetstream: Jetstream
) -> None:
    lexicon = models.NetworkBskyJetstreamSubscribeEvents
    payload = json.loads(pushed("3l1"))["payload"]
    assert lexicon.Commit.model_validate(payload).rkey == "3l1"

    jetstream.plan(jetstream.sends(pushed("3l1")))
    follow(source, cursor={"time_us": micros(NOW)})
    (asked,) = jetstream.asked
    lists = ("kinds", "collections")
    given = {key: value if key in lists else int(value[0]) for key, value in asked.items()}
    taken = lexicon.Params.model_validate(given)
    assert taken.model_dump(by_alias=True, exclude_none=True) == given


def test_what_matches_nothing_costs_no_request(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    others = [pushed(f"3l{number}", "the weather") for number in range(20)]
    jetstream.plan(jetstream.sends(*others, pushed("3m1")))
    assert rkeys(follow(source, by=SECOND / 2)) == ["3m1"]
    assert len(replay.asked) == 1


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"operation": "delete", "record": None}, id="a deletion"),
        pytest.param({"operation": "update"}, id="an edit"),
        pytest.param({"collection": "app.bsky.feed.like"}, id="a like"),
        pytest.param({"$type": f"{KIND}#account"}, id="an account"),
        pytest.param({"$type": f"{KIND}#tomorrow"}, id="a kind of tomorrow"),
    ],
)
def test_what_is_no_new_post_is_passed_over(
    source: BlueskySource, jetstream: Jetstream, changed: Mapping[str, object]
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1", "Acme is awful", **changed), pushed("3l2")))
    (page,) = follow(source)
    assert (rkeys([page]), page.broken) == (["3l2"], ())


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("acme min_followers:1000", id="followers"),
        pytest.param("acme author:ana.example.com", id="an author"),
        pytest.param("acme -author:ana.example.com", id="anybody but an author"),
        pytest.param("acme lang:de", id="a language"),
        pytest.param('"is awful" -kettle', id="words"),
    ],
)
def test_what_only_a_whole_post_can_tell_is_left_to_the_application(
    source: BlueskySource, jetstream: Jetstream, query: str
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1", "Acme kettle"), pushed("3l2")))
    assert "3l2" in rkeys(follow(source, Watch("Acme", parse(query))))


def test_several_brands_share_one_stream(source: BlueskySource, jetstream: Jetstream) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1"), pushed("3l2", "Globex!"), pushed("3l3", "-")))
    found = follow(source, WATCH, Watch("Globex", parse("globex")), by=SECOND / 2)
    assert rkeys(found) == ["3l1", "3l2"]
    assert len(jetstream.asked) == 1


def test_own_accounts_are_known_by_their_did(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    profiles = {
        "acme.example.com": Answer({"did": OUR_DID, "handle": "acme.example.com"}),
        "gone.example.com": Answer({"error": "InvalidRequest"}, status=400),
    }

    def answer(asked: Asked) -> Answer:
        return profiles[asked.query["actor"]] if asked.path == PROFILE else whole(asked)

    replay.by_query = answer
    accounts = ("acme.example.com", "gone.example.com", "did:plc:second")
    own = tuple(OwnAccount("bluesky", account) for account in accounts)
    watch = Watch("Acme", parse("acme"), (*own, OwnAccount("x", "acme")))
    sorry = [pushed(f"3l{n}", "So sorry!", did=did) for n, did in enumerate([OUR_DID, ANA])]
    jetstream.plan(jetstream.sends(*sorry, pushed("3l9", "Hi", did="did:plc:second")))

    assert rkeys(follow(source, watch, by=SECOND / 3)) == ["3l0", "3l9"]
    replay.asked.clear()
    follow(source, watch)
    asked = [one.query["actor"] for one in replay.asked if one.path == PROFILE]
    assert asked == ["gone.example.com"], "what was found is known from then on"


# --- batches and look-ups ---------------------------------------------------------------------


def test_no_more_is_looked_up_at_once_than_the_service_takes(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    many = [pushed(f"3l{number:02}") for number in range(75)]
    jetstream.plan(jetstream.sends(*many))
    found = follow(source, pages=3, by=SECOND / 60)
    assert [len(uris_of(asked)) for asked in replay.asked] == [25, 25, 25]
    assert rkeys(found) == [f"3l{number:02}" for number in range(75)]


def test_what_bluesky_does_not_know_yet_is_asked_for_once_more(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    def answer(asked: Asked) -> Answer:
        first = [uri for uri in uris_of(asked) if uri.endswith("3l1")] if not seen else []
        seen.extend(uris_of(asked))
        return Answer({"posts": [view(uri) for uri in uris_of(asked) if uri not in first]})

    seen: list[str] = []
    replay.by_query = answer
    jetstream.plan(jetstream.sends(pushed("3l1"), pushed("3l2")))
    found = follow(source, pages=2, by=SECOND / 2)
    assert [rkeys([page]) for page in found] == [["3l2"], ["3l1"]]


def test_what_bluesky_never_knows_is_left_alone(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    replay.by_query = None
    replay.plan(Answer({"posts": []}))
    jetstream.plan(jetstream.sends(pushed("3l1")))
    refused(source, pages=9, by=4 * SECOND)  # the silence ends it
    assert len(replay.asked) == 2


def test_a_refused_look_up_is_left_to_the_searches(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    replay.by_query = None
    replay.plan(Answer({"error": "InvalidRequest"}, status=400))
    jetstream.plan(jetstream.sends(pushed("3l1")))
    (page,) = follow(source)
    assert page.mentions == ()
    (told,) = page.broken
    assert "refused (400 InvalidRequest): 1 pushed posts are left to the searches" in told


@pytest.mark.parametrize(
    ("status", "permanent"), [(401, True), (429, False), (503, False)], ids=str
)
def test_a_look_up_that_fails_ends_the_stream_before_its_cursor_moves(
    source: BlueskySource, jetstream: Jetstream, replay: Replay, status: int, *, permanent: bool
) -> None:
    replay.by_query = None
    replay.fixed["/xrpc/com.atproto.server.refreshSession"] = Answer({}, status=401)
    replay.fixed[LOGIN] = Answer({}, status=status)
    jetstream.plan(jetstream.sends(pushed("3l1")))
    assert refused(source).permanent is permanent


# --- how far it was read ----------------------------------------------------------------------


def test_the_cursor_moves_though_nothing_matches(
    source: BlueskySource, jetstream: Jetstream, replay: Replay
) -> None:
    jetstream.plan(jetstream.sends(*[pushed("3l1", "the weather")] * 40))
    (page,) = follow(source)
    assert (page.mentions, page.fetched, replay.asked) == ((), 0, [])
    assert page.cursor == {"time_us": micros(NOW) - 1_000_000 + 329_308}


def test_a_stream_goes_on_a_little_before_where_it_was_left(
    source: BlueskySource, jetstream: Jetstream
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1")))
    left = micros(NOW - MINUTE)
    follow(source, cursor={"time_us": left})
    assert jetstream.asked[0]["cursor"] == [str(left - 5_000_000)]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param({"time_us": micros(NOW - 2 * HOUR)}, id="hours ago: the passes are cheaper"),
        pytest.param({"time_us": micros(NOW + HOUR)}, id="still to come"),
        pytest.param({"time_us": "yesterday"}, id="no number"),
        pytest.param({"asks": {}}, id="of something else"),
    ],
)
def test_a_cursor_of_no_use_begins_with_what_is_written_now(
    source: BlueskySource, jetstream: Jetstream, cursor: Mapping[str, Any]
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1")))
    follow(source, cursor=cursor)
    assert "cursor" not in jetstream.asked[0]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("2100-01-01T00:00:00Z", NOW + 3 * SECOND, id="still to come"),
        pytest.param("1990-01-01T00:00:00Z", NOW - MINUTE, id="long ago"),
        pytest.param("soon", NOW - MINUTE, id="no time"),
        pytest.param(17, NOW - MINUTE, id="a number"),
    ],
)
def test_an_absurd_time_moves_the_cursor_neither_back_nor_ahead_of_now(
    source: BlueskySource, jetstream: Jetstream, said: object, kept: datetime
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1", witnessedAt=said, time=said)))
    (page,) = follow(source, cursor={"time_us": micros(NOW - MINUTE)})
    assert page.cursor["time_us"] == pytest.approx(micros(kept), abs=9_000_000)
    assert rkeys([page]) == ["3l1"]


def test_a_service_that_kept_less_begins_later_and_says_so_in_vain(
    source: BlueskySource, jetstream: Jetstream
) -> None:
    told = {"$type": f"{KIND}#info", "name": "OutdatedCursor", "message": "resumed from 12"}
    info = json.dumps({"$type": "message", "payload": told})
    jetstream.plan(jetstream.sends(info, pushed("3l1")))
    (page,) = follow(source)
    assert (rkeys([page]), page.broken, page.gap) == (["3l1"], (), None)


# --- hostile streams --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[" * 50_000, id="endlessly nested"),
        pytest.param("9" * 9_000, id="an endless number"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="an empty object"),
        pytest.param('{"$type": "message", "payload": []}', id="a list for an object"),
        pytest.param('{"$type": "message"}', id="without a payload"),
        pytest.param('{"kind": "commit", "time_us": 1}', id="of the first version"),
        pytest.param(b"\x28\xb5\x2f\xfd\x00", id="binary"),
        pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param(pushed("3l0", did=7), id="a number for a DID"),
        pytest.param(pushed("3l0", did="did:plc:a b"), id="no DID"),
        pytest.param(pushed("3l0", did="did:web:" + "a" * 300), id="an endless DID"),
        pytest.param(pushed("a/b?c"), id="no key of a record"),
        pytest.param(pushed("3l0", record="Acme"), id="a record that is none"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    source: BlueskySource, jetstream: Jetstream, message: str | bytes
) -> None:
    jetstream.plan(jetstream.sends(message, pushed("3l1")))
    (page,) = follow(source)
    assert rkeys([page]) == ["3l1"]
    (told,) = page.broken
    assert told.startswith("bluesky: ")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="without a text"),
        pytest.param({"text": ["acme"]}, id="a list for a text"),
        pytest.param({"text": "\ud800 acme \0"}, id="half a character"),
        pytest.param({"text": "acme", "facets": [{"index": 3, "features": 7}]}, id="odd facets"),
        pytest.param({"text": "acme", "facets": "no", "langs": {}, "embed": []}, id="odd fields"),
    ],
)
def test_an_odd_record_hurts_nobody(
    source: BlueskySource, jetstream: Jetstream, record: Mapping[str, object]
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l0", record=record), pushed("3l1")))
    assert "3l1" in rkeys(follow(source, by=SECOND / 2))


def test_a_stream_of_nonsense_is_no_jetstream(source: BlueskySource, jetstream: Jetstream) -> None:
    jetstream.plan(jetstream.sends(*["{}"] * 200))
    error = refused(source)
    assert "nothing the stream sends can be read; check sources.bluesky.stream_url" in str(error)


def test_a_message_without_bounds_ends_the_stream(
    source: BlueskySource, jetstream: Jetstream
) -> None:
    jetstream.plan(jetstream.sends("x" * 400_000))
    assert str(refused(source)) == "bluesky: the stream broke off (1009)"


def test_a_message_in_endless_pieces_ends_the_stream(
    source: BlueskySource, jetstream: Jetstream
) -> None:
    def pieces(connection: ServerConnection) -> None:
        connection.send("x" * 1_000 for _ in range(9_000))

    jetstream.plan(pieces)
    assert str(refused(source)) == "bluesky: the stream broke off (1009)"


def test_a_minute_of_silence_is_a_failure(source: BlueskySource, jetstream: Jetstream) -> None:
    jetstream.plan(jetstream.sends())
    error = refused(source, by=20 * SECOND)
    assert str(error) == "bluesky: the stream has said nothing for a minute"
    assert not error.permanent


@pytest.mark.parametrize("code", [1000, 1001])
def test_a_stream_that_is_closed_at_once_is_a_failure(
    source: BlueskySource, jetstream: Jetstream, code: int
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1", "the weather"), then=closes(code)))
    error = refused(source)
    assert str(error) == "bluesky: the stream was closed before it brought anything"
    assert (len(jetstream.asked), error.permanent) == (1, False), "nothing tries again by itself"


def test_a_stream_that_ends_in_good_order_ends(source: BlueskySource, jetstream: Jetstream) -> None:
    jetstream.plan(jetstream.sends(*map(pushed, ["3l1", "3l2", "3l3"]), then=closes(1001)))
    assert rkeys(follow(source, pages=9)) != []
    assert len(jetstream.asked) == 1


@pytest.mark.parametrize(
    ("end", "said"),
    [
        pytest.param(closes(1011), "the stream broke off (1011)", id="an error of its own"),
        pytest.param(
            lambda connection: connection.close_socket(),
            "the stream broke off (without a word)",
            id="a broken line",
        ),
        pytest.param(
            lambda connection: connection.send(
                '{"$type": "error", "error": "ConsumerTooSlow", "message": "canary <!channel>"}'
            ),
            "the stream was ended (ConsumerTooSlow)",
            id="we are too slow",
        ),
        pytest.param(
            lambda connection: connection.send('{"$type": "error", "error": {"a": 1}}'),
            "the stream was ended (no reason)",
            id="an end without a reason",
        ),
    ],
)
def test_a_broken_stream_says_why(
    source: BlueskySource, jetstream: Jetstream, end: Script, said: str
) -> None:
    jetstream.plan(jetstream.sends(pushed("3l1"), then=end))
    error = refused(source, pages=9)
    assert (str(error), error.permanent) == (f"bluesky: {said}", False)


@pytest.mark.parametrize(
    ("status", "body", "said", "permanent"),
    [
        pytest.param(
            400, b'{"error": "InvalidRequest"}', "(400 InvalidRequest)", True, id="a request"
        ),
        pytest.param(400, b'{"error": "CursorTooOld"}', "(400 CursorTooOld)", False, id="too old"),
        pytest.param(404, b"<html>canary", "(404)", True, id="no such address"),
        pytest.param(429, b"", "(429)", False, id="too many"),
        pytest.param(503, b"{", "(503)", False, id="not ready"),
    ],
)
def test_a_refused_stream_says_whether_trying_again_can_help(
    source: BlueskySource,
    jetstream: Jetstream,
    *,
    status: int,
    body: bytes,
    said: str,
    permanent: bool,
) -> None:
    headers = Headers({"Content-Length": str(len(body)), "Retry-After": "7"})
    jetstream.refusal = Response(status, HTTPStatus(status).phrase, headers, body)
    error = refused(source)
    assert str(error).startswith(f"bluesky: the stream is refused {said}")
    assert error.permanent is permanent
    assert error.retry_after == (None if permanent else 7 * SECOND)


def test_a_redirect_is_not_followed(source: BlueskySource, jetstream: Jetstream) -> None:
    headers = Headers({"Content-Length": "0", "Location": f"{jetstream.url}/elsewhere"})
    jetstream.refusal = Response(302, "Found", headers)
    error = refused(source)
    assert (error.permanent, len(jetstream.paths)) == (True, 1)
    assert "check sources.bluesky.stream_url" in str(error)


def test_nobody_there_is_a_failure_that_may_pass(replay: Replay, jetstream: Jetstream) -> None:
    table = settings(replay, jetstream).model_copy(update={"stream_url": "ws://127.0.0.1:9"})
    error = refused(BlueskySource(table))
    assert re.fullmatch(r"bluesky: the stream could not be opened \(\w+\)", str(error))
    assert not error.permanent


# --- stopping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood", [pytest.param(True, id="in a flood"), pytest.param(False, id="in silence")]
)
def test_a_stream_ends_soon_after_it_is_told_to(
    source: BlueskySource, jetstream: Jetstream, *, flood: bool
) -> None:
    def pours(connection: ServerConnection) -> None:
        begun.set()
        while flood:
            connection.send(pushed("3l1", "the weather"))
        jetstream.stay(connection)

    begun, stop = Event(), Event()
    jetstream.plan(pours)
    arguments: dict[str, Any] = {"take": lambda _: None, "stop": stop, "clock": lambda: NOW}
    running = threading.Thread(target=source.stream, args=((WATCH,), None), kwargs=arguments)
    running.start()
    assert begun.wait(10)
    asked_at = monotonic()
    stop.set()
    running.join(10)
    assert monotonic() - asked_at < 8


def test_what_take_raises_ends_the_stream(source: BlueskySource, jetstream: Jetstream) -> None:
    def take(_: Page) -> None:
        raise KeyError("full")

    jetstream.plan(jetstream.sends(pushed("3l1")))
    with pytest.raises(KeyError, match="full"):
        source.stream((WATCH,), None, take=take, stop=Event(), clock=Ticking())


def test_a_source_streams_when_its_settings_say_so(source: BlueskySource) -> None:
    assert source.streaming
    plain = BlueskySettings.model_validate({"handle": "me.example.com", "app_password": CANARY})
    assert not BlueskySource(plain).streaming
