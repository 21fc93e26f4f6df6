"""Which brands a mention is about, what it is to each, and which words of it concern whom."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.listing import Role
from domain.mention import Mention
from domain.network import folded
from earshot.brands.tracked import TrackedBrand
from listener import tokens
from listener.query import Matcher, facts_of
from sentiment import target
from sentiment.text import Span

# Where a sentence, or a clause that turns the tone, ends.
_CLAUSE = re.compile(
    r"(?<=[.!?…;])\s+|\n+|,?\s+(?=(?:but|while|whereas|pero|aber|mientras)\b)", re.IGNORECASE
)


def roles(
    mention: Mention, tracked: Sequence[TrackedBrand], *, found_for: str | None = None
) -> dict[str, Role]:
    """What the mention is to each brand or competitor it is about; empty when it is about none.

    It is about those it names and, in any language and words, those whose own accounts it answers
    or names by @. What a brand writes is about nobody, what a competitor writes not about itself.
    found_for: the one whose query the source itself answered with this mention; it needs no match
    here, because a service also searches what we do not see (link targets, quoted posts).
    """
    everyone = _everyone(tuple(tracked))
    own = everyone.owners(mention)
    if any(everyone.by_name[name].brand for name in own):
        return dict.fromkeys(own, Role.OWN)
    named = {
        name
        for name in everyone.asked.matching(mention.text, facts_of(mention))
        if _is_spoken(mention.lang, everyone.by_name[name])
    }
    named.update(everyone.addressed(mention))
    if found_for is not None and found_for in everyone.by_name:
        named.add(found_for)
    return {
        name: Role.BRAND if everyone.by_name[name].brand else Role.COMPETITOR
        for name in sorted(named)
    } | dict.fromkeys(own, Role.OWN)


def automatic(mention: Mention, tracked: Sequence[TrackedBrand]) -> frozenset[str]:
    """The brands whose own account wrote this by itself: it answers nobody.

    By an account that is said to do so, or with words that are: whole words, anywhere in the text,
    upper and lower case, accents and signs alike.
    """
    everyone = _everyone(tuple(tracked))
    return frozenset(
        brand.name
        for brand in (everyone.by_name[name].brand for name in everyone.owners(mention))
        if brand is not None
        and (
            brand.is_automaton(mention.source, mention.author)
            or any(_stands_in(phrase, mention.text) for phrase in brand.auto_replies)
        )
    )


def _stands_in(phrase: str, text: str) -> bool:
    return tokens.joined(" ".join(_words(phrase))) in tokens.joined(" ".join(_words(text)))


def _words(text: str) -> list[str]:
    return [one for one in tokens.tokens(text) if one not in tokens.SIGNS]


def _is_spoken(lang: str | None, one: TrackedBrand) -> bool:
    return not one.languages or lang is None or lang in one.languages


def passage(text: str, name: str, tracked: Sequence[TrackedBrand]) -> str:
    """The part of a text that is about `name`, for a tone toward that brand alone.

    The whole text, unless it names a second brand or competitor: then the clauses that name this
    one, each with the clauses after it up to the next one that names somebody.
    """
    words = _everyone(tuple(tracked)).words
    named = words.matching(text)
    if name not in named or len(named) == 1:
        return text
    kept, about_me = [], False
    for clause in _CLAUSE.split(text):
        named_here = words.matching(clause)
        if named_here:
            about_me = name in named_here
        if about_me:
            kept.append(clause.strip())
    return " ".join(kept) or text


def places(text: str, name: str, tracked: Sequence[TrackedBrand]) -> list[Span]:
    """Where the text names a brand or competitor: by its name, else by any word of its query."""
    mine = next((one for one in tracked if one.name == name), None)
    if mine is None:
        return []
    return target.places(text, name) or target.places(text, *mine.query.terms)


@dataclass(frozen=True, slots=True)
class _Everyone:
    """Every brand and competitor, prepared to be found in one pass over a text."""

    by_name: Mapping[str, TrackedBrand]
    asked: Matcher  # whose query a text matches
    words: Matcher  # of whose query any word stands in it, whatever else the query asks
    accounts: Mapping[str, Sequence[TrackedBrand]]  # by account: whose it may be

    def owners(self, mention: Mention) -> list[str]:
        """Those of whom the author is an own account."""
        author = mention.author
        if author is None:
            return []
        return [
            one.name
            for one in self._holders((author.id, author.handle))
            if any(own.is_author(mention.source, author) for own in one.accounts)
        ]

    def addressed(self, mention: Mention) -> list[str]:
        """Those whom the mention answers or names by @; a plain repost addresses none."""
        names = () if mention.is_repost else mention.addressed
        return [
            one.name
            for one in self._holders(names)
            if any(own.is_addressed(mention.source, names) for own in one.accounts)
        ]

    def _holders(self, names: Sequence[str]) -> list[TrackedBrand]:
        """Those with an own account of one of these names on some network, by name."""
        found = {
            one.name
            for name in names
            for one in self.accounts.get(folded(name.removeprefix("@")), ())
        }
        return [self.by_name[name] for name in sorted(found)]


@lru_cache(maxsize=4)
def _everyone(tracked: tuple[TrackedBrand, ...]) -> _Everyone:
    accounts: dict[str, list[TrackedBrand]] = {}
    for one in tracked:
        for own in one.accounts:
            accounts.setdefault(folded(own.account), []).append(one)
    return _Everyone(
        by_name={one.name: one for one in tracked},
        asked=Matcher({one.name: one.query for one in tracked}),
        words=Matcher({one.name: one.query.any_word for one in tracked}),
        accounts=accounts,
    )
