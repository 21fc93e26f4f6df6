"""How two days compare like for like: on the sources both heard, by one model and one formula."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from domain.reputation import Comparison, Reputation
from reputation.changes import hours
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
    points: float | None  # what it adds to the change; None: that is not known


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
    heard = _heard(then, after)
    others = heard.others
    held = bool(others) or _answers_differ(old, new)
    sides = sides_of(then, after, heard.alike, held=held)
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
    if heard.note:
        unlike.append(Unlike(heard.note, None))
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


@dataclass(frozen=True, slots=True)
class _Heard:
    """Which sources both days heard alike, and what is to be said of each of the others."""

    alike: frozenset[str]
    others: Mapping[str, str]
    note: str = ""  # what is to be said of those that are alike


def _heard(before: Measured, after: Measured) -> _Heard:
    """Those that were heard about as long; where they are too few, those that changed by as much.

    Where all of them are new, as in the first weeks, what is said on them compares all the same.
    """
    then = {one.source: one.heard for one in before.reputation.sources}
    now = {one.source: one.heard for one in after.reputation.sources}
    others = {name: f"{name} is new" for name in now if name not in then}
    others |= {name: f"{name} is gone" for name in then if name not in now}
    both = sorted(then.keys() & now.keys())
    moved = {name: _more(then[name], now[name]) for name in both}
    steady = _about(moved, 0.0)
    apart = {
        name: f"{name} was heard {_shares(then, now, name)}" for name in both if name not in steady
    }
    found = _Heard(steady, dict(sorted((others | apart).items())))
    if _persons(before, after, steady) >= MIN_PERSONS:
        return found
    groups = [_about(moved, moved[name]) for name in both]
    largest = max(groups, key=lambda one: _persons(before, after, one), default=steady)
    if _persons(before, after, largest) < MIN_PERSONS:
        return found
    others_too = [name for name in sorted(largest) if name not in steady]
    was, is_now = (_span(shares[name] for name in others_too) for shares in (then, now))
    apart = {
        name: f"{name} was heard unlike the others, {_shares(then, now, name)}"
        for name in both
        if name not in largest
    }
    return _Heard(
        largest,
        dict(sorted((others | apart).items())),
        f"heard {was} of the time then, {is_now} now, and compared all the same: "
        f"{', '.join(others_too)}",
    )


def _more(then: float | None, now: float | None) -> float:
    """By how much more of the time; 0 where that is not known."""
    return 0.0 if then is None or now is None else now - then


def _about(moved: Mapping[str, float], by: float) -> frozenset[str]:
    return frozenset(name for name, more in moved.items() if abs(more - by) <= HEARD_ALIKE)


def _span(shares: Iterable[float | None]) -> str:
    """60% to 74%; the least and the most of several, as read."""
    known = sorted(one for one in shares if one is not None)
    ends = dict.fromkeys(f"{one:.0%}" for one in (known[0], known[-1]))
    return " to ".join(ends)


def _persons(before: Measured, after: Measured, names: frozenset[str]) -> int:
    return min(len(before.voices.on(names)), len(after.voices.on(names)))


def _shares(then: Mapping[str, float | None], now: Mapping[str, float | None], name: str) -> str:
    shares = [one.get(name) for one in (then, now)]
    was, is_now = ["an unknown part" if one is None else f"{one:.0%}" for one in shares]
    return f"{was} of the time, then {is_now}"


def _answers_differ(old: Reputation, new: Reputation) -> bool:
    return old.answer_yardstick != new.answer_yardstick or old.rules != new.rules


def _answer_lines(old: Reputation, new: Reputation, points: float | None) -> list[Unlike]:
    """points: what the answers add; None: that is not known."""
    if old.answer_yardstick != new.answer_yardstick:
        then, now = hours(old.answer_yardstick), hours(new.answer_yardstick)
        return [Unlike(f"an answer is in time within {now}, before within {then}", points)]
    if old.rules != new.rules:
        return [Unlike("other rules decide which posts ask for an answer", points)]
    if points is not None and abs(points) > _NOTHING:
        return [Unlike("answers are counted over all sources", points)]
    return []


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
        one.what if one.points is None else f"{one.what}: {signed(points)}"
        for one, points in zip(found.unlike, shown, strict=True)
    )
