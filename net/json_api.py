"""JSON over HTTP for networks without a kept client library: bounds, and errors as sentences."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests

from domain.errors import RemoteError
from net import wire
from net.refusals import Refusal, TranslateError, name_in, no_answer, odd_answer

# Of a batch with things that are not there, the others stand in a 207.
_GOOD = (HTTPStatus.OK, HTTPStatus.MULTI_STATUS)


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
        translate_error: for a service whose status alone does not say what is wrong.
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
            raise no_answer(self._source, error) from error
        if response.status_code not in _GOOD:
            raise self._refusal(response, now)
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise odd_answer(self._source, "is no JSON") from error

    def _refusal(self, response: requests.Response, now: datetime | None) -> RemoteError:
        body = _json_or_none(response)
        refusal = Refusal(
            self._source, response.status_code, response.headers, now, body, name_in(body)
        )
        translated = self._translate_error(refusal) if self._translate_error else None
        if translated is not None:
            return translated
        if response.status_code == HTTPStatus.FORBIDDEN and refusal.asks_to_wait():
            return refusal.rate_limited()
        return refusal.by_status(f"check {self._keys}" if self._keys else "")


def _json_or_none(response: requests.Response) -> Any:  # noqa: ANN401
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None
