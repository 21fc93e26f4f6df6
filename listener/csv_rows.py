"""CSV as people really write it: BOM, any usual delimiter, broken quotes, one bad row at a time.

The csv module alone would let one unclosed quote swallow the rest of the file; here such a row is
reported and reading goes on with the line after it.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

_DELIMITERS = ",;\t"
_MOST_LINES = 500  # of one row; a quote not closed by then is broken
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_LONGEST_CELL = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    line: int  # its first line in the file, from 1
    cells: tuple[str, ...]
    trouble: str = ""  # why the cells cannot be used


def records(lines: Iterator[bytes]) -> Iterator[Record]:
    """The rows of a file, the header first; empty lines are left out."""
    # The limit is the process's; the default, 131,072 characters, is less than a long article.
    csv.field_size_limit(_LONGEST_CELL)
    source = _Lines(lines)
    delimiter, columns = "", 0
    while (first := source.peek()) is not None:
        if not first.strip("\r\n"):
            source.take(1)
            continue
        delimiter = delimiter or max(_DELIMITERS, key=first.count)
        record, used = _record(source, delimiter, columns)
        source.take(used)
        columns = columns or len(record.cells)
        yield record


class _Lines:
    """The lines of a file with their numbers, and as many of them ahead as wanted.

    A byte that is no UTF-8 becomes a lone surrogate, so that only its own row is lost.
    """

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._ahead: deque[str] = deque()
        self.number = 1

    def peek(self, at: int = 0) -> str | None:
        while len(self._ahead) <= at:
            raw = next(self._lines, None)
            if raw is None:
                return None
            text = raw.decode("utf-8", "surrogateescape")
            first = self.number == 1 and not self._ahead
            self._ahead.append(text.removeprefix("\ufeff") if first else text)
        return self._ahead[at]

    def take(self, count: int) -> None:
        for _ in range(count):
            self._ahead.popleft()
        self.number += count


def _record(source: _Lines, delimiter: str, columns: int) -> tuple[Record, int]:
    """The row that begins at the next line, and how many lines it takes."""
    reader = csv.reader(_ahead(source), delimiter=delimiter, strict=True)
    trouble, cells = "", []
    try:
        cells = next(reader)
    except csv.Error as error:
        trouble = f"broken quotes or line end ({error})"
    used = reader.line_num
    while columns and len(cells) > columns and not cells[-1]:
        cells.pop()  # spreadsheets pad rows with empty cells
    if used > 1 and (trouble or (columns and len(cells) > columns)):
        # A quote too many ties good rows to a bad one: give the lines after the first back.
        return Record(source.number, (), trouble or "broken quotes"), 1
    if any(map(_UNDECODABLE.search, cells)):
        trouble = "not UTF-8"
    return Record(source.number, tuple(cells), trouble), used


def _ahead(source: _Lines) -> Iterator[str]:
    for at in range(_MOST_LINES):
        line = source.peek(at)
        if line is None:
            return
        yield line
