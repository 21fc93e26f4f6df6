"""Examples that test a query: texts that it must match, and texts that it must not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import InputError
from earshot.brands.tracked import TrackedBrand
from earshot.config.model import Config
from listener.imports import csv_records

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, slots=True)
class Example:
    brand: str
    text: str
    match: bool  # whether the query must find the text
    where: str  # where it is written: "brands[1].must_match[2]", "line 7"

    def __str__(self) -> str:
        """What is wrong with it once it has failed."""
        done = "does not find" if self.match else "finds"
        return f"{self.where}: the query of {self.brand} {done} {self.text!r}"


def configured(config: Config) -> list[Example]:
    """The examples that the [[brands]] tables hold."""
    return [
        Example(brand.name, text, match, f"brands[{number}].{key}[{place}]")
        for number, brand in enumerate(config.top.brands, start=1)
        for key, texts, match in (
            ("must_match", brand.must_match, True),
            ("must_not_match", brand.must_not_match, False),
        )
        for place, text in enumerate(texts, start=1)
    ]


def failures(examples: Sequence[Example], tracked: Sequence[TrackedBrand]) -> list[Example]:
    """Those that fail. An example says nothing but its words: what fields ask is taken as given."""
    queries = {one.name: one.query.without_fields for one in tracked}
    return [one for one in examples if queries[one.brand].matches(one.text) is not one.match]


def read_file(path: Path, config: Config, *, brand: str | None) -> list[Example]:
    """The examples of a file: JSON Lines or TSV with `text`, `match` and perhaps `brand`.

    brand: whose those are that name none; None: of the only one there is. Raises InputError, which
    names the line: a file of examples that is half read would prove nothing.
    """
    only = config.brands[0].name if len(config.brands) == 1 else None
    try:
        with path.open("rb") as file:
            rows = _json_rows(file) if file.peek().lstrip()[:1] in (b"{", b"[") else _tsv_rows(file)
            found = [_example(row, line, brand or only, config) for line, row in rows]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    except _WrongRowError as error:
        raise InputError(f"{path}: {error}") from error
    if not found:
        raise InputError(f"{path}: holds no example")
    return found


class _WrongRowError(Exception):
    """What is wrong with a row, and its line."""


def _json_rows(lines: Iterator[bytes]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _WrongRowError(f"line {number} is no JSON") from error
        if not isinstance(row, dict):
            raise _WrongRowError(f'line {number} is no object: write {{"text": …, "match": true}}')
        yield number, row


def _tsv_rows(lines: Iterator[bytes]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    header: Sequence[str] = ()
    for record in csv_records(lines):
        if record.trouble:
            raise _WrongRowError(f"line {record.line}: {record.trouble}")
        if header:
            yield record.line, dict(zip(header, record.cells, strict=False))
        header = header or [cell.strip().casefold() for cell in record.cells]


def _example(row: Mapping[str, Any], line: int, brand: str | None, config: Config) -> Example:
    text, match = row.get("text"), str(row.get("match")).strip().casefold()
    if not isinstance(text, str) or not text.strip():
        raise _WrongRowError(f"line {line} has no text")
    if match not in (*_TRUE, *_FALSE):
        raise _WrongRowError(f"line {line} has no match: write true or false")
    wanted = row.get("brand") or brand
    if wanted is None:
        raise _WrongRowError(f"line {line} names no brand: add a brand column, or say --brand")
    known = {one.name.casefold(): one.name for one in config.brands}
    name = known.get(str(wanted).casefold())
    if name is None:
        raise _WrongRowError(f"line {line}: there is no brand {str(wanted)[:80]!r}")
    return Example(name, text, match in _TRUE, f"line {line}")
