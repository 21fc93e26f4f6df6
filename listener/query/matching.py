"""A read query, and whether a text answers it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from listener.query.facts import FIELDS, UNKNOWN, Facts
from listener.query.nodes import (
    And,
    Field,
    Near,
    Node,
    Not,
    Or,
    Term,
    any_of,
    positive_terms,
    without_fields,
)
from listener.tokens import SEPARATOR, joined


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read; made by parse() or phrase()."""

    text: str  # as written
    root: Node

    def matches(self, text: str, facts: Facts = UNKNOWN) -> bool:
        """Whether the text answers the query: whole words, case and accents do not count.

        facts: what the fields look at; those of unknown facts match nothing.
        """
        return holds(self.root, Words(text), facts)

    @property
    def any_word(self) -> "Query":
        """Any of the words that may make a text match, whatever else is asked."""
        return Query(self.text, any_of(positive_terms(self.root)))

    @property
    def without_fields(self) -> "Query":
        """The query for a text of which nothing else is known: what a field asks is given."""
        return Query(self.text, without_fields(self.root))

    @property
    def terms(self) -> tuple[str, ...]:
        """The words and phrases that may make a text match, as written, each once."""
        return tuple(dict.fromkeys(term.text for term in positive_terms(self.root)))


class Words:
    """The tokens of a text, cut once for all that is asked of them."""

    def __init__(self, text: str) -> None:
        self.joined = joined(text)

    def have(self, term: Term) -> bool:
        """Whether its tokens stand side by side: a substring search, no text makes it slow."""
        return term.needle in self.joined

    def places(self, terms: Sequence[Term]) -> list[tuple[int, int]]:
        """Where any of the terms stand: the first token and the one after the last, in order."""
        return sorted({place for term in terms for place in self._places_of(term)})

    def _places_of(self, term: Term) -> Iterator[tuple[int, int]]:
        length = term.needle.count(SEPARATOR) - (not term.begins)
        counted, number = 0, 0
        at = self.joined.find(term.needle)
        while at >= 0:
            number += self.joined.count(SEPARATOR, counted, at)
            counted = at
            yield number, number + length
            at = self.joined.find(term.needle, at + 1)


def holds(node: Node, words: Words, facts: Facts) -> bool:
    """Whether a text with these words and facts answers this part of a query."""
    match node:
        case Term():
            return words.have(node)
        case Field():
            return FIELDS[node.name](facts, node.value)
        case Near():
            return _stand_near(node, words)
        case Not():
            return not holds(node.part, words, facts)
        case And():
            return all(holds(part, words, facts) for part in node.parts)
        case Or():
            return any(holds(part, words, facts) for part in node.parts)


def _stand_near(node: Near, words: Words) -> bool:
    one = words.places(node.one)
    other = words.places(node.other) if one else []
    return _follows(one, other, node.most) or (not node.ordered and _follows(other, one, node.most))


def _follows(
    first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]], most: int
) -> bool:
    """Whether a place of `second` begins at most `most` tokens after one of `first` has ended."""
    for _, end in first:
        at = bisect_left(second, (end, 0))
        if at < len(second) and second[at][0] - end <= most:
            return True
    return False
