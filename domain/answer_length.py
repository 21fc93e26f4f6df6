"""How long an answer may be on each network, and how the network counts it."""

import re
import unicodedata
from collections.abc import Mapping

from domain.network import name_of

# Characters of an answer or comment. A network that is not here sets no limit that matters, or none
# that is known. Mastodon's is the usual one; a server may allow more, and so may X for money.
# X https://docs.x.com/fundamentals/counting-characters
# Bluesky https://docs.bsky.app/docs/advanced-guides/posts
# Mastodon https://docs.joinmastodon.org/user/posting/
# Google Play https://developers.google.com/android-publisher/api-ref/rest/v3/reviews/reply
# Threads https://developers.facebook.com/docs/threads/overview
MOST: Mapping[str, int] = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "googleplay": 350,
    "threads": 500,
    "tiktok": 150,
    "linkedin": 1_250,
    "instagram": 2_200,
    "facebook": 8_000,
    "reddit": 10_000,
    "youtube": 10_000,
}
_LINK = re.compile(r"https?://\S+")
_LINK_COUNTS = 23  # on X and Mastodon, however long it is
_HOME = re.compile(r"(?<!\w)(@\w+)@[\w.-]+")  # Mastodon counts a name without its server
# What X counts once; all else twice (twitter-text, configuration 3).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def most(source: str) -> int | None:
    """Characters that an answer there may have; None: as many as one likes, or nobody knows."""
    return MOST.get(name_of(source))


def length(source: str, text: str) -> int:
    """The text's length as the network counts it."""
    network = name_of(source)
    if network in ("x", "mastodon"):
        text = _LINK.sub("-" * _LINK_COUNTS, text)
    if network == "mastodon":
        text = _HOME.sub(r"\1", text)
    signs = _signs(unicodedata.normalize("NFC", text))
    if network == "x":
        return sum(1 if _is_light(sign) else 2 for sign in signs)
    return len(signs)


def _is_light(sign: str) -> bool:
    return all(any(first <= ord(char) <= last for first, last in _LIGHT) for char in sign)


def _signs(text: str) -> list[str]:
    """What a reader takes for one sign: a letter with its accents, an emoji of several."""
    signs: list[str] = []
    for char in text:
        joined = bool(signs) and (
            unicodedata.combining(char) > 0
            or "\ufe00" <= char <= "\ufe0f"
            or "\U0001f3fb" <= char <= "\U0001f3ff"
            or char == "\u200d"
            or signs[-1].endswith("\u200d")
        )
        if joined:
            signs[-1] += char
        else:
            signs.append(char)
    return signs
