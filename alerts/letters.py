"""Text that looks the same in Slack, in a terminal and in a mail's text part."""

from collections.abc import Sequence
from itertools import zip_longest
from string import ascii_lowercase

from alerts import charts
from alerts.escape import cut, one_line
from domain.elements import Bars, Card, Column, Gauge, Mark, Quotes, Shades, Table, Tile, Trend
from domain.volume import DayVolume

NO_TEXT = "(no text)"
BREAK = "┊"
NAME, NOTE = 40, 70  # characters of a name that ends a row, and of its note


def up_first(text: str) -> str:
    """The first letter as a capital and the rest as it is."""
    return text[:1].upper() + text[1:]


def between(quotes: Quotes) -> str:
    return f"… {quotes.between} more in between …"


def more(of: int, shown: int) -> list[str]:
    """Says how many of a list are left out, when any are."""
    return [f"and {of - shown} more"] if of > shown else []


def tile(one: Tile) -> str:
    return f"{one.label}: {one.value} ({one.note})"


def about(card: Card, name: int) -> str:
    """Who wrote it, where, when and in what tone; name: characters of each name."""
    who = f"{card.name} {card.handle}".strip()
    reach = f", {card.reach}" if card.reach else ""
    return f"{cut(who, name)} on {cut(card.source, name)}, {card.published}, {card.tone}{reach}"


def gauge_words(gauge: Gauge, mark: str = "") -> str:
    """The number with its interval, or why there is none; mark: set around the number."""
    if not gauge.value:
        return ". ".join(filter(None, (gauge.missing, gauge.change)))
    interval = f" (95% interval {gauge.interval})" if gauge.interval else ""
    change = f"; {gauge.change}" if gauge.change else ""
    return f"{mark}{gauge.value}{mark}{interval}, {gauge.basis}{change}"


def sentences(table: Table, mark: str = "") -> list[str]:
    """A row as a sentence, without cells that say nothing.

    mark: set around what to look at first.
    """
    return [
        f"{name}: "
        + ", ".join(
            _labelled(column, cell, mark)
            for column, cell in zip(table.columns, cells, strict=True)
            if cell
        )
        for name, cells in table.rows
    ]


def _labelled(column: Column, cell: str, mark: str) -> str:
    shown = f"{mark}{cell}{mark}" if column.strong else cell
    return f"{shown} {column.title}".rstrip()


def grid(bars: Bars, width: int, most: int, *, detail: bool) -> list[str]:
    """A head and a row a bar, in columns; names stand last, so that a wide one moves nothing.

    detail: with the columns and notes that need room.
    """
    chosen = [n for n, column in enumerate(bars.columns) if detail or not column.detail]
    heads = [bars.columns[n].short for n in chosen]
    widths = [max(bars.columns[n].width, len(bars.columns[n].short)) for n in chosen]
    rows = [_row(" " * width, heads, widths, bars.title)]
    for bar in bars.bars[:most]:
        drawn, cells = charts.block_bar(bar.percent or 0, width), [bar.cells[n] for n in chosen]
        rows.append(_row(drawn, cells, widths, bar.name))
        rows += [f"  ({cut(one_line(bar.note), NOTE)})"] if detail and bar.note else []
    return rows


def shades(chart: Shades, columns: int, rows: int) -> list[str]:
    """A head and the last rows, in as many columns as fit; and how many rows are left out."""
    table = [
        (chart.title, *chart.columns[:columns]),
        *((name, *(one.text for one in cells[:columns])) for name, cells in chart.rows[-rows:]),
    ]
    cells = [[cut(one_line(cell), NAME) for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
    left = len(chart.rows[:-rows])
    return [*(_right(row, widths) for row in cells), *([f"and {left} before"] if left else [])]


def _right(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, numbers to the right."""
    numbers = (f"{cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=False))
    return " ".join((f"{cells[0]:<{widths[0]}}", *numbers))


def _row(bar: str, cells: Sequence[str], widths: Sequence[int], name: str) -> str:
    columns = (f"{one_line(cell):>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{bar} {' '.join(columns)}  {cut(one_line(name), NAME)}"


def signed(chart: Trend, most: int) -> list[tuple[str, Mark]]:
    """The newest marks of a chart, oldest first, each with the letter that stands for it there."""
    return list(zip(ascii_lowercase, chart.marks[-most:] if most else (), strict=False))


def trend(chart: Trend, most: int) -> list[str]:
    """A character a day, and below it the letters of the marks; nothing without two days.

    A line stands where the days before it are not to be compared with those behind it.
    """
    spark = charts.spark([value for _, value in chart.points])
    if not spark:
        return []
    letters = {mark.day: letter for letter, mark in signed(chart, most)}
    breaks = {mark.day for mark in chart.marks if mark.breaks}
    rows = ["by day ", " " * len("by day ")]
    for (day, _), drawn in zip(chart.points, spark, strict=True):
        line = BREAK if day in breaks else ""
        rows[0] += line + drawn
        rows[1] += " " * len(line) + letters.get(day, " ")
    return [row.rstrip() for row in rows if row.strip()]


def sparks(days: Sequence[DayVolume]) -> list[str]:
    """All mentions and the negative ones, a character a day."""
    lines = (("all", [one.total for one in days]), ("negative", [one.negative for one in days]))
    return [f"{charts.spark(counts, least=0)} {name}, most {max(counts)}" for name, counts in lines]
