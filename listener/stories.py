"""Whether two posts tell one story: cross-posts, copies, and a syndicated article cut differently.

Texts are compared by the pairs of words that stand side by side (Jaccard). MinHash says which
texts are worth comparing: of ten that share seven pairs in ten, nine or more share one of the marks
(https://en.wikipedia.org/wiki/MinHash). A mark is the same on every machine and in every version:
XXH64 is a fixed function.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from xxhash import xxh64_intdigest

from listener.tokens import tokens

WITHIN = timedelta(days=3)  # later the same words are told anew
ALIKE = 0.7  # share of the word pairs: one word of twelve may differ, two of twenty
# Fewer words are often written alike by chance ("happy birthday!"), and one of them changes all.
FEWEST_WORDS = 8
MOST_WORDS = 50  # of an article that each site cuts short at another place
_BANDS, _ROWS = 8, 3  # marks of a text, and how many least values stand behind each

_URL = re.compile(r"(?:https?://|www\.)\S+|\bpic\.twitter\.com/\S+", re.IGNORECASE)
_REPOSTED = re.compile(r"^\s*(?:rt|via)\s+(?=@)", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@[\w.\-]+(?:@[\w.\-]+)?:?")


@dataclass(frozen=True, slots=True)
class StoryText:
    """One mention as stories see it."""

    source: str
    name: str  # of its author: what cross-posts of one person share; "" when unknown
    words: tuple[str, ...]
    at: datetime


@lru_cache(maxsize=1024)  # a batch; each text is asked for by its marks, its signs and its copies
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without links, @names and signs, as they are compared."""
    plain = _HANDLE.sub(" ", _REPOSTED.sub("", _URL.sub(" ", text)))
    return tuple(word for word in tokens(plain) if word[0].isalnum())


def name_of(handle: str) -> str:
    """@Ana on X is ana.bsky.social on Bluesky and ana@example.social on Mastodon."""
    return re.split(r"[@.]", handle.strip().lstrip("@").casefold())[0]


def same_story(one: StoryText, other: StoryText) -> bool:
    """Whether the two tell the same within a few days of each other.

    The same words by the same name on another network do, however few; else the texts have to be
    long enough and alike, and their numbers must not differ: another order is another story.
    """
    if not one.words or abs(one.at - other.at) > WITHIN:
        return False
    if one.words == other.words and one.source != other.source and one.name == other.name != "":
        return True
    if min(len(one.words), len(other.words)) < FEWEST_WORDS:
        return False
    alike = _alike(_pairs(one.words), _pairs(other.words)) >= ALIKE
    return alike and _of_one_case(_numbers(one.words), _numbers(other.words))


def marks(post: StoryText) -> list[int]:
    """What the stories that this one may belong to have in common with it, as signed 64 bits."""
    found = []
    if post.words and post.name:
        found.append(_mark("author", post.name, *post.words))
    if len(post.words) >= FEWEST_WORDS:
        pairs = [pair.encode() for pair in _pairs(post.words)]
        least = [
            min(xxh64_intdigest(pair, seed) for pair in pairs) for seed in range(_BANDS * _ROWS)
        ]
        found += [
            _mark("band", band, *least[band * _ROWS : (band + 1) * _ROWS]) for band in range(_BANDS)
        ]
    return found


def _pairs(words: Sequence[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(words[:MOST_WORDS])}


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words[:MOST_WORDS] if any(sign.isdigit() for sign in word)}


def _of_one_case(one: set[str], other: set[str]) -> bool:
    """Whether one text has the numbers of the other; of two that were cut one may have more."""
    return one <= other or other <= one


def _mark(*parts: object) -> int:
    whole = xxh64_intdigest("\n".join(map(str, parts)).encode())
    return whole - (1 << 64) if whole >> 63 else whole
