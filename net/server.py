"""A small HTTP server that takes POST at the paths it is given, and nothing else.

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
from email.message import Message
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore, Thread
from typing import Any

log = logging.getLogger(__name__)

READ_S = 10.0  # for a whole request, its headers too
AT_ONCE = 8
STOP_S = 5.0  # what is in hand at the end gets so long
_ANSWER_S = 5.0
_POLL_S = 0.1  # how soon a stop is noticed
_BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 10\r\nConnection: close\r\n\r\n"
# Read and dropped after a refusal, else the client may miss the answer.
_DRAINED = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        """Its value, "" where there is none."""
        return str(self.headers.get(name, ""))


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: Mapping[str, Any] | None = None  # JSON; None: nothing


class RefusedError(Exception):
    """A request that is not taken; its text is the sentence the sender gets."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Route:
    take: Callable[[Request], Answer]  # nothing is verified yet; may raise RefusedError
    types: tuple[str, ...]  # of a body
    most_bytes: int


class Server:
    """Made, it has its port; it takes requests from start() to stop()."""

    def __init__(
        self, host: str, port: int, routes: Mapping[str, Route], *, read_s: float = READ_S
    ) -> None:
        """routes: by path. Raises OSError when the port cannot be had."""
        self._server = _Server(host, port, routes, read_s)
        serve = partial(self._server.serve_forever, poll_interval=_POLL_S)
        self._thread = Thread(target=serve, name="http", daemon=True)

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

    def __init__(self, host: str, port: int, routes: Mapping[str, Route], read_s: float) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.routes, self.read_s = routes, read_s
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
            log.error("server stumbled over a request", exc_info=error)

    def wait_until_idle(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        had = [
            self._places.acquire(timeout=max(0.0, ends - time.monotonic())) for _ in range(AT_ONCE)
        ]
        for _ in filter(None, had):
            self._places.release()


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
        self._refuse(RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, f"POST to {self._paths()}"))

    def do_POST(self) -> None:
        try:
            answer = self._answer()
        except RefusedError as refusal:
            self._refuse(refusal)
        else:
            self._send(answer)

    def _paths(self) -> str:
        return ", ".join(self.server.routes)

    def _answer(self) -> Answer:
        route = self.server.routes.get(self.path.partition("?")[0])
        if route is None:
            reason = f"nothing is taken here, but at {self._paths()}"
            raise RefusedError(HTTPStatus.NOT_FOUND, reason)
        if self.headers.get_content_type() not in route.types:
            reason = f"Content-Type must be one of {', '.join(route.types)}"
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
        request = Request(self.headers, self._body(route.most_bytes))
        try:
            return route.take(request)
        except RefusedError:
            raise
        except Exception as error:
            log.exception("server could not store what it was brought")
            reason = "it could not be stored; try again"
            raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, reason) from error

    def _body(self, most_bytes: int) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,12}", length):
            reason = "Content-Length is missing or no number"
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, reason)
        if int(length) > most_bytes:
            reason = f"more than {most_bytes // 1024 // 1024} MB at once"
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        try:
            body = self.rfile.read(int(length))
        except TimeoutError as error:
            reason = f"the request took longer than {self.server.read_s:g} s"
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, reason) from error
        if len(body) < int(length):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is shorter than Content-Length")
        return body

    def _refuse(self, refusal: RefusedError) -> None:
        self._send(Answer(refusal.status, {"error": str(refusal)}))
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            dropped = 0
            while dropped < _DRAINED and (chunk := self.rfile.read1(64 * 1024)):
                dropped += len(chunk)

    def _send(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
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
