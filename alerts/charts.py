"""The arithmetic of the digest's charts: pixels and percents for HTML tables, blocks for text.

Mail clients drop <svg> and inline images, so a chart is a table whose cells have these sizes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, log10

from domain.elements import Mark, Trend
from domain.volume import DayVolume

Cell = tuple[str, float]  # (what it shows, width in percent)

MARK = 1.0  # width of a gauge's mark in percent
_TOPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_UPWARD = ("negative", "neutral", "positive", "unsure", "unscored")
_MARK_PX = 5
_LABEL_DAYS = 3  # columns a date needs below them
_SPARKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Dots:
    """A line chart without lines: one mark per day on a scale that need not start at 0."""

    bottom: int  # the value at offset 0
    top: int
    offsets: tuple[int | None, ...]  # pixels above the bottom; None: no value that day


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart of days: columns of (what it shows or "" for room, pixels), top to bottom."""

    height: int
    top: int  # what the axis says at its two ends
    bottom: int
    columns: tuple[tuple[tuple[str, int], ...], ...]
    weeks: tuple[tuple[str, float], ...]  # (first day or "", width in percent) below the columns
    letters: tuple[str, ...] = ()  # of the marks, one a column or ""; (): there is no mark
    breaks: frozenset[int] = frozenset()  # columns before which the line ends


def volume(days: Sequence[DayVolume], height: int = 96) -> Frame:
    """Days stacked by tone: negative stands on the ground, where heights compare best."""
    top = round_top(max((day.total for day in days), default=0))
    columns = []
    for day in days:
        layers = (day.negative, day.neutral, day.positive, day.unsure, day.unscored)
        columns.append(tuple(zip(_UPWARD, stacked(layers, top, height), strict=True))[::-1])
    return Frame(height, top, 0, tuple(columns), _weeks([day.date for day in days]))


def trend(
    chart: Trend, signed: Sequence[tuple[str, Mark]], height: int = 64, *, bands: bool = True
) -> Frame:
    """Marks that float at the height of their value, in the band of its interval.

    A day without a value stays empty. signed: the marks that have a letter; bands: whether there is
    room for intervals.
    """
    days, values = [day for day, _ in chart.points], [value for _, value in chart.points]
    band = chart.band if chart.band and bands else (None,) * len(values)
    ends = [end for one in band if one is not None for end in one]
    scale = dots([*values, *ends], height - _MARK_PX)
    edges = iter(scale.offsets[len(values) :])
    columns = []
    for i, (at, one) in enumerate(zip(scale.offsets, band, strict=False)):
        low, high = (None, None) if one is None else (next(edges), next(edges))
        columns.append(_floating("mark" if i == len(values) - 1 else "bar", low, at, high))
    letters = {mark.day: letter for letter, mark in signed}
    return Frame(
        height,
        scale.top,
        scale.bottom,
        tuple(columns),
        _weeks(days),
        tuple(letters.get(day, "") for day in days) if letters else (),
        frozenset(days.index(one.day) for one in chart.marks if one.breaks and one.day in days),
    )


def _floating(
    kind: str, low: int | None, at: int | None, high: int | None
) -> tuple[tuple[str, int], ...]:
    """One column from top to bottom; what lies outside its own mark is never drawn."""
    if at is None:
        return ()
    low, high = (min(at, at if low is None else low), max(at, at if high is None else high))
    return (("band", high - at), (kind, _MARK_PX), ("band", at - low), ("", low))


def _weeks(days: Sequence[date]) -> tuple[tuple[str, float], ...]:
    starts = range(0, len(days), 7)
    spans = [min(7, len(days) - start) for start in starts]
    return tuple(
        (
            f"{days[start].day} {days[start]:%b}" if span > _LABEL_DAYS else "",
            100 * span / len(days),
        )
        for start, span in zip(starts, spans, strict=True)
    )


def round_top(value: int) -> int:
    """The round number an axis ends at: 112 gives 150, 0 gives 1."""
    if value <= 1:
        return 1
    unit = 10.0 ** floor(log10(value))
    return next(int(step * unit) for step in _TOPS if int(step * unit) >= value)


def stacked(layers: Sequence[int], top: int, height: int) -> tuple[int, ...]:
    """Pixel heights of one column's layers, at most `height` together.

    A layer above 0 is never invisible: what its pixel costs is taken from the tallest layer.
    """
    edges = [round(sum(layers[: i + 1]) * height / top) for i in range(len(layers))]
    pixels = [edge - before for edge, before in zip(edges, [0, *edges], strict=False)]
    shown = [max(1, size) if count else 0 for size, count in zip(pixels, layers, strict=True)]
    tallest = max(range(len(shown)), key=shown.__getitem__)
    shown[tallest] -= max(0, sum(shown) - height)
    return tuple(shown)


def dots(values: Sequence[float | None], height: int, *, least: int = 10) -> Dots:
    """Values on a scale of whole fives around them, at least `least` points tall, within 0..100."""
    known = [value for value in values if value is not None] or [50.0]
    bottom = max(0, int((min(known) - 1) // 5) * 5)
    top = min(100, -int(-(max(known) + 1) // 5) * 5)
    while top - bottom < least:
        bottom, top = max(0, bottom - 5), min(100, top + 5)
    scale = height / (top - bottom)
    return Dots(
        bottom, top, tuple(None if v is None else round((v - bottom) * scale) for v in values)
    )


def gauge(
    at: float, low: float | None, high: float | None, *, least: float, most: float
) -> tuple[Cell, ...]:
    """A scale with an interval and a mark on it, as cells left to right that fill 100 %.

    A cell without width is left out: mail clients would share the room out anew.
    """
    width = most - least
    at, low, high = (
        100 * (min(max(value, least), most) - least) / width
        for value in (at, at if low is None else low, at if high is None else high)
    )
    mark = min(max(at, MARK / 2), 100 - MARK / 2)
    edges = (
        ("track", min(low, mark - MARK / 2)),
        ("band", mark - MARK / 2),
        ("mark", mark + MARK / 2),
        ("band", max(high, mark + MARK / 2)),
        ("track", 100.0),
    )
    starts = [0.0, *(edge for _, edge in edges)]
    cells = [(k, round(end - start, 2)) for (k, end), start in zip(edges, starts, strict=False)]
    return tuple(cell for cell in cells if cell[1] > 0)


def shade(share: float, steps: int) -> int:
    """Which of so many colours a share between 0 and 1 has; 0 has the first one for itself."""
    return 0 if share <= 0 else min(steps - 1, 1 + int(share * (steps - 1)))


def length(value: float, most: float) -> float:
    """A bar's length in percent of the longest; 0 when there is nothing to compare with."""
    return round(min(100.0, max(0.0, 100 * value / most)), 1) if most > 0 else 0.0


def block_bar(percent: float, width: int = 16) -> str:
    """A bar of block characters, padded to `width`."""
    eighths = round(min(100.0, max(0.0, percent)) / 100 * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def spark(values: Sequence[float | None], *, least: float | None = None) -> str:
    """One character a value, ▁ at `least` (by default the smallest) to █ at the largest.

    A value that is missing is a space.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low = min(known) if least is None else least
    width = (max(known) - low) or 1.0
    return "".join(
        " " if value is None else _SPARKS[round((value - low) / width * 7)] for value in values
    )
