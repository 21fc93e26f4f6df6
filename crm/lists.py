"""Who is on which list: rules on how customers buy and on what they wrote.

Who ordered on one day alone has no rhythm: nobody knows whether they are lost, so no rule here says
it of them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from domain.customer_lists import Return, Rhythm, Voice
from domain.valuation import SILENT_AFTER, Purchase, Segment, net

WITHIN = timedelta(days=90)  # how old a post, or a return, may be to put somebody on a list
SILENT_UNMODELLED = 6  # times the own median gap, to be lost where no model confirms it
# Who ordered on two days in a row is not silent on the fifth, nor lost in the second week.
QUIET_DAYS, LOST_DAYS = 30, 90
DOUBTED, GONE = 0.5, 0.2  # P(alive) below these: their rhythm falls; they are lost
WIDE_REACH = 1_000  # followers
LOYAL = (Segment.REGULAR, Segment.EXCLUSIVE)


def is_ambassador(voice: Voice, segment: Segment | None, *, top_tier: bool) -> bool:
    """Whether a promoter has said it twice, or to many, and has value or reach.

    It is said of what they posted alone. segment: None without orders.
    """
    wide = (voice.followers or 0) >= WIDE_REACH
    speaks = not voice.ends_negative and (voice.posts > 1 or wide)
    return speaks and (wide or top_tier or segment in LOYAL)


def silent_days(rhythm: Rhythm, today: date) -> int:
    return (today - rhythm.last_order_on).days


def falls(rhythm: Rhythm, today: date) -> bool:
    """Whether a repeat buyer orders less than they used to: silent, or doubted by the model."""
    if rhythm.median_gap_days is None:
        return False
    doubted = rhythm.p_alive is not None and rhythm.p_alive < DOUBTED
    return doubted or is_silent(rhythm, today)


def is_silent(rhythm: Rhythm, today: date) -> bool:
    """Whether the last order is older than three of a repeat buyer's gaps, and than 30 days."""
    if rhythm.median_gap_days is None:
        return False
    return silent_days(rhythm, today) > max(SILENT_AFTER * rhythm.median_gap_days, QUIET_DAYS)


def is_lost(rhythm: Rhythm, today: date) -> bool:
    """Whether a repeat buyer is gone: by the model, and silent for longer than three of their gaps.

    Where no model tells, longer than six. Never before 90 days.
    """
    if rhythm.median_gap_days is None:
        return False
    gone = rhythm.p_alive is not None and rhythm.p_alive < GONE
    times = SILENT_AFTER if gone else SILENT_UNMODELLED
    silence = silent_days(rhythm, today)
    long_silent = silence > times * rhythm.median_gap_days and silence >= LOST_DAYS
    return long_silent and (gone or rhythm.p_alive is None)


def returned(days: Sequence[date], today: date) -> Return | None:
    """The newest return of the past 90 days after a silence in which they were lost; None: none.

    days: on which they ordered, each once, oldest first. Lost: no order for 90 days and more than
    three of the gaps they had up to then.
    """
    gaps = [(later - day).days for day, later in pairwise(days)]
    for place in range(len(gaps) - 1, 0, -1):
        left_on, returned_on = days[place], days[place + 1]
        usual = median(gaps[:place])
        if returned_on <= today - WITHIN:
            break
        if gaps[place] >= LOST_DAYS and gaps[place] > SILENT_AFTER * usual:
            return Return(left_on, returned_on, usual)
    return None


def ordered_on(purchases: Iterable[Purchase]) -> list[date]:
    """The days of the orders that brought money after their refunds, each once, oldest first."""
    return sorted({one.ordered_on for one in net(purchases) if one.amount > 0})
