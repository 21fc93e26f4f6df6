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
from net.refusals import RateLimitedError, Refusal, no_answer, odd_answer


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
        raise _translated(error, now) from error
    except requests.JSONDecodeError as error:
        raise odd_answer("x", "is no JSON") from error
    except requests.RequestException as error:
        raise no_answer("x", error) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # tweepy stumbles over an error body that is a list.
        raise odd_answer("x", "makes no sense") from error


def _translated(error: tweepy.HTTPException, now: datetime | None) -> RemoteError:
    response = error.response
    refusal = Refusal("x", response.status_code, response.headers, now)
    if refusal.status == HTTPStatus.CONFLICT:
        return ConflictError("x: the one before is not finished (409); will be tried again")
    if refusal.status == HTTPStatus.PAYMENT_REQUIRED:
        advice = "buy credits in the developer console"
        return refusal.refused("no credits left", advice=advice)
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(refusal, response.text)
    advice = "check sources.x.bearer_token and the access of its app"
    return refusal.by_status(advice, words=_sentence(error))


def _limited(refusal: Refusal, body: str) -> RemoteError:
    if "TooManyConnections" in body:
        # Its rate limit headers are about something else.
        return RateLimitedError("x: the app's only stream is taken, or not let go yet (429)")
    if "UsageCapExceeded" in body:
        return refusal.refused("the monthly cap of posts is used up")
    return refusal.rate_limited()


def _sentence(error: tweepy.HTTPException) -> str:
    """X's own words on one line; they quote the query at most, never the token."""
    messages = "; ".join(message for message in error.api_messages if isinstance(message, str))
    return messages or problems(error.api_errors) or str(error.response.reason)


def problems(listed: Sequence[object]) -> str:
    """Title and details of X's problem objects, on one line; "" where they say nothing."""
    found = "; ".join(filter(None, map(_problem, listed)))
    return " ".join(found.split())[:300]


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
    raise odd_answer("x", "holds no list of posts")


def _sound(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise odd_answer("x", "is no JSON object")
    if "meta" not in answer and "data" not in answer:
        errors = answer.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        reason = first.get("title") if isinstance(first, dict) else None
        raise RemoteError(f"x: the answer holds no posts: {reason or 'no reason given'}")
    return answer
