"""Which segment somebody is of: by their rhythm, and by what they are expected to bring."""

import numpy as np

from crm.clv.purchases import Flags, Floats
from domain.valuation import Segment

LIKELY = 0.5  # P(alive) from which somebody counts as a customer
_TENTH = 10


def segment(*, days: int, p_alive: float | None, is_silent: bool, is_top: bool) -> Segment:
    """days: on which they ordered; one alone tells of no rhythm, however many orders it had.

    p_alive None: no model tells, so the gap rule does.
    """
    if days <= 1:
        return Segment.OCCASIONAL
    if is_silent if p_alive is None else p_alive < LIKELY:
        return Segment.SPORADIC
    return Segment.EXCLUSIVE if is_top else Segment.REGULAR


def top_tenth(money: Floats) -> Flags:
    """Who is of the tenth that brings most; of those who are equal at its end, none."""
    count = len(money) // _TENTH
    if not count:
        return np.zeros(len(money), dtype=np.bool_)
    first_outside = float(np.sort(money)[::-1][count])
    return np.greater(money, max(first_outside, 0.0))
