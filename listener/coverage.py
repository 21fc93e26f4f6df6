"""The health of a source: is it quiet because nothing is posted, or because it fails? Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import fmean

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEARNT_FROM = timedelta(days=14)
ENOUGH = timedelta(days=3)  # of passes, before a silence can be judged
# A stretch in which so many were to be expected and none came has a chance of e^-10, one in 22,000,
# if mentions came independently; that they come in bursts the longest earlier silence allows for.
SURELY = 10.0
LONGER = 2.0  # times the longest silence before
PATIENCE = 3  # passes that may fail or be missed before it is called failing


@dataclass(frozen=True, slots=True)
class Hour:
    """What one source did in one hour of the clock. Hours without a pass have none."""

    at: datetime  # its beginning
    passes: int  # that went well
    failed: int
    limited: int  # of the failed ones, how often the service asked us to wait
    fetched: int  # things the service sent, repetitions included
    matched: int
    new: int  # mentions of now, not of a backfill, that were not stored before


@dataclass(frozen=True, slots=True)
class Promise:
    """What a source is expected to do."""

    every: timedelta  # between passes
    at_least_per_day: int | None = None  # as its operator declares
    at_most_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """How a source is at the moment."""

    last_ok_at: datetime | None
    off: bool  # it has refused us for good
    trouble: str  # one sentence, "" when the last pass went well
    first_at: datetime | None  # of its first pass


class SourceHealth(StrEnum):
    OK = "fine"
    NEW = "new"  # too new to know what is usual
    OFF = "off"
    FAILING = "failing"
    SILENT = "silent"  # it answers, and brings nothing where much was to be expected
    FEWER = "fewer"  # less than its operator declared
    FLOODED = "flooded"  # more than its operator declared


UNHEALTHY = frozenset(
    {SourceHealth.OFF, SourceHealth.FAILING, SourceHealth.SILENT, SourceHealth.FEWER}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    health: SourceHealth
    since: datetime | None  # when it began, where it did
    reason: str  # one sentence for people, "" when all is fine


def verdict(
    hours: Sequence[Hour], condition: Condition, promise: Promise, *, now: datetime
) -> Verdict:
    """The health of a source. hours: of LEARNT_FROM, in any order."""
    listened = sorted((one for one in hours if one.passes), key=lambda one: one.at)
    known_for = now - listened[0].at if listened else timedelta()
    wrong = (
        _trouble(condition, promise, now)
        or _broken_promise([one for one in listened if one.at > now - DAY], promise, known_for)
        or (_silence(listened, now) if known_for >= ENOUGH else None)
    )
    return wrong or Verdict(SourceHealth.OK if known_for >= ENOUGH else SourceHealth.NEW, None, "")


def _trouble(condition: Condition, promise: Promise, now: datetime) -> Verdict | None:
    if condition.off:
        return Verdict(
            SourceHealth.OFF, condition.last_ok_at, f"refused for good: {condition.trouble}"
        )
    began = condition.last_ok_at or condition.first_at
    if began is None or now - began < PATIENCE * promise.every:
        return None
    why = condition.trouble or "no pass was made: was earshot running?"
    return Verdict(SourceHealth.FAILING, began, f"no pass has gone well since: {why}")


def _broken_promise(
    today: Sequence[Hour], promise: Promise, known_for: timedelta
) -> Verdict | None:
    new = sum(one.new for one in today)
    if promise.at_most_per_day is not None and new > promise.at_most_per_day:
        reason = f"{new} new in a day, at most {promise.at_most_per_day} declared"
        return Verdict(SourceHealth.FLOODED, None, f"{reason}: is the query too wide?")
    fewest = promise.at_least_per_day
    if fewest is not None and new < fewest and known_for >= DAY:
        return Verdict(SourceHealth.FEWER, None, f"{new} new in a day, at least {fewest} declared")
    return None


def _silence(listened: Sequence[Hour], now: datetime) -> Verdict | None:
    """Nothing new for so long that it cannot be chance."""
    loud = [at for at, one in enumerate(listened) if one.new]
    if not loud:
        return None
    before, quiet = listened[: loud[-1] + 1], listened[loud[-1] + 1 :]
    due = expected(before, quiet)
    longest = max((then - first - 1 for first, then in pairwise(loud)), default=0)
    if due is None or due < SURELY or len(quiet) <= LONGER * longest:
        return None
    hours = (now - quiet[0].at) // HOUR  # of the clock: its `every` may be three hours
    reason = f"it answers, and has brought nothing new for {hours} hours"
    return Verdict(
        SourceHealth.SILENT, quiet[0].at, f"{reason}; about {due:.0f} were to be expected"
    )


def expected(before: Iterable[Hour], hours: Iterable[Hour]) -> float | None:
    """How many new mentions these hours should have brought, by the same hours of days before.

    None when too little is known.
    """
    known = [one for one in before if one.passes]
    if not known or known[-1].at - known[0].at < DAY:
        return None
    usual = fmean(one.new for one in known)
    by_clock: dict[int, list[int]] = defaultdict(list)
    for one in known:
        by_clock[one.at.hour].append(one.new)
    return sum(fmean(by_clock[one.at.hour] or [usual]) for one in hours)


def heard(
    missed: Iterable[tuple[datetime, datetime]], *, since: datetime, until: datetime
) -> float:
    """The share of [since, until) that was covered; missed: stretches, which may overlap."""
    length = until - since
    if length <= timedelta():
        return 1.0
    lost, reached = timedelta(), since
    for start, end in sorted(missed):
        first, last = max(start, reached), min(end, until)
        if last > first:
            lost += last - first
            reached = last
    return 1.0 - lost / length
