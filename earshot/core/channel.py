"""The notification channel: its notifier, its pace, and its settings."""

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
    # Of the circuit breaker: after a refusal it is not called until they change, and messages it
    # does not take are printed. None: it cannot refuse.
    settings: BaseModel | None = None
    pressable: bool = False  # whether what is pressed in its messages comes back to us

    @property
    def name(self) -> str:
        return self.notifier.name
