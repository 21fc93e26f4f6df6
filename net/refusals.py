"""What an answer that is no good one means, of every service: one table, one form of sentence.

A service is made to say by its status, its headers and its body whether it limits us, fails, does
not have the thing, or refuses us. What one network says differently stands with its source.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from domain.errors import RemoteError
from net import limits

_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NAMES = ("reason", "error_name", "error_type", "error", "code", "status")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{1,59}", re.ASCII)
_MOST_SHOWN = 200  # characters of a service's own words


class NoAnswerError(RemoteError):
    """Nothing came, or not all of it: who waited for this may wait as long for the next thing."""


class RateLimitedError(RemoteError):
    """Too many requests; retry_after says how long to wait, where the service does."""


class FailingError(RemoteError):
    """The service fails; to try again later is all one can do."""


class RefusedError(RemoteError):
    """The service does not do this, however often it is asked; `name` is its own word for why."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message, permanent=True)
        self.name = name


class BadRequestError(RefusedError):
    """400: the service does not take this request, perhaps only what stands in it."""


class NotThereError(RefusedError):
    """The service itself, not a gateway before it, says that there is no such thing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no good one."""

    source: str  # with which every sentence begins
    status: int
    headers: Mapping[str, str]
    now: datetime | None  # the clock that waits are told by; None: they are not looked at
    body: Any = None  # its JSON; None where it is none
    name: str = ""  # the service's own word for what is wrong, shown beside the status
    code: str = ""  # shown instead of both, where a service counts its errors

    @property
    def wait(self) -> timedelta | None:
        """How long the service asks to be left alone."""
        return limits.wait(self.headers, self.now) if self.now is not None else None

    def by_status(self, advice: str = "", *, place: str = "", words: str = "") -> RemoteError:
        """What the status says where the body says no more.

        advice: what to do where it is about the key; place: what says where the service is asked;
        words: the service's own.
        """
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self.rate_limited()
        if self.status < HTTPStatus.MULTIPLE_CHOICES:
            return odd_answer(self.source, f"holds nothing ({self.status})")
        if passes(self.status):
            return self.fails()
        return self._refused_by_status(advice, place, words)

    def _refused_by_status(self, advice: str, place: str, words: str) -> RemoteError:
        if self.status < HTTPStatus.BAD_REQUEST:
            return self.refused(advice=f"it points elsewhere: check {place or 'base_url'}")
        if self.status == HTTPStatus.BAD_REQUEST:
            return BadRequestError(self._sentence("refused", words), self.name)
        if self.status in _NOT_THERE and isinstance(self.body, dict):
            return self.not_there(words=words)
        check = f"check {place}" if place else ""
        return self.refused(advice=advice if self.status in _KEY else check, words=words)

    def rate_limited(
        self, what: str = "rate limited", wait: timedelta | None = None
    ) -> RemoteError:
        """wait: where the service says it elsewhere than in its headers."""
        message = f"{self.source}: {what} ({self.code or self.status})"
        return RateLimitedError(message, retry_after=wait or self.wait)

    def fails(self, wait: timedelta | None = None) -> RemoteError:
        """The reset of a rate limit says nothing of when a service will be well again.

        wait: where the service says it elsewhere than in Retry-After.
        """
        after = {"retry-after": _value(self.headers, "retry-after")}
        told = limits.wait(after, self.now) if self.now is not None else None
        return FailingError(self._sentence("the service fails"), retry_after=wait or told)

    def refused(self, what: str = "refused", *, words: str = "", advice: str = "") -> RemoteError:
        """what: is refused, where that is known; advice: what to do about it."""
        return RefusedError(self._sentence(what, words, advice), self.name)

    def not_there(
        self, what: str = "there is no such thing", *, words: str = "", advice: str = ""
    ) -> RemoteError:
        return NotThereError(self._sentence(what, words, advice), self.name)

    def asks_to_wait(self) -> bool:
        """Whether its headers make a rate limit of it, whatever the status."""
        spent = _value(self.headers, "x-ratelimit-remaining") == "0"
        return spent or bool(_value(self.headers, "retry-after"))

    def _sentence(self, what: str, words: str = "", advice: str = "") -> str:
        said = " ".join(words.split())[:_MOST_SHOWN]
        code = self.code or f"{self.status} {self.name}".strip()
        more = (f": {said}" if said else "") + (f"; {advice}" if advice else "")
        return f"{self.source}: {what} ({code}){more}"


# Reads what one service says differently; None: it says no more than its status.
TranslateError = Callable[[Refusal], RemoteError | None]


def passes(status: int) -> bool:
    """Whether what has this status may be otherwise the next time."""
    is_refusal = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return not is_refusal or status in (*_BUSY, HTTPStatus.TOO_MANY_REQUESTS)


def name_in(body: object) -> str:
    """The word by which an error body calls what is wrong, "" where there is none.

    Only a single word: a sentence may quote what was asked, and with it a key.
    """
    outer = body if isinstance(body, dict) else {}
    places = [one for one in (outer, outer.get("error")) if isinstance(one, dict)]
    found = [place.get(key) for place in places for key in _NAMES]
    return next((one for one in found if isinstance(one, str) and _WORD.fullmatch(one)), "")


def no_answer(source: str, error: Exception) -> RemoteError:
    """Its text may hold the whole request, so only its kind is told."""
    return NoAnswerError(f"{source}: no whole answer came ({type(error).__name__})")


def odd_answer(source: str, what: str) -> RemoteError:
    """A good answer that cannot be read; what: for example "is no JSON"."""
    return RemoteError(f"{source}: the answer {what}; will be tried again")


def _value(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
