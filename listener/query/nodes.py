"""What a query is made of once it is read: a tree without a minus in front of a group."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    text: str  # as written, without quotes and without the star at its end
    needle: str  # its tokens, each between separators; none at the end where a word may go on
    begins: bool = False  # written with a star: the last word may go on


@dataclass(frozen=True, slots=True)
class Field:
    name: str  # "author", "site", …
    value: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two places with at most `most` tokens between the end of one and the start of the other."""

    one: tuple[Term, ...]  # any of these
    other: tuple[Term, ...]
    most: int
    ordered: bool  # `one` stands first

    @property
    def operator(self) -> str:
        return f"{'O' if self.ordered else ''}NEAR/{self.most}"


@dataclass(frozen=True, slots=True)
class Not:
    part: Term | Field | Near


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]  # none: it always holds


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]  # none: it never holds


Node = Term | Field | Near | Not | And | Or
EVERYTHING, NOTHING = And(()), Or(())


def all_of(parts: Iterable[Node]) -> Node:
    """All parts at once, without brackets that say nothing."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, And) else (part,)
    if NOTHING in flat:
        return NOTHING
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Node]) -> Node:
    """Any of the parts, without brackets that say nothing."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Or) else (part,)
    if EVERYTHING in flat:
        return EVERYTHING
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def opposite(node: Node) -> Node:
    """The node negated, with every minus at a leaf: no network negates groups reliably."""
    match node:
        case Not():
            return node.part
        case And():
            return Or(tuple(map(opposite, node.parts)))
        case Or():
            return And(tuple(map(opposite, node.parts)))
        case _:
            return Not(node)


def needs_a_word(node: Node) -> bool:
    """Whether nothing matches without at least one of the words; facts alone are no words."""
    match node:
        case Term() | Near():
            return True
        case Not() | Field():
            return False
        case And():
            return any(map(needs_a_word, node.parts))
        case Or():
            return all(map(needs_a_word, node.parts))


def positive_terms(node: Node) -> Iterator[Term]:
    """The words and phrases that may make a text match, in order."""
    match node:
        case Term():
            yield node
        case Near():
            yield from (*node.one, *node.other)
        case And() | Or():
            for part in node.parts:
                yield from positive_terms(part)
        case Not() | Field():
            return


def without_fields(node: Node) -> Node:
    """The node where each field, negated or not, holds."""
    match node:
        case Field() | Not(Field()):
            return EVERYTHING
        case And():
            return all_of(map(without_fields, node.parts))
        case Or():
            return any_of(map(without_fields, node.parts))
        case _:
            return node


def written(node: Node) -> str:
    """The node in the query language itself."""
    match node:
        case Term():
            return _word(node)
        case Field():
            return f"{node.name}:{node.value}"
        case Near():
            sides = (_bracketed(any_of(side)) for side in (node.one, node.other))
            return f" {node.operator} ".join(sides)
        case Not():
            return f"-{_bracketed(node.part)}"
        case And() | Or():
            return _joined(node)


def _joined(node: And | Or) -> str:
    if isinstance(node, And):
        return " ".join(map(_bracketed, node.parts))
    if node.parts and all(isinstance(part, Not) for part in node.parts):
        return f"-({written(opposite(node))})"
    return " OR ".join(map(_bracketed, node.parts))


def _bracketed(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, And | Or | Near) else written(node)


def _word(term: Term) -> str:
    if term.begins:
        return f"{term.text}*"
    return term.text if is_plain(term.text.lstrip("#@$")) else _in_quotes(term.text)


def _in_quotes(text: str) -> str:
    return f'"{text.replace(chr(34), " ")}"'


def is_plain(word: str) -> bool:
    """Whether it is one word that nobody takes for an operator."""
    if re.fullmatch(r"\w+", word) is None and not (word and all(map(_in_a_word, word))):
        return False
    return word not in ("OR", "AND", "NOT")


def words_of(text: str) -> list[str]:
    """The plain words of a phrase, as written."""
    apart = "".join(one if _in_a_word(one) else " " for one in text).split()
    return [word if is_plain(word) else word.lower() for word in apart]


def _in_a_word(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LMN"
