"""An NPS-like number from public mentions. Not NPS: nobody was asked the question."""

from datetime import date, timedelta
from math import sqrt

from domain.reputation import NpsProxy, Status
from reputation.voices import Voices

WINDOW = timedelta(days=90)  # "class per author over 90 d"
CUT_OFF = 0.33  # "promoter s_a >= +.33, detractor s_a <= -.33, else passive"
MIN_PERSONS = 30  # "show n >= 30, else insufficient"
Z_95 = 1.96
# "n' = n + 3, p = (P + .75)/n', d = (D + .75)/n'": the adjusted Wald interval, which covers
# 92 to 97 % where the plain one covers 40 % (n = 5) to 94 %.
ADDED = 3.0
ADDED_EACH = 0.75


def nps_proxy(brand: str, day: date, voices: Voices) -> NpsProxy:
    """100 * (promoters - detractors) / persons. voices: of the 90 days that end with the day.

    Classes are of persons, never of mentions: mentions of one person are not independent, and an
    interval that takes them so covers as little as nothing. The counts are shown below 30 too.
    """
    promoters = int((voices.stance >= CUT_OFF).sum())
    detractors = int((voices.stance <= -CUT_OFF).sum())
    n = len(voices)
    enough = n >= MIN_PERSONS
    low, high = adjusted_wald(promoters, detractors, n) if enough else (None, None)
    return NpsProxy(
        brand=brand,
        date=day,
        value=100 * (promoters - detractors) / n if enough else None,
        low=low,
        high=high,
        n_authors=voices.accounts,
        promoters=promoters,
        passives=n - promoters - detractors,
        detractors=detractors,
        status=Status.OK if enough else Status.INSUFFICIENT,
        n_persons=n,
    )


def adjusted_wald(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """The 95 % interval in points, cut to [-100, 100]; it holds 100 * (P - D) / n."""
    total = n + ADDED
    up, down = (promoters + ADDED_EACH) / total, (detractors + ADDED_EACH) / total
    middle = up - down
    half = Z_95 * sqrt((up + down - middle**2) / total)
    return max(-100.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))
