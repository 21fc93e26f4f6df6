"""The brand query language: one meaning everywhere, whatever a network's search understands.

    acme kettle              both words         "red kettle"          side by side
    acme OR apex             either             acme -jobs            not (NOT jobs, too)
    acme (kettle OR pot)     groups             acm*                  words that begin so
    acme NEAR/5 kettle       at most 5 between  acme ONEAR/5 kettle   and in this order
    #acme  @acme  ☕         only the tag, the handle, the emoji
    author:ana  site:example.com  lang:en  source:reddit  type:review  has:link
    min_followers:1000

A text and a term are cut into the same tokens (see listener.tokens), and a term matches where its
tokens stand side by side: `coca-cola` finds "Coca Cola", `acme` finds "#Acme!" but not "acmeology".
In NEAR/n the tokens between the end of one and the start of the other count: words, signs such as
#, emoji, and each character of a script without spaces.
"""

from listener.query.compiled import Compiled, UnsayableError, compiled
from listener.query.dialects import REDDIT_DIALECT, X_DIALECT, Dialect
from listener.query.facts import Facts, facts_of
from listener.query.matcher import Matcher
from listener.query.matching import Query
from listener.query.nodes import And
from listener.query.reading import parse, phrase
from listener.query.rewording import reworded

__all__ = [
    "REDDIT_DIALECT",
    "X_DIALECT",
    "And",
    "Compiled",
    "Dialect",
    "Facts",
    "Matcher",
    "Query",
    "UnsayableError",
    "compiled",
    "facts_of",
    "parse",
    "phrase",
    "reworded",
]
