"""The online reputation score ORS-v1: 0 to 100, four parts, one voice per author.

The sentences in quotation marks are the definition; every constant stands beside its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import fsum, log10

import numpy as np
from numpy.typing import NDArray

from domain.reputation import Clocked, Part, Reputation, Status, Tone
from reputation.authors import Stance, stances

FORMULA = "ORS-v1"
WINDOW = timedelta(days=28)  # "window 28 d ending at the brand's local midnight"
PRIOR_WINDOW = timedelta(days=90)  # "m0 = brand's previous 90-d mean (0 at start)"
PRIOR_WEIGHT = 20.0  # "k = 20": so many neutral-as-before authors are added to the heard ones
REACH_UNIT = 1000  # "1 + log10(1 + reach/1000)"
MAX_REACH_WEIGHT = 3.0  # "min(3, …)": reached at 99,000 followers
MAX_TIER_WEIGHT = 2.0  # "w_a x tier weight <= 2"
MIN_AUTHORS = 30  # "<30 authors -> insufficient, no number"
MIN_CUSTOMERS = 10  # customer voice: "missing if <10 authors"
SPIKE_HOURS_LIMIT = 48.0  # "hours with an open negative spike in 7 d / 48"
WEIGHTS = {"sentiment": 0.45, "customer voice": 0.20, "response": 0.25, "calm": 0.10}
INTERVAL = (0.025, 0.975)  # "95 % interval: author bootstrap 1,000 (seeded)"
SEED = 20_260_101  # any number does; changing it changes every stored interval a little

_CELLS = 2_000_000  # of one block of resamples: bounds the memory to some 50 MB

Floats = NDArray[np.float64]


def reputation(
    brand: str,
    day: date,
    tones: Sequence[Tone],
    clocked: Sequence[Clocked],
    *,
    until: datetime,
    prior: float = 0.0,
    negative_spike_hours: float | None = None,
    bootstrap: int = 1000,
    seed: int = SEED,
) -> Reputation:
    """The score of the 28 days before `until`, the local midnight at which `day` begins or ends.

    prior: m0, see prior_mean. negative_spike_hours: in the last 7 days; None when unknown.
    Tones and clocked outside the window are ignored; their order never matters. Below 30 authors
    there is no score and no sentiment part, only what does not depend on how many spoke.
    A mention of whose tone the model is unsure is summed like any other: its probabilities are
    nearly even, so its polarity is small, and the doubt is in the sum already.
    The interval says how the score would vary with other authors of the same kind; the response
    and calm parts are held fixed in it.
    """
    voices = stances(tones, since=until - WINDOW, until=until)
    enough = len(voices) >= MIN_AUTHORS
    table = weigh(voices)  # (n, 4)
    sums = table.sum(axis=0)  # (4,)
    customers = sum(voice.tier_weight is not None for voice in voices)
    parts = _weighed(
        _sentiment(len(voices), float(level(sums[1], sums[0], prior))),
        _customer_voice(customers, float(level(sums[3], sums[2], prior))),
        _response(clocked, until),
        _calm(negative_spike_hours),
    )
    score = fsum(part.contribution for part in parts) if enough else None
    low, high = None, None
    if score is not None:
        low, high = _interval(table, parts, prior, draws=bootstrap, seed=seed)
        low, high = min(low, score), max(high, score)  # last-bit noise must not exclude the score
    return Reputation(
        brand=brand,
        date=day,
        score=score,
        low=low,
        high=high,
        n_authors=len(voices),
        status=Status.OK if enough else Status.INSUFFICIENT,
        parts=parts,
        formula=FORMULA,
    )


def prior_mean(tones: Sequence[Tone], *, until: datetime) -> float:
    """m0: the mean stance of the 90 days before the window, 0 below 30 authors.

    The window itself is left out, or what is said today would pull twice.
    """
    end = until - WINDOW
    voices = stances(tones, since=end - PRIOR_WINDOW, until=end)
    if len(voices) < MIN_AUTHORS:
        return 0.0
    return fsum(voice.value for voice in voices) / len(voices)


def _sentiment(n: int, value: float) -> Part:
    if n < MIN_AUTHORS:
        return _missing("sentiment", n, f"{n} of {MIN_AUTHORS} authors needed")
    return _part("sentiment", value, n)


def _customer_voice(n: int, value: float) -> Part:
    if n < MIN_CUSTOMERS:
        return _missing("customer voice", n, f"{n} of {MIN_CUSTOMERS} linked authors needed")
    return _part("customer voice", value, n)


def _response(clocked: Sequence[Clocked], until: datetime) -> Part:
    """100 * (hits + 1) / (due + 2) of the mentions whose deadline fell in the window.

    Nothing due is a missing part: the formula would say 50, a number about nobody.
    """
    due = [one for one in clocked if until - WINDOW <= one.due_at < until]
    if not due:
        return _missing("response", 0, "no deadline fell in the window")
    hits = sum(one.answered_at is not None and one.answered_at <= one.due_at for one in due)
    return _part(
        "response", 100 * (hits + 1) / (len(due) + 2), len(due), f"{hits} of {len(due)} in time"
    )


def _calm(hours: float | None) -> Part:
    """How quiet the last 7 days were; n is 1 after a negative spike, else 0."""
    if hours is None:
        return _missing("calm", 0, "spikes are not watched")
    value = 100 * (1 - min(1.0, max(0.0, hours) / SPIKE_HOURS_LIMIT))
    return _part("calm", value, int(hours > 0), f"{hours:g} h of negative spike in 7 days")


def _part(name: str, value: float, n: int, note: str = "") -> Part:
    return Part(name=name, value=value, weight=0.0, contribution=0.0, n=n, note=note)


def _missing(name: str, n: int, note: str) -> Part:
    return Part(name=name, value=None, weight=0.0, contribution=0.0, n=n, note=note)


def _weighed(*parts: Part) -> tuple[Part, ...]:
    """Give each part its share: "missing component -> weights renormalised and shown"."""
    present = fsum(WEIGHTS[part.name] for part in parts if part.value is not None)
    return tuple(
        part
        if part.value is None
        else replace(
            part,
            weight=WEIGHTS[part.name] / present,
            contribution=WEIGHTS[part.name] / present * part.value,
        )
        for part in parts
    )


def level(weighed: Floats, weight: Floats, prior: float) -> Floats:
    """50 * (1 + (sum w s + k m0) / (sum w + k)), for one sum or for an array of them."""
    return 50 * (1 + (weighed + PRIOR_WEIGHT * prior) / (weight + PRIOR_WEIGHT))


def weigh(voices: Sequence[Stance]) -> Floats:
    """Per author: weight, weight * stance, and both again for customers: (n, 4)."""
    rows = []
    for voice in voices:
        by_reach = min(MAX_REACH_WEIGHT, 1 + log10(1 + max(0, voice.reach) / REACH_UNIT))
        weight = by_reach * voice.recency
        tier = 0.0 if voice.tier_weight is None else min(MAX_TIER_WEIGHT, voice.tier_weight)
        rows.append((weight, weight * voice.value, weight * tier, weight * tier * voice.value))
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _interval(
    table: Floats, parts: Sequence[Part], prior: float, *, draws: int, seed: int
) -> tuple[float, float]:
    """A part that is missing stays missing in every resample, and one that is there stays there."""
    sums = _resampled(table, draws, seed)  # (draws, 4)
    weight = {part.name: part.weight for part in parts}
    fixed = fsum(part.contribution for part in parts if part.name in ("response", "calm"))
    scores = (
        fixed
        + weight["sentiment"] * level(sums[:, 1], sums[:, 0], prior)
        + weight["customer voice"] * level(sums[:, 3], sums[:, 2], prior)
    )
    low, high = np.quantile(scores, INTERVAL)
    return float(low), float(high)


def _resampled(table: Floats, draws: int, seed: int) -> Floats:
    """Column sums of `draws` samples of as many authors, with replacement: (draws, 4)."""
    random = np.random.default_rng(seed)
    n = len(table)
    sums = np.empty((draws, table.shape[1]))
    block = max(1, _CELLS // n)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        picked = random.integers(n, size=(rows, n)) + n * np.arange(rows)[:, np.newaxis]
        counts = np.bincount(picked.ravel(), minlength=rows * n).reshape(rows, n)
        sums[start : start + rows] = counts @ table
    return sums
