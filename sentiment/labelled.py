"""Reads texts that somebody has labelled: TSV, CSV or JSON Lines with `text` and `label`.

A column `target` names whom the label is about, where that is not the text as a whole.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError
from domain.sentiment import Label
from net.files import csv_rows, json_rows

COLUMNS = ("text", "label")
_JSON_SUFFIXES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One text and its true label."""

    text: str
    label: Label  # toward the target, where there is one
    target: str = ""  # a name in the text


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The usable rows in order, and what was wrong with each of the others."""

    rows: Sequence[LabelledText]
    problems: Sequence[str]  # "line 7: ...", in order


def read_labelled(path: Path) -> LabelledFile:
    """Read a labelled file; other columns are ignored and labels may be in any case.

    Tab-separated files are read without quoting: texts with a single quotation mark are common and
    would swallow the rows after them. Raises InputError when the file cannot be read at all, lacks
    a column, or holds no usable row.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save it as UTF-8.") from error
    rows: list[LabelledText] = []
    problems: list[str] = []
    for number, cells in _numbered_cells(path, content):
        problem = _problem(cells)
        if problem:
            problems.append(f"line {number}: {problem}")
        else:
            label = Label(str(cells["label"]).strip().lower())
            rows.append(LabelledText(str(cells["text"]), label, str(cells.get("target") or "")))
    if not rows:
        first = f"; {problems[0]}" if problems else ""
        raise InputError(f"{path}: no usable row{first}.")
    return LabelledFile(rows, problems)


def _problem(cells: Mapping[str, object]) -> str:
    for column in COLUMNS:
        if not isinstance(cells.get(column), str):
            return f"no {column}"
    if str(cells["label"]).strip().lower() not in set(Label):
        return f"label {str(cells['label'])[:40]!r} is not negative, neutral or positive"
    return ""


def _numbered_cells(path: Path, content: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    suffix = path.suffix.lower()
    if suffix in _JSON_SUFFIXES or content.lstrip().startswith("{"):
        for number, row in json_rows(content.split("\n"), parse_int=float):
            yield number, {} if isinstance(row, str) else row
        return
    header = content.partition("\n")[0]
    if suffix == ".tsv" or (suffix != ".csv" and "\t" in header):
        yield from _table(path, _tab_separated(content))
    else:
        records = csv_rows(io.StringIO(content, newline=""), strict=False)
        yield from _table(path, ((record.line, record.cells) for record in records))


def _table(
    path: Path, lines: Iterator[tuple[int, Sequence[str]]]
) -> Iterator[tuple[int, Mapping[str, object]]]:
    _, header = next(lines, (0, ()))
    columns = [name.strip().lower() for name in header]
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        found = ", ".join(name[:40] for name in header) or "none"
        raise InputError(f"{path}: needs the columns text and label; found: {found}.")
    for number, cells in lines:
        yield number, dict(zip(columns, cells, strict=False))


def _tab_separated(content: str) -> Iterator[tuple[int, Sequence[str]]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r").split("\t")
