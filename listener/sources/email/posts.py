"""A mail as its reader sees it, read into a mention: subject and words, no attachment."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from domain.mention import Author, Mention
from domain.network import folded
from listener.clean import SLACK, UnreadableError, clean, not_ahead
from listener.html import as_text

_ID = re.compile(r"<([^<>\s]{1,900})>")
# What the parser of the standard library raises for mail that no program should have written.
_HOSTILE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, HeaderParseError)
_UNDERWAY = timedelta(days=30)  # longer no mail waits on its way
_DEEPEST = 20  # parts within parts; honest mail has three or four


def mention_of(raw: bytes, received_at: datetime | None, now: datetime) -> Mention | None:
    """The mention; None for mail that a machine wrote by itself (RFC 3834), such as a bounce.

    raw: the mail, perhaps cut off at its end. received_at: when it came into the mailbox, if the
    server says so: a Date that is far from it is wrong.
    Raises UnreadableError when it has no words or makes no sense.
    """
    try:
        return _mention(message_from_bytes(raw), raw, received_at, now)
    except _HOSTILE as error:
        raise UnreadableError(f"it makes no sense ({type(error).__name__})") from error


def _mention(
    message: Message, raw: bytes, received_at: datetime | None, now: datetime
) -> Mention | None:
    if _header(message, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return None
    text = "\n\n".join(filter(None, (_header(message, "Subject"), _body(message)))).strip()
    if not text:
        raise UnreadableError("it has no words")
    parents = _ID.findall(_header(message, "In-Reply-To"))
    thread = _ID.findall(_header(message, "References")) or parents
    external_id = _external_id(message, raw)
    return Mention(
        source="email",
        external_id=external_id,
        text=text,
        published_at=not_ahead(_written_at(message, received_at) or now, now),
        parent_id=parents[0] if parents else None,
        conversation_id=thread[0] if thread else external_id,
        author=_author(message),
    )


def _external_id(message: Message, raw: bytes) -> str:
    """The Message-ID, which answers refer to; else a mark of the mail itself, equal each time."""
    found = _ID.search(_header(message, "Message-ID"))
    return found[1] if found else f"sha256:{hashlib.sha256(raw).hexdigest()[:32]}"


def _author(message: Message) -> Author | None:
    name, address = parseaddr(_header(message, "From"))
    if "@" not in address:
        return None
    return Author(id=folded(address), handle=folded(address), name=name)


def _written_at(message: Message, received_at: datetime | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
        # -0000 means UTC with the sender's zone unknown, and comes without one.
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return received_at
    far = received_at is not None and not -SLACK < received_at - at < _UNDERWAY
    return received_at if far else at


def _header(message: Message, name: str) -> str:
    """A header in plain text, "" when it is missing; an unknown encoding costs its letters only."""
    value = message.get(name)
    if value is None:
        return ""
    pieces = [
        piece if isinstance(piece, str) else _decoded(piece, charset)
        for piece, charset in decode_header(str(value))
    ]
    return " ".join(clean("".join(pieces)).split())


def _body(message: Message) -> str:
    """The plain text; where there is none the HTML, as text."""
    plain, marked_up = [], []
    for part in _parts(message, 0):
        if part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            plain.append(_text(part))
        elif part.get_content_type() == "text/html":
            marked_up.append(as_text(_text(part)))
    return clean("\n\n".join(plain if any(one.strip() for one in plain) else marked_up)).strip()


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """The innermost parts; a mail within the mail is an attachment and is not opened."""
    payload = message.get_payload()
    if not isinstance(payload, list):
        yield message
    elif message.get_content_maintype() == "multipart" and depth < _DEEPEST:
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return _decoded(payload if isinstance(payload, bytes) else b"", charset).replace("\r\n", "\n")


def _decoded(raw: bytes, charset: str | None) -> str:
    """The text, letters that cannot be read replaced; the charset it names may be nonsense."""
    try:
        return raw.decode(charset or "utf-8", "strict" if charset is None else "replace")
    except (LookupError, UnicodeError, ValueError):
        return raw.decode("latin-1")
