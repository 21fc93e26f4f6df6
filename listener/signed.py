"""Verifies requests: signed with the shared secret, recent, and not seen before."""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

WINDOW = timedelta(minutes=5)  # how far the sender's clock may be off
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class ForgedError(Exception):
    """Not signed with our secret for this moment; str(error) says what to look at."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What X-Earshot-Signature must hold: sha256= and the HMAC of `timestamp.body` in hex."""
    signed = timestamp.encode("ascii") + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, sha256).hexdigest()}"


def check(secret: str, timestamp: str, given: str, body: bytes, *, now: datetime) -> None:
    """Raises ForgedError unless this body was signed within the window around now.

    timestamp: seconds since 1970 as the header gives them. Nothing in these three is trusted:
    every text that is no number or no signature is refused before it is computed with.
    """
    if not _TIMESTAMP.fullmatch(timestamp):
        raise ForgedError("X-Earshot-Timestamp is missing or not the seconds since 1970")
    if abs(int(timestamp) - now.timestamp()) > WINDOW.total_seconds():
        raise ForgedError("X-Earshot-Timestamp is more than 5 minutes off: is the clock right?")
    if not _SIGNATURE.fullmatch(given):
        raise ForgedError("X-Earshot-Signature is missing or not sha256= and 64 hex digits")
    if not hmac.compare_digest(given, signature(secret, timestamp, body)):
        raise ForgedError("X-Earshot-Signature does not fit: is it the same secret?")


class Seen:
    """Signatures that were taken, for as long as they are good.

    In memory: after a restart a request may come once more, and stores nothing twice either.
    """

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._lock = Lock()

    def claim(self, given: str, *, now: datetime) -> bool:
        """Whether it is the first time; a signature is one's own until it is given back."""
        with self._lock:
            self._until = {one: until for one, until in self._until.items() if until > now}
            if given in self._until:
                return False
            # A clock that is ahead keeps a signature good for the window on both sides.
            self._until[given] = now + 2 * WINDOW
            return True

    def give_back(self, given: str) -> None:
        """What it brought was not stored: the sender may try again."""
        with self._lock:
            self._until.pop(given, None)
