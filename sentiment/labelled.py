"""Reads texts that somebody has labelled: TSV, CSV or JSON Lines with `text` and `label`.

A column `target` names whom the label is about, where that is not the text as a whole.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError
from domain.sentiment import Label
from net.files import json_rows
from sentiment.tables import cells

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

    Raises InputError when the file cannot be read at all, lacks
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
    for number, row in _numbered_cells(path, content):
        problem = _problem(row)
        if problem:
            problems.append(f"line {number}: {problem}")
        else:
            label = Label(str(row["label"]).strip().lower())
            rows.append(LabelledText(str(row["text"]), label, str(row.get("target") or "")))
    if not rows:
        first = f"; {problems[0]}" if problems else ""
        raise InputError(f"{path}: no usable row{first}.")
    return LabelledFile(rows, problems)


def refused(file: LabelledFile) -> str:
    """How many rows were left out, for whoever has seen the rest be used."""
    left_out, rows = len(file.problems), len(file.problems) + len(file.rows)
    return f"{left_out} of {rows} rows were left out; mend them and do it again"


def _problem(row: Mapping[str, object]) -> str:
    for column in COLUMNS:
        if not isinstance(row.get(column), str):
            return f"no {column}"
    if str(row["label"]).strip().lower() not in set(Label):
        return f"label {str(row['label'])[:40]!r} is not negative, neutral or positive"
    return ""


def _numbered_cells(path: Path, content: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    suffix = path.suffix.lower()
    if suffix in _JSON_SUFFIXES or content.lstrip().startswith("{"):
        for number, row in json_rows(content.split("\n"), parse_int=float):
            yield number, {} if isinstance(row, str) else row
        return
    header = content.partition("\n")[0]
    tabs = suffix == ".tsv" or (suffix != ".csv" and "\t" in header)
    lines = io.StringIO(content, newline="\n" if tabs else "")
    yield from cells(lines, tabs=tabs, needs=COLUMNS, name=str(path))
