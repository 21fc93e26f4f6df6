"""Rows that belong together, wherever they stand in a file that is too large for the memory.

Most files have them beside each other, and such rows pass as they come. A first reading notes the
keys that come back later; their rows are put aside in temporary files, and come at the end.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Any
from zlib import crc32

from crm.imports.reader import BadRow, Places, Row

_BITS = 1 << 27  # two times 16 MB; of 5,000,000 keys one in fifty is taken for one that comes back
_FILES = 64  # of which one at a time is read into memory
_IN_MEMORY = 1 << 18  # bytes of each, before it is written to the disk

KeyOf = Callable[[Row], str]  # "" for a row that belongs to no other


class Apart:
    """The keys whose rows do not all stand beside each other: some others too, but never fewer."""

    def __init__(self) -> None:
        self._seen, self._again = bytearray(_BITS // 8), bytearray(_BITS // 8)
        self._above = ""

    def note(self, key: str) -> None:
        """The key of the next row of the file."""
        if key and key != self._above:
            at, bit = _place(key)
            if self._seen[at] & bit:
                self._again[at] |= bit
            self._seen[at] |= bit
        self._above = key

    def __contains__(self, key: str) -> bool:
        at, bit = _place(key)
        return bool(self._again[at] & bit)


def groups(
    rows: Iterable[Row | BadRow], key_of: KeyOf, apart: Apart, columns: Places
) -> Iterator[list[Row | BadRow]]:
    """The rows of one key together, in the order of the file; a bad row is alone.

    apart: has noted the keys of these very rows.
    """
    run: list[Row | BadRow] = []
    above = ""
    with ExitStack() as stack:
        aside = _Aside(stack)
        for row in rows:
            key = "" if isinstance(row, BadRow) else key_of(row)
            if run and not (key and key == above):
                yield run
                run = []
            if isinstance(row, Row) and key and key in apart:
                aside.put(key, row)
            else:
                run.append(row)
            above = key
        if run:
            yield run
        yield from aside.groups(columns)


class _Aside:
    """Rows put aside, in files by their key, so that each file fits into memory."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._files: dict[int, tuple[SpooledTemporaryFile[str], Any]] = {}

    def put(self, key: str, row: Row) -> None:
        number = crc32(key.encode()) % _FILES
        if number not in self._files:
            file = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")  # noqa: SIM115
            self._files[number] = self._stack.enter_context(file), csv.writer(file)
        self._files[number][1].writerow([key, row.line, *row.cells])

    def groups(self, columns: Places) -> Iterator[list[Row | BadRow]]:
        for file, _ in self._files.values():
            found: dict[str, list[Row | BadRow]] = {}
            file.seek(0)
            for key, line, *cells in csv.reader(file):
                found.setdefault(key, []).append(Row(int(line), cells, columns))
            yield from found.values()


def _place(key: str) -> tuple[int, int]:
    """Byte and bit of a key: the same in every run, as the built-in hash is not."""
    number = crc32(key.encode()) % _BITS
    return number >> 3, 1 << (number & 7)
