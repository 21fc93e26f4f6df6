"""Reads a row of a file into a mention; keys may be spelled in many ways."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.clock import parse_instant
from domain.mention import Author, Engagement, Mention
from listener.bounds import LONGEST_NAME, has_long_names
from listener.clean import FIRST, UnreadableError, clean, count, language, link, too_far_ahead

REQUIRED = ("source", "external_id", "text", "published_at")
_ENGAGEMENT = ("likes", "reposts", "replies", "views")
_AUTHOR = ("id", "handle", "name", "bio", "location", "url", "followers", "created_at")
_KEYS = frozenset(
    {*REQUIRED, "url", "lang", "parent_id", "conversation_id", "rating", "brand", "is_repost"}
    | {*_ENGAGEMENT}
    | {f"author_{name}" for name in _AUTHOR}
)
# What our own export adds; it is derived here again, so it is ignored silently.
_OURS = re.compile(
    r"(id|collected_at|answered_at|story_id|copies|(sentiment|customer|incident|link|hidden)(_.*)?)"
)


def key_of(name: str) -> str | None:
    """The key that a column means: `Author.Handle` is author_handle; "" ignored, None unknown."""
    plain = re.sub(r"[\s.\-]+", "_", name.strip().lower()).removeprefix("engagement_")
    if plain in _KEYS:
        return plain
    return "" if not plain or _OURS.fullmatch(plain) else None


def flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """A nested JSON mention as a row: {"author": {"id": 1}} is {"author.id": 1}."""
    row: dict[str, Any] = {}
    for key, inner in value.items():
        nested = key in ("author", "engagement")
        if nested and isinstance(inner, dict):
            row |= {f"{key}.{name}": one for name, one in inner.items()}
        elif not nested or inner is not None:
            row[key] = inner
    return row


def to_mention(row: Mapping[str, Any], now: datetime) -> tuple[Mention, str | None]:
    """The mention and the brand it names. Raises UnreadableError, which says what is wrong."""
    missing = [key for key in REQUIRED if _blank(row.get(key))]
    rating = _decimal(row, "rating")
    if rating is not None and missing == ["text"]:
        missing = []  # stars without a word are a review
    if missing:
        raise UnreadableError(f"{', '.join(missing)} missing")
    external_id = _text(row, "external_id")
    if re.fullmatch(r"\d([.,]\d+)?[eE]\+\d+", external_id):
        raise UnreadableError("external_id was rounded by a spreadsheet: format its column as text")
    published_at = _instant(row, "published_at")
    if published_at is None or too_far_ahead(published_at, now):
        raise UnreadableError("published_at lies in the future")
    if published_at < FIRST:
        raise UnreadableError(_NO_DATE.format("published_at"))
    mention = Mention(
        source=_text(row, "source").lower(),
        external_id=external_id,
        text=_text(row, "text"),
        published_at=published_at,
        url=link(row.get("url")),
        lang=language(row.get("lang")),
        parent_id=_text(row, "parent_id") or None,
        conversation_id=_text(row, "conversation_id") or None,
        author=_author(row),
        engagement=Engagement(**{name: _whole(row, name) for name in _ENGAGEMENT}),
        rating=rating,
        is_repost=row.get("is_repost") in (True, "true", "True", "TRUE", "1"),
    )
    if has_long_names(mention):
        raise UnreadableError(
            f"external_id, author.id or author.handle has more than {LONGEST_NAME} characters"
        )
    return mention, _text(row, "brand") or None


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not clean(value).strip())


def _author(row: Mapping[str, Any]) -> Author | None:
    """None when the row names nobody."""
    handle = _text(row, "author_handle").removeprefix("@")
    name = _text(row, "author_name")
    # Where a network shows names only, equal names are one voice; without a handle nobody is
    # ever linked by it.
    author_id = _text(row, "author_id") or handle or (f"name:{name}" if name else "")
    if not author_id:
        return None
    return Author(
        id=author_id,
        handle=handle,
        name=name,
        bio=_text(row, "author_bio"),
        location=_text(row, "author_location"),
        url=link(row.get("author_url")),
        followers=_whole(row, "author_followers"),
        created_at=_instant(row, "author_created_at"),
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("id"):
        return str(value)
    if not isinstance(value, str):
        raise UnreadableError(f"{key} is no text")
    return clean(value).strip() if key != "text" else clean(value)


def _instant(row: Mapping[str, Any], key: str) -> datetime | None:
    text = _text(row, key)
    if not text:
        return None
    try:
        if not re.match(r"\d{4}-?\d{2}-?\d{2}(\D|$)", text):
            raise UnreadableError(_NO_DATE.format(key))
        return parse_instant(text)
    except (ValueError, OverflowError):
        raise UnreadableError(_NO_DATE.format(key)) from None


_NO_DATE = "{} is no date: write it like 2026-11-20T09:12:00Z"


def _whole(row: Mapping[str, Any], key: str) -> int | None:
    number = _decimal(row, key)
    if number is None:
        return None
    whole = count(int(number)) if number == int(number) else None
    if whole is None:
        raise UnreadableError(f"{key} is no whole number")
    return whole


def _decimal(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise UnreadableError(f"{key} is no number")
    return number
