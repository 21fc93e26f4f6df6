"""The walk of every source that lists newest first: how far back, and how it goes on. No I/O.

A walk goes back from the newest post to what an earlier pass has stored. Only when its last page is
stored does the newest post it saw become the mark from which the next walk starts, so a crash
repeats pages and skips none. The mark is the platform's clock: a wrong one here loses nothing.
A backfill that is called again goes on where it was cut off.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.clock import iso
from domain.errors import RemoteError
from domain.mention import Mention
from listener.clean import words
from listener.dates import instant
from listener.source import Gap, Page

OVERLAP = timedelta(minutes=15)  # posts reach an index late and out of order
FIRST_LOOK = timedelta(hours=24)  # how far the very first pass goes back
FILLED_FOR = timedelta(days=1)  # so soon after its beginning a finished backfill is not made again
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
class _Walk:
    back_to: datetime
    began_at: datetime
    mark: datetime | None  # newest post of the walks before
    filled: Mapping[str, str]  # by the last backfill; see filled_by()
    backfill: bool = False  # somebody asked for it, by `since`, and it has missed nothing
    bookmark: str = ""
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    fetched: int = 0
    idle: int = 0
    used: frozenset[str] = frozenset()  # bookmarks followed in this pass, so that a loop is seen
    resumed: bool = False  # an earlier pass began it
    unread: bool = False  # something in it could not be read
    open: bool = True


def newest_first(
    fetch: Callable[[str, datetime], Answer],
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
    walk, gap = _plan(cursor, reach, since, now)
    for number in range(1, reach.most_pages + 1):
        try:
            answer = fetch(walk.bookmark, walk.back_to)
        except RemoteError as error:
            if not (walk.resumed and error.permanent):
                raise
            # The bookmark of an earlier pass may mean nothing any more: from the top, then.
            walk = replace(walk, bookmark="", resumed=False)
            continue
        backlog = walk.mark is None or walk.back_to < walk.mark - reach.overlap
        walk, missed = _after(walk, answer, reach, last=number == reach.most_pages)
        if answer.missing:
            walk = replace(walk, backfill=False)
            missed = missed or Gap(walk.back_to, now, answer.missing)
        yield Page(
            answer.mentions, _cursor(walk), answer.fetched, answer.broken, gap or missed, backlog
        )
        gap = None
        if walk.open:
            continue
        if not walk.resumed:
            return
        walk, gap = _plan(_cursor(walk), reach, None, now)


def _plan(
    cursor: Mapping[str, Any] | None, reach: Reach, since: datetime | None, now: datetime
) -> tuple[_Walk, Gap | None]:
    """The walk to make now, and what it cannot reach any more."""
    cursor = cursor or {}
    mark = instant(cursor.get("newest_at"))
    left = cursor.get("walk")
    left = left if isinstance(left, dict) else {}
    left_to = instant(left.get("back_to"))
    floor = ALL_THERE_IS if reach.farthest is None else now - reach.farthest
    since = still_wanted(since, cursor, floor=floor, now=now)
    goes_on = left_to if reach.lasting and words(left.get("bookmark")) else None
    if goes_on and (since is None or goes_on <= max(since, floor) + OVERLAP):
        return _resumed(cursor, left, goes_on, now), None
    first = ALL_THERE_IS if reach.first_look is None else now - reach.first_look
    usual = mark - reach.overlap if mark else first
    back_to = min(filter(None, [since, left_to]), default=usual)
    gap = None
    if back_to < floor and (since or left_to or mark):
        gap = Gap(back_to, floor, f"{reach.name}: nothing older than {_days(reach)} is listed")
    backfill = since is not None or left.get("backfill") is True
    return _Walk(max(back_to, floor), now, mark, filled_by(cursor), backfill), gap


def _resumed(
    cursor: Mapping[str, Any], left: Mapping[str, Any], back_to: datetime, now: datetime
) -> _Walk:
    return _Walk(
        back_to,
        instant(left.get("began_at")) or now,
        instant(cursor.get("newest_at")),
        filled_by(cursor),
        backfill=left.get("backfill") is True,
        bookmark=words(left.get("bookmark")),
        newest_at=instant(left.get("newest_at")),
        oldest_at=instant(left.get("oldest_at")),
        resumed=True,
    )


def filled(back_to: datetime, began_at: datetime) -> dict[str, str]:
    """What a cursor keeps of a backfill that has reached its end."""
    return {"filled_to": iso(back_to) or "", "filled_at": iso(began_at) or ""}


def filled_by(cursor: Mapping[str, Any]) -> dict[str, str]:
    """What this cursor keeps of the last backfill, nothing when there was none."""
    return {key: words(cursor[key]) for key in ("filled_to", "filled_at") if cursor.get(key)}


def still_wanted(
    since: datetime | None, cursor: Mapping[str, Any], *, floor: datetime, now: datetime
) -> datetime | None:
    """How far back a backfill has to go; None when the last one has lately gone as far.

    Of the many searches of one call those that were finished are not made again for those that
    were cut off. floor: nothing older than this is listed.
    """
    back_to, began_at = (instant(cursor.get(key)) for key in ("filled_to", "filled_at"))
    if since is None or back_to is None or began_at is None or now - began_at >= FILLED_FOR:
        return since
    return None if back_to <= max(since, floor) + OVERLAP else since


def _days(reach: Reach) -> str:
    return f"{reach.farthest.days} days" if reach.farthest else ""


def _after(walk: _Walk, answer: Answer, reach: Reach, *, last: bool) -> tuple[_Walk, Gap | None]:
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
        bookmark=answer.bookmark,
    )
    if times and all(at < walk.back_to for at in times[-_SURE:]):
        return replace(seen, open=False, bookmark=""), None
    if not answer.bookmark:
        gap = _cut_off(seen, reach) or _unproved(seen, answer, reach)
        return replace(seen, open=False, backfill=seen.backfill and gap is None), gap
    if answer.bookmark in seen.used or seen.idle >= _MOST_IDLE:
        reason = f"{reach.name}: the listing repeated itself, older posts may be missing"
        return replace(seen, open=False, bookmark="", backfill=False), _missed(seen, reason)
    if last and not reach.lasting:
        reason = f"{reach.name}: more than {seen.fetched} posts at once, older ones may be missing"
        return replace(seen, open=False, bookmark="", backfill=False), _missed(seen, reason)
    return seen, None


def _cut_off(walk: _Walk, reach: Reach) -> Gap | None:
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


def _unproved(walk: _Walk, answer: Answer, reach: Reach) -> Gap | None:
    reason = f"{reach.name}: a full page and none after it, older posts may be missing"
    return _missed(walk, reason) if answer.full else None


def _missed(walk: _Walk, reason: str) -> Gap:
    return Gap(walk.back_to, max(walk.back_to, walk.oldest_at or walk.began_at), reason)


def _cursor(walk: _Walk) -> dict[str, Any]:
    """What to store with the page that was added last."""
    if walk.open:
        left = {
            "back_to": iso(walk.back_to),
            "began_at": iso(walk.began_at),
            "bookmark": walk.bookmark,
            "newest_at": iso(walk.newest_at),
            "oldest_at": iso(walk.oldest_at),
            "backfill": walk.backfill,
        }
        return {"newest_at": iso(walk.mark), **walk.filled, "walk": left}
    seen = min(walk.newest_at, walk.began_at) if walk.newest_at else None
    # Nothing was there: what comes from now on is new, less the overlap taken off next time. But
    # where something was, and none of it could be read, the next pass looks as far back again.
    unseen = None if walk.unread else walk.began_at
    newest = max(filter(None, [walk.mark, seen]), default=unseen)
    whole = walk.backfill and not walk.unread
    return {
        "newest_at": iso(newest),
        **(filled(walk.back_to, walk.began_at) if whole else walk.filled),
    }
