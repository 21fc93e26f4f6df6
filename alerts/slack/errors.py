"""Says a failed call to Slack as one of our errors, by the table of Slack's answers."""

import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from alerts.notifier import (
    ChannelRefusedError,
    MessageFixedError,
    MessageGoneError,
    MessageUnfitError,
    UnknownAnswerError,
)
from alerts.slack.answers import ANSWERS, Follows
from domain.errors import RemoteError

WAIT_UNSAID = timedelta(seconds=30)  # a 429 without a readable Retry-After
LONGEST_WAIT = timedelta(hours=24)

# Raised before a byte of the request was written: nothing can have arrived.
_NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)


def lost(method: str, cause: Exception | str, *, unsure: bool) -> RemoteError:
    """No usable answer. unsure: the call must not be repeated blindly, if it was sent at all."""
    reason = cause.reason if isinstance(cause, URLError) else cause
    ambiguous = unsure and not isinstance(reason, _NEVER_SENT)
    kind = reason if isinstance(reason, str) else type(reason).__name__
    tail = "it may have arrived" if ambiguous else "it will be tried again"
    return RemoteError(f"slack: no usable answer to {method} ({kind}); {tail}", ambiguous=ambiguous)


def refusal(method: str, error: SlackApiError, *, unsure: bool) -> RemoteError:
    """What Slack's answer means. unsure: the call must not be repeated blindly."""
    status = int(error.response.status_code)
    data = error.response.data if isinstance(error.response.data, dict) else {}
    code = str(data.get("error", ""))
    if status == 429 or code in ("ratelimited", "rate_limited"):  # noqa: PLR2004 - HTTP
        wait = _retry_after(error.response.headers)
        seconds = round(wait.total_seconds())
        return RemoteError(f"slack: {method} asked to wait {seconds} s", retry_after=wait)
    if code not in ANSWERS:
        if status >= 500 or not _is_code(code):  # noqa: PLR2004 - HTTP
            shown = code if _is_code(code) else "no JSON"
            return lost(method, f"HTTP {status}, {shown}", unsure=unsure)
        return UnknownAnswerError(f"slack: {method} says {code}, which Earshot does not know")
    follows, way_out = ANSWERS[code]
    if follows is Follows.UNSURE:
        return lost(method, f"HTTP {status}, {code}", unsure=unsure)
    needed = data.get("needed")
    scope = f", it needs {needed}" if isinstance(needed, str) and needed.isprintable() else ""
    return _ERRORS[follows](f"slack: {method} says {code}{scope}: {way_out}")


_ERRORS: Mapping[Follows, Callable[[str], RemoteError]] = {
    Follows.GONE: MessageGoneError,
    Follows.FIXED: MessageFixedError,
    Follows.MESSAGE: MessageUnfitError,
    Follows.CHANNEL: ChannelRefusedError,
    Follows.APP: partial(RemoteError, permanent=True),
    Follows.WAIT: RemoteError,
}


def _is_code(code: str) -> bool:
    """Slack's codes are short words; slack_sdk puts the start of a broken body in their place."""
    return 0 < len(code) <= 60 and code.replace("_", "").isalnum() and code.isascii()  # noqa: PLR2004


def _retry_after(headers: Mapping[str, Any]) -> timedelta:
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    given = given[0] if isinstance(given, list) and given else given
    try:
        seconds = float(str(given))
    except ValueError:
        return WAIT_UNSAID
    if not 0 <= seconds < float("inf"):
        return WAIT_UNSAID
    return min(timedelta(seconds=min(seconds, 1e6)), LONGEST_WAIT)
