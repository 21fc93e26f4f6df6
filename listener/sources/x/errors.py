"""What goes wrong with X, as one sentence each: whether to try again, and when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

import requests
import tweepy

from domain.errors import RemoteError
from listener.clean import words
from net import limits


class BadRequestError(RemoteError):
    """400: X does not take this request, perhaps only its position in the walk."""


class ConflictError(RemoteError):
    """409: there is one already."""


def answered(
    call: Callable[..., object], now: datetime | None, **asked: object
) -> Mapping[str, Any]:
    """What X answers to this call of tweepy's client. Raises RemoteError when it is no answer.

    now: the clock that the headers' waits are told by; None: they are not looked at.
    """
    with refusals(now):
        answer = call(**asked)
    return _sound(answer)


@contextmanager
def refusals(now: datetime | None) -> Iterator[None]:
    """Says what goes wrong within as answered() does."""
    try:
        yield
    except tweepy.HTTPException as error:
        raise _refusal(error, now) from error
    except requests.JSONDecodeError as error:
        raise RemoteError("x: the answer is no JSON; will be tried again") from error
    except requests.RequestException as error:
        # Its text may hold the whole request, so only its kind is told.
        raise RemoteError(f"x: no whole answer came ({type(error).__name__})") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # tweepy stumbles over an error body that is a list.
        raise RemoteError("x: the answer makes no sense; will be tried again") from error


def _refusal(error: tweepy.HTTPException, now: datetime | None) -> RemoteError:
    status, headers = error.response.status_code, error.response.headers
    said = _sentence(error)
    if status == HTTPStatus.BAD_REQUEST:
        return BadRequestError(f"x: refused the request: {said}", permanent=True)
    if status == HTTPStatus.CONFLICT:
        return ConflictError("x: the one before is not finished (409); will be tried again")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return RemoteError(
            "x: no credits left (402); buy credits in the developer console", permanent=True
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(error, now)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Its rate limit headers say nothing of when it will be well again.
        after = {"retry-after": headers.get("retry-after", "")}
        wait = limits.wait(after, now) if now is not None else None
        return RemoteError(f"x: the service fails ({status})", retry_after=wait)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        said = f"{said}; check sources.x.bearer_token and the access of its app"
    return RemoteError(f"x: refused ({status}): {said}", permanent=True)


def _limited(error: tweepy.HTTPException, now: datetime | None) -> RemoteError:
    if "TooManyConnections" in error.response.text:
        # Its rate limit headers are about something else.
        return RemoteError("x: the app's only stream is taken, or not let go yet (429)")
    if "UsageCapExceeded" in error.response.text:
        return RemoteError("x: the monthly cap of posts is used up (429)", permanent=True)
    wait = limits.wait(error.response.headers, now) if now is not None else None
    return RemoteError("x: rate limited (429)", retry_after=wait)


def _sentence(error: tweepy.HTTPException) -> str:
    """X's own words on one line; they quote the query at most, never the token."""
    said = "; ".join(message for message in error.api_messages if isinstance(message, str))
    said = " ".join(said.split())[:300] or problems(error.api_errors)
    return said or str(error.response.reason)


def problems(told: Sequence[object]) -> str:
    """Title and details of X's problem objects, on one line; "" where they say nothing."""
    said = "; ".join(filter(None, map(_problem, told)))
    return " ".join(said.split())[:300]


def _problem(one: object) -> str:
    if not isinstance(one, dict):
        return ""
    details = one.get("details")
    parts = [one.get("title"), one.get("detail"), *(details if isinstance(details, list) else [])]
    return ": ".join(filter(None, map(words, parts)))


def with_posts(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer of a listing. Raises RemoteError when it neither lists posts nor says: none."""
    if isinstance(answer.get("data", []), list) and isinstance(answer.get("meta", {}), dict):
        return answer
    raise RemoteError("x: the answer holds no list of posts; will be tried again")


def _sound(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise RemoteError("x: the answer is no JSON object; will be tried again")
    if "meta" not in answer and "data" not in answer:
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        said = first.get("title") if isinstance(first, dict) else None
        raise RemoteError(f"x: the answer holds no posts: {said or 'no reason given'}")
    return answer
