"""Mentions from files: any export, any network that has no source of its own here."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import InputError
from domain.mention import Mention
from listener.clean import UnreadableError, clean
from listener.imported import REQUIRED, flat, key_of, to_mention
from net.files import Record, csv_rows, json_rows

_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_CSV_SUFFIXES = (".csv", ".tsv", ".txt")
_BOM = b"\xef\xbb\xbf"
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_GUARDED = re.compile(r"'+[\s\ufeff\u200b]*[=+\-@\t\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True, slots=True)
class Imported:
    """A good row."""

    line: int  # of the file; the first one of a row that has several
    mention: Mention
    brand: str | None  # as the file says; None when it does not


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out."""

    line: int
    reason: str  # never quotes the row: it may hold anything


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say once about the file; nothing was left out for it."""

    text: str


def read_mentions(path: Path, *, now: datetime) -> Iterator[Imported | BadRow | Notice]:
    """The mentions of a CSV or JSONL file, in its order; a bad row does not stop the rest.

    Raises InputError, when the iteration starts, for a file that cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            start = file.peek()  # a pipe cannot be read twice
            _refuse_other_encodings(path, start)
            rows = _json_rows(file) if _is_json(path, start) else _csv_rows(file, path)
            yield from _read(rows, now)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def read_body(body: bytes, *, now: datetime) -> Iterator[Imported | BadRow | Notice]:
    """The mentions that a tool sent: one JSON object, or one a line. A bad row stops no other."""
    lines = body.splitlines()
    if len(lines) > 1 and _is_one(body):
        lines = [b" ".join(lines)]  # between its tokens JSON takes a space for a line break
    yield from _read(_json_rows(iter(lines)), now)


def _is_one(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


Row = tuple[int, dict[str, Any]]


def _read(rows: Iterator[Row | BadRow], now: datetime) -> Iterator[Imported | BadRow | Notice]:
    noticed: set[str] = set()
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        line, fields = row
        unknown = sorted(key for key in fields if key_of(key) is None and key not in noticed)
        if unknown:
            noticed.update(unknown)
            names = ", ".join(repr(key[:60]) for key in unknown)
            yield Notice(f"ignored, not known here: {names}")
        try:
            known = {key: value for name, value in fields.items() if (key := key_of(name))}
            mention, brand = to_mention(known, now)
        except UnreadableError as error:
            yield BadRow(line, str(error))
        else:
            yield Imported(line, mention, brand)


def csv_records(lines: Iterable[bytes]) -> Iterator[Record]:
    """The rows of a CSV file, the header first; trouble is said for people.

    A byte that is no UTF-8 becomes a lone surrogate, so that only its own row is lost.
    """
    text = (line.decode("utf-8", "surrogateescape") for line in lines)
    for record in csv_rows(text, bounded=True):
        if record.trouble:
            yield replace(record, trouble=f"broken quotes or line end ({record.trouble})")
        elif any(map(_UNDECODABLE.search, record.cells)):
            yield replace(record, trouble="not UTF-8")
        else:
            yield record


def _refuse_other_encodings(path: Path, start: bytes) -> None:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)")


def _is_json(path: Path, start: bytes) -> bool:
    first = start.removeprefix(_BOM).lstrip()[:1]
    if first == b"[":
        raise InputError(f"{path}: is one JSON array; write one JSON object a line (jq -c '.[]')")
    suffix = path.suffix.lower()
    return suffix in _JSON_SUFFIXES or (suffix not in _CSV_SUFFIXES and first == b"{")


def _json_rows(lines: Iterable[bytes]) -> Iterator[Row | BadRow]:
    for number, found in json_rows(lines):
        yield BadRow(number, found) if isinstance(found, str) else (number, flat(found))


def _csv_rows(lines: Iterator[bytes], path: Path) -> Iterator[Row | BadRow]:
    rows = csv_records(lines)
    header = next(rows, None)
    if header is None:
        raise InputError(f"{path}: is empty; the first line must name the columns")
    names = _names(header, path)
    for record in rows:
        if record.trouble or len(record.cells) > len(names):
            wide = f"{len(record.cells)} columns where the header has {len(names)}"
            yield BadRow(record.line, record.trouble or wide)
        else:
            # A row may end early: the columns it lacks are empty.
            cells = zip(names, record.cells, strict=False)
            yield record.line, {name: _unguarded(cell) for name, cell in cells if name}


def _unguarded(cell: str) -> str:
    """The cell without the ' that our own export puts before what a spreadsheet would run."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _names(header: Record, path: Path) -> list[str]:
    if header.trouble:
        raise InputError(f"{path}: line {header.line}, which names the columns: {header.trouble}")
    names = [clean(name).strip() for name in header.cells]
    keys = [key_of(name) for name in names]
    missing = [key for key in REQUIRED if key not in keys]
    if missing:
        found = ", ".join(name[:60] for name in names if name) or "nothing"
        raise InputError(f"{path}: column {', '.join(missing)} missing; found {found}")
    known = [key for key in keys if key]
    twice = sorted({key for key in known if known.count(key) > 1})
    if twice:
        raise InputError(f"{path}: column {', '.join(twice)} stands there twice")
    return names
