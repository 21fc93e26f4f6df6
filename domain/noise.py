"""Noise: what a query finds and nobody wants to read. Every hidden mention keeps its reason."""

from dataclasses import dataclass
from enum import StrEnum

from domain.brand import FEWEST_EXAMPLES
from domain.deciding import RULE


class Why(StrEnum):
    """Which rule hid a mention."""

    STAFF = "staff account"
    AUTHOR = "blocked author"
    SITE = "blocked site"
    WORD = "blocked words"
    LANGUAGE = "other language"
    REPEATED = "repeats itself"
    FLOOD = "too many posts"
    NEWCOMER = "new account with a link"
    TAGS = "hashtags"
    HANDLES = "handles"
    BOT = "calls itself a bot"
    IRRELEVANT = "not about the brand"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Noise:
    """Why a mention is hidden."""

    why: Why
    reason: str  # one sentence for people, without a word of the post

    @property
    def decided_by(self) -> str:
        return f"{RULE}{self.why}"


@dataclass(frozen=True, slots=True)
class Taught:
    """What a brand is learnt from: its examples and what people taught since, as texts."""

    relevant: tuple[str, ...]
    irrelevant: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.relevant) + len(self.irrelevant)

    @property
    def enough(self) -> bool:
        """Whether anything can be learnt from it."""
        return min(len(self.relevant), len(self.irrelevant)) >= FEWEST_EXAMPLES
