"""The webhook: mentions that other tools bring by POST, signed with a secret they share with us."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from net.server import Answer, RefusedError, Request, Route
from net.signed import OURS, ForgedError, Seen, check

PATH = "/mentions"
TYPES = ("application/json", "application/jsonl", "application/x-ndjson")
MOST_BYTES = 5 * 1024 * 1024

Take = Callable[[bytes], Answer]  # stores what a body holds; it was signed and has not come before


def route(secret: str, take: Take) -> Route:
    """What the server does at PATH: verify, and take a request once."""
    seen = Seen()

    def verified(request: Request) -> Answer:
        now, given = datetime.now(UTC), request.header(OURS.signature)
        try:
            check(secret, request.header(OURS.timestamp), given, request.body, now=now)
        except ForgedError as error:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, str(error)) from error
        if not seen.claim(given, now=now):
            raise RefusedError(HTTPStatus.CONFLICT, "this request was taken already")
        try:
            return take(request.body)
        except Exception:
            seen.give_back(given)
            raise

    return Route(verified, TYPES, MOST_BYTES)
