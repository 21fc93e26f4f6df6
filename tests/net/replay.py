"""A server on loopback that answers as planned and remembers what it was asked."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    body: object = None  # JSON, bytes as they are, or an iterator of what is sent bit by bit
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False  # break the connection instead of answering
    cut: bool = False  # promise more bytes than are sent


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    pairs: tuple[tuple[str, str], ...] = ()  # the query with the keys that come again


class Replay:
    """Answers in order; the last one again and again. Paths in `fixed` have their own answer."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.fixed: dict[str, Answer] = {}
        self.by_query: Callable[[Asked], Answer] | None = None
        self.asked: list[Asked] = []
        self.url = ""

    def plan(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked.clear()

    def answer(self, asked: Asked) -> Answer:
        if asked.path in self.fixed:
            return self.fixed[asked.path]
        self.asked.append(asked)
        if self.by_query is not None:
            return self.by_query(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serve() -> Iterator[Replay]:
    replay = Replay()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        do_POST = do_PUT = do_GET  # noqa: N815 (names of http.server)

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(length).decode()
            pairs = tuple(parse_qsl(parts.query))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(
                replay.answer(Asked(self.command, parts.path, dict(pairs), headers, body, pairs))
            )

        def _send(self, answer: Answer) -> None:
            self.close_connection = True
            if answer.reset:
                # Linger of 0 seconds: close() sends RST instead of FIN.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                return
            given = answer.body
            if isinstance(given, Iterator):
                _push(self, answer, given)
                return
            body = given if isinstance(given, bytes) else json.dumps(given).encode()
            self.send_response(answer.status)
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body) + (100 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(body)

        def finish(self) -> None:
            if not self.connection._closed:  # noqa: SLF001
                super().finish()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001}, daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _push(handler: BaseHTTPRequestHandler, answer: Answer, bits: Iterator[bytes]) -> None:
    handler.send_response(answer.status)
    for name, value in {"transfer-encoding": "chunked", **answer.headers}.items():
        handler.send_header(name, value)
    with suppress(OSError):  # who was listening has gone
        handler.end_headers()
        for bit in bits:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(bit), bit))
        if not answer.cut:
            handler.wfile.write(b"0\r\n\r\n")


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """A server that sends this, and then one byte after the other without end."""
    stop = Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            line, _ = door.accept()
            with line:
                line.sendall(start)
                while not stop.wait(0.02):
                    try:
                        line.sendall(b"x")
                    except OSError:
                        return

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/feed"
        stop.set()
        thread.join()
