"""How much is said of a brand and how much of its competitors, like with like."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.reputation import Status


@dataclass(frozen=True, slots=True)
class Side:
    """What is said of the brand, or of one of its competitors."""

    name: str
    persons: int  # who speaks of several sides counts once for each
    mentions: int  # of a story only the first one
    stories: int  # of these mentions: those that somebody else told, too
    share: float | None  # persons of the sum over all sides, 0 to 1; None: insufficient
    low: float | None  # 95 % interval
    high: float | None
    scored: int  # persons of whom a mention is scored
    negative: float | None  # the mean over these of their negative share; None: insufficient
    scored_mentions: int
    negative_mentions: int


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A source that is in no figure, for it does not hear all sides."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class NetworkCount:
    """What a network itself counts, own posts and other languages among it: in no share."""

    source: str
    name: str  # the brand or a competitor
    posts: int
    since: date  # the first day of these, in UTC
    until: date  # and the day after the last one


@dataclass(frozen=True, slots=True)
class ShareOfVoice:
    brand: str
    date: date  # the local day whose midnight ends the window
    since: datetime
    until: datetime
    persons: int  # on all sides together, each once
    status: Status
    sides: tuple[Side, ...]  # the brand first; alone: no competitor is watched
    compared: tuple[str, ...] = ()  # the sources that hear all sides, by name
    # Of these only what was published from then on counts: one side is heard no longer there.
    later: tuple[tuple[str, datetime], ...] = ()
    left_out: tuple[NotCompared, ...] = ()
    counts: tuple[NetworkCount, ...] = ()
