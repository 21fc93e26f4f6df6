"""Rows of CSV and JSON Lines files as people really write them, one bad row at a time.

The csv module alone would let one unclosed quote swallow the rest of the file; here such a row
is marked as broken and reading goes on with the next line. The caller words the message.
Files that are not UTF-8 are read as what spreadsheets and report exports write instead.
"""

import codecs
import csv
import io
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from domain.errors import InputError

LONGEST_CELL = 16 * 1024 * 1024  # characters; the csv module's 131,072 are less than some articles
_MOST_LINES = 500  # of a bounded row; a quote not closed by then is broken
_CHUNK = 1 << 20  # bytes
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = "\N{REPLACEMENT CHARACTER}"
_BLANK = ("", "\ufeff", b"", b"\xef\xbb\xbf")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that can be read from its start more than once, never the whole at once."""

    path: Path
    encoding: str  # for people: "UTF-8", "UTF-16", "Windows-1252"
    _codec: tuple[str, str]  # and what is done with bytes that are none of its letters
    _piped: bytes | None  # all that a pipe said, which it says once; None for a file

    def lines(self) -> Iterator[str]:
        """Its lines with their ends as they are, without the byte order mark."""
        codec, errors = self._codec
        with (
            _opened(self.path, self._piped) as raw,
            io.TextIOWrapper(raw, codec, errors, newline="") as text,
        ):
            yield from text


@dataclass(frozen=True, slots=True)
class Record:
    line: int  # its first line in the file, from 1
    cells: tuple[str, ...]  # none when the row is broken
    trouble: str = ""  # why the row cannot be read; quotes nothing of it


def text_file(path: Path) -> TextFile:
    """A text file in UTF-8, UTF-16 with its mark, else Windows-1252 (ISO-8859-1).

    Windows-1252 makes text of nearly any bytes, so a damaged UTF-8 file is not taken for it.
    Raises InputError when the file cannot be read or is in none of these.
    """
    try:
        piped = path.read_bytes() if path.exists() and not path.is_file() else None
        encoding, codec = _encoding(path, piped)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    return TextFile(path, encoding, codec, piped)


def _encoding(path: Path, piped: bytes | None) -> tuple[str, tuple[str, str]]:
    with _opened(path, piped) as raw:
        has_mark = raw.read(2) in _UTF_16
        if has_mark:
            _must_decode(path, raw, "utf-16")
            return "UTF-16", ("utf-16", "strict")
        # Halves of characters are for the caller to mend: old tools encode each alone.
        broken_at = _broken_at(raw, "utf-8", "surrogatepass")
        if broken_at is None:
            return "UTF-8", ("utf-8-sig", "surrogatepass")
        if _is_damaged(raw):
            raise InputError(
                f"{path} is damaged UTF-8 (byte {broken_at}): export it again as UTF-8"
            )
        _must_decode(path, raw, "cp1252")
        return "Windows-1252", ("cp1252", "strict")


def _opened(path: Path, piped: bytes | None) -> BinaryIO:
    return path.open("rb") if piped is None else io.BytesIO(piped)


def _must_decode(path: Path, raw: BinaryIO, encoding: str) -> None:
    at = _broken_at(raw, encoding, "strict")
    if at is not None:
        raise InputError(
            f"{path} is neither UTF-8 nor {encoding.upper()} (byte {at}): save it as UTF-8"
        )


def _broken_at(raw: BinaryIO, encoding: str, errors: str) -> int | None:
    """The first byte that the encoding does not know; None when it knows all."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    raw.seek(0)
    at = 0
    while True:
        chunk = raw.read(_CHUNK)
        left_over = len(decoder.getstate()[0])  # the start of a letter, from the chunk before
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return at - left_over + error.start
        if not chunk:
            return None
        at += len(chunk)


def _is_damaged(raw: BinaryIO) -> bool:
    """Whether it is UTF-8 for the most part: at least half of what is beyond ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    raw.seek(0)
    beyond_ascii = broken = 0
    for chunk in iter(partial(raw.read, _CHUNK), b""):
        text = decoder.decode(chunk)
        beyond_ascii += len(text) - len(text.encode("ascii", "ignore"))
        broken += text.count(_UNDECODED)
    end = decoder.decode(b"", final=True).count(_UNDECODED)
    return beyond_ascii + end >= 2 * (broken + end)


def csv_rows(
    lines: Iterable[str], *, strict: bool = True, bounded: bool = False
) -> Iterator[Record]:
    """The rows of CSV, the header first; blank lines are none, and , ; and tab delimit.

    lines: with their ends as they are (newline=""). strict: a stray quote is trouble, not text.
    bounded: so is a row of several lines that is longer than 500 or has more cells than the
    header; and the empty cells with which spreadsheets pad rows are left out.
    """
    csv.field_size_limit(LONGEST_CELL)  # the whole process's: nothing else may set it
    source = _Lines(lines, most=_MOST_LINES if bounded else None)
    reader = csv.reader(source, delimiter=_delimiter(source.header()), strict=strict)
    most = 0
    while True:
        trouble, cells = "", []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            trouble = str(error)
        if bounded:
            most = most or len(cells)
            _unpad(cells, most)
            if len(cells) > most and len(source.row) > 1:
                trouble, cells = "more cells than the header", []
        if cells or trouble:
            yield Record(source.number, tuple(cells), trouble)
        # A quote too many ties good rows to a bad one: only its first line is lost.
        source.end_row(broken=bool(trouble))


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
    """The lines of a file, those of the row that is being read, and their numbers."""

    def __init__(self, lines: Iterable[str], *, most: int | None) -> None:
        self._lines = iter(lines)
        self._most = most  # lines of a row
        self._again: deque[str] = deque()  # that a broken row had taken
        self.row: list[str] = []
        self.number = 1  # of the row's first line

    def header(self) -> str:
        """The first line that is not blank, which stays to be read."""
        for line in self._lines:
            text = line.removeprefix("\ufeff") if self.number == 1 else line
            if text.strip("\r\n"):
                self._again.append(text)
                return text
            self.number += 1
        return ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.row) == self._most:
            raise StopIteration
        line = self._again.popleft() if self._again else next(self._lines)
        self.row.append(line)
        return line

    def end_row(self, *, broken: bool) -> None:
        """Go on behind the row; of a broken one only the first line is done with."""
        if broken:
            self._again.extendleft(reversed(self.row[1:]))
        self.number += 1 if broken else len(self.row)
        self.row.clear()


def _unpad(cells: list[str], most: int) -> None:
    while len(cells) > most and not cells[-1]:
        cells.pop()


def _delimiter(header: str) -> str:
    """Whichever the header has most of, outside quotes."""
    return max(",;\t", key=re.sub(r'"[^"]*"', "", header).count)
