"""The webhook of the running service: what becomes of the mentions that other tools send."""

import errno
import http.client
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from itertools import islice

from domain.errors import EarshotError
from earshot.brands.tracked import name_of
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from listener.imports import BadRow, Imported, Notice, read_body
from listener.settings import WebhookSettings
from listener.webhook import PATH, route
from net.server import Answer, Route, Server

log = logging.getLogger(__name__)

SHOWN = 20  # bad rows of one request that are listed one by one
_ANSWER_S = 3.0


@contextmanager
def serving(
    app: App, beside: Mapping[str, Route] | None = None, *, clock: Callable[[], datetime]
) -> Iterator[Server | None]:
    """Take mentions from other tools meanwhile, where [intake.webhook] is enabled.

    beside: what others have the same server take, by path. None: there is nothing to take at all.
    Raises EarshotError when the port cannot be had.
    """
    table, routes = app.config.top.intake.webhook, dict(beside or {})
    if table.enabled:
        secret = table.secret.get_secret_value()
        routes[PATH] = route(secret, lambda body: take(app, body, now=clock()))
    if not routes:
        yield None
        return
    host, port = _place(table)
    try:
        server = Server(host, port, routes)
    except OSError as error:
        raise EarshotError(
            f"[intake.webhook] cannot listen on {table.listen}: {error.strerror or error}"
        ) from error
    server.start()
    try:
        yield server
    finally:
        server.stop()


def take(app: App, body: bytes, *, now: datetime) -> Answer:
    """Store the mentions of a request, as `earshot import` stores those of a file.

    A bad row does not stop the rest; the answer names its line, and never quotes it.
    """
    rows = list(read_body(body, now=now))
    good = [row for row in rows if isinstance(row, Imported)]
    bad = [row for row in rows if isinstance(row, BadRow)]
    tracked = app.config.tracked
    pairs = [(row.mention, name_of(tracked, row.brand)) for row in good]
    new, unmatched = collecting.store_imported(app, pairs, now=now) if pairs else (0, [])
    log.info("webhook took mentions read=%d new=%d bad=%d", len(good), new, len(bad))
    answer = {
        "read": len(good),
        "new": new,
        "known": len(good) - new - len(unmatched),
        "name_no_brand": len(unmatched),
        "bad": len(bad),
        "problems": [{"line": row.line, "reason": row.reason} for row in islice(bad, SHOWN)],
        "notices": [row.text for row in rows if isinstance(row, Notice)],
    }
    return Answer(HTTPStatus.ACCEPTED if good else HTTPStatus.BAD_REQUEST, answer)


def check(table: WebhookSettings, path: str = PATH, what: str = "mentions") -> str:
    """Whether its port is free, or the service answers there, in a sentence for `doctor`.

    path, what: of what is asked for. Raises EarshotError when another program has the port or it
    cannot be had at all.
    """
    host, port = _place(table)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            problem = f"cannot listen on {table.listen}: {error.strerror or error}"
            raise EarshotError(f"{problem}; see intake.webhook.listen") from error
        if not _is_ours(host, port):
            raise EarshotError(
                f"{table.listen} is taken by another program: choose another intake.webhook.listen"
            ) from error
        return f"takes {what} at http://{table.listen}{path}"
    return f"{table.listen} is free; earshot run takes {what} at http://{table.listen}{path}"


def _is_ours(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", PATH)
        return (connection.getresponse().getheader("Server") or "").strip() == "earshot"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _place(table: WebhookSettings) -> tuple[str, int]:
    host, _, port = table.listen.rpartition(":")
    return host.strip("[]"), int(port)
