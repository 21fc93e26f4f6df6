"""Verifies requests: signed with a shared secret, recent, and not seen before."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

WINDOW = timedelta(minutes=5)  # how far the sender's clock may be off
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a sender signs: HMAC-SHA256 of `before`, the timestamp, `between` and the body."""

    timestamp: str  # the header with the seconds since 1970
    signature: str  # the header with `prefix` and 64 hex digits
    prefix: str
    before: bytes
    between: bytes


OURS = Scheme("X-Earshot-Timestamp", "X-Earshot-Signature", "sha256=", b"", b".")
# https://docs.slack.dev/authentication/verifying-requests-from-slack/
SLACK = Scheme("X-Slack-Request-Timestamp", "X-Slack-Signature", "v0=", b"v0:", b":")


class ForgedError(Exception):
    """Not signed with our secret for this moment; str(error) says what to look at."""


def signature(secret: str, timestamp: str, body: bytes, scheme: Scheme = OURS) -> str:
    """What the signature's header must hold."""
    signed = b"".join((scheme.before, timestamp.encode("ascii"), scheme.between, body))
    return f"{scheme.prefix}{hmac.new(secret.encode(), signed, sha256).hexdigest()}"


def check(
    secret: str,
    timestamp: str,
    given: str,
    body: bytes,
    scheme: Scheme = OURS,
    *,
    now: datetime,
) -> None:
    """Raises ForgedError unless this body was signed within the window around now.

    timestamp, given: as the headers have them. Nothing in these and the body is trusted: every text
    that is no number or no signature is refused before it is computed with, and the body is not
    decoded.
    """
    if not _TIMESTAMP.fullmatch(timestamp):
        raise ForgedError(f"{scheme.timestamp} is missing or not the seconds since 1970")
    if abs(int(timestamp) - now.timestamp()) > WINDOW.total_seconds():
        raise ForgedError(f"{scheme.timestamp} is more than 5 minutes off: is the clock right?")
    if not (given.startswith(scheme.prefix) and _DIGEST.fullmatch(given[len(scheme.prefix) :])):
        raise ForgedError(f"{scheme.signature} is missing or not {scheme.prefix} and 64 hex digits")
    if not hmac.compare_digest(given, signature(secret, timestamp, body, scheme)):
        raise ForgedError(f"{scheme.signature} does not fit: is it the same secret?")


class Seen:
    """Signatures that were taken, for as long as they are good.

    In memory: after a restart a request may come once more, and whoever takes it must bear that.
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
