"""Bluesky's Jetstream: every post of the network as it is written, over a WebSocket.

Sees     what its second version sends (the first is kept for old clients only); no key is needed.
Limits   it keeps about 36 hours; whoever reads too slowly is cut off.

Not by atproto's own client: that connects again for ever without a word, sleeps in between where
nothing stops it, prints what its callback raises, takes messages of 32 MiB, drops in silence what
it cannot read, and builds models of every post. Compression is left out: a dictionary of the
server's and a way for bombs, to save half of some hundred kilobits a second.

https://github.com/bluesky-social/jetstream/blob/main/docs/README.md (5.2)
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidStatus,
    WebSocketException,
)
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from domain.errors import RemoteError
from listener.clean import words
from listener.sources.bluesky.wire import USER_AGENT, error_name
from net.refusals import Refusal, passes

_REFUSED = "the stream is refused"
SILENT = timedelta(minutes=1)  # the network is never quiet for so long
_METHOD = "network.bsky.jetstream.subscribeEvents"
_POSTS = "app.bsky.feed.post"
# Posts have a few kilobytes, and anybody may write a larger one: it must not end every connection,
# so the server is asked to leave it out.
_MOST_BYTES = 256 * 1024
_OPEN_S, _CLOSE_S = 5.0, 1.0
_NAP_S = 0.1  # of waiting for a message, before `stop` is looked at
_MOST_ODD = 100  # unreadable messages in a row: this is no Jetstream
# Short enough that 25 fit into an address that every server takes.
_ADDRESS = re.compile(rf"at://did:[a-z]+:[\w.:%-]{{1,100}}/{_POSTS}/[\w.:~-]{{1,64}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """What one message of the stream says; all empty: that nothing came."""

    seen_at: str = ""  # when the Jetstream saw it, as it writes that
    uri: str = ""  # of a post that was written; "" for all else
    did: str = ""  # of its author
    record: Mapping[str, Any] = field(default_factory=dict)
    broken: str = ""  # a sentence, where it could not be read


def messages(
    address: str, since_us: int | None, *, stop: Event, clock: Callable[[], datetime]
) -> Generator[Message]:
    """What is pushed until `stop`, or until the service ends it in good order; never waits long.

    since_us: begin there, in microseconds since 1970, as far as it is kept; None: now.
    Raises RemoteError when the service refuses, fails, is silent or sends what is no Jetstream.
    """
    asked = {"kinds": "commit", "collections": _POSTS, "maxMessageSizeBytes": _MOST_BYTES}
    query = urlencode(asked if since_us is None else {**asked, "cursor": since_us})
    try:
        with connect(
            f"{address}/xrpc/{_METHOD}?{query}",
            compression=None,
            user_agent_header=USER_AGENT,
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            max_size=_MOST_BYTES,
            create_connection=_Direct,
        ) as connection:
            yield from _received(connection, stop, clock)
    except ConnectionClosedOK:
        return
    except ConnectionClosed as error:
        raise RemoteError(f"bluesky: the stream broke off ({_code(error)})") from error
    except _RefusedError as error:
        raise _refusal(error.response, clock()) from error
    except (OSError, WebSocketException) as error:
        kind = type(error).__name__
        raise RemoteError(f"bluesky: the stream could not be opened ({kind})") from error


class _RefusedError(Exception):
    """The service answered, and opened nothing."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class _Direct(ClientConnection):
    """Follows no redirect: to a host that nobody has checked."""

    def handshake(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (the library's)
        try:
            super().handshake(*args, **kwargs)
        except InvalidStatus as error:
            raise _RefusedError(error.response) from error


def _refusal(response: Response, now: datetime) -> RemoteError:
    headers, name = dict(response.headers.raw_items()), error_name(response.body)
    refusal = Refusal("bluesky", response.status_code, headers, now, name=name)
    if passes(refusal.status) or name == "CursorTooOld":
        return RemoteError(str(refusal.refused(_REFUSED)), retry_after=refusal.wait)
    return refusal.refused(_REFUSED, advice="check sources.bluesky.stream_url")


def _code(error: ConnectionClosed) -> str:
    """Why, as a number: what stands beside it is a stranger's text."""
    closed = error.sent or error.rcvd
    return str(int(closed.code)) if closed is not None else "without a word"


def _received(
    connection: ClientConnection, stop: Event, clock: Callable[[], datetime]
) -> Iterator[Message]:
    heard_at, odd = clock(), 0
    while not stop.is_set():
        try:
            raw = connection.recv(timeout=_NAP_S, decode=False)
        except TimeoutError:
            if clock() - heard_at >= SILENT:
                raise RemoteError("bluesky: the stream has said nothing for a minute") from None
            yield Message()
            continue
        heard_at, message = clock(), _message(raw)
        odd = odd + 1 if message.broken else 0
        if odd >= _MOST_ODD:
            raise RemoteError(
                "bluesky: nothing the stream sends can be read; check sources.bluesky.stream_url"
            )
        yield message


def _message(raw: bytes) -> Message:
    """What a message says. Raises RemoteError when it says that the stream is at its end."""
    try:
        frame = json.loads(raw)
    except (RecursionError, ValueError):
        return Message(broken="bluesky: a message of the stream is no JSON that can be read")
    frame = frame if isinstance(frame, dict) else {}
    if frame.get("$type") == "error":
        raise RemoteError(f"bluesky: the stream was ended ({error_name(raw) or 'no reason'})")
    payload = frame.get("payload")
    if frame.get("$type") != "message" or not isinstance(payload, dict):
        return Message(broken="bluesky: a message of the stream is none of a Jetstream")
    return _pushed(payload)


def _pushed(payload: Mapping[str, Any]) -> Message:
    seen_at = words(payload.get("witnessedAt")) or words(payload.get("time"))
    what = payload.get("$type"), payload.get("operation"), payload.get("collection")
    if what != (f"{_METHOD}#commit", "create", _POSTS):
        return Message(seen_at)
    did, record = words(payload.get("did")), payload.get("record")
    uri = f"at://{did}/{_POSTS}/{words(payload.get('rkey'))}"
    if not _ADDRESS.fullmatch(uri) or not isinstance(record, dict):
        return Message(seen_at, broken="bluesky: a pushed post has no address or no record")
    return Message(seen_at, uri, did, record)
