"""What a feed said of its entries before: so a correction is seen, of which most tell no date."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.clock import iso
from domain.mention import Mention
from listener.dates import instant
from listener.sources.rss.identity import hashed

_KEPT = 500  # entries of a feed; in each a few dozen characters
_STAMP = 12  # characters of a hash


def corrected(
    mentions: Sequence[Mention], said: Mapping[str, Any], now: datetime
) -> tuple[tuple[Mention, ...], dict[str, Any]]:
    """The entries with the moment at which this feed was first seen to say something else.

    said: by this feed in the pass before, as it was returned then. Only the feed itself may correct
    what it said: another one may carry a shorter text of the same article.
    """
    found, says = [], dict[str, Any]()
    for mention in mentions:
        key, text = _stamp(mention.external_id), _stamp(mention.text)
        before = said.get(key)
        before = before if isinstance(before, list) and len(before) == 2 else None  # noqa: PLR2004
        at = None if before is None else now if before[0] != text else instant(before[1])
        if at is not None and (mention.edited_at is None or mention.edited_at < at):
            mention = replace(mention, edited_at=at)  # noqa: PLW2901
        found.append(mention)
        if len(says) < _KEPT:
            says[key] = [text, iso(at)]
    return tuple(found), says


def _stamp(text: str) -> str:
    return hashed(text)[:_STAMP]
