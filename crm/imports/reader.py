"""Reads a CSV file whatever exported it: delimiter, quoting, columns, broken lines."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm.imports.cells import clean, filled
from crm.imports.generic import GENERIC
from crm.imports.systems import Columns, System
from domain.errors import InputError
from net.files import Record, csv_rows

_SHOWN = 20  # columns named in an error


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out, the others were kept."""

    line: int  # of the file, the header being 1
    reason: str  # without the row's personal data, except the one value that is wrong


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Sequence[str]
    columns: dict[str, list[int]]  # our field -> where it may stand, the best first

    def get(self, field: str) -> str:
        """The first of the field's columns that says something; "" when none does."""
        places = self.columns.get(field, ())
        found = (filled(self.cells[at]) for at in places if at < len(self.cells))
        return next((cell for cell in found if cell), "")

    def as_is(self, field: str) -> str:
        """The same, but "Na" and "None" stay: they are people's names too."""
        places = self.columns.get(field, ())
        return next((self.cells[at] for at in places if at < len(self.cells)), "")


class Table:
    """A CSV file in memory, its header read."""

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file cannot be read, is not UTF-8 or holds nothing."""
        self.path = path
        self._text = _decoded(path)
        records = self._records()
        header = next((one for one in records if one.trouble or any(map(clean, one.cells))), None)
        if header is None:
            raise InputError(f"{path} is empty: its first line must name the columns")
        if header.trouble:
            raise InputError(f"{path}, line {header.line}, {_said(header)}")
        self._first_line = header.line
        self.header = [clean(cell) for cell in header.cells]

    def columns(self, system: System, fields: Columns, fallback: Columns) -> dict[str, list[int]]:
        """Where each field may stand: the system's own columns first, then the generic ones."""
        places: dict[str, list[int]] = {}
        squeezed = [squeeze(name).removeprefix(system.prefix) for name in self.header]
        for field in {**fields, **fallback}:
            wanted = [squeeze(name) for name in (*fields.get(field, ()), *fallback.get(field, ()))]
            found = [at for name in wanted for at, one in enumerate(squeezed) if one == name]
            if found:
                places[field] = list(dict.fromkeys(found))
        return places

    def need(self, columns: dict[str, list[int]], *alternatives: tuple[str, ...]) -> None:
        """Raises InputError unless each tuple has at least one of its fields in the columns."""
        missing = [
            " or ".join(fields)
            for fields in alternatives
            if not any(field in columns for field in fields)
        ]
        if missing:
            shown = ", ".join(name or "(no name)" for name in self.header[:_SHOWN])
            more = f" and {len(self.header) - _SHOWN} more" if len(self.header) > _SHOWN else ""
            raise InputError(
                f"{self.path} has no column for {', nor for '.join(missing)}; found: {shown}{more}"
            )

    def rows(self, columns: dict[str, list[int]]) -> Iterator[Row | BadRow]:
        """Every row after the header; blank lines are none."""
        for record in self._records():
            cells = [clean(cell) for cell in record.cells]
            if record.trouble:
                yield BadRow(record.line, _said(record))
            elif record.line == self._first_line or not any(cells):
                continue
            elif any(cells[len(self.header) :]):
                wide = f"has {len(cells)} cells where the header has {len(self.header)}"
                yield BadRow(record.line, wide)
            else:
                yield Row(record.line, cells, columns)

    def _records(self) -> Iterator[Record]:
        return csv_rows(io.StringIO(self._text, newline=""))


def _said(record: Record) -> str:
    return f"has a quotation mark that does not match ({record.trouble})"


def squeeze(name: str) -> str:
    """A column's name by its letters and digits: "First Name", "first_name", "FirstName"."""
    return re.sub(r"[\W_]+", "", name.casefold())


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 (byte {error.start}): save it as CSV UTF-8"
        ) from error
    return text.replace("\0", "")


def detect(header: Sequence[str], systems: Sequence[System]) -> System:
    """The first system of which one set of marks is wholly in the header, else the generic one."""
    squeezed = {squeeze(name) for name in header}
    for system in systems:
        if any(squeezed.issuperset(map(squeeze, mark)) for mark in system.marks):
            return system
    return GENERIC
