"""Limits on the length of names and texts: no network has longer ones.

PostgreSQL's indexes refuse a name of 2,704 bytes; one post of a hostile server with such an address
would end every pass over it.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.mention import Mention
from listener.source import Page

LONGEST_NAME = 500  # characters, of four bytes at most, of an id or a handle
_LONGEST_TEXT = 200_000  # characters
_LONGEST_SENTENCE = 300


def has_long_names(mention: Mention) -> bool:
    """Whether an index would refuse its id, or its author's id or handle."""
    author = mention.author
    names = [mention.external_id, *([author.id, author.handle] if author else [])]
    return any(len(name) > LONGEST_NAME for name in names)


def fitting(page: Page) -> Page:
    """The page with texts cut to what is read, and without what has names that cannot be true."""
    long = [mention for mention in page.mentions if has_long_names(mention)]
    return replace(
        page,
        mentions=tuple(_cut(one) for one in page.mentions if not has_long_names(one)),
        broken=tuple(map(_short, (*page.broken, *map(_sentence, long)))),
        reads={kind: _named(reads) for kind, reads in page.reads.items()},
    )


def _cut(mention: Mention) -> Mention:
    if len(mention.text) <= _LONGEST_TEXT:
        return mention
    return replace(mention, text=mention.text[:_LONGEST_TEXT])


def _sentence(mention: Mention) -> str:
    what = f"its id or its author's is longer than {LONGEST_NAME} characters"
    return f"{mention.source} {mention.external_id[:50]}: {what}"


def _short(sentence: str) -> str:
    whole = " ".join(sentence.split())
    return whole if len(whole) <= _LONGEST_SENTENCE else f"{whole[:_LONGEST_SENTENCE]}…"


def _named(reads: Sequence[str]) -> Sequence[str]:
    return [read for read in reads if len(read) <= LONGEST_NAME]
