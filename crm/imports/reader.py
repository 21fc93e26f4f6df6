"""Reads a CSV file whatever exported it: delimiter, quoting, columns, broken lines."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crm.imports.cells import clean, cleaned, filled
from crm.imports.generic import GENERIC
from crm.imports.systems import Columns, System
from domain.errors import InputError
from net.files import Record, csv_rows, text_file

_SHOWN = 20  # columns named in an error
# Of these a row says one thing in one column: to look in the next one would mix two meanings.
_ONE_COLUMN = frozenset(["id", "amount", "net"])
# What else a system's file may have under a generic name means something else there.
_ITS_OWN = frozenset(["id", "amount", "net", "customer"])


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out, the others were kept."""

    line: int  # of the file, the header being 1
    reason: str  # without the row's personal data, except the one value that is wrong


Places = Mapping[str, Sequence[int]]  # our field -> where it may stand, the best first


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Sequence[str]
    columns: Places

    def every(self, field: str) -> list[str]:
        """What the field's columns say, the best first; none where they say nothing."""
        places = self.columns.get(field, ())
        return [one for at in places if at < len(self.cells) and (one := filled(self.cells[at]))]

    def get(self, field: str) -> str:
        """The first of the field's columns that says something; "" when none does."""
        for at in self.columns.get(field, ()):
            if at < len(self.cells) and (found := filled(self.cells[at])):
                return found
        return ""

    def as_is(self, field: str) -> str:
        """The same, but "Na" and "None" stay: they are people's names too."""
        places = self.columns.get(field, ())
        return next((self.cells[at] for at in places if at < len(self.cells)), "")


class Table:
    """A CSV file, its header read; its rows are read as often as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file cannot be read or holds nothing."""
        self.path = path
        self._file = text_file(path)
        self.encoding = self._file.encoding
        filled = (one for one in self._records() if one.trouble or any(map(clean, one.cells)))
        header = next(filled, None)
        if header is None:
            raise InputError(f"{path} is empty: its first line must name the columns")
        if header.trouble:
            raise InputError(f"{path}, line {header.line}, {_said(header)}")
        self.header = [clean(cell) for cell in header.cells]
        self._header_line = header.line

    def _records(self) -> Iterator[Record]:
        return csv_rows(line.replace("\0", "") for line in self._file.lines())

    def columns(self, system: System, fields: Columns, fallback: Columns) -> Places:
        """Where each field may stand: the system's own columns first, then the generic ones."""
        squeezed = [squeeze(name).removeprefix(system.prefix) for name in self.header]

        def at(names: Sequence[str]) -> list[int]:
            wanted = [squeeze(name) for name in names]
            return [place for name in wanted for place, one in enumerate(squeezed) if one == name]

        places: dict[str, list[int]] = {}
        for field in {**fields, **fallback}:
            own = at(fields.get(field, ()))
            alone = fields.get(field) == () or (own and field in _ITS_OWN)
            found = own if alone else [*own, *at(fallback.get(field, ()))]
            if found:
                found = list(dict.fromkeys(found))
                places[field] = found[:1] if field in _ONE_COLUMN else found
        return places

    def need(self, columns: Places, *alternatives: tuple[str, ...]) -> None:
        """Raises InputError unless each tuple has at least one of its fields in the columns."""
        missing = [
            " or ".join(fields)
            for fields in alternatives
            if not any(field in columns for field in fields)
        ]
        if missing:
            raise InputError(
                f"{self.path} has no column for {', nor for '.join(missing)}; found: "
                f"{_listed(self.header)}; rename the columns that hold them"
            )

    def unread(self, columns: Places, also: Sequence[int] = ()) -> tuple[str, ...]:
        """The names of the columns that nothing is read from. also: places that are read too."""
        read = {at for places in columns.values() for at in places} | set(also)
        return tuple(name for at, name in enumerate(self.header) if name and at not in read)

    def rows(self, columns: Places, *, has_footer: bool = False) -> Iterator[Row | BadRow]:
        """Every row after the header; blank lines are none, nor is a report's footer."""
        records = (one for one in self._records() if one.line > self._header_line)
        width = len(self.header)
        for record in _without_footer(records) if has_footer and width > 1 else records:
            cells = cleaned(record.cells)
            if record.trouble:
                yield BadRow(record.line, _said(record))
            elif not any(cells):
                continue
            elif len(cells) > width and any(cells[width:]):
                wide = f"has {len(cells)} cells where the header has {width}"
                yield BadRow(record.line, wide)
            else:
                yield Row(record.line, cells, columns)


def _without_footer(records: Iterable[Record]) -> Iterator[Record]:
    """Without the last ones that are of a single cell."""
    narrow: list[Record] = []
    for record in records:
        narrow.append(record)
        if len(record.cells) > 1:
            yield from narrow
            narrow.clear()


def _said(record: Record) -> str:
    return f"has a quotation mark that does not match ({record.trouble})"


def _listed(header: Sequence[str]) -> str:
    more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
    return ", ".join(name or "(no name)" for name in header[:_SHOWN]) + more


@lru_cache(maxsize=4096)
def squeeze(name: str) -> str:
    """A column's name by its letters and digits: "First Name", "first_name", "FirstName"."""
    return re.sub(r"[\W_]+", "", name.casefold())


def detect(table: Table, systems: Sequence[System]) -> System:
    """The first system of which one set of marks is wholly in the header, else the generic one.

    Where a system's ids have a shape of their own, the file's first id must have it, too.
    """
    squeezed = {squeeze(name) for name in table.header}
    for system in systems:
        if any(squeezed.issuperset(map(squeeze, mark)) for mark in system.marks) and _fits(
            table, system
        ):
            return system
    return GENERIC


def _fits(table: Table, system: System) -> bool:
    if not system.ids:
        return True
    columns = table.columns(system, {"id": system.customer["id"]}, {})
    rows = (row for row in table.rows(columns) if isinstance(row, Row))
    first = next((found for row in rows if (found := row.get("id"))), "")
    return not first or re.fullmatch(system.ids, first.removeprefix("'")) is not None
