"""What Hacker News is asked, and how the stories and comments found are read into mentions."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.mention import Author, Engagement, Mention, Standing
from listener.clean import UnreadableError, clean, count, identifier, link, not_ahead, words
from listener.dates import epoch, instant, needed
from listener.html import as_text
from listener.query import Compiled, Dialect, compiled
from listener.source import Watch

# https://www.algolia.com/doc/api-reference/api-parameters/advancedSyntax: phrases, and a minus
# before one word; there is no OR.
DIALECT = Dialect(
    network="Hacker News",
    longest=512,  # Algolia does not read on beyond
    either=None,
    without="-",
    groups=False,
    phrases=True,
    source="hackernews",
    most_asks=60,  # of 10,000 requests an hour: it is on by default and must refuse no brand
    accounts=r"[a-z0-9_-]{2,15}",
)
_LOOSE = "every word: its search cuts words in its own way"
KINDS = "(story,comment,poll)"  # what is asked for
_ACCOUNT = r"[A-Za-z0-9_-]{2,15}"
_SITE = "https://news.ycombinator.com"
_WORDS = ("title", "text", "story_text", "comment_text")
_DEAD = ("[dead]", "[flagged]", "[delayed]")  # what stands in the place of the words


def asks(watch: Watch) -> Compiled:
    """What the search is asked; all that comes is matched here once more."""
    found = compiled(watch.query, DIALECT)
    return replace(found, left_here=(*found.left_here, _LOOSE))


def searches(watch: Watch) -> dict[str, dict[str, str]]:
    """Each walk by its name, with what it asks: the query's, then what own accounts wrote."""
    found = {ask: {"query": ask, "tags": KINDS} for ask in asks(watch).asks}
    for own in watch.own_accounts:
        if own.source in ("", "hackernews") and re.fullmatch(_ACCOUNT, own.account):
            tags = f"{KINDS},author_{own.account}"
            found[f"by {own.account}"] = {"query": "", "tags": tags}
    return found


def mention_of(hit: Mapping[str, Any], now: datetime) -> Mention:
    """One hit. Raises UnreadableError when it cannot be a post."""
    external_id = identifier(hit.get("objectID"))
    if not external_id:
        raise UnreadableError("it has no objectID")
    comment = isinstance(hit.get("comment_text"), str)
    return Mention(
        source="hackernews",
        external_id=external_id,
        text=_comment(hit) if comment else _story(hit),
        published_at=not_ahead(needed(created_at(hit), "created_at_i"), now),
        url=f"{_SITE}/item?id={external_id}",
        parent_id=(identifier(hit.get("parent_id")) or None) if comment else None,
        conversation_id=(identifier(hit.get("story_id")) or None) if comment else external_id,
        author=_author(hit),
        engagement=Engagement(
            likes=count(hit.get("points")), replies=count(hit.get("num_comments"))
        ),
    )


def standing_of(thing: Mapping[str, Any]) -> Standing:
    """What an item of Hacker News' own API, or a hit of the search, says of itself.

    What moderators or flags have killed is hidden: readers may vouch for it.
    """
    said = {as_text(words(thing.get(name))).strip().lower() for name in _WORDS}
    if thing.get("deleted") is True or "[deleted]" in said:
        return Standing.GONE
    is_dead = thing.get("dead") is True or not said.isdisjoint(_DEAD)
    return Standing.HIDDEN if is_dead else Standing.THERE


def created_at(hit: Mapping[str, Any]) -> datetime | None:
    return epoch(hit.get("created_at_i")) or instant(hit.get("created_at"))


def _story(hit: Mapping[str, Any]) -> str:
    """The title, the address it leads to, which readers see beside it, and its own words."""
    title = words(hit.get("title")).strip()
    if not title:
        raise UnreadableError("it has neither title nor comment_text")
    body = as_text(words(hit.get("story_text")))
    headline = "\n".join(filter(None, [title, link(hit.get("url"))]))
    return clean("\n\n".join(filter(None, [headline, body])))


def _comment(hit: Mapping[str, Any]) -> str:
    return clean(as_text(words(hit.get("comment_text"))))


def _author(hit: Mapping[str, Any]) -> Author | None:
    name = words(hit.get("author")).strip()
    if not name:
        return None
    return Author(id=name, handle=name, url=f"{_SITE}/user?id={name}")
