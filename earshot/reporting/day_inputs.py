"""What the numbers of a brand's days are computed from: read once for all of the days."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from earshot.reporting.readings import Readings
from earshot.reporting.watermarks import Standing, Watermark
from storage import link_ledger, listing_states, opinions
from storage.link_ledger import Turn
from storage.listing_states import ListingState


class Window(NamedTuple):
    """What the number of one day looks at."""

    since: datetime
    until: datetime
    model: str
    yardstick: timedelta | None  # within which answers count; None: no answer does


class Inputs:
    """The posts of a brand of [since, until), by whichever model they are asked for."""

    def __init__(
        self,
        session: Session,
        brand: str,
        *,
        since: datetime,
        until: datetime,
        left_out: Collection[int] = (),
    ) -> None:
        """left_out: our ids of authors who are not counted."""
        self._left_out = left_out
        self._session, self._brand, self._since, self._until = session, brand, since, until
        self._readings: dict[str, Readings] = {}
        self._posts: dict[str, list[ListingState]] = {}
        self._turns: dict[int, list[Turn]] = {}

    def readings(self, model: str) -> Readings:
        """The opinions by that model, and what asks for an answer."""
        if model not in self._readings:
            self._readings[model] = Readings(
                self._session,
                self._brand,
                since=self._since,
                until=self._until,
                model=model,
                left_out=self._left_out,
            )
        return self._readings[model]

    def digest(self, window: Window) -> str:
        """Another one when a value that counts is another one."""
        return self.readings(window.model).digest(
            since=window.since, until=window.until, yardstick=window.yardstick
        )

    def waiting(self, window: Window) -> int:
        """How many posts of the window are still to be scored."""
        found = opinions.waiting(self._session, self._brand, since=window.since, until=window.until)
        return len(found)

    def standing(self, window: Window) -> Standing:
        """How the posts of the window stand."""
        posts = self._standing_posts(window.model)
        said = _between(posts, window.since, window.until)
        if window.yardstick is None:
            return Standing(said)
        since, until = window.since - window.yardstick, window.until - window.yardstick
        return Standing(
            said,
            _between(posts, since, until),
            listing_states.incidents(self._session, self._brand, since=since, until=until),
            window.yardstick,
        )

    def watermark(self, window: Window, formula: str) -> Watermark:
        """What a number of the window is computed from."""
        standing = self.standing(window)
        readings = self.readings(window.model)
        return Watermark(
            formula=formula,
            model=window.model,
            counts=standing.counts(),
            linked=readings.linked(since=window.since, until=window.until),
            newest=standing.newest,
            judged=link_ledger.newest(self._session),
            digest=self.digest(window),
        )

    def turns(self, after: int) -> Sequence[Turn]:
        """What was decided of any link since that judgement."""
        if after not in self._turns:
            self._turns[after] = link_ledger.turns(self._session, after=after)
        return self._turns[after]

    def _standing_posts(self, model: str) -> list[ListingState]:
        """Oldest first."""
        if model not in self._posts:
            self._posts[model] = listing_states.listings(
                self._session, self._brand, since=self._since, until=self._until, model=model
            )
        return self._posts[model]


def _published_at(post: ListingState) -> datetime:
    return post.published_at


def _between(
    posts: Sequence[ListingState], since: datetime, until: datetime
) -> Sequence[ListingState]:
    first = bisect_left(posts, since, key=_published_at)
    return posts[first : bisect_left(posts, until, key=_published_at)]
