"""The webhook: a small HTTP server that takes POST /mentions and nothing else.

Built on the standard library. What it lacks is added here: a request has 10 seconds in all and
there are 8 places, so a sender who drips bytes holds one of them for 10 seconds and no longer. The
server packages we looked at bound the silence between two bytes, which dripping is not.
"""

import io
import json
import logging
import re
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from typing import Any

from listener.signed import ForgedError, Seen, check

log = logging.getLogger(__name__)

PATH = "/mentions"
TYPES = ("application/json", "application/jsonl", "application/x-ndjson")
MOST_BYTES = 5 * 1024 * 1024
READ_S = 10.0  # for a whole request, its headers too
AT_ONCE = 8
STOP_S = 5.0  # what is in hand at the end gets so long
_ANSWER_S = 5.0
_POLL_S = 0.1  # how soon a stop is noticed
_BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 10\r\nConnection: close\r\n\r\n"
_DRAINED = 4 * MOST_BYTES  # read and dropped after a refusal, else the client may miss the answer


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: Mapping[str, Any]  # JSON


Take = Callable[[bytes], Answer]  # stores what a body holds; it was signed and has not come before


class Webhook:
    """The server. Made, it has its port; it takes requests from start() to stop()."""

    def __init__(
        self, host: str, port: int, secret: str, take: Take, *, read_s: float = READ_S
    ) -> None:
        """Raises OSError when the port cannot be had."""
        self._server = _Server(host, port, secret, take, read_s)
        serve = partial(self._server.serve_forever, poll_interval=_POLL_S)
        self._thread = Thread(target=serve, name="webhook", daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and let what is in hand finish within STOP_S.

        Who gets no answer tries again, and nothing is stored twice.
        """
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        self._server.wait_until_idle(STOP_S)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, secret: str, take: Take, read_s: float) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.secret, self.take, self.read_s = secret, take, read_s
        self.seen = Seen()
        self._places = BoundedSemaphore(AT_ONCE)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's would ask the name service for our own name
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        if not self._places.acquire(blocking=False):
            with suppress(OSError):
                request.sendall(_BUSY)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):  # else the sender has hung up
            log.error("webhook stumbled over a request", exc_info=error)

    def wait_until_idle(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        had = [
            self._places.acquire(timeout=max(0.0, ends - time.monotonic())) for _ in range(AT_ONCE)
        ]
        for _ in filter(None, had):
            self._places.release()


class _RefusedError(Exception):
    """A request that is not taken; its text is the sentence the sender gets."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "earshot", ""

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_Until(self.connection, self.server.read_s))

    def log_message(self, *_: object) -> None:
        """Log nothing: requests are routine, and their content must not be logged."""

    def do_GET(self) -> None:
        self._refuse(_RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, f"POST mentions to {PATH}"))

    def do_POST(self) -> None:
        try:
            answer = self._answer()
        except _RefusedError as refusal:
            self._refuse(refusal)
        else:
            self._send(answer)

    def _answer(self) -> Answer:
        if self.path.partition("?")[0] != PATH:
            raise _RefusedError(HTTPStatus.NOT_FOUND, f"mentions are taken at {PATH}")
        if self.headers.get_content_type() not in TYPES:
            reason = f"Content-Type must be one of {', '.join(TYPES)}"
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
        body, now = self._body(), datetime.now(UTC)
        timestamp = self.headers.get("X-Earshot-Timestamp", "")
        given = self.headers.get("X-Earshot-Signature", "")
        try:
            check(self.server.secret, timestamp, given, body, now=now)
        except ForgedError as error:
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, str(error)) from error
        if not self.server.seen.claim(given, now=now):
            raise _RefusedError(HTTPStatus.CONFLICT, "this request was taken already")
        try:
            return self.server.take(body)
        except Exception as error:
            self.server.seen.give_back(given)
            log.exception("webhook could not store what it was brought")
            reason = "it could not be stored; try again"
            raise _RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, reason) from error

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,12}", length):
            reason = "Content-Length is missing or no number"
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, reason)
        if int(length) > MOST_BYTES:
            reason = f"more than {MOST_BYTES // 1024 // 1024} MB at once"
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        try:
            body = self.rfile.read(int(length))
        except TimeoutError as error:
            reason = f"the request took longer than {self.server.read_s:g} s"
            raise _RefusedError(HTTPStatus.REQUEST_TIMEOUT, reason) from error
        if len(body) < int(length):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "the body is shorter than Content-Length")
        return body

    def _refuse(self, refusal: _RefusedError) -> None:
        self._send(Answer(refusal.status, {"error": str(refusal)}))
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            dropped = 0
            while dropped < _DRAINED and (chunk := self.rfile.read1(64 * 1024)):
                dropped += len(chunk)

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.body).encode()
        self.close_connection = True
        self.connection.settimeout(_ANSWER_S)
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class _Until(io.RawIOBase):
    """Reads a socket until its time is up, however much it has sent by then."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection, self._ends = connection, time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (as in io)
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)
