"""Cleans values from outside before they reach the database; every source uses these."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

SLACK = timedelta(days=1)  # a date may lie this far ahead: clocks and time zones are often wrong
FIRST = datetime(1000, 1, 1, tzinfo=UTC)  # programs write the year 1 where they know no date

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# What networks write where they could not tell a language (X: und, qam, qht, qme, qst, zxx, art).
_NO_LANGUAGE = re.compile(r"und|mul|mis|zxx|art|q[a-t][a-z]")
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "msa": "ms"}  # what X still sends
_MOST = 2**63 - 1  # what a BIGINT holds


class UnreadableError(Exception):
    """One foreign thing cannot be read; str(error) says why, and the rest goes on."""


def clean(text: str) -> str:
    """The text without what PostgreSQL and SQLite refuse: NUL goes, a lone surrogate is U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\0", ""))


def words(value: object) -> str:
    """A foreign value as storable text; anything but text is "" (bool, null, list)."""
    return clean(value) if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """A foreign id as text, "" when there is none; some services send theirs as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return words(value).strip()


def count(value: object) -> int | None:
    """A foreign count that a BIGINT can hold, else None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_MOST <= value <= _MOST else None


def language(code: object) -> str | None:
    """`en` of `en`, `EN` or `en-US`; None where the network says it could not tell."""
    tag = re.split(r"[-_]", words(code).strip().lower())[0]
    if not re.fullmatch(r"[a-z]{2,3}", tag) or _NO_LANGUAGE.fullmatch(tag):
        return None
    return _OLD_CODES.get(tag, tag)


def link(value: object) -> str:
    """A web address as it came, or "": nothing but http and https is ever kept."""
    text = words(value).strip()
    try:
        host = urlsplit(text).hostname
    except ValueError:  # http://[::1
        return ""
    return text if host and re.match(r"https?://[^\s/]", text, re.IGNORECASE) else ""


def too_far_ahead(at: datetime, now: datetime) -> bool:
    """Whether a date lies so far in the future that it must be wrong."""
    return at > now + SLACK


def not_ahead(at: datetime, now: datetime) -> datetime:
    """What a live source keeps of such a date, or of one before FIRST: the moment it was seen.

    A post that was found exists, so it is not thrown away; an imported row with such a date is.
    """
    return at if at >= FIRST and not too_far_ahead(at, now) else now
