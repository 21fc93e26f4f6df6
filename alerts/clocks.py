"""The clocks of one incident, as its posts and the answers to them make them. Pure.

Whatever came first, posts or answers, the same ones give the same clocks: a clock begins with the
first post that asks, takes in what is written until it is answered, and the next post begins the
next. What a person has decided ends a clock as well, and stays decided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from domain.incident import DISMISSED, GRAVITY, Clock, Resolution


def settled(
    clocks: Sequence[Clock], posts: Iterable[Clock], answers: Iterable[datetime]
) -> tuple[Clock, ...]:
    """The clocks as they should be.

    clocks: as they are stored, in order; what they promised stays promised. posts: of each post of
    the incident that asks, the clock that it would begin. answers: when its posts were answered.
    """
    replies = sorted(answers)
    found: list[Clock] = []
    begun_by_post = False
    for start, until, is_post in _in_order(clocks, posts):
        last = found[-1] if found else None
        if last is None or _is_over(last, start, is_post=is_post):
            found.append(_answered(start, replies, until=until))
            begun_by_post = is_post
        elif not is_post:
            found[-1] = _answered(_merged(last, start), replies, until=until)
            begun_by_post = False
        elif begun_by_post:  # a stored clock has promised already what its posts ask for
            found[-1] = _merged(start, last)
    return tuple(found)


class _Start(NamedTuple):
    """Where a clock may begin."""

    clock: Clock
    until: datetime | None  # when the next stored one begins
    is_post: bool


def _in_order(clocks: Sequence[Clock], posts: Iterable[Clock]) -> list[_Start]:
    """Stored ones keep their order: one that a person has closed may have begun after the next."""
    nexts = [*(one.posted_at for one in clocks[1:]), None]
    found = [_Start(one, until, is_post=False) for one, until in zip(clocks, nexts, strict=False)]
    stored = {one.posted_at for one in clocks}
    new = [one for one in posts if one.posted_at not in stored]
    for post in sorted(new, key=lambda one: one.posted_at, reverse=True):
        later = (at for at, one in enumerate(found) if one.clock.posted_at > post.posted_at)
        found.insert(next(later, len(found)), _Start(post, None, is_post=True))
    return found


def _is_over(last: Clock, start: Clock, *, is_post: bool) -> bool:
    """Whether what begins here begins a clock of its own."""
    if last.how == DISMISSED and is_post:
        return False
    if last.is_decided:
        ends = [at for at in (last.ended_at, last.answered_at) if at is not None]
        return not is_post or start.posted_at > max(ends)
    return last.answered_at is not None and start.posted_at > last.answered_at


def _merged(first: Clock, other: Clock) -> Clock:
    """One clock of two, where nothing ended the first before the other began."""
    return replace(
        other,
        posted_at=min(first.posted_at, other.posted_at),
        due_at=min(first.due_at, other.due_at),
        severity=max(first.severity, other.severity, key=lambda one: GRAVITY[one]),
        assignee=other.assignee or first.assignee,
    )


def _answered(clock: Clock, replies: Sequence[datetime], *, until: datetime | None) -> Clock:
    """The clock with its answer, the first one since it began; none if there is none.

    until: from when on an answer is one to the next clock, if somebody has ended this one.
    """
    at = next((one for one in replies if one >= clock.posted_at), None)
    if not clock.is_decided:
        return replace(clock, answered_at=at, ended_at=at, how=Resolution.REPLIED if at else "")
    if at is not None and until is not None and at >= until:
        at = None
    if clock.how != Resolution.ELSEWHERE or clock.answered_at is None:
        return replace(clock, answered_at=at)
    if at is None or at >= clock.answered_at:
        return clock
    return replace(clock, answered_at=at, ended_at=at, how=Resolution.REPLIED, channel="")
