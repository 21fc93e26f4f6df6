"""How fast a brand answers: its promises, as the clocks of its incidents hold them."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts.kinds import named
from domain.incident import NO_PROMISE, Resolution
from domain.reputation import Clocked, Precision
from reputation.response import hour_of_week, precision
from storage import clocks, incident_events

# By what answer times may be told apart; each gives what sorts and what people read.
Group = tuple[int, int, str]
GROUPS: dict[str, Callable[[tzinfo, Clocked], Group]] = {
    "source": lambda _, one: (0, 0, one.source or "(forgotten)"),
    "severity": lambda _, one: (0, 0, one.severity),
    "person": lambda _, one: (0, 0, one.person or "(nobody)"),
    "hour": lambda tz, one: _hour(one.posted_at, tz),
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def clocked_of(session: Session, brand: str, *, since: datetime, until: datetime) -> list[Clocked]:
    """The promises made or due in [since, until), as the response figures take them.

    What was dismissed or taken back, and what a person says needs no answer, was no promise.
    """
    asking = named(attrgetter("asks"))
    return [
        Clocked(
            posted_at=one.clock.posted_at,
            due_at=one.clock.due_at,
            answered_at=one.clock.answered_at,
            closed_at=one.clock.ended_at if one.clock.answered_at is None else None,
            is_elsewhere=one.clock.how == Resolution.ELSEWHERE,
            source=one.source,
            severity=one.clock.severity,
            person=one.clock.assignee,
            customer_id=one.person_id,
        )
        for one in clocks.between(session, brand, asking, since=since, until=until)
        if one.clock.how not in NO_PROMISE
    ]


def precision_of(session: Session, brand: str, *, since: datetime, until: datetime) -> Precision:
    """Of the incidents opened in [since, until) that somebody handled: how many were worth it."""
    asking = named(attrgetter("asks"))
    return precision(*incident_events.handled(session, brand, asking, since=since, until=until))


def _hour(at: datetime, tz: tzinfo) -> Group:
    day, hour = hour_of_week(at, tz)
    return day, hour, f"{DAYS[day]} {hour:02}:00"
