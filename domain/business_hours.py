"""When a brand's people answer, and when a promise that is counted in those hours is due."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.clock import local_day, midnight, wall_instant

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The same hours on every working day, as a wall clock in `tz` shows them."""

    days: frozenset[int]  # as date.weekday() counts: 0 is Monday; at least one
    opens: time
    closes: time  # later than `opens`; midnight is the end of the day
    tz: ZoneInfo
    closed: Container[date] = frozenset()  # holidays and other days on which nobody is there

    def spans(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """(from, to) of each working day that ends after this instant, in UTC; without end.

        A day whose clock jumps over all of its hours has none.
        """
        day = local_day(after, self.tz)
        while True:
            if day.weekday() in self.days and day not in self.closed:
                opens = wall_instant(day, self.opens, self.tz)
                closes = (
                    midnight(day + _DAY, self.tz)
                    if self.closes == time.min
                    else wall_instant(day, self.closes, self.tz)
                )
                if opens < closes and after < closes:
                    yield opens, closes
            day += _DAY


OPENS_AT = time(9)  # where no hours are configured


def next_opening(after: datetime, hours: BusinessHours | None, tz: ZoneInfo) -> datetime:
    """When the office opens for the first time on a later day than that of this instant. In UTC.

    hours: None takes 09:00 of the next day in `tz`, which counts for nothing else.
    """
    zone = tz if hours is None else hours.tz
    tomorrow = local_day(after, zone) + _DAY
    if hours is None:
        return wall_instant(tomorrow, OPENS_AT, zone)
    opens, _ = next(hours.spans(midnight(tomorrow, zone)))
    return opens.astimezone(UTC)


def deadline(posted_at: datetime, within: timedelta, hours: BusinessHours | None) -> datetime:
    """When a post that came at this instant is to be answered.

    within: time in which the office is open. hours: None counts round the clock. What comes while
    it is closed counts from its next opening; what falls due as it closes is due then. In UTC.
    """
    if hours is None:
        return posted_at + within
    left = within
    for opens, closes in hours.spans(posted_at):
        starts = max(opens, posted_at)
        if starts + left <= closes:
            return (starts + left).astimezone(UTC)
        left -= closes - starts
    raise AssertionError  # spans() has no end
