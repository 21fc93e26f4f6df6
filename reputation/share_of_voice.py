"""The share of voice: of all the persons who speak of several sides, how many speak of each."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from domain.reputation import Opinion, Status
from domain.sentiment import Label
from domain.share_of_voice import Side
from reputation.score import DRAWS, INTERVAL, seed_of
from reputation.voices import Floats

MIN_PERSONS = 30  # of fewer there is no share, and no negative share


@dataclass(frozen=True, slots=True)
class Shares:
    persons: int  # on all sides together, each once
    status: Status
    sides: tuple[Side, ...]


def shares(
    brand: str, day: date, said: Mapping[str, Sequence[Opinion]], *, draws: int = DRAWS
) -> Shares:
    """The share of each side, of the persons of all sides.

    said: by side, in the order in which they are shown. Who speaks of two sides is a person of
    each, so the shares add up to 1. A post without an author is a mention of nobody. Below 30
    persons together, or with one side alone, there is no share; below 30 scored persons of a side
    no negative share of it.

    The interval is a Bayesian bootstrap over persons (Rubin, Annals of Statistics 9, 1981), seeded
    by brand and day: who speaks of two sides has one weight in both. With one more person for each
    side, because few who agree are not certain.
    """
    names = list(said)
    people: defaultdict[int, int] = defaultdict(int)  # the sides of each person, a bit for each
    for place, name in enumerate(names):
        for one in said[name]:
            if one.person is not None:
                people[one.person] |= 1 << place
    kinds = Counter(people.values())
    counts = [
        sum(n for kind, n in kinds.items() if kind >> place & 1) for place in range(len(said))
    ]
    enough = len(people) >= MIN_PERSONS and len(names) > 1
    drawn = _drawn(kinds, len(names), draws, seed_of(brand, day)) if enough else None
    total = sum(counts)
    found = []
    for place, name in enumerate(names):
        share, low, high = None, None, None
        if drawn is not None:
            share = counts[place] / total
            ends = np.quantile(drawn[:, place], INTERVAL)
            low, high = min(float(ends[0]), share), max(float(ends[1]), share)
        found.append(_side(name, said[name], share, low, high))
    return Shares(len(people), Status.OK if enough else Status.INSUFFICIENT, tuple(found))


def _side(
    name: str, said: Sequence[Opinion], share: float | None, low: float | None, high: float | None
) -> Side:
    read = [one for one in said if one.label is not None]
    bad = [one for one in read if one.label == Label.NEGATIVE]
    scored = Counter(one.person for one in read if one.person is not None)
    negative = Counter(one.person for one in bad if one.person is not None)
    enough = len(scored) >= MIN_PERSONS
    mean = sum(negative[one] / n for one, n in scored.items()) / len(scored) if enough else None
    return Side(
        name=name,
        persons=len({one.person for one in said} - {None}),
        mentions=len(said),
        stories=sum(one.story is not None for one in said),
        share=share,
        low=low,
        high=high,
        scored=len(scored),
        negative=mean,
        scored_mentions=len(read),
        negative_mentions=len(bad),
    )


def _drawn(kinds: Mapping[int, int], sides: int, draws: int, seed: int) -> Floats:
    """(draws, sides) shares as they might have been.

    The weights of persons who speak of the same sides are only ever added: the sum of n exponential
    ones is drawn at once, from a Gamma distribution of the shape n.
    """
    random = np.random.default_rng(seed)
    sums = random.standard_gamma(1.0, size=(draws, sides))  # one more person for each side
    for kind in sorted(kinds):
        weight = random.standard_gamma(kinds[kind], size=draws)
        for side in range(sides):
            if kind >> side & 1:
                sums[:, side] += weight
    return np.asarray(sums / sums.sum(axis=1, keepdims=True))
