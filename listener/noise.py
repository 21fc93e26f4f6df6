"""Which mentions are noise, by lists and by simple signs of spam. Pure: history comes in.

Each sign is one function and one sentence; what they hit of ordinary tweets is measured in
docs/adr/0015-less-noise.md.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.brand import OwnAccount
from domain.clock import span
from domain.mention import Mention
from domain.noise import Noise, Why
from listener.query import Query, facts_of
from listener.stories import words_of
from listener.texts import AUTOMATED

NEW_ACCOUNT = timedelta(days=7)
REPEATS, REPEATED_WITHIN = 3, timedelta(hours=24)
FLOOD, FLOOD_WITHIN = 20, timedelta(hours=1)
MOST_TAGS = MOST_HANDLES = 8

_TAG = re.compile(r"(?<![\w&])#\w*[^\W\d]\w*")
_HANDLE = re.compile(r"(?<![\w.])@\w+")
_ADDRESSED = re.compile(r"^(?:\s*@[\w.\-]+(?:@[\w.\-]+)?)+")  # a reply begins with whom it is to
_BOT_HANDLE = re.compile(r"\[bot\]$|[_\-]bot$|[a-z0-9]Bot$|^AutoModerator$")
_BOT_BIO = re.compile(r"(?<!not )\b(?:(?:i am|i'm|this is) an? (?:\w+ )?bot|automated account)\b")


@dataclass(frozen=True, slots=True)
class Lists:
    """The [noise] table, ready to be asked."""

    allowed: tuple[OwnAccount, ...] = ()  # these win over everything
    staff: tuple[OwnAccount, ...] = ()
    authors: tuple[OwnAccount, ...] = ()
    sites: tuple[str, ...] = ()  # hosts in small letters; their parts are meant too
    words: tuple[Query, ...] = ()
    spam: bool = True


@dataclass(frozen=True, slots=True)
class Earlier:
    """A post that the author of a mention had written before it."""

    at: datetime
    words: tuple[str, ...]


def is_allowed(mention: Mention, lists: Lists) -> bool:
    """Whether no rule may hide what this author writes."""
    return _among(lists.allowed, mention)


def listed(mention: Mention, lists: Lists) -> Noise | None:
    """The list that the mention is on, if it is on one."""
    if _among(lists.staff, mention):
        return Noise(Why.STAFF, "written by a staff account")
    if _among(lists.authors, mention):
        return Noise(Why.AUTHOR, "the author is on the list block_authors")
    facts = facts_of(mention)
    for site in lists.sites:
        if any(host == site or host.endswith(f".{site}") for host in facts.sites):
            return Noise(Why.SITE, f"it stands on or links to {site}, which is in block_sites")
    for query in lists.words:
        if query.matches(mention.text, facts):
            return Noise(Why.WORD, f"block_words has {query.text}")
    return None


def spam(mention: Mention, earlier: Sequence[Earlier]) -> Noise | None:
    """The first sign of spam or of a bot, if there is one; earlier: by the same author."""
    return next((found for sign in SIGNS if (found := sign(mention, earlier)) is not None), None)


def _repeats_itself(mention: Mention, earlier: Sequence[Earlier]) -> Noise | None:
    words = words_of(mention.text)
    since = mention.published_at - REPEATED_WITHIN
    same = sum(one.at > since and one.words == words for one in earlier)
    if not words or same < REPEATS:
        return None
    return Noise(Why.REPEATED, f"the author wrote the same {same} times in the 24 hours before")


def _floods(mention: Mention, earlier: Sequence[Earlier]) -> Noise | None:
    posts = sum(one.at > mention.published_at - FLOOD_WITHIN for one in earlier)
    if posts < FLOOD:
        return None
    return Noise(Why.FLOOD, f"the author wrote {posts} mentions in the hour before")


def _newcomer_with_link(mention: Mention, _earlier: Sequence[Earlier]) -> Noise | None:
    born = mention.author.created_at if mention.author else None
    if born is None or not facts_of(mention).has_link:
        return None
    age = max(mention.published_at - born, timedelta())
    return Noise(Why.NEWCOMER, f"its account was {span(age)} old") if age < NEW_ACCOUNT else None


def _many_tags(mention: Mention, _earlier: Sequence[Earlier]) -> Noise | None:
    tags = len(_TAG.findall(mention.text))
    return Noise(Why.TAGS, f"it has {tags} hashtags") if tags > MOST_TAGS else None


def _many_handles(mention: Mention, _earlier: Sequence[Earlier]) -> Noise | None:
    """In a long thread a network itself puts everybody's handle first; those do not count."""
    handles = len(_HANDLE.findall(_ADDRESSED.sub("", mention.text)))
    return Noise(Why.HANDLES, f"it names {handles} accounts") if handles > MOST_HANDLES else None


def _bot(mention: Mention, _earlier: Sequence[Earlier]) -> Noise | None:
    author = mention.author
    if author is None:
        return None
    if author.bio.startswith(AUTOMATED):
        return Noise(Why.BOT, "the network says that the account is automated")
    if _BOT_HANDLE.search(author.handle) or _BOT_BIO.search(author.bio.lower()):
        return Noise(Why.BOT, "the account calls itself a bot")
    return None


Sign = Callable[[Mention, Sequence[Earlier]], Noise | None]
SIGNS: tuple[Sign, ...] = (
    *(_bot, _newcomer_with_link, _many_tags, _many_handles),
    *(_repeats_itself, _floods),
)


def _among(accounts: Sequence[OwnAccount], mention: Mention) -> bool:
    return any(one.is_author(mention.source, mention.author) for one in accounts)
