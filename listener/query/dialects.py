"""What the search of a network understands."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one network is asked. What is None or False it does not understand.

    A fact belongs into `fields` only where the network finds at least what we mean by it.
    """

    network: str  # for sentences: "Bluesky"
    longest: int  # characters of one search
    either: str | None  # between words of which one will do: " OR ", " | "
    without: str | None  # before a word that must not be there: "-", "NOT "
    groups: bool  # brackets
    phrases: bool  # words in quotes, side by side
    prefixes: bool = False  # acme*
    also: str = " "  # between words that must all be there
    fields: Mapping[str, str] = field(default_factory=dict)  # {"author": "from:{}"}
    most_asks: int = 8  # searches that one query may take
    signs: str = ""  # what it knows in front of a word without quotes: "#@$"
    emoji: bool = False  # it finds them as words
    source: str = ""  # its name behind source:; "": every source: is matched here
    accounts: str = r"\S+"  # what its handles and ids look like; author: of others is nobody
    codes: Mapping[str, str] = field(default_factory=dict)  # languages it calls otherwise


X_DIALECT = Dialect(
    network="X",
    longest=512,  # for a self-serve app
    either=" OR ",
    without="-",
    groups=True,
    phrases=True,
    fields={"author": "from:{}", "lang": "lang:{}", "has": "has:links"},
    signs="#@$",
    emoji=True,
    source="x",
    accounts=r"[a-z0-9_]{1,20}",
    codes={"he": "iw", "id": "in"},
)

REDDIT_DIALECT = Dialect(
    network="Reddit",
    longest=512,
    either=" OR ",
    without="NOT ",
    groups=True,
    phrases=True,
    also=" AND ",
    source="reddit",
)
