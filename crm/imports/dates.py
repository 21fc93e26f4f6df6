"""The day a cell means. Whether its column writes the day or the month first, all its cells tell.

02/03/2026 is 2 March in some countries and 3 February in others; one tool writes all cells of a
column alike, so one 13/02/2026 beside it decides.
"""

import re
from collections.abc import Iterable
from datetime import date

from crm.imports.cells import quoted

_TIME = re.compile(r"(?:,?[T ]+|,)\d{1,2}:\d{2}.*")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,? )?"
_MONTH_NAMED_FIRST = re.compile(
    rf"{_WEEKDAY}([A-Za-z]{{3,9}})\.?[ -](\d{{1,2}})(?:st|nd|rd|th)?,?[ -](\d{{4}}|\d{{2}})",
    re.ASCII,
)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]([A-Za-z]{{3,9}})\.?,?[ -](\d{{4}}|\d{{2}})",
    re.ASCII,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_LAST_MONTH = 12
_CENTURY = 2000  # of a year of two digits


def day(cell: str, *, month_first: bool | None = None) -> date:
    """The date as written, its time and zone aside.

    month_first: what the column has told, None when it has told nothing. With dots the day comes
    first everywhere. Raises ValueError, with the reason, for what is no date or could be two.
    """
    text = _TIME.sub("", cell)
    for shape in (_YEAR_FIRST, _COMPACT):
        if found := shape.fullmatch(text):
            parts = found.groups()
            return _date(cell, int(parts[0]), int(parts[-2]), int(parts[-1]))
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(cell, found, month_first=month_first)
    if found := _MONTH_NAMED_FIRST.fullmatch(text):
        return _date(cell, _year(found[3]), _month(cell, found[1]), int(found[2]))
    if found := _DAY_FIRST.fullmatch(text):
        return _date(cell, _year(found[3]), _month(cell, found[2]), int(found[1]))
    raise ValueError(f"{quoted(cell)} is not a date: write for example 2026-11-21")


def month_first(cells: Iterable[str]) -> bool | None:
    """Whether a column's dates have the month first; None when none of its cells needs to know.

    Raises ValueError, with the reason, when its cells contradict each other or all could be both.
    """
    told: dict[bool, str] = {}
    unclear = ""
    for cell in cells:
        if cell[:3].isdigit():
            continue  # the year stands first
        found = _YEAR_LAST.fullmatch(_TIME.sub("", cell))
        if not found:
            continue
        one, other = int(found[1]), int(found[3])
        if found[2] == ".":
            if one <= _LAST_MONTH < other:
                raise ValueError(
                    f"{quoted(cell)} has the month first, which nobody writes with dots: write "
                    "all dates as year-month-day"
                )
            continue
        if one <= _LAST_MONTH and other <= _LAST_MONTH:
            unclear = unclear or (cell if one != other else "")
        elif one <= _LAST_MONTH or other <= _LAST_MONTH:
            told.setdefault(one <= _LAST_MONTH, cell)
    if len(told) > 1:
        raise ValueError(
            f"{told[False]!r} has the day first and {told[True]!r} the month: write all dates as "
            "year-month-day"
        )
    if unclear and not told:
        raise ValueError(
            f"{unclear!r} could be day/month or month/day, and no other row tells: write the dates "
            "as year-month-day"
        )
    return next(iter(told), None)


def _year_last(cell: str, found: re.Match[str], *, month_first: bool | None) -> date:
    one, dot, other = int(found[1]), found[2] == ".", int(found[3])
    if dot:
        month_first = False
    elif one == other or max(one, other) > _LAST_MONTH:
        month_first = other > _LAST_MONTH
    elif month_first is None:
        raise ValueError(
            f"{quoted(cell)} could be day/month or month/day: write the date as year-month-day"
        )
    if len(found[4]) == len("26") and not (dot or month_first):
        raise ValueError(
            f"{quoted(cell)} could begin or end with the year: write it with four digits"
        )
    month, of_month = (one, other) if month_first else (other, one)
    return _date(cell, _year(found[4]), month, of_month)


def _year(digits: str) -> int:
    return int(digits) + (_CENTURY if len(digits) == len("26") else 0)


def _month(cell: str, word: str) -> int:
    numbers = (at for at, name in enumerate(_MONTHS, start=1) if name.startswith(word.casefold()))
    number = next(numbers, 0)
    if not number:
        raise ValueError(f"{quoted(cell)} is not a date: write for example 2026-11-21")
    return number


def _date(cell: str, year: int, month: int, of_month: int) -> date:
    try:
        return date(year, month, of_month)
    except ValueError as error:
        raise ValueError(f"{quoted(cell)} is not a day of the calendar") from error
