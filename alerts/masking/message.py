"""Masks whatever a message says, whichever elements it is made of."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from alerts.masking.text import ALL, MaskKind, mask
from domain.elements import Link, Message, Presses


@dataclass(frozen=True, slots=True)
class Masking:
    """What is hidden, and the countries whose way of writing phone numbers is known."""

    kinds: frozenset[MaskKind] = frozenset(ALL)
    regions: tuple[str, ...] = ()  # ISO 3166

    def text(self, text: str) -> str:
        return mask(text, self.kinds, self.regions) if self.kinds else text

    def message(self, message: Message) -> Message:
        """The message with every text in it masked; only what a link or a press sends stays."""
        masked: Message = self._each(message) if self.kinds else message
        return masked

    def _each(self, value: Any) -> Any:  # noqa: ANN401 - whatever an element may hold
        """An element that is yet to come is walked like the others: nobody has to think of it."""
        if isinstance(value, Link):
            return value
        if isinstance(value, Presses):  # the rest says which incident, in long numbers one day
            return replace(value, command=self.text(value.command))
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return tuple(map(self._each, value))
        if is_dataclass(value) and not isinstance(value, type):
            named = {one.name: getattr(value, one.name) for one in fields(value)}
            return replace(value, **{name: self._each(of) for name, of in named.items()})
        return value
