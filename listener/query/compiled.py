"""A query in the words of a network: what it is asked, and what is left to be matched here.

The searches together find at least what the query means. What a network cannot say is left out
where that only widens the search. An OR that is too long, or not understood, becomes several
searches; when these are too many, exclusions and then alternatives are left out as well. Only an
alternative of which a network knows no word (an emoji, a beginning) is not heard of there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.errors import ConfigError
from listener.query.dialects import Dialect
from listener.query.matching import Query
from listener.query.nodes import (
    NOTHING,
    And,
    Field,
    Node,
    Not,
    Or,
    all_of,
    any_of,
    needs_a_word,
    written,
)
from listener.query.quoting import quoted, shortened
from listener.query.saying import AS_IS, Speaker

_MOST_PIECES = 1_000  # some of which may be the same


class UnsayableError(ConfigError):
    """The network cannot search for a single word of the query, which may do well elsewhere."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """How a source is asked for a query."""

    asks: tuple[str, ...]  # one search each; none: it does not search, or nothing can be there
    left_here: tuple[str, ...]  # what it cannot express, one phrase each: "NEAR/3", "-(a b)"
    unheard: tuple[str, ...] = ()  # alternatives it cannot search for: what has only these is lost


def compiled(
    query: Query,
    dialect: Dialect,
    *,
    languages: Sequence[str] = (),
    or_also: Sequence[str] = (),
) -> Compiled:
    """The query for this network; the languages bind it where the network can tell them.

    or_also: in the network's own words, what is found besides ("from:acme"), in any language.
    Raises UnsayableError when the network can search for none of its words, and ConfigError when
    it cannot be asked in most_asks searches.
    """
    speaker = Speaker(dialect)
    spoken = any_of(Field("lang", code) for code in languages)
    unheard: list[Node] = []
    root = _searchable(query.root, dialect, unheard)
    meant = speaker.sayable(all_of([root, *[spoken] * bool(languages)]))
    lost = tuple(map(written, unheard))
    if meant == NOTHING and lost:
        raise UnsayableError(
            f"query {quoted(query.text)}: {dialect.network} finds whole words only and cannot "
            f"search for {shortened(', '.join(lost))}; add a word that every match has"
        )
    besides = [Field(AS_IS, said) for said in or_also]
    while True:
        asks = _asks(any_of([meant, *besides]), speaker, dialect.most_asks)
        if asks is not None:
            return Compiled(tuple(map(speaker.said, asks)), tuple(speaker.left), lost)
        dropped: list[Node] = []
        wider = _wider(meant, dropped)
        if wider == meant:
            raise ConfigError(
                f"query {quoted(query.text)}: {dialect.network} takes {dialect.longest} "
                f"characters, and {dialect.most_asks} searches do not hold this; shorten it, or "
                "split it over two brands"
            )
        meant = wider
        speaker.left.update(dict.fromkeys(map(written, dropped)))


def _searchable(node: Node, dialect: Dialect, unheard: list[Node]) -> Node:
    """The node without the alternatives that hold nothing to search for; they go to `unheard`."""
    said = Speaker(dialect).sayable(node)
    if said == NOTHING or needs_a_word(said):
        return node
    if isinstance(node, Or):
        return any_of([_searchable(part, dialect, unheard) for part in node.parts])
    if isinstance(node, And):
        for number, part in enumerate(node.parts):
            apart: list[Node] = []
            less = _searchable(part, dialect, apart)
            if less != NOTHING:
                unheard += apart
                return all_of([*node.parts[:number], less, *node.parts[number + 1 :]])
    unheard.append(node)
    return NOTHING


class _TooLongError(Exception):
    """A part that cannot be split is longer than the network takes."""


def _asks(node: Node, speaker: Speaker, most: int) -> list[Node] | None:
    """At most so many searches that find what the node finds; None when it takes more."""
    if node == NOTHING:
        return []
    asks: dict[Node, None] = {}
    try:
        # Of sixty ORs side by side there are more pieces than anybody can count.
        for number, piece in enumerate(_split(node, speaker, most)):
            asks[piece] = None
            if len(asks) > most or number > _MOST_PIECES:
                return None
    except _TooLongError:
        return None
    return list(asks)


def _split(node: Node, speaker: Speaker, depth: int) -> Iterator[Node]:
    """Nodes that the network takes; together they find what the node finds.

    depth: how many ORs may be multiplied out; each at least doubles what is asked.
    """
    if speaker.takes(node):
        yield node
    elif isinstance(node, Or):
        pieces = (piece for part in node.parts for piece in _split(part, speaker, depth))
        for pack in _packs(pieces, (), speaker):
            yield any_of(pack)
    elif isinstance(node, And) and depth and (ors := _ors(node)):
        longest = max(ors, key=lambda one: len(written(one)))
        rest = [part for part in node.parts if part is not longest]
        for pack in _packs(longest.parts, rest, speaker):
            yield from _split(all_of([*rest, any_of(pack)]), speaker, depth - 1)
    else:
        raise _TooLongError


def _packs(
    parts: Iterable[Node], beside: Sequence[Node], speaker: Speaker
) -> Iterator[Sequence[Node]]:
    """The parts in order, as many together as the network takes in one OR beside the others."""
    pack: list[Node] = []
    for part in parts:
        if pack and not speaker.takes(all_of([*beside, any_of([*pack, part])])):
            yield pack
            pack = []
        pack.append(part)
    if pack:
        yield pack


def _ors(node: And) -> list[Or]:
    return [part for part in node.parts if isinstance(part, Or)]


def _wider(node: Node, dropped: list[Node]) -> Node:
    """One step wider: without half of its exclusions, else without the longer half of its ORs.

    The node itself when it says only what it must.
    """
    if isinstance(node, Or):
        return any_of([_wider(part, dropped) for part in node.parts])
    if not isinstance(node, And):
        return node
    exclusions = [part for part in node.parts if isinstance(part, Not)]
    ors = sorted(_ors(node), key=lambda one: -len(written(one)))
    for less in (exclusions[len(exclusions) // 2 :], ors[: len(ors) // 2], ors[:-1]):
        rest = all_of(part for part in node.parts if part not in less)
        if less and needs_a_word(rest):
            dropped += less
            return rest
    return all_of([_wider(part, dropped) for part in node.parts])
