"""What every notifier can do, and the console: the notifier that needs nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TextIO

from alerts.console import render_console
from alerts.escape import one_line
from domain.elements import Message
from domain.errors import RemoteError
from domain.notification import Mark


class MessageGoneError(RemoteError):
    """The message to change, or the thread to write in, was deleted by somebody."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class MessageFixedError(RemoteError):
    """The message stands where it was sent and may not be changed, or not be deleted."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class MessageUnfitError(RemoteError):
    """Only the one message can never be sent as it is; others can."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class ChannelRefusedError(RemoteError):
    """Nothing passes in this one channel until somebody mends it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class UnknownAnswerError(RemoteError):
    """An answer that nobody has documented: whether repeating helps is not known."""


class Notifier(Protocol):
    """One notification channel. A reference is the provider's own id of a sent message."""

    @property
    def name(self) -> str: ...

    def post(self, channel: str, message: Message, mark: Mark, thread: str | None = None) -> str:
        """Send once, never again by itself; return the reference.

        mark: goes with the message, unseen. thread: reference of the message it belongs under.
        Raises RemoteError; `ambiguous` when it may have arrived: find() tells.
        """
        ...

    def update(self, channel: str, ref: str, message: Message) -> None:
        """Replace a sent message; safe to repeat.

        Raises MessageGoneError when it was deleted, MessageFixedError when it may not be changed.
        """
        ...

    def delete(self, channel: str, ref: str) -> None:
        """Remove a sent message; safe to repeat.

        Raises MessageGoneError when it is gone, MessageFixedError when it may not be deleted.
        """
        ...

    def find(
        self, channel: str, marks: Sequence[Mark], since: datetime, *, thread: str | None = None
    ) -> Mapping[Mark, str]:
        """The references of those messages that arrived at or after `since`.

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

    def post(self, channel: str, message: Message, mark: Mark, thread: str | None = None) -> str:
        """The reference is the outbox row's own id."""
        where = f"{channel or 'console'}, in the thread of {thread}" if thread else channel
        self._write(where, message)
        return mark.outbox_id

    def update(self, channel: str, ref: str, message: Message) -> None:
        self._write(f"{channel or 'console'}, in place of {ref}", message)

    def delete(self, channel: str, ref: str) -> None:
        """Nothing: what was printed is not ours any more."""

    def find(
        self,
        channel: str,  # noqa: ARG002 - the Protocol's
        marks: Sequence[Mark],  # noqa: ARG002
        since: datetime,  # noqa: ARG002
        *,
        thread: str | None = None,  # noqa: ARG002
    ) -> Mapping[Mark, str]:
        """Nothing: a terminal keeps nothing to look in, so an unsure print is repeated."""
        return {}

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
