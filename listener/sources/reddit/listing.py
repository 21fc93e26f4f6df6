"""How far back a pass over Reddit goes, and what it may have missed. No I/O.

A listing is walked newest first until it reaches what an earlier pass has stored; the first pass
takes all there is. A crash starts the walk again from the top: ten requests at most, and free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.clock import iso
from listener.clean import words
from listener.dates import instant
from listener.source import Gap, Page
from listener.sources.reddit.posts import Listing

OVERLAP = timedelta(minutes=15)  # submissions reach the index late and out of order
_ALL_THERE_IS = datetime(2005, 1, 1, tzinfo=UTC)  # before Reddit's first submission
_FULL_PAGE = 100


@dataclass(frozen=True, slots=True)
class Look:
    now: datetime
    back_to: datetime  # the walk ends when it gets here
    mark: Mapping[str, str]  # newest_id, newest_at of the walks before
    closes: bool = True  # the end of this walk moves the mark
    newest_id: str = ""
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    fetched: int = 0
    open: bool = True
    gap: Gap | None = None

    def for_own_answers(self) -> "Look":
        """The same stretch of an own account's comments; the mark waits for the search."""
        return replace(self, closes=False)

    def saw(self, listing: Listing, *, more: bool) -> "Look":
        """The look after one more page; more: whether the listing goes on."""
        newest = max(listing.mentions, key=lambda one: one.published_at, default=None)
        newer = newest and (self.newest_at is None or newest.published_at > self.newest_at)
        times = [one.published_at for one in listing.mentions]
        arrived = bool(times) and times[-1] < self.back_to
        seen = replace(
            self,
            newest_id=newest.external_id if newest and newer else self.newest_id,
            newest_at=newest.published_at if newest and newer else self.newest_at,
            oldest_at=min([*filter(None, [self.oldest_at]), *times], default=None),
            fetched=self.fetched + listing.fetched,
            open=more and not arrived,
        )
        return seen if more or arrived else replace(seen, gap=seen.missed())

    def missed(self) -> Gap | None:
        """A gap when the listing ended without meeting what was known.

        A short listing is simply all there is; a long one was cut off by Reddit at its end.
        """
        known_at = instant(self.mark["newest_at"]) if self.mark["newest_id"] else None
        if known_at is None and self.back_to > _ALL_THERE_IS:
            known_at = self.back_to
        if self.fetched < _FULL_PAGE or self.oldest_at is None:
            return None
        if known_at is None or self.oldest_at <= known_at:
            return None
        reason = f"reddit: the listing ended after {self.fetched}, before reaching what was known"
        return Gap(known_at, self.oldest_at, reason)

    def page(self, listing: Listing) -> Page:
        """What to store after this page."""
        cursor = self.cursor()
        return Page(
            listing.mentions, cursor, listing.fetched, listing.broken, self.gap, self.is_backlog()
        )

    def is_backlog(self) -> bool:
        """Whether the walk goes back to before what was known: a first pass, or a backfill."""
        known_at = instant(self.mark["newest_at"])
        return known_at is None or self.back_to < known_at - OVERLAP

    def nothing(self, told: str) -> Page:
        """A page with nothing but a trouble to tell."""
        return Page((), self.cursor(), 0, (told,))

    def cursor(self) -> dict[str, Any]:
        """The mark as it was while the walk is open, and where the walk goes back to."""
        if self.open or not self.closes:
            return {**self.mark, "back_to": iso(self.back_to)}
        before = instant(self.mark["newest_at"])
        if self.newest_at is None or (before and self.newest_at < before):
            return {"newest_id": self.mark["newest_id"], "newest_at": iso(before)}
        return {"newest_id": self.newest_id, "newest_at": iso(min(self.newest_at, self.now))}


def plan(cursor: Mapping[str, Any] | None, *, since: datetime | None, now: datetime) -> Look:
    """Where to look back to: since, else where a cut-off walk was going, else the mark."""
    cursor = cursor or {}
    mark = {key: words(cursor.get(key)) for key in ("newest_id", "newest_at")}
    newest_at = instant(mark["newest_at"])
    usual = newest_at - OVERLAP if newest_at else _ALL_THERE_IS
    wanted = filter(None, [since, instant(cursor.get("back_to"))])
    return Look(now=now, back_to=min(wanted, default=usual), mark=mark)
