"""Rows of CSV and JSON Lines files as people really write them, one bad row at a time.

The csv module alone would let one unclosed quote swallow the rest of the file; here such a row
is marked as broken and reading goes on with the next line. The caller words the message.
Files that are not UTF-8 are read as what spreadsheets and report exports write instead.
"""

import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from domain.errors import InputError

LONGEST_CELL = 16 * 1024 * 1024  # characters; the csv module's 131,072 are less than some articles
_MOST_LINES = 500  # of a bounded row; a quote not closed by then is broken
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = "\N{REPLACEMENT CHARACTER}"
_BLANK = ("", "\ufeff", b"", b"\xef\xbb\xbf")


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file says, and the encoding it was taken to be in."""

    text: str
    encoding: str  # for people: "UTF-8", "UTF-16", "Windows-1252"


@dataclass(frozen=True, slots=True)
class Record:
    line: int  # its first line in the file, from 1
    cells: tuple[str, ...]  # none when the row is broken
    trouble: str = ""  # why the row cannot be read; quotes nothing of it


def file_text(path: Path) -> FileText:
    """The whole of a text file: UTF-8, UTF-16 with its mark, else Windows-1252 (ISO-8859-1).

    Windows-1252 makes text of nearly any bytes, so a damaged UTF-8 file is not taken for it.
    Raises InputError when the file cannot be read or is in none of these.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if raw.startswith(_UTF_16):
        return FileText(_decoded(path, raw, "utf-16"), "UTF-16")
    try:
        # Halves of characters are for the caller to mend: old tools encode each alone.
        return FileText(raw.decode("utf-8-sig", "surrogatepass"), "UTF-8")
    except UnicodeDecodeError as error:
        lenient = raw.decode("utf-8-sig", "replace")
        beyond_ascii, broken = sum(not one.isascii() for one in lenient), lenient.count(_UNDECODED)
        if beyond_ascii >= 2 * broken:
            raise InputError(
                f"{path} is damaged UTF-8 (byte {error.start}): export it again as UTF-8"
            ) from error
    return FileText(_decoded(path, raw, "cp1252"), "Windows-1252")


def _decoded(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is neither UTF-8 nor {encoding.upper()} (byte {error.start}): save it as UTF-8"
        ) from error


def csv_rows(
    lines: Iterable[str], *, strict: bool = True, bounded: bool = False
) -> Iterator[Record]:
    """The rows of CSV, the header first; blank lines are none, and , ; and tab delimit.

    lines: with their ends as they are (newline=""). strict: a stray quote is trouble, not text.
    bounded: so is a row of several lines that is longer than 500 or has more cells than the
    header; and the empty cells with which spreadsheets pad rows are left out.
    """
    csv.field_size_limit(LONGEST_CELL)  # the whole process's: nothing else may set it
    source = _Lines(lines)
    delimiter, most = "", 0
    while (first := source.peek()) is not None:
        if not first.strip("\r\n"):
            source.take(1)
            continue
        delimiter = delimiter or _delimiter(first)
        reader = csv.reader(source.ahead(bounded=bounded), delimiter=delimiter, strict=strict)
        trouble, cells = "", []
        try:
            cells = next(reader)
        except csv.Error as error:
            trouble = str(error)
        if bounded:
            most = most or len(cells)
            _unpad(cells, most)
            if len(cells) > most and reader.line_num > 1:
                trouble, cells = "more cells than the header", []
        yield Record(source.number, tuple(cells), trouble)
        # A quote too many ties good rows to a bad one: only its first line is lost.
        source.take(1 if trouble else reader.line_num)


def json_rows(
    lines: Iterable[str | bytes], *, parse_int: Callable[[str], Any] = int
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The line number of each row with its object, or why it holds none; blank lines are none."""
    for number, line in enumerate(lines, start=1):
        if line.strip() not in _BLANK:
            yield number, json_object(line, parse_int=parse_int)


def json_object(
    line: str | bytes, *, parse_int: Callable[[str], Any] = int
) -> dict[str, Any] | str:
    """The object that a line holds; or why it holds none, without quoting the line.

    parse_int: float takes a number of any length, int keeps one exact and refuses the longest.
    """
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        value = json.loads(text.removeprefix("\ufeff"), parse_int=parse_int)
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1} of the line"
    except json.JSONDecodeError as error:
        return f"no JSON: {error.msg} at character {error.pos + 1}"
    except (RecursionError, ValueError):
        return "no JSON that can be read: nested too deep or a number too long"
    return value if isinstance(value, dict) else "no JSON object"


class _Lines:
    """The lines of a file with their numbers, and as many of them ahead as wanted."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self.number = 1

    def peek(self, at: int = 0) -> str | None:
        while len(self._ahead) <= at:
            line = next(self._lines, None)
            if line is None:
                return None
            first = self.number == 1 and not self._ahead
            self._ahead.append(line.removeprefix("\ufeff") if first else line)
        return self._ahead[at]

    def ahead(self, *, bounded: bool) -> Iterator[str]:
        for at in range(_MOST_LINES) if bounded else count():
            line = self.peek(at)
            if line is None:
                return
            yield line

    def take(self, lines: int) -> None:
        for _ in range(lines):
            self._ahead.popleft()
        self.number += lines


def _unpad(cells: list[str], most: int) -> None:
    while len(cells) > most and not cells[-1]:
        cells.pop()


def _delimiter(header: str) -> str:
    """Whichever the header has most of, outside quotes."""
    return max(",;\t", key=re.sub(r'"[^"]*"', "", header).count)
