"""An NPS-like number from public mentions. Not NPS: nobody was asked the question."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import sqrt

from domain.reputation import NpsProxy, Status, Tone
from reputation.authors import stances

WINDOW = timedelta(days=90)  # "class per author over 90 d"
CUT_OFF = 0.33  # "promoter s_a >= +.33, detractor s_a <= -.33, else passive"
MIN_AUTHORS = 30  # "show n >= 30, else insufficient"
Z_95 = 1.96
# "n' = n + 3, p = (P + .75)/n', d = (D + .75)/n'": the adjusted Wald interval, which covers
# 92 to 97 % where the plain one covers 40 % (n = 5) to 94 %.
ADDED = 3.0
ADDED_EACH = 0.75


def nps_proxy(brand: str, day: date, tones: Sequence[Tone], *, until: datetime) -> NpsProxy:
    """100 * (promoters - detractors) / authors over the 90 days before `until`.

    Classes are of authors, never of mentions: mentions of one author are not independent, and an
    interval that takes them so covers as little as nothing. The counts are shown below 30 too.
    """
    values = [voice.value for voice in stances(tones, since=until - WINDOW, until=until)]
    promoters = sum(value >= CUT_OFF for value in values)
    detractors = sum(value <= -CUT_OFF for value in values)
    n = len(values)
    enough = n >= MIN_AUTHORS
    low, high = adjusted_wald(promoters, detractors, n) if enough else (None, None)
    return NpsProxy(
        brand=brand,
        date=day,
        value=100 * (promoters - detractors) / n if enough else None,
        low=low,
        high=high,
        n_authors=n,
        promoters=promoters,
        passives=n - promoters - detractors,
        detractors=detractors,
        status=Status.OK if enough else Status.INSUFFICIENT,
    )


def adjusted_wald(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """The 95 % interval in points, cut to [-100, 100]; it holds 100 * (P - D) / n."""
    total = n + ADDED
    up, down = (promoters + ADDED_EACH) / total, (detractors + ADDED_EACH) / total
    middle = up - down
    half = Z_95 * sqrt((up + down - middle**2) / total)
    return max(-100.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))
