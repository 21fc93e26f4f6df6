"""A mute: somebody asked the channel not to hear of something for a while, and said why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.clock import iso


class Muted(StrEnum):
    """What a mute is of."""

    SOURCE = "source"
    AUTHOR = "author"
    RULE = "rule"
    STORY = "story"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Mute:
    id: int
    what: Muted
    value: str  # a source, source:seal of an author's id, a rule, a mention's id, or a query
    brand: str  # "" for all
    reason: str
    by: str  # a person
    created_at: datetime
    until: datetime
    removed_at: datetime | None = None
    handle: str = ""  # of an author, as long as posts of theirs are stored
    kept_quiet: int = 0  # incidents that the channel did not hear of because of it

    @property
    def ends_at(self) -> datetime:
        return self.until if self.removed_at is None else min(self.until, self.removed_at)

    def holds(self, now: datetime) -> bool:
        return now < self.ends_at

    @property
    def name(self) -> str:
        """What it is of, for people; an author who is not known any more is not named."""
        if self.what is not Muted.AUTHOR:
            return f"{self.what} {self.value}"
        source = self.value.partition(":")[0]
        return f"author {source}:{self.handle}" if self.handle else f"an author on {source}"

    @property
    def sentence(self) -> str:
        """Why a message did not leave."""
        return f"muted by {self.by} until {iso(self.until)}: {self.reason}"
