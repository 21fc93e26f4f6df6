"""How atproto's requests are sent, and what goes wrong with Bluesky, as one sentence each."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests
from atproto_client.request import RequestBase, Response

from domain.errors import RemoteError
from net import wire
from net.refusals import Refusal, no_answer, odd_answer

USER_AGENT = "earshot (self-hosted brand monitor)"
_STALE = ("ExpiredToken", "InvalidToken")
_CHECK = "check sources.bluesky.handle and app_password"


class AnswerError(Exception):
    """Any answer but a good one."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.headers = response.headers
        self.name = error_name(response.content)
        self.logging_in = False

    @property
    def is_ours(self) -> bool:
        """Whether what we sent is to blame."""
        return self.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)

    @property
    def is_stale(self) -> bool:
        """Whether the session is to blame: a new one may be taken."""
        return self.status == HTTPStatus.UNAUTHORIZED or (self.is_ours and self.name in _STALE)


class Wire(RequestBase):  # type: ignore[misc]  # published without types
    """Sends what the library asks for through our own session, with its bounds.

    Its own knows no largest answer, and follows redirects with whatever it carries.
    """

    def __init__(self) -> None:
        super().__init__()
        self._session = wire.session()
        self.add_additional_header("User-Agent", USER_AGENT)

    def get(self, *, url: str, headers: dict[str, str], **sent: Any) -> Response:  # noqa: ANN401
        return self._sent("GET", url, headers, params=sent.get("params"))

    def post(self, *, url: str, headers: dict[str, str], **sent: Any) -> Response:  # noqa: ANN401
        return self._sent("POST", url, headers, data=sent.get("content"))

    def _sent(self, method: str, url: str, headers: dict[str, str], **sent: Any) -> Response:  # noqa: ANN401
        try:
            response = self._session.request(
                method, url, headers=self.get_headers(headers), allow_redirects=False, **sent
            )
        except requests.RequestException as error:
            raise no_answer("bluesky", error) from error
        if response.status_code != HTTPStatus.OK:
            raise AnswerError(response)
        try:
            content = response.json()
        except requests.JSONDecodeError as error:
            raise odd_answer("bluesky", "is no JSON") from error
        return Response(True, HTTPStatus.OK, content, dict(response.headers))  # noqa: FBT003


def error_name(body: bytes | bytearray | None) -> str:
    """Its own word, such as InvalidRequest; "" where the body is nothing of Bluesky's."""
    try:
        answer = json.loads(body or b"")
    except (RecursionError, ValueError):
        return ""
    name = answer.get("error") if isinstance(answer, dict) else None
    return name if isinstance(name, str) and name.isascii() and name.isalnum() else ""


def translate_error(error: AnswerError, now: datetime | None) -> RemoteError:
    """The error to raise for such an answer. now: as in BlueskySession.query."""
    refusal = Refusal("bluesky", error.status, error.headers, now, name=error.name)
    if error.name == "AuthFactorTokenRequired":
        what = "that is the account's own password"
        return refusal.refused(what, advice="make an app password")
    if error.status == HTTPStatus.TOO_MANY_REQUESTS and error.logging_in:
        return refusal.rate_limited("logging in is rate limited")
    if error.is_ours and (error.logging_in or error.is_stale):
        return refusal.refused("the login is refused", advice=_CHECK)
    return refusal.by_status(_CHECK, place="sources.bluesky.base_url")
