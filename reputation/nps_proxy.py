"""An NPS-like number from public mentions. Not NPS: nobody was asked the question."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from domain.reputation import CUT_OFF, Labelled, LabelMix, NpsProxy, Opinion, Status
from domain.sentiment import Label
from domain.survey import Tally
from reputation import error_correction
from reputation.voices import Voices

FORMULA = "NPSp-v2"  # v1 was of accounts
WINDOW = timedelta(days=90)  # "class per author over 90 d"
_LAST_BIT = 1e-9  # a mean of .33 alone is not .33 to the last bit, and still counts
MIN_PERSONS = 30  # "show n >= 30, else insufficient"
Z_95 = 1.96
# "n' = n + 3, p = (P + .75)/n', d = (D + .75)/n'": the adjusted Wald interval, which covers
# 92 to 97 % where the plain one covers 40 % (n = 5) to 94 %.
ADDED = 3.0
ADDED_EACH = 0.75
NO_LABELS = LabelMix()


def nps_proxy(
    brand: str,
    day: date,
    voices: Voices,
    labels: LabelMix = NO_LABELS,
    labelled: Sequence[Labelled] = (),
    *,
    model: str = "",
) -> NpsProxy:
    """100 * (promoters - detractors) / persons. voices: of the 90 days that end with the day.

    Classes are of persons, never of mentions: mentions of one person are not independent, and an
    interval that takes them so covers as little as nothing. The counts are shown below 30 too.
    labelled: where they are enough, the model's own error is taken out of the number, not out of
    the counts.
    """
    found = tally(classes(voices))
    enough = found.n >= MIN_PERSONS
    low, high = adjusted_wald(*found[::2], found.n) if enough else (None, None)
    value = found.net if enough else None
    proxy = NpsProxy(
        brand=brand,
        date=day,
        value=value,
        low=low,
        high=high,
        n_authors=voices.accounts,
        promoters=found.promoters,
        passives=found.passives,
        detractors=found.detractors,
        status=Status.OK if enough else Status.INSUFFICIENT,
        n_persons=found.n,
        raw=value,
        labels=labels,
        model=model,
    )
    return _audited(proxy, voices, labelled) if enough else proxy


def _audited(proxy: NpsProxy, voices: Voices, labelled: Sequence[Labelled]) -> NpsProxy:
    """With the model's own error taken out, if enough persons are labelled."""
    sample = error_correction.sample(labelled)
    if sample is None:
        return proxy
    said = classes(voices).astype(np.float64)
    better = error_correction.estimate(said, sample.as_classes(CUT_OFF - _LAST_BIT))
    return replace(
        proxy,
        value=100 * better.value,
        low=100 * better.low,
        high=100 * better.high,
        calibration=f"audit-calibrated ({len(sample)})",
        labelled=len(sample),
        before_errors=False,
    )


def classes(voices: Voices) -> NDArray[np.int64]:
    """(n,) 1 of a promoter, 0 of a passive, -1 of a detractor: by their stance, cut at +-.33."""
    up = voices.stance >= CUT_OFF - _LAST_BIT
    down = voices.stance <= -CUT_OFF + _LAST_BIT
    return up.astype(np.int64) - down.astype(np.int64)


def tally(classes: NDArray[np.int64]) -> Tally:
    return Tally(*(int((classes == one).sum()) for one in (1, 0, -1)))


def label_mix(opinions: Iterable[Opinion], *, since: datetime, until: datetime) -> LabelMix:
    """The labels of the posts of [since, until) that somebody wrote: what classes rest on."""
    found = Counter(
        one.label
        for one in opinions
        if one.person is not None and one.polarity is not None and since <= one.published_at < until
    )
    return LabelMix(found[Label.NEGATIVE], found[Label.NEUTRAL], found[Label.POSITIVE])


def variance(of: Tally) -> float:
    """How far the net share of so many is off by chance: its variance in points, after the same.

    Of nobody it is that of the three persons added.
    """
    total = of.n + ADDED
    up, down = (of.promoters + ADDED_EACH) / total, (of.detractors + ADDED_EACH) / total
    return 1e4 * (up + down - (up - down) ** 2) / total


def adjusted_wald(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """The 95 % interval in points, cut to [-100, 100]; it holds 100 * (P - D) / n."""
    total = n + ADDED
    up, down = (promoters + ADDED_EACH) / total, (detractors + ADDED_EACH) / total
    middle = up - down
    half = Z_95 * sqrt((up + down - middle**2) / total)
    return max(-100.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))
