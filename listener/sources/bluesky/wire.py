"""How atproto's requests are sent, and what goes wrong with Bluesky, as one sentence each."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests
from atproto_client.request import RequestBase, Response

from domain.errors import RemoteError
from net import limits, wire

USER_AGENT = "earshot (self-hosted brand monitor)"
_STALE = ("ExpiredToken", "InvalidToken")
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)
_CHECK = "check sources.bluesky.handle and app_password"


class RefusedError(RemoteError):
    """400: the service does not take this request; `name` is its own word for why."""

    def __init__(self, name: str) -> None:
        super().__init__(f"bluesky: refused the request ({name or 400})", permanent=True)
        self.name = name


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
            # Its text may hold the whole request, so only its kind is told.
            kind = type(error).__name__
            raise RemoteError(f"bluesky: no whole answer came ({kind})") from error
        if response.status_code != HTTPStatus.OK:
            raise AnswerError(response)
        try:
            content = response.json()
        except requests.JSONDecodeError as error:
            raise odd("is no JSON") from error
        return Response(True, HTTPStatus.OK, content, dict(response.headers))  # noqa: FBT003


def error_name(body: bytes | bytearray | None) -> str:
    """Its own word, such as InvalidRequest; "" where the body is nothing of Bluesky's."""
    try:
        answer = json.loads(body or b"")
    except (RecursionError, ValueError):
        return ""
    name = answer.get("error") if isinstance(answer, dict) else None
    return name if isinstance(name, str) and name.isascii() and name.isalnum() else ""


def trouble(error: AnswerError, now: datetime | None) -> RemoteError:
    """The error to raise for such an answer. now: as in BlueskySession.query."""
    status = error.status
    wait = limits.wait(error.headers, now) if now is not None else None
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return odd(f"holds nothing ({status})")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        what = "logging in is rate limited" if error.logging_in else "rate limited"
        return RemoteError(f"bluesky: {what} (429)", retry_after=wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in BUSY:
        return RemoteError(f"bluesky: the service fails ({status})", retry_after=wait)
    if status == HTTPStatus.BAD_REQUEST and not error.logging_in and not error.is_stale:
        return RefusedError(error.name)
    return RemoteError(f"bluesky: {_refusal(error)}", permanent=True)


def _refusal(error: AnswerError) -> str:
    said = f"{error.status} {error.name}".strip()
    if error.name == "AuthFactorTokenRequired":
        return f"that is the account's own password ({said}); make an app password"
    if error.is_ours:
        return f"the login is refused ({said}); {_CHECK}"
    if error.status == HTTPStatus.FORBIDDEN:
        return f"refused ({said}); {_CHECK}"
    return f"refused ({said}); check sources.bluesky.base_url"


def odd(what: str) -> RemoteError:
    return RemoteError(f"bluesky: the answer {what}; will be tried again")
