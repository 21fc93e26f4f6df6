"""Instants as text and text as instants: UTC inside, `Z` outside."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from domain.errors import ConfigError

_DURATION = re.compile(r"(\d{1,15})([smhdw])", re.ASCII)
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def iso(at: datetime | None) -> str | None:
    """2026-11-20T09:12:00Z; seconds are enough for people and scripts. None stays None."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; one without a zone is taken as UTC.

    Raises ValueError when the text is not an instant.
    """
    at = datetime.fromisoformat(text.strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def parse_duration(text: str) -> timedelta:
    """`90m`, `24h`, `7d`. Raises ConfigError for anything else, zero included."""
    found = _DURATION.fullmatch(text.strip())
    if not found or int(found[1]) == 0:
        raise ConfigError(f"{text!r} is not a duration: write for example 90m, 24h or 7d")
    try:
        return timedelta(**{_UNIT[found[2]]: int(found[1])})
    except OverflowError:
        raise ConfigError(f"{text!r} is longer than can be counted") from None


def wall(at: datetime | None, now: datetime, tz: tzinfo) -> str:
    """An instant for people: 14:05 UTC today, else with its date; None is unknown."""
    if at is None:
        return "unknown"
    local = at.astimezone(tz)
    today = local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M %Z}" if today else f"{local:%a %d %b %H:%M %Z}"


def span(length: timedelta) -> str:
    """A length for people: 45 m, 3 h 20 m, 2 d 4 h; the two largest units, rounded down."""
    minutes = int(length.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n]
    return " ".join(parts[:2]) or "0 m"


def wall_instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant a wall clock in `tz` shows that time of that day, as UTC.

    Shown twice (autumn): the first one. Never shown (spring): the first instant after the jump.
    """
    local = datetime.combine(day, at, tzinfo=tz)
    instant = local.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # In the gap fold=1 counts with the offset after the jump, which gives an instant before it.
    instant = local.replace(fold=1).astimezone(UTC)
    before = instant.astimezone(tz).utcoffset()
    while instant.astimezone(tz).utcoffset() == before:
        instant += timedelta(minutes=1)
    return instant


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The first instant of a local day, as UTC."""
    return wall_instant(day, time.min, tz)


def local_day(at: datetime, tz: ZoneInfo) -> date:
    """The date on the wall in `tz` at that instant."""
    return at.astimezone(tz).date()
