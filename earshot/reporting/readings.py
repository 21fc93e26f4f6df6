"""What the numbers of a brand rest on: read once for many days, and cut for each of them."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate

from sqlalchemy.orm import Session

from domain.reputation import Asked, Opinion
from storage import opinions

_BYTES = 16
_ALL = 1 << 8 * _BYTES


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of hashes up to each instant, so that those of any window are one difference."""

    ats: Sequence[datetime]  # rising
    sums: Sequence[int]  # one more than these

    def between(self, since: datetime, until: datetime) -> int:
        first, last = bisect_left(self.ats, since), bisect_left(self.ats, until)
        return (self.sums[last] - self.sums[first]) % _ALL


def _sums(those: Iterable[tuple[datetime, Hashable]]) -> _Sums:
    found = sorted(those, key=lambda one: one[0])
    hashes = (_hash(one) for one in found)
    return _Sums([at for at, _ in found], list(accumulate(hashes, initial=0)))


def _hash(one: tuple[datetime, Hashable]) -> int:
    at, values = one
    text = f"{at.timestamp()} {values!r}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BYTES).digest(), "big")


class Readings:
    """The opinions on a brand, and what asks it for an answer, published in [since, until)."""

    def __init__(
        self,
        session: Session,
        brand: str,
        *,
        since: datetime,
        until: datetime,
        model: str | None = None,
        left_out: Collection[int] = (),
    ) -> None:
        """model: whose scores count; None: those of the model in use.

        left_out: our ids of authors who are not counted; see earshot.reporting.rivals.
        """
        self._read: Callable[[], list[Opinion]] = lambda: opinions.opinions(
            session, brand, since=since, until=until, model=model, left_out=left_out
        )
        self._read_asked: Callable[[], list[Asked]] = lambda: opinions.asked(
            session, brand, since=since, until=until, left_out=left_out
        )
        self._in_time: dict[timedelta, _Sums] = {}

    def opinions(self, *, since: datetime, until: datetime) -> list[Opinion]:
        """Those of [since, until), oldest first."""
        first, last = bisect_left(self._ats, since), bisect_left(self._ats, until)
        return self._opinions[first:last]

    def asked(self, *, since: datetime, until: datetime) -> list[Asked]:
        """What was posted in [since, until)."""
        return [one for one in self._asked if since <= one.posted_at < until]

    def digest(self, *, since: datetime, until: datetime, yardstick: timedelta | None) -> str:
        """The same for the same values of a window, in whatever order they were stored.

        yardstick: by which the answers of the window are counted; None: only its tones are.
        """
        found = self._tones.between(since, until)
        if yardstick is not None:
            found += self._nobody.between(since, until)
            found += self._answers(yardstick).between(since, until)
        return f"{found % _ALL:0{2 * _BYTES}x}"

    def linked(self, *, since: datetime, until: datetime) -> int:
        """From how many accounts customers wrote."""
        heard = self.opinions(since=since, until=until)
        return len({one.account for one in heard if one.is_customer})

    @cached_property
    def _opinions(self) -> list[Opinion]:
        return self._read()

    @cached_property
    def _ats(self) -> list[datetime]:
        return [one.published_at for one in self._opinions]

    @cached_property
    def _asked(self) -> list[Asked]:
        return self._read_asked()

    @cached_property
    def _tones(self) -> _Sums:
        # Without what is only shown beside (followers, ages) and without ids, which deleting seals:
        # every other value of a score is here.
        return _sums(
            (one.published_at, (one.source, one.person, one.is_customer, one.polarity, one.story))
            for one in self._opinions
            if one.person is not None and one.polarity is not None
        )

    @cached_property
    def _nobody(self) -> _Sums:
        return _sums(
            (one.published_at, ("nobody", one.label))
            for one in self._opinions
            if one.person is None
        )

    def _answers(self, yardstick: timedelta) -> _Sums:
        """Who was answered in time, by when their time was over."""
        if yardstick not in self._in_time:
            self._in_time[yardstick] = _sums(
                (due, ("asked", one.person, one.answered_at is not None and one.answered_at <= due))
                for one in self._asked
                for due in (one.posted_at + yardstick,)
            )
        return self._in_time[yardstick]
