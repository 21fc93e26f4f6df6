"""What is wrong with a table of config.toml, in sentences that name the key and show no value."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

# pydantic's words where TOML has its own.
_SAID = {
    "string_type": "is not text: put it in quotes",
    "bool_type": "is neither true nor false (without quotes)",
    "int_type": "is not a whole number (without quotes)",
    "float_type": "is not a number (without quotes)",
    "decimal_type": "is not a number (without quotes)",
    "tuple_type": 'is not a list: write ["one", "two"]',
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "model_attributes_type": "is not a table",
    "missing": "is missing",
    "string_too_short": "is empty",
    "decimal_parsing": "is not a number (without quotes)",
}


def checked(
    model: type[T],
    raw: Mapping[str, Any],
    prefix: str,
    problems: list[str],
    *,
    reads_queries: bool = True,
) -> T | None:
    """The table as its model, or None with its problems added.

    reads_queries: False leaves queries unread, which takes as long as the rest of a table.
    Through JSON, because strictness there refuses "true" for true but takes a list for a tuple.
    """
    try:
        written = json.dumps(raw, default=_no_text)
        return model.model_validate_json(written, strict=True, context=reads_queries)
    except ValidationError as error:
        problems += _problems_of(error, model, prefix)
        return None


def _no_text(date_or_time: date | time) -> object:
    """TOML's dates and times as something that no key takes but those that ask as_date()."""
    return [[date_or_time.isoformat()]]


def as_date(given: object) -> str | None:
    """The text of a date that stood in the TOML as one; None of anything else."""
    match given:
        case [[str(text)]]:
            return text
    return None


def _problems_of(error: ValidationError, model: type[BaseModel], prefix: str) -> Iterator[str]:
    for found in error.errors(include_url=False):
        where = ".".join(filter(None, (prefix, *_shown(found["loc"]))))
        if found["type"] == "extra_forbidden":
            keys = _keys_at(model, found["loc"][:-1])
            yield f"{where}: unknown key{meant(str(found['loc'][-1]), keys)}"
        else:
            yield f"{where or prefix}: {_sentence(found['type'], found['msg'], found['input'])}"


def _sentence(kind: str, message: str, given: object) -> str:
    """What is wrong, without the value: it may be a secret that stands in the wrong place."""
    if kind in _SAID:
        return _SAID[kind]
    problem = message.removeprefix("Value error, ").removeprefix("Input ")
    if isinstance(given, str) and given:
        problem = problem.replace(f"{given!r} ", "").replace(repr(given), "it")
    return f"{problem[:1].lower()}{problem[1:]}"


def _shown(loc: Sequence[int | str]) -> list[str]:
    """("brands", 0, "name") as brands[1].name, counted as people count."""
    parts: list[str] = []
    for step in loc:
        if isinstance(step, int) and parts:
            parts[-1] += f"[{step + 1}]"
        else:
            parts.append(str(step))
    return parts


def _keys_at(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """The keys the table at this place may have."""
    for step in loc:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The first model inside tuple[Model, ...], Model | None and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def meant(name: str, known: Sequence[str]) -> str:
    """How to go on after an unknown name: the one it was probably meant to be, else all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f", did you mean {close[0]}?"
    return f" (known here: {', '.join(sorted(known)) or 'none'})"
