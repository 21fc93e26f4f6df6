"""In which group a customer is, and from which day on they are followed."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.clock import local_day
from domain.incident import DISMISSED, NO_PROMISE, Clock, Resolution
from domain.loyalty import Answered, Outside, Post, Promise, Start
from reputation.loyalty import is_over


@dataclass(frozen=True, slots=True)
class Looked:
    """The time looked at."""

    since: datetime
    now: datetime
    until: date  # the last day of which orders are known
    tz: ZoneInfo  # in which an instant has its day


def starts(
    people: Collection[int],
    promises: Iterable[Promise],
    posts: Iterable[Post],
    first_orders: Mapping[int, date],
    looked: Looked,
) -> dict[int, Start | Outside]:
    """Of each of these people their one group, or why they are in none.

    It is that of the first post that asked, of those whose promised time is over: a promise that
    still runs is neither kept nor broken. first_orders: of those who ever ordered.
    """
    clocks_of: dict[int, list[Clock]] = defaultdict(list)
    for promise in promises:
        clocks_of[promise.person_id].append(promise.clock)
    posts_of: dict[int, list[Post]] = defaultdict(list)
    for post in posts:
        posts_of[post.person_id].append(post)
    found: dict[int, Start | Outside] = {}
    for person_id in people:
        first_order = first_orders.get(person_id, date.max)
        start = _asked(clocks_of[person_id], looked) or _never_asked(
            posts_of[person_id], first_order, looked
        )
        unborn = isinstance(start, Start) and start.day < first_order
        found[person_id] = Outside.NEVER_ORDERED if unborn else start
    return found


def _asked(clocks: Sequence[Clock], looked: Looked) -> Start | Outside | None:
    """None: no promise was ever made to them."""
    theirs = [one for one in clocks if looked.since <= one.posted_at < looked.now]
    promised = [one for one in theirs if one.how not in NO_PROMISE]
    over = [one for one in promised if one.due_at <= looked.now]
    if over:
        first = min(over, key=lambda one: (one.posted_at, one.due_at))
        return Start(_how(first, looked.now), local_day(first.posted_at, looked.tz))
    if promised:
        return Outside.RUNNING
    return Outside.NO_PROMISE if any(one.how != DISMISSED for one in clocks) else None


def _how(clock: Clock, now: datetime) -> Answered:
    if clock.answered_at is None or clock.answered_at > now:
        return Answered.NEVER
    if clock.how == Resolution.ELSEWHERE:
        return Answered.ELSEWHERE
    return Answered.IN_TIME if clock.answered_at <= clock.due_at else Answered.LATE


def _never_asked(posts: Sequence[Post], first_order: date, looked: Looked) -> Start | Outside:
    if any(one.asks for one in posts):
        return Outside.NO_PROMISE
    if any(one.asks is None for one in posts):
        return Outside.UNREAD
    days = {
        local_day(one.published_at, looked.tz)
        for one in posts
        if looked.since <= one.published_at < looked.now
    }
    if not days:
        return Outside.QUIET
    bought = {day for day in days if day >= first_order}
    over = {day for day in bought if is_over(day, looked.until)}
    return Start(Answered.NEVER_ASKED, _drawn(posts[0].person_id, over or bought or days))


def _drawn(person_id: int, days: Collection[date]) -> date:
    """One of these days by lot; the same one every time, also when later days come to them."""
    return min(days, key=lambda day: hashlib.sha256(f"{person_id}|{day}".encode()).digest())
