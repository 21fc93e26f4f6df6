"""What a walk over X has beside the common one: its positions, and its count of posts. No I/O.

X says how many posts a search would find. What it counted since the last pass is held against what
came, so that a search which brings much less is seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso
from listener.backfill import filled_by
from listener.clean import count, identifier, words
from listener.dates import instant
from listener.source import Counted, Gap, Page
from listener.walk import Answer, Walk

REACH = timedelta(days=7) - timedelta(minutes=5)  # what search can see, less a wrong clock
_JUST_NOW = timedelta(minutes=1)  # start_time must lie before the last ten seconds
_BEFORE = "before "  # begins a bookmark that is the id of a post; X's own hold no space
# Counts are made at another time than the search, so a few more or less are no loss.
_SHORT_BY, _SHORT_SHARE = 10, 0.5


def position(
    bookmark: str, back_to: datetime, now: datetime, *, name: str = "next_token"
) -> dict[str, str]:
    """The parameters of the page to ask for; name: of the one that takes X's own bookmark."""
    where = {"start_time": iso(min(back_to, now - _JUST_NOW)) or ""}
    if bookmark.startswith(_BEFORE):
        where["until_id"] = bookmark.removeprefix(_BEFORE)
    elif bookmark:
        where[name] = bookmark
    return where


def before_the_oldest(answer: Mapping[str, Any]) -> str:
    """The bookmark for posts older than these; "" when there are none."""
    posts = answer.get("data")
    posts = posts if isinstance(posts, list) else []
    found = [identifier(post.get("id")) for post in posts if isinstance(post, dict)]
    oldest = min((one for one in found if one.isascii() and one.isdecimal()), key=int, default="")
    return _before(oldest)


def next_token(answer: Mapping[str, Any]) -> str:
    """X's bookmark of the next page, "" at the end."""
    meta = answer.get("meta")
    return words(meta.get("next_token")) if isinstance(meta, dict) else ""


def read_state(state: Mapping[str, Any] | None, ask: str) -> Mapping[str, Any]:
    """The state of a search as the common walk reads it, whichever version stored it.

    What another query has left says how far back to go, and nothing of where this one is.
    """
    state = state or {}
    left = state.get("walk")
    if not isinstance(left, dict):
        return state
    common = {
        "back_to": left.get("start"),
        "bookmark": words(left.get("token")) or _before(left.get("until_id")),
        "fallback": _before(left.get("oldest_id")),
        **left,
    }
    if left.get("query") != ask:
        common = {"back_to": common["back_to"], "backfill": left.get("backfill")}
    return {**state, "walk": common}


def is_deep(back_to: datetime, now: datetime) -> bool:
    """Whether a walk goes back further than recent search sees."""
    return back_to < now - REACH


@dataclass(frozen=True, slots=True)
class Tally:
    """How many posts X counted for a walk, and how many of them came."""

    ask: str
    since: datetime  # from here on no earlier walk has covered it
    until: datetime
    deep: bool
    before: Mapping[str, str]  # what the state kept of the last backfill
    counted: int | None = None  # None: X was not asked
    came: int = 0

    def after(self, answer: Answer) -> "Tally":
        """With what came of one more page."""
        others = sum(not self.since <= one.published_at <= self.until for one in answer.mentions)
        return replace(self, came=self.came + answer.fetched - others)

    def kept_in(self, cursor: Mapping[str, Any]) -> Mapping[str, Any]:
        """The cursor of an open walk with what the next pass must know of the count."""
        own = {
            "query": self.ask,
            "unheard_since": iso(self.since),
            "deep": self.deep,
            "counted": self.counted,
            "came": self.came,
        }
        return {**cursor, "walk": {**cursor["walk"], **own}}

    def finish(self, page: Page) -> Page:
        """The page with the count; a walk that fell short of it is a gap, and no whole backfill."""
        if "walk" in page.cursor:
            return replace(page, cursor=self.kept_in(page.cursor))
        if self.counted is None:
            return page
        page = replace(page, counted=Counted(self.counted, self.came))
        gap = self._fell_short()
        if gap is None:
            return page
        kept = {key: page.cursor[key] for key in ("newest_at", "covered_at") if key in page.cursor}
        return replace(page, gap=page.gap or gap, cursor={**kept, **self.before})

    def _fell_short(self) -> Gap | None:
        """What is missing when the walk ended with much less than X had counted."""
        counted = self.counted or 0
        if counted - self.came < _SHORT_BY or self.came > counted * _SHORT_SHARE:
            return None
        reason = f"x: X counted {counted:,} posts and {self.came:,} came"
        return Gap(self.since, self.until, reason)


class Reading:
    """One walk while it is read: what came of what was counted."""

    def __init__(self, counted: Tally) -> None:
        self.tally = counted
        self.pages = 0
        self.cursor: Mapping[str, Any] = {}

    def count(self, there: int) -> None:
        self.tally = replace(self.tally, counted=there)

    def add(self, answer: Answer, *, from_the_top: bool) -> None:
        self.pages += 1
        before = replace(self.tally, came=0) if from_the_top else self.tally
        self.tally = before.after(answer)

    def finish(self, page: Page) -> Page:
        finished = self.tally.finish(page)
        self.cursor = finished.cursor
        return finished


def tally(walk: Walk, state: Mapping[str, Any], ask: str, now: datetime) -> Tally:
    """The count that this walk goes on with, or none yet."""
    left = state.get("walk")
    left = left if isinstance(left, dict) else {}
    # A backfill, and what another one left, may reach to before what was covered.
    fresh = not left and not walk.backfill
    covered_at = instant(state.get("covered_at")) if fresh else None
    found = Tally(
        ask=ask,
        since=max(filter(None, [walk.back_to, covered_at])),
        until=walk.began_at,
        deep=is_deep(walk.back_to, now),
        before=filled_by(state),
    )
    if not walk.resumed:
        return found
    since = instant(left.get("unheard_since")) or walk.back_to
    came = count(left.get("came")) or 0
    return replace(found, since=since, counted=count(left.get("counted")), came=came)


def left_deep(state: Mapping[str, Any]) -> bool:
    """Whether an earlier pass left a walk open that goes back further than recent search sees."""
    left = state.get("walk")
    return isinstance(left, dict) and left.get("deep") is True


def _before(post_id: object) -> str:
    return f"{_BEFORE}{words(post_id)}" if words(post_id) else ""
