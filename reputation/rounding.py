"""Rounded numbers that still add up to their rounded sum, as a reader will check."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

_TENTH = Decimal("0.1")


def tenths(value: float) -> float:
    """The value as `f"{value:.1f}"` shows it, and never -0.0."""
    return float(Decimal(value).quantize(_TENTH, ROUND_HALF_EVEN)) + 0.0


def adding_up(values: Sequence[float], total: float) -> list[float]:
    """The values in tenths that add up to tenths(total), where they add up to about total.

    Those give way that are the furthest from the tenth they were rounded to; equal ones by place.
    """
    units = [round(tenths(value) * 10) for value in values]
    missing = round(tenths(total) * 10) - sum(units)
    step = 1 if missing > 0 else -1
    errors = [step * (value * 10 - unit) for value, unit in zip(values, units, strict=True)]
    order = sorted(range(len(units)), key=lambda at: (-errors[at], at))
    for turn in range(abs(missing) if units else 0):
        units[order[turn % len(order)]] += step
    return [unit / 10 for unit in units]
