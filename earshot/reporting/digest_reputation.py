"""What a digest says of the reputation: from the published days, and what was told before."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from sqlalchemy.orm import Session

from domain.brand import Brand
from domain.digest import Digest, Revised, Told, TrendChange
from domain.reputation import Comparison, Reputation
from earshot.config.model import Config
from earshot.reporting import digest_numbers, published
from reputation.changes import changes
from reputation.compare import compare
from storage import known_voices, outbox, snapshots
from storage.snapshots import Published

KIND = "reputation"
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
TREND_DAYS = 28
LOOK_BACK = 7  # mornings: a digest that is older is not the one before
SHOWN = 1  # decimals of a score: a revision that changes none of them is not told


@dataclass(frozen=True, slots=True)
class Reputations:
    """The fields of a digest that tell the reputation."""

    now: Reputation
    before: Reputation | None  # seven days earlier; None: nobody had written
    comparison: Comparison | None
    trend: tuple[Reputation, ...]  # by day
    changes: tuple[TrendChange, ...]
    told_before: Told | None
    revised: tuple[Revised, ...]

    @property
    def scores(self) -> tuple[tuple[date, float | None], ...]:
        return tuple((one.date, one.score) for one in self.trend)

    @property
    def intervals(self) -> tuple[tuple[date, float, float], ...]:
        return tuple(
            (one.date, one.low, one.high)
            for one in self.trend
            if one.low is not None and one.high is not None
        )


def reputations(
    session: Session, brand: Brand, reported: date, config: Config, *, now: datetime
) -> Reputations:
    """All that the digest of the morning after `reported` says of it; nothing is stored.

    A day that is not published is computed now, and said to be not final.
    """
    measured = published.measured_on(session, brand.name, reported, config, now=now)
    earlier = published.measured_on(session, brand.name, reported - WEEK, config, now=now)
    has_earlier = earlier.reputation.n_authors > 0
    linked = known_voices.linked_since(session, set(map(int, earlier.voices.person)))
    history = snapshots.history(
        session,
        brand.name,
        KIND,
        since=reported - TREND_DAYS * DAY,  # one more than is drawn: to see what changed with it
        until=reported + DAY,
    )
    trend = _trend(history, measured.reputation)
    before = _digest_before(session, brand, reported + DAY)
    told = None if before is None else _told(session, before, config, now=now)
    return Reputations(
        now=measured.reputation,
        before=earlier.reputation if has_earlier else None,
        comparison=compare(earlier, measured, linked) if has_earlier else None,
        trend=tuple(one for one in trend if one.date > reported - TREND_DAYS * DAY),
        changes=tuple(_changes(trend, config.enabled)),
        told_before=told,
        revised=() if before is None else _revised(history, before.made_at, told),
    )


def _trend(history: Sequence[Published], now: Reputation) -> list[Reputation]:
    """The newest revision of each day, and today's number where it is not published."""
    newest = {row.day: published.reputation_of(row) for row in history}
    newest.setdefault(now.date, now)
    return [newest[day] for day in sorted(newest)]


def _changes(trend: Sequence[Reputation], listened_to: Collection[str]) -> Iterator[TrendChange]:
    heard: set[str] = set()
    for before, after in pairwise(trend):
        heard |= {one.source for one in before.sources}
        marks = after.marks
        if after.revision is None:
            found = changes(before, after, heard=heard, listened_to=listened_to)
            marks = (*found, "not final")
        for what in marks:
            yield TrendChange(after.date, what, breaks=before.formula != after.formula)


def _digest_before(session: Session, brand: Brand, day: date) -> Digest | None:
    """What the digest of the morning before said; None: there was none in the past week."""
    for back in range(1, LOOK_BACK + 1):
        kept = outbox.numbers(session, digest_numbers.key_of(brand.name, day - back * DAY))
        if kept is not None:
            return digest_numbers.read(kept).numbers
    return None


def _told(session: Session, before: Digest, config: Config, *, now: datetime) -> Told | None:
    """The number that it told before the day was published; None: what it told was final."""
    if not before.not_final:
        return None
    then = before.reputation
    found = published.reputation_on(session, before.brand, then.date, config, now=now)
    return Told(then.date, then.score, found.score, final=found.revision is not None)


def _revised(
    history: Sequence[Published], since: datetime, told: Told | None
) -> tuple[Revised, ...]:
    """The days whose published score is another one than at that instant, the most moved first."""
    found = []
    for day, of_it in groupby(history, lambda row: row.day):
        rows = list(of_it)
        known = [row for row in rows if row.computed_at <= since] or rows[:1]
        later = rows[len(known) :]
        then, now = known[-1].payload["score"], rows[-1].payload["score"]
        if later and _shown(then) != _shown(now) and not (told and told.day == day):
            why = "; ".join(dict.fromkeys(filter(None, (row.reason for row in later))))
            found.append(Revised(day, then, now, why))
    return tuple(sorted(found, key=_moved, reverse=True))


def _shown(score: float | None) -> float | None:
    return None if score is None else round(score, SHOWN)


def _moved(one: Revised) -> tuple[float, date]:
    """A score that came or went moved most."""
    if one.published is None or one.now is None:
        return float("inf"), one.day
    return abs(one.now - one.published), one.day
