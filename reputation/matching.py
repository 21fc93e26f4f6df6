"""Who spoke on one day or on both, and who of them wrote nothing new in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from reputation.measured import Measured
from reputation.voices import HALF_LIFE, Bools, Floats, Ints, Voices

# Two midnights may be an hour nearer than their dates say, where clocks were changed.
_HOUR = 2 ** (timedelta(hours=1) / HALF_LIFE) * (1 + 1e-9)
_SAME = 1e-9  # stances that differ by less are the same


@dataclass(frozen=True, eq=False)
class Spoke:
    """One day's (u,) persons of both days, in the order of their numbers."""

    there: Bools
    is_customer: Bools
    weight: Floats  # of all they said
    recency: Floats
    stance: Floats  # of who is there


@dataclass(frozen=True, eq=False)
class Matched:
    """The persons of both days, each once."""

    numbers: Ints  # (u,) rising
    places: tuple[Ints, Ints]  # of each day's persons in them; of whom was linked since several may
    pieces: tuple[Ints, Ints]  # likewise of each day's pieces
    then: Spoke
    now: Spoke
    aged: Bools  # (u,) who wrote nothing new


def matched(before: Measured, after: Measured, same: Mapping[int, int]) -> Matched:
    """same: numbers that are another person's by now, and whose."""
    numbers = [_numbers(one.voices, same) for one in (before, after)]
    everybody, places = np.unique(np.concatenate(numbers), return_inverse=True)
    n = len(before.voices)
    then = _side(before.voices, places[:n], len(everybody))
    now = _side(after.voices, places[n:], len(everybody))
    days = after.reputation.date - before.reputation.date
    return Matched(
        numbers=everybody,
        places=(places[:n], places[n:]),
        pieces=(places[:n][before.voices.of], places[n:][after.voices.of]),
        then=then,
        now=now,
        aged=_only_aged(then, now, 0.5 ** (days / HALF_LIFE)),
    )


def _numbers(voices: Voices, same: Mapping[int, int]) -> Ints:
    numbers = [same.get(one, one) for one in map(int, voices.person)]
    return np.array(numbers, dtype=np.int64)


def _side(voices: Voices, place: Ints, n: int) -> Spoke:
    of = place[voices.of]
    weight = sums(of, voices.weight, n)
    recency, known = np.zeros(n), np.zeros(n, dtype=bool)
    np.maximum.at(recency, place, voices.recency)
    known[place[voices.is_customer]] = True
    there = weight > 0
    stance = sums(of, voices.weight * voices.polarity, n)
    np.divide(stance, weight, out=stance, where=there)
    return Spoke(there, known, weight, recency, stance)


def _only_aged(then: Spoke, now: Spoke, decay: float) -> Bools:
    """Who wrote nothing new: what they said only counts less, or the oldest of it has gone."""
    oldest_gone = now.weight * _HOUR < then.weight * decay
    unchanged = (now.weight <= then.weight * decay * _HOUR) & (
        now.recency <= then.recency * decay * _HOUR
    )
    alike = oldest_gone | (abs(now.stance - then.stance) < _SAME)
    found = then.there & now.there & unchanged & alike & (then.is_customer == now.is_customer)
    return np.asarray(found)


def sums(group: Ints, values: Floats, n: int) -> Floats:
    """(n,) what the values of each group add up to."""
    return np.asarray(np.bincount(group, values, n), dtype=np.float64)
