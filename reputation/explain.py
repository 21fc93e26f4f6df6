"""Why the score moved between two days: over its parts, persons, sources and stories, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

import numpy as np

from domain.reputation import Part, Reputation
from reputation.matching import Matched, Spoke, matched, sums
from reputation.measured import Measured
from reputation.score import level
from reputation.voices import Bools, Floats, Ints, Voices

_ENOUGH = 0.25  # of the shares: that much of those who wrote nothing new is a level to hold by
NOBODY: Mapping[int, int] = {}


class How(StrEnum):
    CAME = "came"
    LEFT = "left"  # said nothing in the window of the later day
    CHANGED = "changed"  # wrote again, was scored anew, or is known as a customer now, or no more


@dataclass(frozen=True, slots=True)
class PartDelta:
    """What one part added to the change of the score, in points."""

    name: str
    before: float | None  # the part's own value, 0..100; None: missing
    after: float | None
    by_value: float  # the part itself rose or fell
    by_weight: float  # it counts more or less than before, or came or went

    @property
    def delta(self) -> float:
        return self.by_value + self.by_weight


@dataclass(frozen=True, slots=True)
class PersonDelta:
    """What one person added to the change of the score."""

    person: int  # opaque
    how: How
    was_customer: bool
    is_customer: bool
    before: float | None  # their stance, in [-1, 1]; None: they were not there
    after: float | None
    points: float


@dataclass(frozen=True, slots=True)
class Aged:
    """What the passing of time added: of who wrote nothing new the oldest leaves the window."""

    n: int  # persons
    points: float


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """What all that was said on one source added."""

    source: str
    n_before: int  # persons
    n_after: int
    points: float


@dataclass(frozen=True, slots=True)
class StoryDelta:
    """What one story added, of those who told it first: one person, and nobody else's copies."""

    story: int  # 0: what is of no story
    n_before: int  # persons
    n_after: int
    points: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A change of the score, in points. Each view adds up to it.

    The views: parts; persons, time, and the three others; sources and the three others; stories and
    the three others.
    """

    change: (
        float | None
    )  # None: one of the days has no score, or another formula; all below is empty
    parts: tuple[PartDelta, ...] = ()
    persons: tuple[PersonDelta, ...] = ()
    time: Aged = Aged(0, 0.0)
    sources: tuple[SourceDelta, ...] = ()
    stories: tuple[StoryDelta, ...] = ()
    # The three others.
    response: float = 0.0  # more or fewer had their answer in time
    weights: float = 0.0  # a part counts more or less than before, as it rests on more or fewer
    rest: float = 0.0  # what labels by hand correct; all of the persons where a day kept none


def explanation(before: Measured, after: Measured, same: Mapping[int, int] = NOBODY) -> Explanation:
    """What moved the score, from what is stored with the two days; the largest first.

    Of a part 50 * (1 + sum(a s)), with a = w / sum(w), a person adds 50 * (a' (s' - m) - a (s - m))
    to the change; as the shares add up to 1 on both days that is exact for any m. m is the stance
    of those who wrote nothing new, so that who came, left or changed is held against them, and
    they, who only have less of a share, move nothing. Where they have less than a quarter of the
    shares, it is by as much the mean of both days. What a person adds is split over what they
    said by its share of their stance, which makes the sources and stories.

    same: numbers that are another person's by now, and whose: an account linked since.
    """
    old, new = before.reputation, after.reputation
    if old.score is None or new.score is None or old.formula != new.formula:
        return Explanation(None)
    parts = by_parts(old, new)
    change = new.score - old.score
    response = fsum(one.by_value for one in parts if one.name == "response")
    weights = fsum(one.by_weight for one in parts)
    if not (len(before.voices) and len(after.voices)):
        return Explanation(
            change,
            tuple(parts),
            response=response,
            weights=weights,
            rest=change - response - weights,
        )
    who = matched(before, after, same)
    pulls = _pulls(before, after, who)
    persons, time = _persons(who, pulls)
    moved = fsum(pulls[1]) - fsum(pulls[0])
    return Explanation(
        change=change,
        parts=tuple(parts),
        persons=persons,
        time=time,
        sources=_sources(before.voices, after.voices, pulls),
        stories=_stories(before.voices, after.voices, pulls),
        response=response,
        weights=weights,
        rest=change - response - weights - moved,
    )


def by_parts(before: Reputation, after: Reputation) -> list[PartDelta]:
    """Deltas that add up to after.score - before.score, the largest first; [] without two scores.

    With equal weights a part's delta is w * (C' - C). Where a part came or went, all weights
    change: w'C' - wC = (w + w')/2 * (C' - C) + (w' - w) * ((C + C')/2 - m), exactly, for any m as
    the weights add up to 1 on both sides. m is the mean of the two scores, so a part that comes in
    above the score lifts it and one below it lowers it. A part missing on one side has no C there
    and moves the score by its weight alone.
    """
    if before.score is None or after.score is None or before.formula != after.formula:
        return []
    middle = (before.score + after.score) / 2
    then = {part.name: part for part in before.parts}
    now = {part.name: part for part in after.parts}
    names = [*now, *(name for name in then if name not in now)]
    deltas = [_delta(name, then.get(name), now.get(name), middle) for name in names]
    return sorted(deltas, key=lambda one: (-abs(one.delta), one.name))


def _delta(name: str, then: Part | None, now: Part | None, middle: float) -> PartDelta:
    old = then.value if then else None
    new = now.value if now else None
    old_weight = then.weight if then else 0.0
    new_weight = now.weight if now else 0.0
    by_value = by_weight = 0.0
    if old is not None and new is not None:
        by_value = (old_weight + new_weight) / 2 * (new - old)
        by_weight = (new_weight - old_weight) * ((old + new) / 2 - middle)
    elif new is not None:
        by_weight = new_weight * (new - middle)
    elif old is not None:
        by_weight = -old_weight * (old - middle)
    return PartDelta(name, old, new, by_value, by_weight)


# --- pieces -------------------------------------------------------------------------------------


def pull(voices: Voices, weights: Mapping[str, float], middles: Mapping[str, float]) -> Floats:
    """(m,) by how many points each piece holds the parts that persons make above `middles`.

    weights: of "sentiment" and "customers" in the score. middles: of 0 to 100.
    """
    whole = np.bincount(voices.of, voices.weight, len(voices))[voices.of]
    found = np.zeros(len(voices.of))
    for name, counted in _counted(voices).items():
        if weights.get(name) and counted.any():
            share = counted * voices.recency / fsum(voices.recency[counted])
            above = 50 * (1 + voices.polarity) - middles[name]
            found += weights[name] * share[voices.of] * voices.weight / whole * above
    return found


def _counted(voices: Voices) -> dict[str, Bools]:
    """Who makes which part."""
    return {"sentiment": np.ones(len(voices), dtype=bool), "customers": voices.is_customer}


def _pulls(before: Measured, after: Measured, who: Matched) -> tuple[Floats, Floats]:
    """What the pieces of both days add to the parts that both days have, against the middles."""
    weights, middles = {}, {}
    then = {part.name: part for part in before.reputation.parts}
    days = ((before.voices, who.places[0]), (after.voices, who.places[1]))
    for part in after.reputation.parts:
        old = then.get(part.name)
        if part.name == "response" or old is None or old.value is None or part.value is None:
            continue
        if all(_counted(voices)[part.name].any() for voices, _ in days):
            weights[part.name] = (old.weight + part.weight) / 2
            middles[part.name] = _middle(part.name, days, who.aged)
    return pull(before.voices, weights, middles), pull(after.voices, weights, middles)


def _middle(name: str, days: Sequence[tuple[Voices, Ints]], aged: Bools) -> float:
    """Of 0 to 100: the level of those who wrote nothing new, as far as they are enough for one."""
    mean = fsum(level(voices, _counted(voices)[name]) for voices, _ in days) / len(days)
    share, held = 0.0, 0.0
    for voices, place in days:
        counted = _counted(voices)[name]
        still = counted & aged[place]
        shares = voices.recency / fsum(voices.recency[counted]) / len(days)
        share += fsum(shares[still])
        held += fsum((shares * voices.stance)[still])
    if not share:
        return mean
    sure = min(1.0, share / _ENOUGH)
    return sure * 50 * (1 + held / share) + (1 - sure) * mean


# --- persons ------------------------------------------------------------------------------------


def _persons(who: Matched, pulls: tuple[Floats, Floats]) -> tuple[tuple[PersonDelta, ...], Aged]:
    then, now, n = who.then, who.now, len(who.numbers)
    points = sums(who.pieces[1], pulls[1], n) - sums(who.pieces[0], pulls[0], n)
    order = np.lexsort((who.numbers, -abs(points)))
    found = tuple(
        PersonDelta(
            person=int(who.numbers[at]),
            how=How.CHANGED if then.there[at] and now.there[at] else _came_or_left(now, at),
            was_customer=bool(then.is_customer[at]),
            is_customer=bool(now.is_customer[at]),
            before=float(then.stance[at]) if then.there[at] else None,
            after=float(now.stance[at]) if now.there[at] else None,
            points=float(points[at]),
        )
        for at in order
        if not who.aged[at]
    )
    return found, Aged(int(who.aged.sum()), fsum(points[who.aged]))


def _came_or_left(now: Spoke, at: int) -> How:
    return How.CAME if now.there[at] else How.LEFT


# --- sources and stories ------------------------------------------------------------------------


def _sources(
    before: Voices, after: Voices, pulls: tuple[Floats, Floats]
) -> tuple[SourceDelta, ...]:
    names = sorted({*before.sources, *after.sources})
    sides = [
        _by(
            np.array([names.index(name) for name in one.sources])[one.source],
            len(names),
            one,
            points,
        )
        for one, points in zip((before, after), pulls, strict=True)
    ]
    found = [
        SourceDelta(name, int(sides[0][0][at]), int(sides[1][0][at]), float(points))
        for at, (name, points) in enumerate(zip(names, sides[1][1] - sides[0][1], strict=True))
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.points), one.source)))


def _stories(before: Voices, after: Voices, pulls: tuple[Floats, Floats]) -> tuple[StoryDelta, ...]:
    numbers, places = np.unique(np.concatenate([before.story, after.story]), return_inverse=True)
    m = len(before.story)
    sides = [
        _by(places[:m], len(numbers), before, pulls[0]),
        _by(places[m:], len(numbers), after, pulls[1]),
    ]
    found = [
        StoryDelta(int(numbers[at]), int(sides[0][0][at]), int(sides[1][0][at]), float(points))
        for at, points in enumerate(sides[1][1] - sides[0][1])
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.points), one.story)))


def _by(group: Ints, n: int, voices: Voices, points: Floats) -> tuple[Ints, Floats]:
    """How many persons spoke in each of n groups of pieces, and what these add together."""
    spoke = np.unique(np.stack([group, voices.of]), axis=1)[0]
    return np.bincount(spoke, minlength=n), sums(group, points, n)
