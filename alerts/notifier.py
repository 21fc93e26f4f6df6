"""What every notifier can do, and the console: the notifier that needs nothing."""

from datetime import datetime
from typing import Protocol, TextIO

from alerts.console import render_console
from alerts.escape import one_line
from domain.elements import Message
from domain.errors import RemoteError


class MessageGoneError(RemoteError):
    """The message to change, or the thread to write in, no longer exists: post anew."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class MessageUnfitError(RemoteError):
    """Only the one message can never be sent as it is; others can."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Notifier(Protocol):
    """One notification channel. A reference is the provider's own id of a sent message."""

    @property
    def name(self) -> str: ...

    def post(
        self, channel: str, message: Message, *, outbox_id: str, thread: str | None = None
    ) -> str:
        """Send once, never again by itself; return the reference.

        thread: reference of the message it belongs under.
        Raises RemoteError; `ambiguous` when it may have arrived: find() tells.
        """
        ...

    def update(self, channel: str, ref: str, message: Message) -> None:
        """Replace a sent message; safe to repeat. Raises MessageGoneError when it was deleted."""
        ...

    def find(
        self, channel: str, outbox_id: str, since: datetime, *, thread: str | None = None
    ) -> str | None:
        """The reference of the message sent for this outbox row at or after `since`, if it arrived.

        Raises RemoteError when nobody can know at the moment.
        """
        ...

    def check(self) -> str:
        """One cheap call for `doctor`: a sentence that says what works. Raises RemoteError."""
        ...


class ConsoleNotifier:
    """Prints messages; what is printed is not kept."""

    name = "console"

    def __init__(self, stream: TextIO, *, width: int = 88, colour: bool = False) -> None:
        self._stream = stream
        self._width = width
        self._colour = colour

    def post(
        self, channel: str, message: Message, *, outbox_id: str, thread: str | None = None
    ) -> str:
        """The reference is the outbox row's own id."""
        where = f"{channel or 'console'}, in the thread of {thread}" if thread else channel
        self._write(where, message)
        return outbox_id

    def update(self, channel: str, ref: str, message: Message) -> None:
        self._write(f"{channel or 'console'}, in place of {ref}", message)

    def find(
        self,
        channel: str,  # noqa: ARG002 - the Protocol's
        outbox_id: str,  # noqa: ARG002
        since: datetime,  # noqa: ARG002
        *,
        thread: str | None = None,  # noqa: ARG002
    ) -> str | None:
        """None: a terminal keeps nothing to look in, so an unsure print is repeated."""
        return None

    def check(self) -> str:
        return "console: alerts are printed here; fill in [alerts.slack] to send them to Slack"

    def _write(self, where: str, message: Message) -> None:
        drawn = render_console(message, width=self._width, colour=self._colour)
        drawn = _printable(
            f"{one_line(where)}\n{drawn}\n\n" if where else f"{drawn}\n\n", self._stream
        )
        try:
            self._stream.write(drawn)
            self._stream.flush()
        except OSError as error:
            raise RemoteError(f"console: cannot write ({error.strerror})") from error


def _printable(text: str, stream: TextIO) -> str:
    """What the stream's encoding cannot write becomes a question mark instead of a crash."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
