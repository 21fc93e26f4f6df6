"""The walk of every source that lists newest first: how far back, and how it goes on. No I/O.

A walk goes back from the newest post to what an earlier pass has stored. Only when its last page is
stored does the newest post it saw become the mark from which the next walk starts, so a crash
repeats pages and skips none. The mark is the platform's clock: a wrong one here loses nothing.
A backfill that is called again goes on where it was cut off.
"""

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.clock import iso
from domain.errors import RemoteError
from domain.mention import Mention
from listener.backfill import OVERLAP, filled, filled_by, still_wanted
from listener.clean import words
from listener.dates import instant
from listener.source import Gap, Page

FIRST_LOOK = timedelta(hours=24)  # how far the very first pass goes back
ALL_THERE_IS = datetime(1990, 1, 1, tzinfo=UTC)
_SURE = 3  # posts at the end of a page that must be too old: one wrong date ends no walk
_MOST_IDLE = 10  # pages in a row without anything: services do send empty ones with a bookmark


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a service, read."""

    mentions: tuple[Mention, ...]  # newest first, as far as the service keeps to it
    fetched: int  # things it sent, unreadable ones included
    broken: tuple[str, ...] = ()  # one sentence for each thing that could not be read
    bookmark: str = ""  # where the next page begins; "" at the end
    full: bool = False  # as many came as were asked for: without a bookmark no end is proved
    missing: str = ""  # what of this page did not come, such as the comments below a post
    fallback: str = ""  # for the same place, where that one is refused or leads in a loop
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)  # see Page.reads
    gap: Gap | None = None  # what the service does not list of this stretch, so that it is lost


@dataclass(frozen=True, slots=True)
class Reach:
    """What a service's listing is like."""

    name: str  # of the source, for sentences
    first_look: timedelta | None = FIRST_LOOK  # how far the first pass goes; None: all there is
    farthest: timedelta | None = None  # it lists nothing older than this; None: everything
    most_pages: int = 100  # of one pass
    cut_at: int | None = None  # it ends after about so many, whatever more there is
    lasting: bool = True  # a bookmark still means the same in the next pass (an id, an instant)
    overlap: timedelta = OVERLAP  # more where old things change: a review gets its answer later


@dataclass(frozen=True, slots=True)
class Walk:
    """How far one walk has come, and what the walks before it have left."""

    back_to: datetime
    began_at: datetime
    mark: datetime | None  # newest post of the walks before
    filled: Mapping[str, str]  # by the last backfill; see filled_by()
    backfill: bool = False  # somebody asked for it, by `since`, and it has missed nothing
    bookmark: str = ""
    fallback: str = ""  # see Answer.fallback
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    fetched: int = 0
    idle: int = 0
    used: frozenset[str] = frozenset()  # bookmarks followed in this pass, so that a loop is seen
    resumed: bool = False  # an earlier pass began it
    unread: bool = False  # something in it could not be read
    open: bool = True

    def is_backlog(self, reach: Reach) -> bool:
        """Whether it goes back to before what was known: a first pass, or a backfill."""
        return self.mark is None or self.back_to < self.mark - reach.overlap

    def step_back(self) -> "Walk | None":
        """After the service refused the bookmark: the next safer place, None when there is none.

        The fallback first; for a walk of an earlier pass, whose bookmark may mean nothing any more,
        then the top.
        """
        if self.fallback not in ("", self.bookmark):
            return replace(self, bookmark=self.fallback)
        return replace(self, bookmark="", fallback="", resumed=False) if self.resumed else None

    def cursor(self, reach: Reach) -> dict[str, Any]:
        """What to store with the page that was added last."""
        return self._open_cursor() if self.open else self._closed_cursor(reach)

    def _open_cursor(self) -> dict[str, Any]:
        left = {
            "back_to": iso(self.back_to),
            "began_at": iso(self.began_at),
            "bookmark": self.bookmark,
            "fallback": self.fallback,
            "newest_at": iso(self.newest_at),
            "oldest_at": iso(self.oldest_at),
            "backfill": self.backfill,
        }
        return {"newest_at": iso(self.mark), **self.filled, "walk": left}

    def _closed_cursor(self, reach: Reach) -> dict[str, Any]:
        seen = min(self.newest_at, self.began_at) if self.newest_at else None
        # Nothing was there: what comes from now on is new, less the overlap taken off next time.
        # But where something was, and none of it could be read, the next pass looks as far back.
        unseen = None if self.unread else self.began_at
        newest = max(filter(None, [self.mark, seen]), default=unseen)
        whole = self.backfill and not self.unread
        return {
            "newest_at": iso(newest),
            **({"covered_at": iso(self.began_at)} if reach.farthest else {}),
            **(filled(self.back_to, self.began_at) if whole else self.filled),
        }


