"""The way out: who carries our messages, how fast, and what is known when it refuses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from domain.errors import RemoteError

if TYPE_CHECKING:
    from alerts.notifier import Notifier  # what the console draws takes 30 ms to import
    from earshot.core.app import App


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


def note_trouble(app: "App", error: RemoteError, *, now: datetime) -> None:
    """Remember that the channel fails, and leave it alone where it asks for it."""
    from earshot.core import circuit_breaker  # noqa: PLC0415  SQL, which lists of sources do without

    channel = app.channel
    if channel.settings is None:
        return
    circuit_breaker.note(
        app.database,
        channel.name,
        error,
        now=now,
        settings=channel.settings,
        # Each message has its own pause; all of them wait only where the channel asks for it.
        alone=error.retry_after or timedelta(),
        # What it refuses for good it says in its own JSON: no gateway's page looks like that.
        sure=True,
    )
