"""Which brands a mention is about, what it is to each, and which words of it concern whom."""

import re
from collections.abc import Sequence

from domain.mention import Mention
from earshot.listening import Listening
from listener.query import phrase
from sentiment import target
from sentiment.text import Span
from storage.tables import Role

# Where a sentence, or a clause that turns the tone, ends.
_CLAUSE = re.compile(
    r"(?<=[.!?…;])\s+|\n+|,?\s+(?=(?:but|while|whereas|pero|aber|mientras)\b)", re.IGNORECASE
)


def roles(
    mention: Mention, listening: Sequence[Listening], *, found_for: str | None = None
) -> dict[str, Role]:
    """What the mention is to each brand or competitor it names; empty when it names none.

    found_for: the one whose query the source itself answered with this mention; it needs no match
    here, because a service also searches what we do not see (link targets, quoted posts).
    """
    found: dict[str, Role] = {}
    for one in listening:
        if one.brand is not None and one.brand.owns(mention.source, mention.author):
            found[one.name] = Role.OWN
        elif one.name == found_for or _names(mention, one):
            found[one.name] = Role.BRAND if one.brand else Role.COMPETITOR
    if Role.OWN in found.values():
        return {name: role for name, role in found.items() if role is Role.OWN}
    return found


def _names(mention: Mention, one: Listening) -> bool:
    spoken = one.brand.languages if one.brand else ()
    if spoken and mention.lang is not None and mention.lang not in spoken:
        return False
    return one.query.matches(mention.text)


def passage(text: str, name: str, listening: Sequence[Listening]) -> str:
    """The part of a text that is about `name`, for a tone toward that brand alone.

    The whole text, unless it names a second brand or competitor: then the clauses that name this
    one, each with the clauses after it up to the next one that names somebody.
    """
    named = [one for one in listening if _mentions(text, one)]
    mine = next((one for one in named if one.name == name), None)
    if mine is None or len(named) == 1:
        return text
    kept, about_me = [], False
    for clause in _CLAUSE.split(text):
        if any(_mentions(clause, one) for one in named):
            about_me = _mentions(clause, mine)
        if about_me:
            kept.append(clause.strip())
    return " ".join(kept) or text


def places(text: str, name: str, listening: Sequence[Listening]) -> list[Span]:
    """Where the text names a brand or competitor: by its name, else by any word of its query."""
    mine = next((one for one in listening if one.name == name), None)
    if mine is None:
        return []
    return target.places(text, name) or target.places(text, *mine.query.terms)


def _mentions(text: str, one: Listening) -> bool:
    """Whether any of the query's own words stand in the text, whatever else the query asks."""
    return any(phrase(term).matches(text) for term in one.query.terms)