Fetch = Callable[[str, datetime], Answer]


def newest_first(
    fetch: Fetch,
    cursor: Mapping[str, Any] | None,
    reach: Reach,
    *,
    since: datetime | None,
    now: datetime,
) -> Iterator[Page]:
    """Pages from the newest post back to what is known; see Source.collect for cursor and since.

    fetch(bookmark, back_to): the page at this bookmark ("" the first); what is older than back_to
    need not be in it. What fetch raises ends the walk, which goes on from there in the next pass.
    """
    left = reach.most_pages

    def counted(page: Page) -> Page:
        nonlocal left
        left -= 1
        return page

    closed = yield from one_walk(fetch, cursor, reach, since=since, now=now, finish=counted)
    while closed is not None and left > 0:
        rest = replace(reach, most_pages=left)
        closed = yield from one_walk(fetch, closed, rest, since=None, now=now, finish=counted)


def one_walk(
    fetch: Fetch,
    cursor: Mapping[str, Any] | None,
    reach: Reach,
    *,
    since: datetime | None,
    now: datetime,
    finish: Callable[[Page], Page] = lambda page: page,
) -> Generator[Page, None, Mapping[str, Any] | None]:
    """The pages of a single walk; finish: what a source adds to each of them.

    Returns the cursor when the walk of an earlier pass has come to its end: from there another walk
    is due, for what is new since. Else None.
    """
    walk, gap = plan(cursor, reach, since, now)
    for number in range(1, reach.most_pages + 1):
        try:
            answer = fetch(walk.bookmark, walk.back_to)
        except RemoteError as error:
            safer = walk.step_back() if error.permanent else None
            if safer is None:
                raise
            walk = safer
            continue
        backlog = walk.is_backlog(reach)
        walk, missed = _after(walk, answer, reach, last=number == reach.most_pages)
        if answer.missing:
            walk = replace(walk, backfill=False)
            missed = missed or Gap(walk.back_to, now, answer.missing)
        yield finish(
            Page(
                answer.mentions,
                walk.cursor(reach),
                answer.fetched,
                answer.broken,
                gap or missed or answer.gap,
                backlog,
                reads=answer.reads,
            )
        )
        gap = None
        if not walk.open:
            return walk.cursor(reach) if walk.resumed else None
    return None


def plan(
    cursor: Mapping[str, Any] | None, reach: Reach, since: datetime | None, now: datetime
) -> tuple[Walk, Gap | None]:
    """The walk to make now, and what it cannot reach any more."""
    cursor = cursor or {}
    mark = instant(cursor.get("newest_at"))
    left = cursor.get("walk")
    left = left if isinstance(left, dict) else {}
    left_to = instant(left.get("back_to"))
    floor = ALL_THERE_IS if reach.farthest is None else now - reach.farthest
    since = still_wanted(since, cursor, floor=floor, now=now)
    began_at = instant(left.get("began_at")) if reach.lasting else None
    if left_to and began_at and (since is None or left_to <= max(since, floor) + OVERLAP):
        resumed = _within(floor, _resumed(cursor, left, left_to, began_at))
        if resumed is not None:
            return resumed, _too_old(reach, left_to, floor) if left_to < floor else None
    first = ALL_THERE_IS if reach.first_look is None else now - reach.first_look
    usual = mark - reach.overlap if mark else first
    back_to = min(filter(None, [since, left_to]), default=usual)
    # A walk that has ended has also covered the time in which nothing was posted.
    covered_at = instant(cursor.get("covered_at")) if since is None and left_to is None else None
    missed_from = max(filter(None, [back_to, covered_at]))
    gap = None
    if missed_from < floor and (since or left_to or mark):
        gap = _too_old(reach, missed_from, floor)
    backfill = since is not None or left.get("backfill") is True
    return Walk(max(back_to, floor), now, mark, filled_by(cursor), backfill), gap


