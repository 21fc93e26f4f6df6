"""How long a service asks us to wait: the rate-limit headers of every network."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(minutes=15)  # nobody counts in longer windows; a reset in 2100 is a mistake
_RESETS = (
    "x-rate-limit-reset",  # X
    "x-ratelimit-reset",  # Mastodon, GitHub, Reddit, Discourse
    "ratelimit-reset",  # Bluesky, and the IETF's draft
)
_EPOCHS_FROM = 1_000_000_000  # a number above is an instant, one below so many seconds from now


def wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long to leave the service alone, at most LONGEST; None when it says nothing of use.

    Retry-After (seconds or a date) goes before the reset of a rate limit (an instant as seconds
    since 1970, seconds from now, or a date), that before Meta's account of its limits, a JSON with
    minutes. What lies in the past says nothing.
    headers: names in any case.
    """
    values = {name.lower(): value.strip() for name, value in headers.items()}
    for name in ("retry-after", *_RESETS):
        until = _instant(values.get(name, ""), now)
        if until is not None and until > now:
            return min(until - now, LONGEST)
    minutes = _meta_minutes(values.get("x-business-use-case-usage", ""))
    return min(timedelta(minutes=minutes), LONGEST) if minutes > 0 else None


def _meta_minutes(account: str) -> float:
    """The longest pause of {"page id": [{"estimated_time_to_regain_access": 5, …}]}; else 0."""
    try:
        read = json.loads(account)
    except (ValueError, RecursionError):
        return 0.0
    lists = (
        [one for one in read.values() if isinstance(one, list)] if isinstance(read, dict) else []
    )
    limits = [one for limit in lists for one in limit if isinstance(one, dict)]
    minutes = [_number(str(one.get("estimated_time_to_regain_access"))) for one in limits]
    # Bounded before it becomes a span: one of a billion minutes is an error of its own.
    return min(max((one for one in minutes if one is not None), default=0.0), 1440.0)


def _instant(value: str, now: datetime) -> datetime | None:
    seconds = _number(value)
    if seconds is not None:
        # Bounded before it becomes a date: a year beyond 9999 is an error of its own.
        ahead = seconds - now.timestamp() if seconds >= _EPOCHS_FROM else seconds
        return now + timedelta(seconds=max(-1.0, min(ahead, 86_400.0)))
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(value)
        except (ValueError, TypeError, OverflowError):
            continue
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
