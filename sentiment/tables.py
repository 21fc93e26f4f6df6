"""Tables of texts, CSV or TSV: the cells of each row by the names in the header."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.errors import InputError
from net.files import csv_rows

TABLES = frozenset({".csv", ".tsv"})  # what such files are called


def cells(
    lines: Iterable[str], *, tabs: bool, needs: Sequence[str], name: str, otherwise: str = ""
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The number of each row's line, and its cells by column; column names in lower case.

    lines: with their ends. tabs: fields end at tabs and nothing is quoted, as texts with a single
    quotation mark are common and would swallow the rows after them. Raises InputError when a column
    of `needs` is missing: of `name`, and `otherwise` a way out besides.
    """
    rows = _tab_separated(lines) if tabs else _comma_separated(lines)
    _, header = next(rows, (0, ()))
    names = [column.strip("\ufeff \t\r\n") for column in header]
    columns = [column.lower() for column in names]
    if set(needs) - set(columns):
        wanted = f"the column{'s'[: len(needs) > 1]} {' and '.join(needs)}"
        found = ", ".join(column[:40] for column in names if column) or "none"
        raise InputError(f"{name}: needs {wanted} in its first line; found: {found}{otherwise}.")
    for number, row in rows:
        yield number, dict(zip(columns, row, strict=False))


def _comma_separated(lines: Iterable[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for record in csv_rows(lines, strict=False):
        if record.trouble or any(cell.strip() for cell in record.cells):
            yield record.line, record.cells


def _tab_separated(lines: Iterable[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line.removesuffix("\n").removesuffix("\r").split("\t")
