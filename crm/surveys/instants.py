"""When somebody answered, as the tools write it: Unix seconds, ISO 8601, a date beside a clock."""

import re
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from crm.imports import dates
from crm.imports.cells import quoted
from domain.clock import midnight, wall_instant

_UNIX = re.compile(r"(\d{9,10}|\d{12,13})(?:\.0+)?", re.ASCII)
_SECONDS = 10  # digits of Unix seconds at most: more are milliseconds
_CLOCK = re.compile(
    r"(?:,?[T ]+|,)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[AP]\.?M\.?)? ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_NOON = 12


def instant(cell: str, tz: ZoneInfo, *, month_first: bool | None) -> datetime:
    """The instant a cell means, as UTC; of a date alone the midnight with which it begins.

    tz: what is shown on a clock of which the cell does not say where it hangs. month_first: as for
    dates.day. Raises ValueError, with the reason, for what is none or could be two.
    """
    if found := _UNIX.fullmatch(cell):
        digits = found[1]
        seconds = int(digits) if len(digits) <= _SECONDS else int(digits) // 1000
        return datetime.fromtimestamp(seconds, UTC)
    day_part, clock = _parts(cell)
    if clock is None and ":" in cell:
        raise ValueError(
            f"{quoted(cell)} has a clock that cannot be read: write for example +02:00"
        )
    day = dates.day(day_part, month_first=month_first)
    if clock is None:
        return midnight(day, tz)
    try:
        at = time(_hour(clock), int(clock["minute"]), int(clock["second"] or 0))
    except ValueError as error:
        raise ValueError(f"{quoted(cell)} shows no time of a day") from error
    zone = clock["zone"]
    if not zone:
        return wall_instant(day, at, tz)
    return datetime.combine(day, at, tzinfo=_offset(zone)).astimezone(UTC)


def has_half(cell: str) -> bool:
    """Whether the clock is of twelve hours: with it dates are written month first."""
    clock = _parts(cell)[1]
    return clock is not None and bool(clock["half"])


def _parts(cell: str) -> tuple[str, re.Match[str] | None]:
    """The date, and the clock beside it."""
    found = next((one for one in _CLOCK.finditer(cell) if one.end() == len(cell)), None)
    return (cell, None) if found is None else (cell[: found.start()], found)


def _hour(clock: re.Match[str]) -> int:
    hour, half = int(clock["hour"]), clock["half"]
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError("no hour of twelve")
    return hour % _NOON + (_NOON if half[0] in "Pp" else 0)


def _offset(zone: str) -> timezone:
    digits = re.sub(r"\D", "", zone)
    if not digits:
        return UTC
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if "-" in zone else away)
