"""Shuts connections down at a deadline: a slow drip of bytes never hits the timeout of one read."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event, Thread, Timer
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

HEAD_S = 25.0  # from the request until all headers of its answer are there
_LOOK_EVERY_S = 0.5


@dataclass(slots=True)
class _Call:
    line: object = None  # the socket that is waited for


# The call of this thread, where hung_up_on_stop() may end it.
_call: ContextVar[_Call | None] = ContextVar("_call", default=None)


@contextmanager
def hung_up_on(connection: Any, after_s: float) -> Iterator[None]:  # noqa: ANN401 (or None)
    """Shut the connection down when it is still in use after this many seconds.

    Raises TimeoutError then, because an answer that was cut off may look whole.
    """
    ends_at = time.monotonic() + after_s
    alarm = Timer(after_s, _hang_up, [getattr(connection, "line", None)])
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
    if time.monotonic() > ends_at:
        raise TimeoutError


@contextmanager
def hung_up_on_stop(stop: Event) -> Iterator[None]:
    """Shut down the connection that is waited for inside, soon after `stop` is set."""
    call, left = _Call(), Event()

    def watch() -> None:
        while not left.wait(_LOOK_EVERY_S):
            if stop.is_set():
                _hang_up(call.line)

    outer = _call.set(call)
    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        left.set()
        watcher.join()
        _call.reset(outer)


def _hang_up(line: object) -> None:
    if isinstance(line, socket.socket):
        with suppress(OSError):  # it has ended by itself
            # Not TLS's own shutdown, which would change its state while another thread reads.
            socket.socket.shutdown(line, socket.SHUT_RDWR)


class _HTTP(HTTPConnection):
    line: socket.socket | None = None  # kept when http.client hands it on to the answer

    def getresponse(self) -> Any:  # noqa: ANN401 (urllib3's)
        self.line = self.sock
        if call := _call.get():
            call.line = self.line
        with hung_up_on(self, HEAD_S):
            return super().getresponse()


class _HTTPS(_HTTP, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
