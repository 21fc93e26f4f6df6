"""Columns of a list for people: aligned as terminals count letters, in a pipe as on a screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.escape import terminal
from alerts.wrap import columns
from earshot.cli.base import show

NONE = "-"  # a figure that there is not


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and on which side its cells stand."""

    head: str
    right: bool = False  # numbers; words stand left


def show_table(columns_of: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """The heads, then a line a row; the last column of words is not filled up with blanks."""
    cells = [[one.head for one in columns_of], *([_plain(cell) for cell in row] for row in rows)]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        filled = [
            _fill(cell, width, right=one.right)
            for cell, width, one in zip(line, widths, columns_of, strict=True)
        ]
        show("  ".join(filled).rstrip())


def _plain(cell: str) -> str:
    """As `show` will write it: what is escaped takes more room."""
    return " ".join(terminal(cell).split())


def _fill(cell: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - columns(cell))
    return blanks + cell if right else cell + blanks


def money(amount: float | None) -> str:
    return NONE if amount is None else f"{amount:,.2f}"


def number(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """In whole percent, of which neither 0 nor 100 is said of what is only near it."""
    if value is None:
        return NONE
    percent = round(100 * value)
    if percent == 0 and value > 0:
        return "<1%"
    return ">99%" if percent == 100 and value < 1 else f"{percent}%"  # noqa: PLR2004


def many(count: int, noun: str) -> str:
    """1 post, 2 posts, 1,830 posts."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
