"""Instants as services write them: ISO 8601, or seconds since 1970."""

from datetime import UTC, datetime

from domain.clock import parse_instant
from listener.clean import UnreadableError, words


def instant(value: object) -> datetime | None:
    """A foreign ISO 8601 text as aware UTC, None when it is none."""
    try:
        return parse_instant(words(value))
    except (ValueError, OverflowError):
        return None


def epoch(value: object) -> datetime | None:
    """Foreign seconds since 1970, a number or a text of one, as aware UTC; None when none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return datetime.fromtimestamp(float(value), tz=UTC)
    except (OverflowError, OSError, ValueError):
        return None


def needed(at: datetime | None, name: str) -> datetime:
    """The instant. Raises UnreadableError, with the field's name, when there is none."""
    if at is None:
        raise UnreadableError(f"it has no readable {name}")
    return at
