"""How two days compare like for like: on the sources both heard, by one model and one formula."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum

import numpy as np

from domain.reputation import Comparison, Reputation
from reputation.explain import NOBODY, pull
from reputation.measured import Measured
from reputation.relinking import linked_since, relinked
from reputation.rounding import adding_up, rounded, signed
from reputation.score import DRAWS, MIN_PERSONS, level
from reputation.sides import Side, answers_of, interval, score_of, sides_of, weights_of

HEARD_ALIKE = 0.1  # shares of the window in which a source was heard that differ by no more

_NOTHING = 1e-9  # points that are only the rounding of sums


@dataclass(frozen=True, slots=True)
class Unlike:
    """Something that is not alike on the two days."""

    what: str  # "trustpilot is new"
    points: float | None  # what it adds to the change; None: that cannot be told apart


@dataclass(frozen=True, slots=True)
class Likeness:
    """A change, split into what is like for like and what is not; in points, exactly."""

    change: float | None  # of the whole score; None: there is none to compare
    like_for_like: float | None  # None: it cannot be told; else it and the points below make change
    unlike: tuple[Unlike, ...]
    low: float | None = None  # 95 % interval of like_for_like
    high: float | None = None


def compare(before: Measured, after: Measured, same: Mapping[int, int] = NOBODY) -> Comparison:
    """A day with an earlier one. Whether it is beyond chance is a test of like for like alone.

    same: numbers of accounts that are a customer's by now, and whose.
    """
    found = likeness(before, after, same)
    beyond = None
    if found.low is not None and found.high is not None:
        beyond = not found.low <= 0 <= found.high
    return Comparison(
        against=before.reputation.date,
        change=found.change,
        like_for_like=found.like_for_like,
        low=found.low,
        high=found.high,
        beyond_chance=beyond,
        lines=in_tenths(found, before.reputation, after.reputation)[1],
    )


def likeness(
    before: Measured, after: Measured, same: Mapping[int, int] = NOBODY, *, draws: int = DRAWS
) -> Likeness:
    """The change of the score, what of it is like for like, and what the rest is due to.

    Who was linked between the two days is a customer on both: so a link moves no opinion.

    Like for like both days' persons are heard on the same sources alone. Answers are stored
    over all sources: where sources, the yardstick or the rules differ they are held as they were
    in the mean, and what they add is a line of its own.
    """
    old, new = before.reputation, after.reputation
    if old.formula != new.formula:
        said = f"the formula is another one, {old.formula} then and {new.formula} now"
        return Likeness(None, None, (Unlike(f"{said}: nothing is compared", None),))
    if old.score is None or new.score is None:
        missing = [one for one in (old, new) if one.score is None]
        return Likeness(None, None, tuple(Unlike(_no_score(one), None) for one in missing))
    change = new.score - old.score
    blocked = [Unlike(said, None) for said in _inseparable(old, new)]
    linked = linked_since(before.voices, after.voices, same)
    then = Measured(old, relinked(before.voices, linked)) if linked else before
    alike, others = _sources(old, new)
    held = bool(others) or _answers_differ(old, new)
    sides = sides_of(then, after, alike, held=held)
    if min(len(one.voices) for one in sides) < MIN_PERSONS:
        blocked.append(Unlike(_too_few(before, after, others), None))
    if blocked:
        named = [Unlike(said, None) for said in others.values()]
        return Likeness(change, None, (*blocked, *named, *_answer_lines(old, new, None)))
    difference = score_of(sides[1]) - score_of(sides[0])
    unlike = [
        Unlike(others[name], points)
        for name, points in _source_points(then, after, others, sides).items()
    ]
    if linked:
        unlike.append(
            Unlike(_known_now(len(set(linked.values()))), _by_linking(before, then, sides[0]))
        )
    rest = change - difference - fsum(one.points or 0.0 for one in unlike)
    if held:
        response = _held_back(before, after, sides)
        unlike += _answer_lines(old, new, response)
        rest -= response
    if (old.labelled or new.labelled) and abs(rest) > _NOTHING:
        unlike.append(Unlike("what labels by hand correct has changed", rest))
        rest = 0.0
    low, high = interval(sides, difference + rest, old, new, draws)
    return Likeness(change, difference + rest, tuple(unlike), low, high)


def _no_score(one: Reputation) -> str:
    return f"{one.date} has no score: {one.n_persons} persons wrote, fewer than {MIN_PERSONS}"


def _inseparable(old: Reputation, new: Reputation) -> list[str]:
    """What may move everything, so that nothing can be told apart."""
    apart = "what that moves cannot be told apart"
    found = []
    if old.model != new.model:
        found.append(f"the posts are read by another model since {old.date}: {apart}")
    if old.filters != new.filters:
        found.append(f"other filters decide since {old.date} which posts count: {apart}")
    return found


def _too_few(before: Measured, after: Measured, others: Mapping[str, str]) -> str:
    if not (len(before.voices) and len(after.voices)):
        return "the persons of a day are not kept any more: only whole scores can be compared"
    about = "on the sources that both days heard" if others else "on one of the days"
    return f"fewer than {MIN_PERSONS} persons spoke {about}: too few to compare"


# --- what is not alike ----------------------------------------------------------------------------


def _sources(old: Reputation, new: Reputation) -> tuple[frozenset[str], dict[str, str]]:
    """The sources that both days heard alike, and what is to be said of each of the others."""
    then = {one.source: one.heard for one in old.sources}
    now = {one.source: one.heard for one in new.sources}
    others: dict[str, str] = {}
    for name in sorted({*then, *now}):
        if name not in then:
            others[name] = f"{name} is new"
        elif name not in now:
            others[name] = f"{name} is gone"
        else:
            was, is_now = then[name], now[name]
            if was is not None and is_now is not None and abs(was - is_now) > HEARD_ALIKE:
                others[name] = f"{name} was heard {was:.0%} of the time, then {is_now:.0%}"
    return frozenset({*then, *now} - set(others)), others


def _answers_differ(old: Reputation, new: Reputation) -> bool:
    return old.answer_yardstick != new.answer_yardstick or old.rules != new.rules


def _answer_lines(old: Reputation, new: Reputation, points: float | None) -> list[Unlike]:
    """points: what the answers add; None: that is not known."""
    if old.answer_yardstick != new.answer_yardstick:
        then, now = _hours(old.answer_yardstick), _hours(new.answer_yardstick)
        return [Unlike(f"an answer is in time within {now}, before within {then}", points)]
    if old.rules != new.rules:
        return [Unlike("other rules decide which posts ask for an answer", points)]
    if points is not None and abs(points) > _NOTHING:
        return [Unlike("answers are counted over all sources", points)]
    return []


def _hours(length: timedelta | None) -> str:
    return "an unknown time" if length is None else f"{length / timedelta(hours=1):g} h"


def _source_points(
    before: Measured,
    after: Measured,
    others: Mapping[str, str],
    sides: Sequence[Side],
) -> dict[str, float]:
    """What each of the other sources adds: all together exactly what leaving them out takes away.

    What is said there counts by how far it is from the level on the common sources. Where a person
    speaks on both, what they say on one changes what the other counts; that is laid to the others
    by how much was said there.
    """
    found = dict.fromkeys(others, 0.0)
    for sign, day, side in ((-1, before, sides[0]), (1, after, sides[1])):
        voices = day.voices
        whole = Side(voices, side.answers)
        weights = weights_of(whole)
        middles = {"sentiment": level(side.voices)}
        known = side.voices.is_customer
        middles["customers"] = level(side.voices, known) if known.any() else middles["sentiment"]
        points = pull(voices, weights, middles)
        names = np.array(voices.sources)[voices.source]
        said = {name: float(voices.weight[names == name].sum()) for name in others}
        raw = {name: float(points[names == name].sum()) for name in others}
        total = fsum(said.values())
        if not total:
            continue
        rest = score_of(whole) - score_of(side) - fsum(raw.values())
        for name in others:
            found[name] += sign * (raw[name] + rest * said[name] / total)
    return found


def _known_now(n: int) -> str:
    known = "1 person is known as a customer" if n == 1 else f"{n} persons are known as customers"
    return f"{known} since"


def _by_linking(before: Measured, then: Measured, side: Side) -> float:
    """What it adds that some are customers, with the answers as they are held."""
    return score_of(Side(then.voices, side.answers)) - score_of(Side(before.voices, side.answers))


def _held_back(before: Measured, after: Measured, sides: Sequence[Side]) -> float:
    """What the answers add to the change when they are not held as they were in the mean."""
    real = [
        score_of(Side(day.voices, answers_of(day.reputation)))
        - score_of(Side(day.voices, side.answers))
        for day, side in zip((before, after), sides, strict=True)
    ]
    return real[1] - real[0]


# --- said ---------------------------------------------------------------------------------------


def in_tenths(
    found: Likeness, before: Reputation, after: Reputation
) -> tuple[float | None, tuple[str, ...]]:
    """Like for like in tenths of a point, and what is not alike, each with its points.

    They add up to what a reader sees who takes one rounded score from the other.
    """
    if before.score is None or after.score is None or found.like_for_like is None:
        return None, tuple(one.what for one in found.unlike)
    exact = [found.like_for_like, *(one.points or 0.0 for one in found.unlike)]
    alike, *shown = adding_up(exact, rounded(after.score) - rounded(before.score))
    return alike, tuple(
        f"{one.what}: {signed(points)}" for one, points in zip(found.unlike, shown, strict=True)
    )
