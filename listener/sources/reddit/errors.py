"""What goes wrong with Reddit, as one sentence each: whether to try again, and when."""

import math
import re
from collections.abc import MutableMapping
from datetime import datetime
from http import HTTPStatus

import prawcore
from praw.exceptions import RedditAPIException
from requests import JSONDecodeError, Response

from domain.errors import RemoteError
from net.refusals import Refusal, RefusedError, name_in, no_answer, odd_answer

_AFTER_DATE = "x-retry-after-date"  # where a date as Retry-After is kept from prawcore
_LONGEST_PAUSE_S = 60  # prawcore sleeps this out inside a request, and a stop must not wait longer
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ELSEWHERE = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.NOT_FOUND)
_KNOWN_REFUSALS = ("insufficient_scope", "invalid_token")


def straighten(response: Response) -> Response:
    """The answer without the headers that prawcore stumbles over.

    An HTTP date as Retry-After raises ValueError there, a 401 without WWW-Authenticate KeyError,
    and a rate limit that resets in a year makes it sleep that long.
    """
    headers = response.headers
    if "retry-after" in headers and _seconds(headers["retry-after"]) is None:
        headers[_AFTER_DATE] = headers.pop("retry-after")
    _straighten_rate_limit(headers)
    if response.status_code in _REFUSED and not any(
        headers.get("www-authenticate", "").replace('"', "").endswith(f"={known}")
        for known in _KNOWN_REFUSALS
    ):
        headers.pop("www-authenticate", None)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = 'Bearer error="invalid_token"'
    return response


def _straighten_rate_limit(headers: MutableMapping[str, str]) -> None:
    names = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")
    numbers = [_seconds(headers.get(name)) for name in names]
    for name, number in zip(names, numbers, strict=True):
        if None in numbers:
            headers.pop(name, None)
        elif number is not None:
            most = _LONGEST_PAUSE_S if name.endswith("reset") else math.inf
            headers[name] = str(int(min(number, most)))


def translate_error(error: Exception, now: datetime | None) -> RemoteError:
    """The error to raise for what PRAW raised. Its own texts are not used: they may quote keys.

    now: the clock that the headers' waits are told by; None: they are not looked at.
    """
    if isinstance(error, prawcore.OAuthException):
        return RefusedError(f"reddit: {_KEY_REFUSED}; {_CHECK}")
    if isinstance(error, prawcore.BadJSON):
        return odd_answer("reddit", "is no JSON")
    if isinstance(error, prawcore.RequestException):
        return no_answer("reddit", error.original_exception)
    if isinstance(error, prawcore.ResponseException):
        return _refusal(error.response, now)
    if isinstance(error, RedditAPIException):
        names = "; ".join(item.error_type for item in error.items)[:200]
        return RefusedError(f"reddit: refused: {names}")
    return RemoteError(f"reddit: {type(error).__name__}; will be tried again")


_KEY_REFUSED = "the key is refused"
_CHECK = "check client_id, client_secret and that Reddit approved the app"


def _refusal(response: Response, now: datetime | None) -> RemoteError:
    headers = dict(response.headers)
    headers["retry-after"] = headers.get("retry-after") or headers.pop(_AFTER_DATE, "")
    body = _json_or_none(response)
    refusal = Refusal("reddit", response.status_code, headers, now, body, name_in(body))
    place = re.search(r"/(r/[\w+.-]+)", response.url or "")
    if refusal.status == HTTPStatus.FORBIDDEN and place and refusal.name:
        what = f"{place[1]} is closed to us"
        return refusal.refused(what, advice="take it out of sources.reddit.subreddits")
    if refusal.status in _REFUSED or "access_token" in (response.url or ""):
        error = refusal.by_status()
        return refusal.refused(_KEY_REFUSED, advice=_CHECK) if error.permanent else error
    if refusal.status in _ELSEWHERE:
        return refusal.refused("nothing there", advice="check sources.reddit.subreddits")
    return refusal.by_status()


def _json_or_none(response: Response) -> object:
    try:
        found: object = response.json()
    except JSONDecodeError:
        return None
    return found


def _seconds(value: str | None) -> float | None:
    """A header's number, None when it is none or negative."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None
