"""A message as JSON and back, for as long as it waits in the outbox."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from domain import notification
from domain.notification import Message

# The elements and what they are made of, DayVolume with them.
_KINDS: dict[str, Any] = {
    name: one for name, one in vars(notification).items() if is_dataclass(one)
}


def written(message: Message) -> dict[str, object]:
    return {"text": message.summary, "elements": _written(message.elements)}


def read(payload: Mapping[str, Any]) -> Message:
    """The message of written(); of one that an older version has kept, its summary."""
    return Message(payload["text"], _read(payload.get("elements", [])))


def _written(value: object) -> object:
    if is_dataclass(value):
        told = {one.name: _written(getattr(value, one.name)) for one in fields(value)}
        return {"kind": type(value).__name__} | told
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return tuple(map(_read, value))
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    return _KINDS[value["kind"]](**{k: _read(v) for k, v in value.items() if k != "kind"})
