"""The interfaces of a source. The application calls it and owns the transactions."""

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

EVERYTHING = Query("", And(()))  # the query of a source that is read once for all brands


@dataclass(frozen=True, slots=True)
class Watch:
    """What one collection pass looks for."""

    brand: str  # the brand, or the competitor, whose query this is; "" for all of them
    query: Query
    own_accounts: tuple[OwnAccount, ...] = ()  # their posts are fetched too, so answers are seen
    languages: tuple[str, ...] = ()  # ISO 639-1, for the sources that can filter; empty: any
    # Accounts of a competitor: what is said to them is looked for, what they write is not.
    only_addressed: tuple[OwnAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which mentions were certainly or possibly missed."""

    since: datetime | None  # None: as far back as the source goes
    until: datetime
    reason: str  # one sentence


@dataclass(frozen=True, slots=True)
class Counted:
    """How many posts a service counted for a walk, and how many of them came."""

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
    backlog: bool = False  # goes back further than any pass before: its old posts are history
    ageless: frozenset[str] = frozenset()  # ids of those without a date: they are history, too
    # What the network charges for: "post" -> ("post:1849", …). The same name is the same
    # thing, which is charged once per UTC day.
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
    """A source that can look up what has become of posts it has delivered."""

    @property
    def recheck_at_once(self) -> int:
        """How many posts one call may ask for."""
        ...

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What has become of these posts, at most recheck_at_once of them.

        Gone: the service says so of this very post. Hidden: it is not shown to us at present, as
        what is left out of a list, private, refused, or of a suspended account.
        A post whose state the service does not report for certain is left out.
        Raises RemoteError when the service refuses or fails.
        """
        ...


class BatchLostError(RemoteError):
    """The batch that was submitted will never have a result."""


@runtime_checkable
class BatchLookup(Protocol):
    """A source whose network looks many posts up in one batch and has the result later."""

    @property
    def batch_limit(self) -> int:
        """How many posts one batch may hold."""
        ...

    def submit(self, external_ids: Sequence[str], *, name: str, now: datetime) -> Mapping[str, Any]:
        """Submit these posts as a batch; returns a receipt, as JSON, that poll() needs.

        name: unique to this batch. A batch that is submitted again under its name, because the
        receipt was lost, is not made twice while the first one is open.
        Raises RemoteError when the service refuses or fails.
        """
        ...

    def poll(
        self, receipt: Mapping[str, Any], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        """What has become of the posts of this batch, as of recheck(); None: not ready yet.

        Gone is what the network itself calls deleted, never what it only does not find.
        Raises BatchLostError when the answer will never come, RemoteError as submit() does.
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
        """Pass pages of posts that match any of these watches to `take`, until `stop` is set.

        Posts that the source cannot match by itself may be passed on, too; the application matches
        them.
        cursor: of the last page stored of this stream, None the first time. take: stores a page;
        what it raises ends the stream. Returns within a few seconds of `stop`, or when the
        service has ended the connection in good order.
        Raises RemoteError when the service refuses or fails; pages passed on before stay stored.
        """
        ...
