"""Signed HTTP: the way in for who has a public address. Socket Mode needs none."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from alerts.slack.actions import from_http
from net.server import Answer, RefusedError, Request, Route
from net.signed import SLACK, ForgedError, check

PATH = "/slack"  # of all three: interactivity, the command and events
TYPES = ("application/json", "application/x-www-form-urlencoded")
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """What Slack is told at once, before anything is done."""

    accepted: bool = True  # False: there is no room for it, or it is too late
    body: Mapping[str, Any] | None = None  # what is wrong in a dialog


Take = Callable[[str, object], Taken]  # the kind and the payload, for actions.read()


def route(secret: str, take: Take, *, clock: Callable[[], datetime]) -> Route:
    """What the server does at PATH: verify, hand over, answer.

    What comes twice is for whoever takes it to notice: a signature that was seen is no sign, since
    Slack signs a retry anew.
    """

    def verified(request: Request) -> Answer:
        timestamp, given = request.header(SLACK.timestamp), request.header(SLACK.signature)
        try:
            check(secret, timestamp, given, request.body, SLACK, now=clock())
        except ForgedError as error:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, str(error)) from error
        kind, payload = from_http(request.body, request.headers.get_content_type())
        if (challenge := _challenge(payload)) is not None:
            return Answer(HTTPStatus.OK, {"challenge": challenge})
        taken = take(kind, payload)
        if not taken.accepted:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "busy; try again")
        return Answer(HTTPStatus.OK, taken.body)

    return Route(verified, TYPES, MOST_BYTES)


def _challenge(payload: object) -> str | None:
    """What Slack wants to read back when the address is entered there."""
    if not isinstance(payload, dict) or payload.get("type") != "url_verification":
        return None
    challenge = payload.get("challenge")
    return challenge if isinstance(challenge, str) else ""


def envelope(raw: str) -> tuple[str, str, object] | None:
    """The id, kind and payload of a Socket Mode message; None of one that wants no answer."""
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not isinstance(message.get("envelope_id"), str):
        return None
    return message["envelope_id"], str(message.get("type")), message.get("payload")
