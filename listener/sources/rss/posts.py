"""What stands in a feed, read into mentions: RSS, Atom and RDF alike."""

import calendar
import io
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser

from domain.errors import RemoteError
from domain.mention import Author, Mention
from listener.clean import UnreadableError, clean, language, not_ahead, words
from listener.html import as_text
from listener.sources.rss.addresses import address
from listener.sources.rss.headline import joined
from listener.sources.rss.identity import identities
from listener.sources.rss.readable import readable
from net.fetch import Fetched, named

_LONGEST_CODE = 20  # digits
_START = 4096  # bytes in which a feed begins; anything else is not worth parsing
_FEED = re.compile(rb"<(\w+:)?(rss|feed|rdf|channel)\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"=[\s\0]*[\"']")
_MOST_ATTRIBUTES = 5_000  # of one tag; for 300,000 the parser takes half an hour
# What the parser of broken markup is known to raise instead of reading on.
_STUMBLES = (
    *(AssertionError, AttributeError, LookupError, OverflowError),
    *(RecursionError, TypeError, ValueError),
)
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_MAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Feed:
    mentions: tuple[Mention, ...]
    broken: tuple[str, ...]  # one sentence for each entry that could not be read
    dates: tuple[datetime, ...]  # as the entries themselves say
    undated: frozenset[str]  # ids of those that say none, or none that can be true
    lost: str  # one sentence about what was not read of it, "" when it is whole


def read_feed(fetched: Fetched, now: datetime) -> Feed:
    """The feed, as far as it may be read. Raises RemoteError when it is none."""
    found, lost = parsed(fetched)
    named_so = identities(found.entries, fetched.url)
    mentions, broken = [], []
    for number, (entry, ids) in enumerate(zip(found.entries, named_so, strict=True), start=1):
        try:
            mentions.append(_mention(entry, found.feed, fetched.url, ids, now))
        except UnreadableError as error:
            broken.append(f"rss {named(fetched.url)}, entry {number}: {error}")
    dates = tuple(filter(None, map(_published_at, found.entries)))
    undated = frozenset(one.external_id for one in mentions if one.published_at == now)
    return Feed(tuple(mentions), tuple(broken), dates, undated, lost)


def parsed(fetched: Fetched) -> tuple[Any, str]:  # feedparser's, without types
    """The feed as feedparser reads it, and a sentence about what was not read.

    Raises RemoteError when it is none.
    """
    start = fetched.body[:_START].replace(b"\0", b"")  # UTF-16 has one beside each letter
    if not _FEED.search(start):
        raise RemoteError(f"rss: {named(fetched.url)} answers with something that is no feed")
    body = readable(fetched.body, whole=fetched.whole)
    if body is None:
        raise RemoteError(f"rss: {named(fetched.url)} is a feed that cannot be read")
    if any(len(_ATTRIBUTE.findall(tag)) > _MOST_ATTRIBUTES for tag in body.split(b"<")):
        raise RemoteError(f"rss: {named(fetched.url)} is a feed that cannot be read")
    told = {"content-location": fetched.url}
    if "content-type" in fetched.headers:
        told["content-type"] = fetched.headers["content-type"]
    try:
        found = feedparser.parse(
            # A stream: of bytes or text feedparser might make a file name or an address.
            io.BytesIO(_REFERENCE.sub(_referred, body)),
            response_headers=told,
            # It takes hours for 5 MiB of "<!--"; markup is read by as_text() alone.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _STUMBLES as error:
        raise RemoteError(f"rss: {named(fetched.url)} is a feed that cannot be read") from error
    if body is fetched.body:
        return found, ""
    read = f"only its first {len(found.entries)} entries were read"
    return found, f"rss: {named(fetched.url)} is too long, {read}"


def _referred(found: re.Match[bytes]) -> bytes:
    """The reference, or U+FFFD for one to what is no character: half an emoji ends the parser."""
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    code = int(digits, base) if len(digits) < _LONGEST_CODE else sys.maxunicode + 1
    good = code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 (surrogates)
    return found[0] if good else b"&#xFFFD;"


def _mention(
    entry: Mapping[str, Any],
    feed: Mapping[str, Any],
    feed_url: str,
    ids: tuple[str, tuple[str, ...]],
    now: datetime,
) -> Mention:
    title, body = _title(entry), _body(entry)
    if not title and not body:
        raise UnreadableError("it has neither title nor text")
    published_at = _published_at(entry)
    external_id, former_ids = ids
    return Mention(
        source="rss",
        external_id=external_id,
        text=clean(joined(title, body)),
        # Without a date: the moment it was first seen, for the store keeps the earliest.
        published_at=not_ahead(published_at or now, now),
        url=address(entry.get("link")),
        lang=_language(entry, feed),
        conversation_id=external_id,
        author=_author(entry, feed_url),
        edited_at=_edited_at(entry, published_at, now),
        former_ids=former_ids,
    )


def _title(entry: Mapping[str, Any]) -> str:
    return _text(entry.get("title_detail"))


def _body(entry: Mapping[str, Any]) -> str:
    """The whole text where the feed has it, else the summary."""
    contents = entry.get("content")
    whole = [_text(one) for one in contents] if isinstance(contents, list) else []
    return max([_text(entry.get("summary_detail")), *whole], key=len)


def _text(detail: object) -> str:
    if not isinstance(detail, dict):
        return ""
    value = words(detail.get("value"))
    return as_text(value) if "html" in words(detail.get("type")) else value.strip()


def _language(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> str | None:
    details = (entry.get(name) for name in ("title_detail", "summary_detail"))
    said = [one.get("language") for one in details if isinstance(one, dict)]
    return next(filter(None, map(language, [*said, feed.get("language")])), None)


def _author(entry: Mapping[str, Any], feed_url: str) -> Author | None:
    """Who wrote it, by name; RSS asks for an e-mail address, which is nobody's business here."""
    # feedparser's own division into name and address cuts addresses of long domains apart.
    name = " ".join(_MAIL.sub(" ", words(entry.get("author"))).split()).strip("() ")
    if not name:
        return None
    return Author(id=f"{urlsplit(feed_url).hostname}/{name}", handle=name, name=name)


def _published_at(entry: Mapping[str, Any]) -> datetime | None:
    return next(_dates(entry, "published_parsed", "created_parsed", "updated_parsed"), None)


def _edited_at(
    entry: Mapping[str, Any], published_at: datetime | None, now: datetime
) -> datetime | None:
    at = next(_dates(entry, "updated_parsed"), None)
    if at is None or published_at is None or at <= published_at:
        return None
    return not_ahead(at, now)


def _dates(entry: Mapping[str, Any], *names: str) -> Iterator[datetime]:
    """The dates of these names that can be read, in order; feedparser gives them in UTC."""
    for name in names:
        # Asked of the plain dictionary: feedparser's own would answer `updated` with `published`.
        parsed = dict.get(entry, name) if isinstance(entry, dict) else None
        if not isinstance(parsed, time.struct_time):
            continue
        try:
            yield datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)
        except (OverflowError, OSError, ValueError):
            continue
