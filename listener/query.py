"""The brand query language: words, "phrases", OR, -not, parentheses; one meaning everywhere.

A text and a term are cut into the same tokens, and a term matches where its tokens stand side by
side: so `coca-cola` finds "Coca Cola", `acme` finds "#Acme!" but not "acmeology", and no text
can make matching slow (it is a substring search per term, no backtracking).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.errors import ConfigError
from listener.tokens import SIGNS, joined, tokens

LONGEST = 512  # characters X takes from a self-serve app; Reddit takes as many
_DEEPEST = 50  # parentheses and minus signs within each other

_LEXEME = re.compile(
    r'\s*(?:(?P<phrase>"[^"]*")|(?P<mark>[()]|-(?=\S))|(?P<word>[^\s()"]+)|(?P<bad>"))'
)
_OPERATOR = re.compile(r"[A-Za-z_]+:\S")


@dataclass(frozen=True, slots=True)
class Term:
    text: str  # as written, without quotes
    needle: str  # its tokens, between separators


@dataclass(frozen=True, slots=True)
class Not:
    part: Term


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


Node = Term | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; made by parse() or phrase()."""

    text: str  # as written
    root: Node

    def matches(self, text: str) -> bool:
        """Whether the text answers the query: whole words, case and accents do not count."""
        return _holds(self.root, joined(text))

    @property
    def terms(self) -> tuple[str, ...]:
        """The words and phrases that may make a text match, as written, each once."""
        return tuple(dict.fromkeys(term.text for term in _positive_terms(self.root)))


def parse(text: str) -> Query:
    """Read a query. Raises ConfigError, which names the query and what is wrong with it."""
    try:
        root = _Parser(text).read()
    except _WrongError as error:
        raise ConfigError(f"query {text!r}: {error}") from None
    if not _needs_a_word(root):
        raise ConfigError(
            f"query {text!r}: it would match almost everything; "
            "each side of an OR needs a word without -"
        )
    return Query(text, root)


def phrase(name: str) -> Query:
    """A name taken literally, as one phrase. Raises ConfigError when it has no letter or digit."""
    try:
        return Query(name, _term(name.replace('"', " ").strip()))
    except _WrongError as error:
        raise ConfigError(f"name {name!r}: {error}") from None


def reworded(text: str, meanings: Mapping[str, str]) -> str:
    """The text with each phrase among these read as what it means, the longest phrase first.

    Phrases stand where matches() would find them: whole words, case and accents do not count. What
    is put in is not read again. Of two spellings of the same phrase the last counts.
    """
    words = joined(text)
    wanted = {tuple(tokens(one)): meanings[one] for one in meanings if joined(one) in words}
    if not wanted:
        return text
    found, lengths = list(_placed(text)), sorted({len(one) for one in wanted}, reverse=True)
    said, copied, at = [], 0, 0
    while at < len(found):
        reads = (found[at : at + length] for length in lengths)
        hit = next((one for one in reads if tuple(token for token, _, _ in one) in wanted), None)
        if hit is not None:
            said += [text[copied : hit[0][1]], wanted[tuple(token for token, _, _ in hit)]]
            copied = hit[-1][2]
        at += len(hit) if hit else 1
    return "".join((*said, text[copied:]))


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """The tokens of a text, each with the characters [start, end) that it stands for."""
    word, start, end = "", 0, 0
    for at, character in enumerate(text):
        first, *others = _between_letters(character)
        glued = first[1:] if others else first[1:-1]
        start = start if word else at
        if glued or not others:  # a letter, or an accent or invisible sign on the one before
            end = at + 1
        word += glued
        if others:
            if word:
                yield word, start, end
            yield from ((token, at, at + 1) for token in others[:-1])
            word, start, end = others[-1][:-1], at, at + 1
    if word:
        yield word, start, end


@lru_cache(maxsize=4096)
def _between_letters(character: str) -> Sequence[str]:
    """What becomes of the word "aa" with this character in its middle."""
    return tokens(f"a{character}a")


def to_x(
    query: Query, languages: tuple[str, ...] = (), *, own_accounts: tuple[str, ...] = ()
) -> str:
    """The query in X's words; posts of own_accounts (handles or ids) are found whatever they say.

    X cannot negate a group: such an exclusion is left out, so X may send more than matches().
    Raises ConfigError when it is longer than X allows.
    """
    said = _for_x(query.root)
    if languages:
        codes = " OR ".join(f"lang:{_X_CODES.get(code, code)}" for code in languages)
        said = f"{_in_brackets(said, query.root)} ({codes})"
    if own_accounts:
        said = " OR ".join([f"({said})", *(f"from:{account}" for account in own_accounts)])
    return _not_too_long(said, query, "X")


def to_reddit(query: Query) -> str:
    """The query in Reddit's words. Raises ConfigError when it is longer than Reddit allows."""
    return _not_too_long(_for_reddit(query.root), query, "Reddit")


_X_CODES = {"he": "iw", "id": "in"}  # X's own codes for Hebrew and Indonesian


class _WrongError(Exception):
    """What is wrong with a query, to be put behind its text."""


