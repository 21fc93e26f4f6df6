"""Many queries against a stream of texts, each text read once.

All words of all queries are looked for in one pass (Aho-Corasick). Each query hangs on a few of its
words, of which any match needs one; only the queries that hang on a word that is there are looked
at any further. So the cost grows with what is found, not with how many queries there are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ahocorasick_rs import AhoCorasick

from listener.query.facts import UNKNOWN, Facts
from listener.query.matching import Query, Words, holds
from listener.query.nodes import And, Field, Near, Node, Not, Or, Term, needs_a_word


class Matcher:
    """Which of the named queries a text answers. Made once; threads may share it."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(queries)
        used = Counter(
            term.needle for query in self._queries.values() for term in _terms(query.root)
        )
        self._needles = list(used)
        self._automaton = AhoCorasick(self._needles)
        self._hanging: dict[str, list[str]] = {}  # by needle: the queries that hang on it
        for name, query in self._queries.items():
            for needle in _hooks(query.root, used):
                self._hanging.setdefault(needle, []).append(name)

    def matching(self, text: str, facts: Facts = UNKNOWN) -> set[str]:
        """The names of the queries that text and facts answer: those whose matches() is true."""
        words = _FoundWords(text)
        places = self._automaton.find_matches_as_indexes(words.joined, overlapping=True)
        words.found = {self._needles[number] for number in {number for number, _, _ in places}}
        names = {name for needle in words.found for name in self._hanging.get(needle, ())}
        return {name for name in names if holds(self._queries[name].root, words, facts)}


class _FoundWords(Words):
    """A text of which it is known which terms stand in it."""

    found: set[str]

    def have(self, term: Term) -> bool:
        return term.needle in self.found


def _terms(node: Node) -> Iterator[Term]:
    """Every word and phrase of a query, those that must not be there too."""
    match node:
        case Term():
            yield node
        case Near():
            yield from (*node.one, *node.other)
        case Not():
            yield from _terms(node.part)
        case And() | Or():
            for part in node.parts:
                yield from _terms(part)
        case Field():
            return


def _hooks(node: Node, used: Mapping[str, int]) -> set[str]:
    """Needles of which every match has at least one; as few and as little used as may be.

    used: in how many places of all queries a needle stands. What is common there is so in texts.
    """
    match node:
        case Term():
            return {node.needle}
        case Near():
            sides = ({term.needle for term in side} for side in (node.one, node.other))
            return _rarest(sides, used)
        case And():
            needed = (_hooks(part, used) for part in node.parts if needs_a_word(part))
            return _rarest(needed, used)
        case Or():
            return {needle for part in node.parts for needle in _hooks(part, used)}
        case Not() | Field():
            raise AssertionError("a query without a word was not refused")


def _rarest(choices: Iterable[set[str]], used: Mapping[str, int]) -> set[str]:
    return min(choices, key=lambda needles: sum(used[needle] for needle in needles))
