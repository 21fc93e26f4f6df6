"""A folder of a mail server, opened so that nothing in it can change (EXAMINE, BODY.PEEK)."""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from domain.errors import RemoteError

SHOWN_BYTES = 1_000_000  # of one mail; the words come before the attachments
_TIMEOUT_S = 20.0  # of one silence
_LONGEST_S = 120.0  # of one connection; a server that drips bytes is never silent
_MOST_BYTES = 2 * SHOWN_BYTES  # of one piece of an answer
# In any locale; strftime would ask the machine's.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PORTS = {"imaps": 993, "imap": 143}
_LATER = re.compile(rb"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    uid: int
    received_at: datetime | None  # None: the server does not say
    raw: bytes  # its first SHOWN_BYTES


class _Bounds(imaplib.IMAP4):
    """imaplib with an end to every connection and a limit to every answer."""

    def open(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as in imaplib)
        super().open(*args, **kwargs)
        self._end = Timer(_LONGEST_S, self._hang_up)
        self._end.daemon = True
        self._end.start()

    def read(self, size: int) -> bytes:
        if size > _MOST_BYTES:
            raise self.abort("more than was asked for")
        return super().read(size)

    def shutdown(self) -> None:
        self._end.cancel()
        super().shutdown()

    def _hang_up(self) -> None:
        with suppress(OSError):
            # Not the TLS socket's own shutdown, which the reading thread would stumble over.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Tls(_Bounds, imaplib.IMAP4_SSL):
    pass


class Folder:
    """An open folder. Its numbers (UID) only grow, as long as `validity` stays the same."""

    def __init__(self, imap: imaplib.IMAP4, server: str, name: str) -> None:
        self._imap, self._server, self.name = imap, server, name
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        done, data = _asked(server, imap.select, f'"{quoted}"', readonly=True)
        if done != "OK":
            raise _refusal(f"folder {name} of {server} cannot be read", "folders", data)
        self.count = _number(data)
        self.validity = _number(imap.response("UIDVALIDITY")[1])
        self.next_uid = _number(imap.response("UIDNEXT")[1])

    def after(self, uid: int) -> list[int]:
        """The numbers of the mails that came later."""
        # The last mail always answers n:*, however small its number is.
        return [one for one in self._search("UID", f"{uid + 1}:*") if one > uid]

    def since(self, day: date) -> list[int]:
        """The numbers of the mails that came on that day or later."""
        return self._search("SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def fetch(self, uids: Sequence[int]) -> list[Mail]:
        """Those of the mails that are still there."""
        wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{SHOWN_BYTES}>)"
        done, data = self._uid("FETCH", ",".join(map(str, uids)), wanted)
        if done != "OK":
            raise RemoteError(f"email: {self._server} gave no mail; will be tried again")
        # What surrounds the mail itself may stand before it or behind it.
        pairs = zip(data, [*data[1:], b""], strict=True)
        mails = [_mail(one, behind) for one, behind in pairs if isinstance(one, tuple)]
        return sorted(filter(None, mails), key=lambda mail: mail.uid)

    def _search(self, *criteria: str) -> list[int]:
        done, data = self._uid("SEARCH", *criteria)
        if done != "OK":
            raise RemoteError(f"email: {self._server} did not search; will be tried again")
        found = [number for line in data if isinstance(line, bytes) for number in line.split()]
        return sorted({int(number) for number in found if number.isdigit()})

    def _uid(self, command: str, *arguments: str) -> tuple[str, list[Any]]:
        answer: tuple[str, list[Any]] = _asked(self._server, self._imap.uid, command, *arguments)
        return answer


@contextmanager
def opened(base_url: str, user: str, password: str, folder: str) -> Iterator[Folder]:
    """Log in and open a folder for reading. Raises RemoteError."""
    parts = urlsplit(base_url)
    server, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "imaps":
        tls = ssl.create_default_context()
        imap = _asked(server, _Tls, server, port, ssl_context=tls, timeout=_TIMEOUT_S)
    else:
        imap = _asked(server, _Bounds, server, port, timeout=_TIMEOUT_S)
    try:
        _log_in(imap, server, user, password)
        yield Folder(imap, server, folder)
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()
        with suppress(OSError):  # a second time says that it is closed
            imap.shutdown()


def _log_in(imap: imaplib.IMAP4, server: str, user: str, password: str) -> None:
    try:
        imap.login(user, password)
    except imaplib.IMAP4.abort as error:
        raise _broken(server, error) from error
    except imaplib.IMAP4.error as error:
        raise _refusal(
            f"{server} refuses the login", "user and password", [str(error).encode()]
        ) from error
    except OSError as error:
        raise _broken(server, error) from error


def _asked(server: str, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    """What imaplib answers. Its errors are told by their kind: they may quote what was sent."""
    try:
        return ask(*args, **kwargs)
    except ssl.SSLCertVerificationError as error:
        raise RemoteError(
            f"email: the certificate of {server} is not trusted here; check sources.email.base_url",
            permanent=True,
        ) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise _broken(server, error) from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # imaplib stumbles over lines that are no IMAP.
        raise RemoteError(f"email: the answer of {server} makes no sense") from error


def _broken(server: str, error: Exception) -> RemoteError:
    return RemoteError(f"email: no whole answer came from {server} ({type(error).__name__})")


def _refusal(told: str, keys: str, data: Sequence[object]) -> RemoteError:
    """Permanent, unless the server says in so many words that it passes."""
    passes = any(isinstance(line, bytes) and _LATER.search(line) for line in data)
    return RemoteError(f"email: {told}; check sources.email.{keys}", permanent=not passes)


def _number(data: Sequence[object]) -> int:
    first = data[0] if data else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0


def _mail(piece: tuple[object, ...], behind: object) -> Mail | None:
    """None for a piece that is no mail, such as a change of flags."""
    around = b" ".join(one for one in (piece[0], behind) if isinstance(one, bytes))
    uid = re.search(rb"\bUID (\d{1,10})", around)
    raw = piece[-1]
    if uid is None or not isinstance(raw, bytes) or b"BODY[]" not in around:
        return None
    return Mail(int(uid[1]), _received_at(around), raw)


def _received_at(around: bytes) -> datetime | None:
    found = re.search(rb'INTERNALDATE "([^"]{1,40})"', around)
    try:
        at = parsedate_to_datetime(found[1].decode("ascii").strip() if found else "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
