"""The online reputation score ORS-v2: 0 to 100, of persons and not of posts.

docs/reputation.md defines it; every constant stands here alone.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import fsum, sqrt
from statistics import NormalDist

import numpy as np

from domain.reputation import (
    Asked,
    Labelled,
    Part,
    Reputation,
    SourceScore,
    Status,
    YoungAccounts,
)
from reputation import bootstrap, error_correction
from reputation.error_correction import Drawn, Sample
from reputation.estimates import student
from reputation.voices import Bools, Floats, Voices

FORMULA = "ORS-v2"
WINDOW = timedelta(days=28)  # ends at the brand's local midnight
MIN_PERSONS = 30  # of fewer there is no number
WEIGHTS = {"sentiment": 0.60, "customers": 0.15, "response": 0.25}
OF_STANCES = ("sentiment", "customers")  # what the model says of persons
HALF_COUNTED_AT = 20  # n / (n + 20): a part of so few persons counts half
DRAWS = 1000
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Response:
    """How many of the persons who asked had their answer within the yardstick."""

    persons: int  # d: whose yardstick ended in the window
    answered: float  # h: the sum over them of the share of theirs that was answered in time

    @property
    def value(self) -> float | None:
        """100 * (h + 1/2) / (d + 1); None: nobody asked, so the formula would be about nobody."""
        if not self.persons:
            return None
        return 100 * (self.answered + 0.5) / (self.persons + 1)


def response(
    asked: Sequence[Asked], *, since: datetime, until: datetime, yardstick: timedelta
) -> Response:
    """Of the posts whose yardstick ended in [since, until), each person once."""
    in_time: defaultdict[int, list[bool]] = defaultdict(list)
    for one in asked:
        due = one.posted_at + yardstick
        if since <= due < until:
            in_time[one.person].append(one.answered_at is not None and one.answered_at <= due)
    shares = (sum(found) / len(found) for found in in_time.values())
    return Response(len(in_time), fsum(shares))


def reputation(
    brand: str,
    day: date,
    voices: Voices,
    asked: Response,
    labelled: Sequence[Labelled] = (),
    *,
    draws: int = DRAWS,
) -> Reputation:
    """The score of the persons of a window, and what it is made of.

    Below 30 persons there is no score, only what does not depend on how many spoke. Parts count
    by how many they rest on, so none of them comes or goes with a step. The interval says how the
    score would vary with other persons of the same kind: a Bayesian bootstrap (Rubin, Annals of
    Statistics 9, 1981) with two more persons at both ends, for few who agree are not certain.
    labelled: where they are enough, the model's own error is taken out of what persons said.
    """
    enough = len(voices) >= MIN_PERSONS
    customers = voices.is_customer
    drawn = _drawn(voices, asked, draws=draws, seed=seed_of(brand, day))
    parts = _weighed(
        {
            "sentiment": len(voices),
            "customers": int(customers.sum()),
            "response": asked.persons,
        },
        {
            "sentiment": level(voices) if enough else None,
            "customers": level(voices, customers) if enough and customers.any() else None,
            "response": asked.value,
        },
        drawn,
        enough=enough,
    )
    sample = error_correction.sample(labelled) if enough else None
    stretched: Mapping[str, Floats] = {}
    if sample is not None:
        again = sample.draws(np.random.default_rng(seed_of(brand, day) + 1), draws)
        stretched = {
            name: _corrected(drawn[name], again, moved=True) for name in _of_stances(parts)
        }
        drawn |= {name: _corrected(drawn[name], again) for name in stretched}
        parts = tuple(
            _without_error(
                part, sample, (drawn[part.name], stretched[part.name]), ends(len(voices))
            )
            if part.name in stretched
            else part
            for part in parts
        )
    score = fsum(part.contribution for part in parts) if enough else None
    low, high = None, None
    if score is not None:
        low, high = _interval(
            _total(parts, drawn),
            score,
            ends(len(voices)),
            _total(parts, {**drawn, **stretched}) if stretched else None,
        )
    return Reputation(
        brand=brand,
        date=day,
        score=score,
        low=low,
        high=high,
        n_authors=voices.accounts,
        status=Status.OK if enough else Status.INSUFFICIENT,
        parts=parts,
        formula=FORMULA,
        n_persons=len(voices),
        sources=source_scores(voices),
        young=_young(voices, parts) if enough else YoungAccounts(*_count_young(voices), None),
        negative_reach=int(voices.reach[voices.stance < 0].sum()),
        labelled=len(sample) if sample is not None else 0,
    )


def level(voices: Voices, of: Bools | None = None) -> float:
    """50 * (1 + sum(w s) / sum(w)) of these persons; there must be one."""
    weight, stance = voices.recency, voices.stance
    if of is not None:
        weight, stance = weight[of], stance[of]
    return 50 * (1 + fsum(weight * stance) / fsum(weight))


def source_scores(voices: Voices) -> tuple[SourceScore, ...]:
    """What each source alone would say, by name."""
    alone = [(name, voices.on({name})) for name in voices.sources]
    return tuple(
        SourceScore(name, len(one), level(one) if len(one) >= MIN_PERSONS else None)
        for name, one in alone
    )


def seed_of(brand: str, day: date) -> int:
    """The seed of a day's draws: the same brand and day give the same interval everywhere."""
    named = f"{brand} {day.isoformat()}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big")


