"""How fast mentions that need an answer get one, with what each share rests on.

A promise counts once, when its time is over, whatever happened before. Counted as soon as it is
answered, the early answers would come in while the silent ones still have time, and a share of one
half looks like 55 % for as long as there are promises that run.

A mention resolved by hand without a reply seen on the platform was not answered: it stays in
`needed`, counts as due and missed once its promised time has passed (or a button would polish the
numbers), is in no answer time, and is censored at closing in the Kaplan-Meier figures. Nobody waits
for it any more, so it is neither pending nor overdue, and its age is not the oldest.
One answered elsewhere is answered, and `elsewhere` says how many answers are only a person's word.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from math import sqrt
from typing import TypeVar

from domain.reputation import Clocked, Precision, ResponseTimes

Group = TypeVar("Group")

MIN_PERCENTILE = 10  # "<10 -> list instead of percentile"
Z_95 = 1.96

_ROUNDING = 1e-12  # survival is a product of floats: 0.5 may come out a last bit above


def response_times(
    clocked: Sequence[Clocked], *, since: datetime, until: datetime, now: datetime
) -> ResponseTimes:
    """The figures of the promises for posts of [since, until), as they stood at `now`.

    What happened after `now` counts as not happened yet. Times run from posting to the answer;
    an answer dated before its mention took no time.
    """
    needed = [_as_of(now, one) for one in clocked if since <= one.posted_at < until]
    answered = [one for one in needed if one.answered_at is not None]
    waiting = [one for one in needed if one.answered_at is None and one.closed_at is None]
    due = [one for one in needed if one.due_at <= now]
    kept = [one for one in due if one.answered_at is not None and one.answered_at <= one.due_at]
    in_time = len(kept)
    low, high = wilson(in_time, len(due)) if due else (None, None)
    spans = sorted(_span(one, now) for one in needed)
    answer_times = [span for span, event in spans if event]
    steps = kaplan_meier(spans) if len(spans) >= MIN_PERCENTILE else []
    return ResponseTimes(
        needed=len(needed),
        due=len(due),
        in_time=in_time,
        answered=len(answered),
        elsewhere=sum(one.is_elsewhere for one in answered),
        elsewhere_in_time=sum(one.is_elsewhere for one in kept),
        pending=sum(one.due_at > now for one in waiting),
        overdue=sum(one.due_at <= now for one in waiting),
        oldest_open=max((now - one.posted_at for one in waiting), default=None),
        attainment=in_time / len(due) if due else None,
        attainment_low=low,
        attainment_high=high,
        answered_p50=percentile(answer_times, 50),
        answered_p90=percentile(answer_times, 90),
        km_p50=reached(steps, 50),
        km_p90=reached(steps, 90),
    )


def response_by(
    clocked: Sequence[Clocked],
    group: Callable[[Clocked], Group],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
) -> dict[Group, ResponseTimes]:
    """The same figures for each group that has any promise of the window."""
    groups: dict[Group, list[Clocked]] = {}
    for one in clocked:
        if since <= one.posted_at < until:
            groups.setdefault(group(one), []).append(one)
    return {
        name: response_times(found, since=since, until=until, now=now)
        for name, found in groups.items()
    }


def hour_of_week(at: datetime, tz: tzinfo) -> tuple[int, int]:
    """(weekday, hour) on the wall in `tz`: (0, 9) is Monday from 09:00 to 10:00."""
    local = at.astimezone(tz)
    return local.weekday(), local.hour


def precision(handled: int, dismissed: int) -> Precision:
    """The share of the handled incidents that nobody dismissed."""
    if not handled:
        return Precision(0, 0, None, None, None)
    kept = handled - dismissed
    return Precision(handled, dismissed, kept / handled, *wilson(kept, handled))


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The 95 % score interval of hits / n, in [0, 1]. n must be positive.

    Wilson, Journal of the American Statistical Association 22 (1927).
    """
    share, z2 = hits / n, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At 0 and n the formula ends there but for the last bit.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == n else min(1.0, middle + half)
    return low, high


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """By nearest rank: the shortest time that `percent` of all do not exceed, one that happened.

    None below 10 (Hyndman and Fan, The American Statistician 50, 1996, definition 1).
    """
    if len(ordered) < MIN_PERCENTILE:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1]


def kaplan_meier(spans: Sequence[tuple[timedelta, bool]]) -> list[tuple[timedelta, float]]:
    """(time, share still unanswered after it) at each answer time, longest last.

    The product-limit estimator of Kaplan and Meier, Journal of the American Statistical Association
    53 (1958): who still waits, or was closed without an answer, is watched so far and no further.

    spans: (length, True when answered, False when only watched so long), in any order. One that
    is watched to the very time of an answer still counts as waiting at it.
    """
    at_risk, survival = len(spans), 1.0
    steps = []
    for time, group in groupby(sorted(spans), key=lambda span: span[0]):
        events = [event for _, event in group]
        if any(events):
            survival *= 1 - sum(events) / at_risk
            steps.append((time, survival))
        at_risk -= len(events)
    return steps


def reached(steps: Sequence[tuple[timedelta, float]], percent: int) -> timedelta | None:
    """When `percent` of all had their answer; None when that was never reached."""
    left = 1 - percent / 100 + _ROUNDING
    return next((time for time, survival in steps if survival <= left), None)


def _as_of(now: datetime, one: Clocked) -> Clocked:
    return replace(
        one,
        answered_at=one.answered_at if one.answered_at and one.answered_at <= now else None,
        closed_at=one.closed_at if one.closed_at and one.closed_at <= now else None,
    )


def _span(one: Clocked, now: datetime) -> tuple[timedelta, bool]:
    end = one.answered_at or one.closed_at or now
    return max(timedelta(0), end - one.posted_at), one.answered_at is not None