def _resumed(
    cursor: Mapping[str, Any], left: Mapping[str, Any], back_to: datetime, began_at: datetime
) -> Walk:
    return Walk(
        back_to,
        began_at,
        instant(cursor.get("newest_at")),
        filled_by(cursor),
        backfill=left.get("backfill") is True,
        bookmark=words(left.get("bookmark")),
        fallback=words(left.get("fallback")),
        newest_at=instant(left.get("newest_at")),
        oldest_at=instant(left.get("oldest_at")),
        resumed=True,
    )


def _within(floor: datetime, walk: Walk) -> Walk | None:
    """The walk as far as it can still be listed; None when it has come to before that already.

    A bookmark may belong to a listing that ends elsewhere; its fallback does not.
    """
    if walk.back_to >= floor:
        return walk
    if walk.oldest_at is None or walk.oldest_at <= floor:
        return None
    return replace(walk, back_to=floor, bookmark=walk.fallback or walk.bookmark)


def _too_old(reach: Reach, since: datetime, floor: datetime) -> Gap:
    days = math.ceil(reach.farthest / timedelta(days=1)) if reach.farthest else 0
    return Gap(since, floor, f"{reach.name}: nothing older than {days} days is listed")


def _after(walk: Walk, answer: Answer, reach: Reach, *, last: bool) -> tuple[Walk, Gap | None]:
    """The walk once this page is stored, and what is known to be missing at its end."""
    times = [mention.published_at for mention in answer.mentions]
    seen = replace(
        walk,
        newest_at=max([*filter(None, [walk.newest_at]), *times], default=None),
        oldest_at=min([*filter(None, [walk.oldest_at]), *times], default=None),
        fetched=walk.fetched + answer.fetched,
        idle=0 if answer.fetched else walk.idle + 1,
        used=walk.used | {walk.bookmark},
        unread=walk.unread or bool(answer.broken),
        backfill=walk.backfill and answer.gap is None,
        bookmark=answer.bookmark,
        fallback=answer.fallback or walk.fallback,
    )
    if _has_arrived(seen, answer):
        return replace(seen, open=False, bookmark=""), None
    if not answer.bookmark:
        gap = _cut_off(seen, reach) or _unproved(seen, answer, reach)
        return replace(seen, open=False, backfill=seen.backfill and gap is None), gap
    if answer.bookmark in seen.used or seen.idle >= _MOST_IDLE:
        if seen.fallback and seen.fallback not in seen.used:
            return replace(seen, bookmark=seen.fallback, idle=0), None
        reason = f"{reach.name}: the listing repeated itself, older posts may be missing"
        return replace(seen, open=False, bookmark="", backfill=False), _missed(seen, reason)
    if last and not reach.lasting:
        reason = f"{reach.name}: more than {seen.fetched} posts at once, older ones may be missing"
        return replace(seen, open=False, bookmark="", backfill=False), _missed(seen, reason)
    return seen, None


def _has_arrived(walk: Walk, answer: Answer) -> bool:
    """Whether the page ends with what is older than the walk goes back.

    By the date of the last change: some services list an edited post by that.
    """
    ends = answer.mentions[-_SURE:]
    return bool(ends) and all((one.edited_at or one.published_at) < walk.back_to for one in ends)


def _cut_off(walk: Walk, reach: Reach) -> Gap | None:
    """A short listing is simply all there is; a long one was cut off before what was known."""
    if reach.cut_at is None or walk.fetched < reach.cut_at or walk.oldest_at is None:
        return None
    known = walk.mark is not None or walk.back_to > ALL_THERE_IS
    reason = f"{reach.name}: the listing ended after {walk.fetched}, before what was known"
    until = walk.oldest_at
    known_at = (
        walk.mark if walk.mark and walk.back_to >= walk.mark - reach.overlap else walk.back_to
    )
    return Gap(known_at, until, reason) if known and until > known_at else None


def _unproved(walk: Walk, answer: Answer, reach: Reach) -> Gap | None:
    reason = f"{reach.name}: a full page and none after it, older posts may be missing"
    return _missed(walk, reason) if answer.full else None


def _missed(walk: Walk, reason: str) -> Gap:
    since = walk.back_to if walk.back_to > ALL_THERE_IS else None
    return Gap(since, max(walk.back_to, walk.oldest_at or walk.began_at), reason)
