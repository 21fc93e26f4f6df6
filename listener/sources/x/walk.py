"""How far back a pass over X goes, and how it goes on after a crash. No I/O.

X lists newest first, whether it searches or tells who mentioned an account. A walk asks for
everything since `start`, page by page; only when its last page is stored may the newest post it saw
become the mark from which the next walk starts. The mark is the platform's clock, not ours: a wrong
clock here loses nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso
from domain.mention import Mention
from listener.clean import count, identifier, words
from listener.dates import instant
from listener.source import Counted, Gap
from listener.walk import FIRST_LOOK, OVERLAP, filled, filled_by, still_wanted

REACH = timedelta(days=7) - timedelta(minutes=5)  # what search can see, less a wrong clock
_JUST_NOW = timedelta(minutes=1)  # start_time must lie before the last ten seconds
_MOST_IDLE = 10  # pages in a row without an older post; X does send some empty ones
# Counts are made at another time than the search, so a few more or less are no loss.
_SHORT_BY, _SHORT_SHARE = 10, 0.5


@dataclass(frozen=True, slots=True)
class Walk:
    query: str  # or MENTIONS and an id
    start: datetime
    began_at: datetime
    unheard_since: datetime  # from here on no earlier walk has covered it
    mark: Mapping[str, str]  # newest_id, newest_at, covered_at: what the walks before have closed
    token: str = ""  # X's bookmark of the page to ask for
    until_id: str = ""  # without a bookmark: ask for posts older than this one
    newest_id: str = ""
    newest_at: datetime | None = None
    oldest_id: str = ""
    oldest_at: datetime | None = None
    resumed: bool = False  # an earlier pass began it
    deep: bool = False  # it goes back further than recent search sees
    backfill: bool = False  # somebody asked for it, by `since`
    counted: int | None = None  # posts that X counted since unheard_since; None: it was not asked
    came: int = 0  # of those
    open: bool = True
    gap: Gap | None = None  # found with the page that was added last
    idle: int = 0
    used: frozenset[str] = frozenset()  # bookmarks followed in this pass, so that a loop is seen

    def position(self, bookmark: str = "next_token") -> dict[str, str]:
        """The parameters of the page to ask for; bookmark: what this listing calls its own."""
        where = {bookmark: self.token} if self.token else {"until_id": self.until_id}
        return {"start_time": iso(self.start) or "", **{k: v for k, v in where.items() if v}}

    def step_back(self) -> "Walk | None":
        """After X refused the position: the next safer one, None when there is none.

        From the bookmark to "older than the oldest post seen", and for a walk of an earlier pass
        (bookmarks expire) from there to its beginning.
        """
        if self.token and self.oldest_id:
            return replace(self, token="", until_id=self.oldest_id)
        if self.resumed and (self.token or self.until_id):
            return replace(self, token="", until_id="", resumed=False, came=0)
        return None

    def after(self, answer: Mapping[str, Any], mentions: Sequence[Mention]) -> "Walk":
        """The walk once this page is stored."""
        sent = _ids(answer)
        ids = [self.newest_id, self.oldest_id, *sent]
        oldest_id = min(filter(None, ids), key=int, default="")
        times = [mention.published_at for mention in mentions]
        return replace(
            self,
            newest_id=max(filter(None, ids), key=int, default=""),
            newest_at=max([*filter(None, [self.newest_at]), *times], default=None),
            oldest_id=oldest_id,
            oldest_at=min([*filter(None, [self.oldest_at]), *times], default=None),
            idle=0 if oldest_id != self.oldest_id else self.idle + 1,
            used=self.used | {self.token},
            came=self.came + len(sent) - sum(not self._is_counted(one) for one in mentions),
            gap=None,
        ).going_to(next_token(answer))

    def going_to(self, token: str) -> "Walk":
        """The walk set to its next page: by this bookmark, or past a loop, or at its end."""
        if not token:
            return replace(self, token="", open=False)
        if token not in self.used and self.idle < _MOST_IDLE:
            return replace(self, token=token)
        if self.oldest_id and self.oldest_id != self.until_id:
            return replace(self, token="", until_id=self.oldest_id, idle=0)
        reason = "x: search repeated itself, older posts of this stretch may be missing"
        until = max(self.start, self.oldest_at or self.began_at)
        gap = Gap(self.start, until, reason)
        return replace(self, token="", open=False, gap=gap)

    def cut_off(self, seen: int) -> Gap | None:
        """What is missing when the listing ended after so many, although there was more."""
        if self.open or self.oldest_at is None or self.oldest_at <= self.start + OVERLAP:
            return None
        reason = f"x: the mentions of an account ended after {seen}, older ones may be missing"
        return Gap(self.start, self.oldest_at, reason)

    def tally(self) -> Counted | None:
        """What X counted and what came, once the walk has ended."""
        if self.open or self.counted is None:
            return None
        return Counted(self.counted, self.came)

    def fell_short(self) -> Gap | None:
        """What is missing when the walk ended with much less than X had counted."""
        tally = self.tally()
        if tally is None or tally.there - tally.came < _SHORT_BY:
            return None
        if tally.came > tally.there * _SHORT_SHARE:
            return None
        reason = f"x: X counted {tally.there:,} posts and {tally.came:,} came"
        return Gap(self.unheard_since, self.began_at, reason)

    def _is_counted(self, mention: Mention) -> bool:
        return self.unheard_since <= mention.published_at <= self.began_at

    def is_backlog(self) -> bool:
        """Whether it goes back to before what was known: a first pass, or a backfill."""
        known_at = instant(self.mark.get("newest_at"))
        return known_at is None or self.start < known_at - OVERLAP

    def cursor(self) -> dict[str, Any]:
        """What to store with the page that was added last."""
        if not self.open:
            return self._closed_mark()
        walk = {
            "query": self.query,
            "start": iso(self.start),
            "began_at": iso(self.began_at),
            "token": self.token,
            "until_id": self.until_id,
            "newest_id": self.newest_id,
            "newest_at": iso(self.newest_at),
            "oldest_id": self.oldest_id,
            "oldest_at": iso(self.oldest_at),
            "deep": self.deep,
            "backfill": self.backfill,
            "unheard_since": iso(self.unheard_since),
            "counted": self.counted,
            "came": self.came,
        }
        return {**self.mark, "walk": walk}

    def _closed_mark(self) -> dict[str, Any]:
        before = instant(self.mark.get("newest_at"))
        newest_at = max(filter(None, [before, self.newest_at]), default=self.start + OVERLAP)
        newest_ids = filter(None, [self.mark.get("newest_id", ""), self.newest_id])
        return {
            "newest_id": max(newest_ids, key=int, default=""),
            "newest_at": iso(min(newest_at, self.began_at)),
            "covered_at": iso(self.began_at),
            **(filled(self.start, self.began_at) if self._is_filled() else filled_by(self.mark)),
        }

    def _is_filled(self) -> bool:
        return self.backfill and self.gap is None and self.fell_short() is None


def plan(
    cursor: Mapping[str, Any] | None,
    *,
    query: str,
    since: datetime | None,
    now: datetime,
    listed_from: datetime | None = None,
) -> Walk:
    """The walk to make now: the rest of the one an earlier pass left open, or a new one.

    listed_from: where the listing begins; None: recent search, which sees 7 days. What lies further
    back than it can see is a gap, unless a walk has covered it before.
    """
    cursor = cursor or {}
    mark = {key: words(cursor.get(key)) for key in ("newest_id", "newest_at", "covered_at")}
    mark |= filled_by(cursor)
    left = cursor.get("walk")
    left = left if isinstance(left, dict) else {}
    left_start = instant(left.get("start"))
    floor = listed_from or now - REACH
    since = still_wanted(since, cursor, floor=floor, now=now)
    if left_start and left.get("query") == query:
        resumed = _within(floor, _resumed(left, left_start, mark, now))
        if resumed and (since is None or left_start <= max(since, floor) + OVERLAP):
            return resumed
    newest_at = instant(mark["newest_at"])
    wanted = min(
        filter(None, [since, left_start]),
        default=newest_at - OVERLAP if newest_at else now - FIRST_LOOK,
    )
    covered_at = instant(mark["covered_at"]) if since is None and left_start is None else None
    missed = listed_from is None and wanted < floor and not (covered_at and covered_at >= floor)
    start = min(max(wanted, floor), now - _JUST_NOW)
    return Walk(
        query=query,
        start=start,
        began_at=now,
        unheard_since=max(filter(None, [start, covered_at])),
        mark=mark,
        deep=start < now - REACH,
        backfill=since is not None or left.get("backfill") is True,
        gap=Gap(max(filter(None, [wanted, covered_at])), floor, _TOO_LATE) if missed else None,
    )


_TOO_LATE = "x: search sees 7 days, and this stretch is older"


def _resumed(
    left: Mapping[str, Any], start: datetime, mark: Mapping[str, str], now: datetime
) -> Walk:
    return Walk(
        query=words(left.get("query")),
        start=start,
        began_at=instant(left.get("began_at")) or now,
        unheard_since=instant(left.get("unheard_since")) or start,
        mark=mark,
        token=words(left.get("token")),
        until_id=words(left.get("until_id")),
        newest_id=words(left.get("newest_id")),
        newest_at=instant(left.get("newest_at")),
        oldest_id=words(left.get("oldest_id")),
        oldest_at=instant(left.get("oldest_at")),
        deep=start < now - REACH,
        backfill=left.get("backfill") is True,
        counted=count(left.get("counted")),
        came=count(left.get("came")) or 0,
        resumed=True,
    )


def _within(floor: datetime, walk: Walk) -> Walk | None:
    """The walk as far as it can still be listed; None when it has come to before that already.

    A bookmark belongs to a search that began elsewhere, so it goes on by the oldest post seen.
    """
    if walk.start >= floor:
        return walk
    if walk.oldest_at is None or walk.oldest_at <= floor:
        return None
    gap = Gap(walk.start, floor, _TOO_LATE)
    return replace(walk, start=floor, token="", until_id=walk.oldest_id, gap=gap)


def left_deep(cursor: Mapping[str, Any] | None) -> bool:
    """Whether an earlier pass left a walk open that goes back further than recent search sees."""
    left = (cursor or {}).get("walk")
    return isinstance(left, dict) and left.get("deep") is True


def _ids(answer: Mapping[str, Any]) -> list[str]:
    posts = answer.get("data")
    posts = posts if isinstance(posts, list) else []
    found = [identifier(post.get("id")) for post in posts if isinstance(post, dict)]
    return [one for one in found if one.isascii() and one.isdecimal()]


def next_token(answer: Mapping[str, Any]) -> str:
    """X's bookmark of the next page, "" at the end."""
    meta = answer.get("meta")
    return words(meta.get("next_token")) if isinstance(meta, dict) else ""