def ends(n: int) -> tuple[float, float]:
    """Which quantiles of draws of n persons, of at least 11, bound 95 %.

    Draws of few spread too little: by (n - 1) / (n + 1) of the variance, and by the normal where
    Student's distribution belongs. So they are taken further out, as in Hesterberg's expanded
    percentile interval (The American Statistician 69, 2015).
    """
    low = NormalDist().cdf(-student(n - 1) * sqrt((n + 1) / (n - 1)))
    return low, 1 - low


def _weighed(
    counts: Mapping[str, int],
    values: Mapping[str, float | None],
    drawn: Mapping[str, Floats],
    *,
    enough: bool,
) -> tuple[Part, ...]:
    counted = {
        name: base * (1 if name == "sentiment" else counts[name] / (counts[name] + HALF_COUNTED_AT))
        for name, base in WEIGHTS.items()
        if enough and values[name] is not None
    }
    total = fsum(counted.values())
    return tuple(
        _part(name, values[name], counted.get(name, 0.0) / (total or 1.0), counts, drawn)
        for name in WEIGHTS
    )


_NOBODY = {
    "sentiment": f"fewer than {MIN_PERSONS} persons",
    "customers": "nobody who wrote is known as a customer",
    "response": "nobody's time for an answer ended in the window",
}


def _part(
    name: str,
    value: float | None,
    weight: float,
    counts: Mapping[str, int],
    drawn: Mapping[str, Floats],
) -> Part:
    n = counts[name]
    if value is None:
        return Part(name, None, 0.0, 0.0, n, _NOBODY[name] if not n else _NOBODY["sentiment"])
    of_persons = name != "response"
    low, high = _interval(drawn[name], value, ends(counts["sentiment"]) if of_persons else INTERVAL)
    return Part(name, value, weight, weight * value, n, low=low, high=high)


def _total(parts: Sequence[Part], drawn: Mapping[str, Floats]) -> Floats:
    found = sum(part.weight * drawn[part.name] for part in parts if part.value is not None)
    return np.asarray(found)


def _interval(
    draws: Floats, value: float, between: tuple[float, float], stretched: Floats | None = None
) -> tuple[float, float]:
    """It holds the value. stretched: draws of the other assumption, which it reaches out to."""
    low, high = np.quantile(draws, between)
    if stretched is not None:
        others = np.quantile(stretched, error_correction.REACH)
        low, high = min(low, others[0]), max(high, others[1])
    return min(float(low), value), max(float(high), value)


def _of_stances(parts: Sequence[Part]) -> list[str]:
    """The parts that persons make and that have a value."""
    return [part.name for part in parts if part.name in OF_STANCES and part.value is not None]


def _corrected(values: Floats, again: Drawn, *, moved: bool = False) -> Floats:
    """The draws of a part, each with the model's error of one draw of the sample taken out."""
    missed = again.moved(values / 50 - 1) if moved else 0.0
    return np.clip(values + 50 * (again.error + missed), 0.0, 100.0)


def _without_error(
    part: Part, sample: Sample, drawn: tuple[Floats, Floats], between: tuple[float, float]
) -> Part:
    """drawn: of the part without and with what the model misses of a move."""
    before = part.value or 0.0
    value = min(max(before + 50 * sample.error, 0.0), 100.0)
    low, high = _interval(drawn[0], value, between, drawn[1])
    return replace(
        part,
        value=value,
        contribution=part.weight * value,
        low=low,
        high=high,
        correction=value - before,
    )


def _drawn(voices: Voices, asked: Response, *, draws: int, seed: int) -> dict[str, Floats]:
    """Each part as it might have been: (draws,) values of 0 to 100."""
    random = np.random.default_rng(seed)
    found: dict[str, Floats] = {}
    if asked.persons:
        missed = asked.persons - asked.answered
        found["response"] = 100 * random.beta(asked.answered + 0.5, missed + 0.5, draws)
    if len(voices) >= MIN_PERSONS:
        found |= _levels(voices, random, draws)
    return found


def _levels(voices: Voices, random: np.random.Generator, draws: int) -> dict[str, Floats]:
    """The sentiment of all and of the customers, both of the same draws of persons."""
    weight, stance, customer = voices.recency, voices.stance, voices.is_customer
    table = np.stack([weight, weight * stance, weight * customer, weight * stance * customer])
    sums = bootstrap.sums(table.T, random, draws)
    found = {"sentiment": _level(sums[:, 0], sums[:, 1], float(weight.mean()), random)}
    if customer.any():
        mean = float(weight[customer].mean())
        found["customers"] = _level(sums[:, 2], sums[:, 3], mean, random)
    return found


def _level(weight: Floats, weighed: Floats, mean: float, random: np.random.Generator) -> Floats:
    up, down = random.exponential(mean, size=(2, len(weight)))
    return bootstrap.level(weight, weighed, up, down)


def _count_young(voices: Voices) -> tuple[int, float]:
    n = int(voices.is_young.sum())
    return n, n / len(voices) if len(voices) else 0.0


def _young(voices: Voices, parts: Sequence[Part]) -> YoungAccounts:
    """points: of the parts that persons make, the weights of the parts as they are."""
    n, share = _count_young(voices)
    weights = {part.name: part.weight for part in parts}
    others = ~voices.is_young
    if not n or not others.any():
        return YoungAccounts(n, share, None if n else 0.0)
    points = weights["sentiment"] * (level(voices) - level(voices, others))
    known = voices.is_customer & others
    if known.any() and weights["customers"]:
        points += weights["customers"] * (level(voices, voices.is_customer) - level(voices, known))
    return YoungAccounts(n, share, points)