class _Parser:
    """Recursive descent: OR binds looser than standing side by side, minus binds tightest."""

    def __init__(self, text: str) -> None:
        self._lexemes = list(_lexemes(text))
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        if not self._lexemes:
            raise _WrongError("it is empty")
        root = self._either()
        if self._peek() is not None:
            raise _WrongError("a ) has no ( before it")
        return root

    def _peek(self) -> tuple[str, str] | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _either(self) -> Node:
        parts = [self._together()]
        while self._peek() == ("word", "OR"):
            self._at += 1
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _together(self) -> Node:
        parts: list[Node] = []
        while (found := self._peek()) not in (None, ("mark", ")"), ("word", "OR")):
            if found == ("word", "AND"):
                self._at += 1
                if not parts or self._peek() in (None, ("mark", ")"), ("word", "OR"), found):
                    raise _WrongError("AND stands between two words")
                continue
            parts.append(self._one())
        if not parts:
            raise _WrongError("a word is missing beside OR or within ( )")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Node:
        kind, text = self._lexemes[self._at]
        self._at += 1
        if kind != "mark":
            return _term(text) if kind == "phrase" else _word(text)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _WrongError(f"it is nested more than {_DEEPEST} deep")
        part = _opposite(self._negated()) if text == "-" else self._group()
        self._depth -= 1
        return part

    def _negated(self) -> Node:
        if self._peek() in (None, ("mark", ")"), ("word", "OR"), ("word", "AND")):
            raise _WrongError("a - has no word after it")
        return self._one()

    def _group(self) -> Node:
        part = self._either()
        if self._peek() != ("mark", ")"):
            raise _WrongError("a ( is never closed")
        self._at += 1
        return part


def _lexemes(text: str) -> Iterator[tuple[str, str]]:
    text, at = re.sub("[“”„]", '"', text).strip(), 0
    while at < len(text):
        found = _LEXEME.match(text, at)
        if found is None or found["bad"]:
            raise _WrongError('a " is never closed')
        kind = found.lastgroup or ""
        yield kind, found[kind].strip('"').strip() if kind == "phrase" else found[kind]
        at = found.end()


def _word(text: str) -> Term:
    if text in ("or", "Or", "and", "And", "not", "NOT"):
        raise _WrongError(f'write OR in capitals and - for not, or "{text}" for the word itself')
    if _OPERATOR.match(text):
        raise _WrongError(f'{text} is an operator of one network; for the words write "{text}"')
    return _term(text)


def _term(text: str) -> Term:
    if all(token in SIGNS for token in tokens(text)):
        raise _WrongError(f"{text!r} has no letter or digit")
    return Term(text, joined(text))


def _holds(node: Node, haystack: str) -> bool:
    match node:
        case Term():
            return node.needle in haystack
        case Not():
            return not _holds(node.part, haystack)
        case And():
            return all(_holds(part, haystack) for part in node.parts)
        case Or():
            return any(_holds(part, haystack) for part in node.parts)


def _positive_terms(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case And() | Or():
            for part in node.parts:
                yield from _positive_terms(part)
        case Not():
            return


def _needs_a_word(node: Node) -> bool:
    match node:
        case Term():
            return True
        case Not():
            return False
        case And():
            return any(_needs_a_word(part) for part in node.parts)
        case Or():
            return all(_needs_a_word(part) for part in node.parts)


def _opposite(node: Node) -> Node:
    """The node negated, with every minus at a word: no network negates groups reliably."""
    match node:
        case Term():
            return Not(node)
        case Not():
            return node.part
        case And():
            return Or(tuple(map(_opposite, node.parts)))
        case Or():
            return And(tuple(map(_opposite, node.parts)))


def _for_x(node: Node) -> str:
    match node:
        case Term():
            return node.text if _plain(re.sub("^[#@$]", "", node.text)) else _quoted(node)
        case Not():
            return f"-{_for_x(node.part)}"
        case And():
            # An OR of exclusions is refused by X; leaving it out only widens the search.
            said = (part for part in node.parts if not isinstance(part, Or) or _needs_a_word(part))
            return " ".join(_in_brackets(_for_x(part), part) for part in said)
        case Or():
            return " OR ".join(_in_brackets(_for_x(part), part) for part in node.parts)


def _for_reddit(node: Node) -> str:
    match node:
        case Term():
            return node.text if _plain(node.text) else _quoted(node)
        case Not():
            return f"NOT {_for_reddit(node.part)}"
        case And():
            return " AND ".join(_in_brackets(_for_reddit(part), part) for part in node.parts)
        case Or():
            return " OR ".join(_in_brackets(_for_reddit(part), part) for part in node.parts)


def _plain(word: str) -> bool:
    """Whether it means itself without quotes."""
    return re.fullmatch(r"\w+", word) is not None and word not in ("OR", "AND", "NOT")


def _in_brackets(said: str, node: Node) -> str:
    return f"({said})" if isinstance(node, And | Or) else said


def _quoted(term: Term) -> str:
    return '"' + re.sub(r'["\\\s]+', " ", term.text) + '"'


def _not_too_long(said: str, query: Query, network: str) -> str:
    if len(said) > LONGEST:
        raise ConfigError(
            f"query {query.text!r}: {network} takes {LONGEST} characters, this makes {len(said)}; "
            "shorten it, or split it over two brands"
        )
    return said
