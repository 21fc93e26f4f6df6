"""The grammar of the query language, and the parser made from it (lark, LALR).

From tight to loose: NEAR/n, minus, side by side, OR. The parser is made when the first query is
read: importing lark costs as much as the rest of a small command.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

# OR and the like are operators only where a word ends; (?=\S) leaves a lone dash a word.
_GRAMMAR = r"""
?start: together (OR together)*          -> either
together: one (_AND? one)*
?one: atom
    | NOT one                            -> negated
    | atom NEAR atom                     -> near
?atom: WORD                              -> word
    | PHRASE                             -> phrase
    | FIELD                              -> field
    | "(" start ")"                      -> group

PHRASE.3: /"[^"]*"/
NOT.3: /-(?=\S)|NOT(?![^\s()"])/
OR.3: /OR(?![^\s()"])/
_AND.3: /AND(?![^\s()"])/
NEAR.3: /O?NEAR\/\d+(?![^\s()"])/
FIELD.2: /[A-Za-z_]+:(?:"[^"]*"|[^\s()"]+)/
WORD.1: /[^\s()"]+/
%ignore /\s+/
"""


@cache
def grammar() -> "Lark":
    """The parser; its tree has the rules' names."""
    from lark import Lark  # noqa: PLC0415  see above

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)
