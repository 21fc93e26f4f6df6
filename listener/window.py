"""Paging by time, for searches that end after so many results: each page asks for older ones.

A bookmark is the instant to which a page goes, and a page number that counts only where more
things share one second than fit on a page. It means the same in the next pass.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import iso
from listener.dates import instant
from listener.source import Gap

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    until: datetime | None  # nothing younger, this second included; None: the newest
    page: int = 1

    def following(self, dates: Collection[datetime], *, most_pages: int) -> str:
        """The bookmark behind a full page of things of these dates; "": no more.

        The oldest second is asked for again, so that what shares it is not lost.
        """
        oldest = min(dates, default=None)
        if oldest is not None and (self.until is None or oldest < self.until):
            return f"{iso(oldest)} 1"
        if self.until is None:
            return ""
        if self.page < most_pages:
            return f"{iso(self.until)} {self.page + 1}"
        return f"{iso(self.until - _SECOND)} 1" if set(dates) == {self.until} else ""

    def lost(self, source: str, dates: Collection[datetime], *, most_pages: int) -> Gap | None:
        """What is lost where even the last page of a second was full of it."""
        if self.until is None or self.page < most_pages or set(dates) != {self.until}:
            return None
        reason = (
            f"{source}: more share the second {iso(self.until)} than it lists, some are missing"
        )
        return Gap(self.until, self.until + _SECOND, reason)


def least_far(bookmarks: Iterable[str]) -> str:
    """Of the bookmarks of lists side by side the one that skips nothing of any; "": no more."""
    known = [one for one in bookmarks if one]
    return max(known, key=lambda one: (one.partition(" ")[0], window(one).page), default="")


def window(bookmark: str) -> Window:
    """The window of a bookmark; of "" and of anything unreadable the newest."""
    until, _, page = bookmark.partition(" ")
    at = instant(until)
    return Window(at, int(page)) if at and re.fullmatch(r"[0-9]{1,3}", page) else Window(None)
