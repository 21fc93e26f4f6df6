"""What every source can do. The application drives it and owns the transactions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, Protocol, runtime_checkable

from domain.brand import OwnAccount
from domain.contract import Contract
from domain.errors import RemoteError
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
class Counted:
    """What a service said there was to read, and how much of that came."""

    there: int
    came: int


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
    ageless: frozenset[str] = (
        frozenset()
    )  # ids of those that may be of any age: they are history, too
    # What the network charges for: "post" -> ("post:1849", …). What has the same name is the same
    # thing, and free for the rest of its UTC day.
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    counted: Counted | None = None  # with the last page of a walk, where the service was asked


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


class OrderLostError(RemoteError):
    """What was ordered will never come."""


@runtime_checkable
class Orders(Protocol):
    """A source whose network is told of many posts at once, and says later what became of them."""

    @property
    def most_ordered(self) -> int:
        """How many posts one order may hold."""
        ...

    def order(self, external_ids: Sequence[str], *, name: str, now: datetime) -> Mapping[str, Any]:
        """Ask after these posts; returns the receipt, JSON, by which the answer is fetched.

        name: of this order alone. An order made again under its name, by one who has lost the
        receipt, is not made twice while the first one is open.
        Raises RemoteError when the service refuses or fails.
        """
        ...

    def ordered(
        self, receipt: Mapping[str, Any], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        """What has become of the posts of this order, as recheck() says it; None: not known yet.

        Gone is what the network itself calls deleted, never what it only does not find.
        Raises OrderLostError when the answer will never come, RemoteError as order() does.
        """
        ...


@runtime_checkable
class Streams(Protocol):
    """A source whose network can also push posts as they are written.

    The passes of collect() go on beside it, and find what a lost connection has missed.
    """

    @property
    def streaming(self) -> bool:
        """Whether its settings ask for it."""
        ...

    def stream(
        self,
        watches: Sequence[Watch],
        cursor: Mapping[str, Any] | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],
    ) -> None:
        """Hand on what answers any of these watches, a page for some posts, until `stop` is set.

        What the source cannot tell by itself may be handed on too; the application matches again.
        cursor: of the last page stored of this stream, None the first time. take: stores a page;
        what it raises ends the stream. Returns within a few seconds of `stop`, or when the
        service has ended the connection in good order.
        Raises RemoteError when the service refuses or fails; what was handed on before stays good.
        """
        ...
