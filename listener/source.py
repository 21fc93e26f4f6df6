"""What every source can do. The application drives it and owns the transactions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.brand import OwnAccount
from domain.contract import Contract
from domain.mention import Mention
from listener.query import Query


@dataclass(frozen=True, slots=True)
class Watch:
    """What one collection pass listens for."""

    brand: str  # the brand, or the competitor, whose query this is
    query: Query
    own_accounts: tuple[OwnAccount, ...] = ()  # their posts are fetched too, so answers are seen
    languages: tuple[str, ...] = ()  # ISO 639-1, for the sources that can filter; empty: any


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which mentions were certainly or possibly missed."""

    since: datetime | None  # None: as far back as the source goes
    until: datetime
    reason: str  # one sentence


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the service, and where to go on from it.

    The application stores the mentions and the cursor in one transaction, so a crash repeats a
    page or the walk's start, and never skips one.
    """

    mentions: tuple[Mention, ...]
    cursor: Mapping[str, Any]  # JSON; given back to collect() next time
    fetched: int  # things the service sent, unreadable ones included
    broken: tuple[str, ...] = ()  # one sentence for each thing that could not be read
    gap: Gap | None = None
    backlog: bool = False  # goes back further than any pass before: what is old in it is history


class Source(Protocol):
    """One network. Made once per process, used by one thread at a time."""

    @property
    def name(self) -> str: ...

    @property
    def contract(self) -> Contract: ...

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """Pages of posts that match, until the walk meets what an earlier pass has stored.

        cursor: of the last page stored for this watch, None the first time.
        since: go back to here instead of to the cursor (a manual backfill), None normally.
        Raises RemoteError when the service refuses or fails; pages yielded before stay good.
        """
        ...

    def check(self) -> str:
        """One cheap call for `doctor`: a sentence that says what works. Raises RemoteError."""
        ...
