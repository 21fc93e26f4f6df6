"""Rounded numbers that still add up to their rounded sum, as a reader will check."""

from collections.abc import Sequence
from decimal import Decimal

MINUS = "\N{MINUS SIGN}"


def rounded(value: float, digits: int = 1) -> float:
    """The value as `f"{value:.1f}"` shows it, and never -0.0."""
    return float(Decimal(value).quantize(Decimal(1).scaleb(-digits))) + 0.0


def adding_up(values: Sequence[float], total: float, digits: int = 1) -> list[float]:
    """The values rounded so that they add up to the rounded total, as they do to about the total.

    Those give way that are the furthest from what they were rounded to; equal ones by place.
    """
    scale = 10**digits
    units = [round(rounded(value, digits) * scale) for value in values]
    missing = round(rounded(total, digits) * scale) - sum(units)
    step = 1 if missing > 0 else -1
    errors = [step * (value * scale - unit) for value, unit in zip(values, units, strict=True)]
    order = sorted(range(len(units)), key=lambda at: (-errors[at], at))
    for turn in range(abs(missing) if units else 0):
        units[order[turn % len(order)]] += step
    return [unit / scale for unit in units]


def signed(points: float, digits: int = 1) -> str:
    """+20.2, \N{MINUS SIGN}0.4, 0.0."""
    shown = f"{abs(points):.{digits}f}"
    if not float(shown):
        return shown
    return f"{'+' if points > 0 else MINUS}{shown}"
