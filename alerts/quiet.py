"""Quiet hours: when the channel hears only what is critical. Pure: the clock comes in."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.clock import local_day, wall_instant


def quiet_until(now: datetime, begins: time, ends: time, tz: ZoneInfo) -> datetime | None:
    """When the quiet hours end that `now` is in; None when it is in none.

    Every day from `begins` to `ends` on the wall in `tz`, over midnight where `ends` is earlier.
    """
    today, day = local_day(now, tz), timedelta(days=1)
    over_midnight = timedelta() if begins < ends else day
    for first in (today - day, today):
        until = wall_instant(first + over_midnight, ends, tz)
        if wall_instant(first, begins, tz) <= now < until:
            return until
    return None
