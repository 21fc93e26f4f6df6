"""What of a query one network can say, and how it says it."""

import re
from collections.abc import Iterable

from listener.query.dialects import Dialect
from listener.query.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    Field,
    Near,
    Node,
    Not,
    Or,
    Term,
    all_of,
    any_of,
    is_plain,
    opposite,
    words_of,
    written,
)
from listener.tokens import SIGNS, joined, tokens, without_emoji

AS_IS = "as is"  # the name of a Field whose value is the network's own words


class Speaker:
    """Says queries in one dialect, and remembers what it could not say."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.left: dict[str, None] = {}  # in order, each once

    def sayable(self, node: Node) -> Node:
        """What of the node the network can say: it holds wherever the node does."""
        match node:
            case Term():
                return self._term(node)
            case Field():
                return self._field(node)
            case Near():
                self._leave(node.operator)
                return all_of(any_of(map(self.sayable, one)) for one in (node.one, node.other))
            case Not():
                return self._without(node)
            case And():
                return all_of(map(self.sayable, node.parts))
            case Or():
                return self._either(node)

    def _leave(self, *phrases: str) -> None:
        self.left.update(dict.fromkeys(phrases))

    def _term(self, term: Term) -> Node:
        text = term.text if self._dialect.emoji else without_emoji(term.text).strip()
        if text != term.text or (term.begins and not (self._dialect.prefixes and self._bare(term))):
            self._leave(written(term))
        if term.begins and written(term) in self.left:
            return EVERYTHING
        if all(token in SIGNS for token in tokens(text)):
            return EVERYTHING
        said = Term(text, joined(text), term.begins)
        if any(token in SIGNS for token in tokens(text)) and not self._bare(said):
            self._leave(written(term))  # a network that does not know # takes #acme for acme
        if self._dialect.phrases or self._bare(said):
            return said
        words = words_of(text)
        if len(words) > 1:
            self._leave(written(term))
        return all_of(Term(word, joined(word)) for word in words)

    def _bare(self, term: Term) -> bool:
        """Whether it needs no quotes."""
        return is_plain(re.sub(f"^[{re.escape(self._dialect.signs)} ]", "", term.text))

    def _field(self, field: Field) -> Node:
        if field.name == "source" and self._dialect.source:
            return EVERYTHING if field.value == self._dialect.source else NOTHING
        if field.name not in self._dialect.fields:
            self._leave(f"{field.name}:")
            return EVERYTHING
        if field.name == "author" and not re.fullmatch(self._dialect.accounts, field.value):
            return NOTHING
        return field

    def _without(self, node: Not) -> Node:
        apart = Speaker(self._dialect)
        said = apart.sayable(node.part)
        if apart.left or (said in (EVERYTHING, NOTHING)):
            self._leave(*[written(node)] * bool(apart.left))
            return EVERYTHING if apart.left else opposite(said)
        if self._dialect.without is None:
            self._leave(written(node))
            return EVERYTHING
        return opposite(said)

    def _either(self, node: Or) -> Node:
        """An OR with exclusions among its parts is left out: networks refuse it or find nothing."""
        apart = Speaker(self._dialect)
        said = any_of(map(apart.sayable, node.parts))
        if said is not NOTHING and not _finds(said):
            self._leave(written(node))
            return EVERYTHING
        self.left.update(apart.left)
        return said

    def takes(self, node: Node) -> bool:
        """Whether the network understands the node as one search, and it is not too long."""
        return self._understands(node) and len(self.said(node)) <= self._dialect.longest

    def _understands(self, node: Node) -> bool:
        one = self._dialect
        match node:
            case And():
                mixed = any(isinstance(part, Or) for part in node.parts)
                able = not mixed or (one.groups and one.either is not None)
            case Or():
                mixed = any(isinstance(part, And) for part in node.parts)
                able = one.either is not None and (one.groups or not mixed)
            case _:
                return True
        return able and all(map(self._understands, node.parts))

    def said(self, node: Node) -> str:
        """A sayable node in the network's words."""
        match node:
            case Term():
                return self._word(node)
            case Field():
                value = self._dialect.codes.get(node.value, node.value)
                return self._dialect.fields.get(node.name, "{}").format(value)
            case Not():
                return f"{self._dialect.without}{self.said(node.part)}"
            case And():
                last = sorted(node.parts, key=lambda part: isinstance(part, Not))
                return self._dialect.also.join(self._bracketed(last))
            case Or():
                return (self._dialect.either or "").join(self._bracketed(node.parts))
            case Near():
                raise AssertionError("a NEAR is left here")

    def _bracketed(self, parts: Iterable[Node]) -> Iterable[str]:
        for part in parts:
            said = self.said(part)
            yield f"({said})" if isinstance(part, And | Or) else said

    def _word(self, term: Term) -> str:
        if self._bare(term):
            return term.text + "*" * term.begins
        if not self._dialect.phrases:
            return term.text.lower()  # a single OR, AND or NOT
        return '"' + re.sub(r'["\\\s]+', " ", term.text) + '"'


def _finds(node: Node) -> bool:
    """Whether each way to match says something that must be there."""
    match node:
        case Not():
            return False
        case And():
            return any(map(_finds, node.parts))
        case Or():
            return all(map(_finds, node.parts))
        case _:
            return True
