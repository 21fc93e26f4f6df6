"""The way out: who carries our messages, how fast, and what is known when it refuses."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from alerts.notifier import Notifier  # what the console draws takes 30 ms to import


@dataclass(frozen=True, slots=True)
class Channel:
    notifier: "Notifier"
    address: str = ""  # where to, in the notifier's words; "" where it has only one place
    pace_s: float = 0.0  # between two messages
    # With which settings it was asked: when it refuses, it is left alone until they change, and
    # what it does not take is printed. None: there is nobody who could refuse.
    settings: BaseModel | None = None

    @property
    def name(self) -> str:
        return self.notifier.name
