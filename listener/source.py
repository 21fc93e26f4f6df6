"""What every source can do. The application drives it and owns the transactions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from domain.brand import OwnAccount
from domain.contract import Contract
from domain.mention import Mention, Standing
from listener.query import And, Query

EVERYTHING = Query("", And(()))  # what a source is asked that is read once for all brands


@dataclass(frozen=True, slots=True)
class Watch:
    """What one collection pass listens for."""

    brand: str  # the brand, or the competitor, whose query this is; "" for all of them
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
    # What the network charges for: "post" -> ("post:1849", …). What has the same name is the same
    # thing, and free for the rest of its UTC day.
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)


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


@runtime_checkable
class Rechecks(Protocol):
    """A source that can tell what has become of posts it once gave."""

    @property
    def recheck_at_once(self) -> int:
        """How many posts one call may ask for."""
        ...

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What has become of these posts, at most recheck_at_once of them: there, hidden or gone.

        A post that the service says nothing certain of is left out: not knowing is no deletion.
        Raises RemoteError when the service refuses or fails.
        """
        ...
