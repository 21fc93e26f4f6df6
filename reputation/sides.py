"""One day of a comparison: what it says on some sources, and how else it might have come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from domain.reputation import Reputation
from reputation import bootstrap
from reputation.measured import Measured
from reputation.score import HALF_COUNTED_AT, WEIGHTS, WINDOW, ends, level, seed_of
from reputation.voices import Floats, Ints, Voices


@dataclass(frozen=True, slots=True)
class Answers:
    """The response part, as drawn and as it counts."""

    value: float
    n: float  # persons
    is_held: bool = False  # the same on both days, so that it adds nothing: no draws


@dataclass(frozen=True, eq=False)
class Side:
    """One day, on the sources that both heard."""

    voices: Voices
    answers: Answers | None  # None: the part is missing


def sides_of(
    before: Measured, after: Measured, alike: frozenset[str], *, held: bool
) -> tuple[Side, Side]:
    """Both days on the sources of `alike`. held: with the same answers, those of the mean."""
    answers = [answers_of(before.reputation), answers_of(after.reputation)]
    if held:
        known = [one for one in answers if one is not None]
        mean = None
        if known:
            value = fsum(one.value for one in known) / len(known)
            mean = Answers(value, fsum(one.n for one in known) / len(known), is_held=True)
        answers = [mean, mean]
    voices = [
        one.voices if alike >= set(one.voices.sources) else one.voices.on(alike)
        for one in (before, after)
    ]
    return Side(voices[0], answers[0]), Side(voices[1], answers[1])


def answers_of(score: Reputation) -> Answers | None:
    """The response part of a day; None: it has none."""
    part = next((one for one in score.parts if one.name == "response"), None)
    return None if part is None or part.value is None else Answers(part.value, part.n)


def weights_of(side: Side) -> dict[str, float]:
    """How much each part that there is counts; together 1."""
    known = int(side.voices.is_customer.sum())
    counted = {"sentiment": WEIGHTS["sentiment"]}
    if known:
        counted["customers"] = WEIGHTS["customers"] * known / (known + HALF_COUNTED_AT)
    if side.answers is not None:
        n = side.answers.n
        counted["response"] = WEIGHTS["response"] * n / (n + HALF_COUNTED_AT)
    total = fsum(counted.values())
    return {name: weight / total for name, weight in counted.items()}


def score_of(side: Side) -> float:
    """0 to 100, as reputation.score has it without labels by hand; there must be a person."""
    values = {"sentiment": level(side.voices)}
    if side.voices.is_customer.any():
        values["customers"] = level(side.voices, side.voices.is_customer)
    if side.answers is not None:
        values["response"] = side.answers.value
    return fsum(weight * values[name] for name, weight in weights_of(side).items())


def interval(
    sides: Sequence[Side], difference: float, old: Reputation, new: Reputation, draws: int
) -> tuple[float, float]:
    """The difference as it might have been with other persons of the same kind.

    A Bayesian bootstrap as that of the score, but who speaks on both days has one weight for both:
    two windows a week apart share most of their persons, and what these say moves neither.
    """
    random = np.random.default_rng(seed_of(new.brand, new.date))
    numbers = [one.voices.person for one in sides]
    everybody, places = np.unique(np.concatenate(numbers), return_inverse=True)
    n = len(numbers[0])
    tables = [
        _table(sides[0].voices, places[:n], len(everybody)),
        _table(sides[1].voices, places[n:], len(everybody)),
    ]
    table = np.concatenate(tables)  # (8, u)
    sums = bootstrap.sums(table.T, random, draws)
    extra = random.exponential(size=(2, 2, draws))  # two more voices of all, and of the customers
    levels = [
        _levels(sides[0].voices, sums[:, :4], extra),
        _levels(sides[1].voices, sums[:, 4:], extra),
    ]
    share = max(0.0, 1 - (new.date - old.date) / WINDOW)
    for drawn, answers in zip(levels, _answers_drawn(sides, share, random, draws), strict=True):
        if answers is not None:
            drawn["response"] = answers
    totals = [
        sum((weight * drawn[name] for name, weight in weights_of(side).items()), np.zeros(draws))
        for side, drawn in zip(sides, levels, strict=True)
    ]
    between = ends(min(len(one.voices) for one in sides))
    low, high = np.quantile(totals[1] - totals[0], between)
    return min(float(low), difference), max(float(high), difference)


def _table(voices: Voices, place: Ints, n: int) -> Floats:
    """(4, n) what each of the persons of both days adds to sum(w) and sum(ws), of all and known."""
    weight, stance, known = voices.recency, voices.stance, voices.is_customer
    rows = (weight, weight * stance, weight * known, weight * stance * known)
    return np.stack([np.bincount(place, row, n) for row in rows])


def _levels(voices: Voices, sums: Floats, extra: Floats) -> dict[str, Floats]:
    known = voices.is_customer
    mean = float(voices.recency.mean())
    found = {"sentiment": bootstrap.level(sums[:, 0], sums[:, 1], *(extra[0] * mean))}
    if known.any():
        mean = float(voices.recency[known].mean())
        found["customers"] = bootstrap.level(sums[:, 2], sums[:, 3], *(extra[1] * mean))
    return found


def _answers_drawn(
    sides: Sequence[Side], share: float, random: np.random.Generator, draws: int
) -> list[Floats | None]:
    """Both days' response parts. share: how much of their windows is the same."""
    first = random.standard_normal(draws)
    both = [first, share * first + np.sqrt(1 - share**2) * random.standard_normal(draws)]
    found: list[Floats | None] = []
    for side, ranked in zip(sides, both, strict=True):
        answers = side.answers
        if answers is None:
            found.append(None)
        elif answers.is_held:
            found.append(np.full(draws, answers.value))
        else:
            # The value is 100 * (h + 1/2) / (d + 1).
            answered = answers.value / 100 * (answers.n + 1)
            values = np.sort(100 * random.beta(answered, answers.n + 1 - answered, draws))
            found.append(values[np.argsort(np.argsort(ranked))])
    return found
