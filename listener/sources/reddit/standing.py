"""What a thing of Reddit says of itself: whether it stands or was taken back, in whatever words."""

import re
from collections.abc import Mapping
from typing import Any

from domain.mention import Standing
from listener.clean import words

# What Reddit writes in the place of a title, a text or a name: [deleted], [deleted by user],
# [removed], [ Removed by moderator ], [ Removed by Reddit on account of violating the … ].
_TAKEN_BACK = re.compile(
    r"\[\s*(?:deleted|removed)"
    r"(?:\s+by\s+(?:the\s+)?(?:user|author|moderators?|reddit|admins?)"
    r"(?:\s+(?:on account of|in response to|for|due to)\s.*)?)?\s*\]",
    re.IGNORECASE | re.DOTALL,
)
_WITHHELD = re.compile(r"\[\s*unavailable\s*\]", re.IGNORECASE)  # of who has blocked us
_WORDS = ("author", "title", "selftext", "body")
# Who took it back, where Reddit tells: a post of a picture or a link keeps all its words.
_BY_WHOM = ("removed_by_category", "removed_by", "banned_by", "banned_at_utc", "removal_reason")


def standing_of(thing: Mapping[str, Any]) -> Standing:
    """Gone is what its author, a moderator or Reddit took back: within two days it has to go."""
    said = [words(thing.get(name)).strip() for name in _WORDS]
    taken_back = any(thing.get(name) for name in _BY_WHOM) or thing.get("removed") is True
    if taken_back or any(map(_TAKEN_BACK.fullmatch, said)):
        return Standing.GONE
    return Standing.HIDDEN if any(map(_WITHHELD.fullmatch, said)) else Standing.THERE
