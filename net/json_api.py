"""JSON over HTTP for networks without a kept client library: bounds, and errors as sentences."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests

from domain.errors import RemoteError
from net import limits, wire

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

# Reads a service's error body: the status, the JSON (None when it is none) and the wait that the
# headers ask for go in; None comes out where the body says no more than the status.
TranslateError = Callable[[int, Any, timedelta | None], RemoteError | None]


class NotThereError(RemoteError):
    """The service itself, not a gateway before it, says that there is no such thing."""


class NoAnswerError(RemoteError):
    """No answer, or not all of it, came in time: the next request may take as long."""


class Api:
    """One service. Every request has a timeout and a largest size; nothing is retried here."""

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        headers: Mapping[str, str],
        keys: str = "",
        translate_error: TranslateError | None = None,
    ) -> None:
        """headers: sent with every request, the authorisation too.

        keys: what to check when the service refuses us, for example sources.github.token.
        translate_error: for a service whose error bodies say more than its status codes.
        """
        self._source = source
        self._base_url = base_url.rstrip("/")
        self._keys = keys
        self._translate_error = translate_error
        self._session = wire.session()
        self._session.headers.update({"Accept": "application/json", **headers})

    def get(self, path: str, params: Mapping[str, Any], *, now: datetime | None) -> Any:  # noqa: ANN401
        """The answer's JSON, of whatever shape; path is put behind the base URL.

        now: the clock by which waits in the headers are read; None: they are ignored.
        Raises RemoteError when there is no whole answer, none with a good status, or no JSON.
        """
        return self._asked("GET", path, now, params=dict(params))

    def post(self, path: str, body: Mapping[str, Any], *, now: datetime | None) -> Any:  # noqa: ANN401
        """The same for a JSON body that is sent; nothing here may be sent twice with effect."""
        return self._asked("POST", path, now, json=dict(body))

    def post_form(self, path: str, fields: Mapping[str, str], *, now: datetime | None) -> Any:  # noqa: ANN401
        """The same for the fields of a form, as logging in wants them."""
        return self._asked("POST", path, now, data=dict(fields))

    def _asked(self, method: str, path: str, now: datetime | None, **sent: Any) -> Any:  # noqa: ANN401
        url = f"{self._base_url}/{path.lstrip('/')}"
        try:
            response = self._session.request(method, url, allow_redirects=False, **sent)
        except requests.RequestException as error:
            # Its text may hold the whole request, so only its type is named.
            kind = type(error).__name__
            raise NoAnswerError(f"{self._source}: no whole answer came ({kind})") from error
        if response.status_code != HTTPStatus.OK:
            raise self._refusal(response, now)
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise RemoteError(
                f"{self._source}: the answer is no JSON; will be tried again"
            ) from error

    def _refusal(self, response: requests.Response, now: datetime | None) -> RemoteError:
        status = response.status_code
        wait = limits.wait(response.headers, now) if now is not None else None
        body = _json_or_none(response)
        error = (
            self._translate_error(status, body, wait) if self._translate_error is not None else None
        )
        if error is not None:
            return error
        headers = response.headers
        spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and spent):
            return RemoteError(f"{self._source}: rate limited ({status})", retry_after=wait)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
            return RemoteError(f"{self._source}: the service fails ({status})", retry_after=wait)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return RemoteError(f"{self._source}: the answer holds nothing ({status})")
        check = f"; check {self._keys}" if self._keys and status in _REFUSED else ""
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            check = "; it points elsewhere: check base_url"
        if status in _NOT_THERE and isinstance(body, dict):
            message = f"{self._source}: there is no such thing ({status})"
            return NotThereError(message, permanent=True)
        return RemoteError(f"{self._source}: refused ({status}){check}", permanent=True)


def _json_or_none(response: requests.Response) -> Any:  # noqa: ANN401
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None
