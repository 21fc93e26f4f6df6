"""Reads a query: from its text to its tree, with errors that say at which character."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.errors import ConfigError
from listener.query.facts import FIELDS, read_value
from listener.query.grammar import grammar
from listener.query.matching import Query
from listener.query.nodes import Field, Near, Node, Or, Term, all_of, any_of, needs_a_word, opposite
from listener.query.quoting import quoted, shortened
from listener.tokens import SEPARATOR, SIGNS, joined, tokens

if TYPE_CHECKING:
    from lark import Token, Tree

_LONGEST = 8_000  # characters of a query
_DEEPEST = 50  # brackets within each other, and minus signs in a row
_FARTHEST = 100  # of NEAR/n
_SHORTEST = 2  # characters before a star
_MISTAKEN = ("or", "Or", "and", "And", "not", "Not")
_WITHOUT_N = ("NEAR", "ONEAR")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")  # what no database and no network takes
_BETWEEN = "stands between two words, phrases or (word OR word) groups"


@lru_cache(maxsize=2048)
def parse(text: str) -> Query:
    """Read a query. Raises ConfigError, which quotes the place, and says what is wrong there."""
    try:
        return Query(text, _read(text))
    except _WrongError as error:
        raise ConfigError(f"query {quoted(text, error.at)}: {error}") from None


def phrase(name: str) -> Query:
    """A name taken literally, as one phrase. Raises ConfigError when it has no letter or digit."""
    try:
        return Query(name, _term(name.replace('"', " ").strip()))
    except _WrongError as error:
        raise ConfigError(f"name {quoted(name)}: {error}") from None


class _WrongError(Exception):
    """What is wrong with a query, to be put behind its text."""

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what if at is None else f"at character {at + 1}: {what}")
        self.at = at


def _read(text: str) -> Node:
    if len(text) > _LONGEST:
        raise _WrongError(
            f"it has {len(text)} characters, {_LONGEST} are read; split it over two brands"
        )
    if control := _CONTROL.search(text):
        raise _WrongError("a control character cannot be searched for", control.start())
    lexemes = _lexemes(re.sub("[“”„]", '"', text))
    if not lexemes:
        raise _WrongError("it is empty")
    _check_brackets(lexemes)
    root = _node(_tree(lexemes))
    if not needs_a_word(root):
        raise _WrongError(
            "it would match almost everything; each side of an OR needs a word without -"
        )
    return root


def _lexemes(text: str) -> list["Token"]:
    from lark import UnexpectedCharacters  # noqa: PLC0415  as in the grammar

    try:
        return list(grammar().lex(text))
    except UnexpectedCharacters as error:
        raise _WrongError('a " is never closed', error.pos_in_stream) from None


def _check_brackets(lexemes: Sequence["Token"]) -> None:
    """Raises for brackets that do not pair, and before anything could be nested too deep."""
    opened: list[int] = []
    signs = 0
    for lexeme in lexemes:
        at = lexeme.start_pos
        signs = signs + 1 if lexeme.type == "NOT" else 0
        if lexeme.type == "LPAR":
            opened.append(at or 0)
        elif lexeme.type == "RPAR":
            if not opened:
                raise _WrongError("a ) has no ( before it", at)
            opened.pop()
        if max(len(opened), signs) > _DEEPEST:
            raise _WrongError(f"it is nested more than {_DEEPEST} deep", at)
    if opened:
        raise _WrongError("a ( is never closed", opened[-1])


def _tree(lexemes: Sequence["Token"]) -> "Tree[Token]":
    from lark import UnexpectedToken  # noqa: PLC0415  as in the grammar

    parser = grammar().parse_interactive()
    try:
        for lexeme in lexemes:
            parser.feed_token(lexeme)
        tree: Tree[Token] = parser.feed_eof(lexemes[-1])  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        after = [*lexemes, None] if at_end else lexemes
        token = None if at_end else error.token
        before = next((one for one, other in pairwise(after) if other is token), None)
        raise _misplaced(before, token) from None
    return tree


def _misplaced(before: "Token | None", token: "Token | None") -> _WrongError:
    """What is wrong where this token, or the end (None), follows that one."""
    beside = [one for one in (before, token) if one is not None]
    kinds = {one.type: one for one in beside}
    at = beside[-1].start_pos if beside else None
    if before is not None and before.type == "NOT":
        return _WrongError(f"a {before} has no word after it", before.start_pos)
    if "_AND" in kinds:
        return _WrongError("AND stands between two words", kinds["_AND"].start_pos)
    if "NEAR" in kinds:
        return _WrongError(f"{shortened(kinds['NEAR'])} {_BETWEEN}", kinds["NEAR"].start_pos)
    return _WrongError("a word is missing beside OR or within ( )", at)


def _node(tree: "Tree[Token]") -> Node:
    parts = tree.children
    match tree.data:
        case "either":
            return any_of(_node(part) for part in _trees(parts))
        case "together":
            return all_of(_node(part) for part in _trees(parts))
        case "negated":
            return opposite(_node(_trees(parts)[0]))
        case "near":
            return _near(tree)
        case "group":
            return _node(_trees(parts)[0])
        case _:
            return _leaf(next(tree.scan_values(lambda _: True)), tree.data)


def _trees(parts: Sequence["Token | Tree[Token]"]) -> list["Tree[Token]"]:
    from lark import Tree  # noqa: PLC0415  as in the grammar

    return [part for part in parts if isinstance(part, Tree)]


def _near(tree: "Tree[Token]") -> Node:
    from lark import Token  # noqa: PLC0415  as in the grammar

    operator = next(part for part in tree.children if isinstance(part, Token))
    name, _, number = str(operator).partition("/")
    at = operator.start_pos
    if len(number) > len(str(_FARTHEST)) or int(number) > _FARTHEST:
        raise _WrongError(f"{name}/ takes a number up to {_FARTHEST}", at)
    one, other = (_operand(_node(part), operator) for part in _trees(tree.children))
    return Near(one, other, int(number), ordered=name == "ONEAR")


def _operand(node: Node, operator: "Token") -> tuple[Term, ...]:
    parts = node.parts if isinstance(node, Or) else (node,)
    terms = tuple(part for part in parts if isinstance(part, Term))
    if len(terms) != len(parts):
        raise _WrongError(f"{shortened(operator)} {_BETWEEN}", operator.start_pos)
    return terms


def _leaf(lexeme: "Token", kind: str) -> Node:
    text, at = str(lexeme), lexeme.start_pos
    if kind == "phrase":
        return _term(text.strip('"').strip(), at)
    return _field(text, at) if kind == "field" else _word(text, at)


def _field(text: str, at: int | None) -> Field:
    name, _, value = text.partition(":")
    name = name.casefold()
    if name not in FIELDS:
        known = ", ".join(f"{one}:" for one in FIELDS)
        shown = shortened(text)
        raise _WrongError(
            f'{shortened(name)}: is none of {known}; for the words write "{shown}"', at
        )
    try:
        return Field(name, read_value(name, value.strip('"')))
    except ValueError as error:
        raise _WrongError(str(error), at) from None


def _word(text: str, at: int | None) -> Term:
    if text in _MISTAKEN:
        raise _WrongError(
            f'write OR in capitals and - for not, or "{text}" for the word itself', at
        )
    if text in _WITHOUT_N:
        raise _WrongError(f'write {text}/5 for near, or "{text}" for the word itself', at)
    if text.endswith(":") and text[:-1].casefold() in FIELDS:
        raise _WrongError(f"{text} has no value right behind it", at)
    stem = text.rstrip("*")
    if not stem or "*" in stem:
        shown = shortened(text)
        raise _WrongError(f'a * stands at the end of a word; for the words write "{shown}"', at)
    term = _term(stem, at)
    if stem == text:
        return term
    if len(term.needle.replace(SEPARATOR, "").strip(SIGNS)) < _SHORTEST:
        shown = shortened(text)
        raise _WrongError(f"{shown} is too short: {_SHORTEST} characters before the star", at)
    return Term(stem, term.needle.removesuffix(SEPARATOR), begins=True)


def _term(text: str, at: int | None = None) -> Term:
    if all(token in SIGNS for token in tokens(text)):
        raise _WrongError(f"{quoted(text)} has no letter or digit", at)
    return Term(text, joined(text))
