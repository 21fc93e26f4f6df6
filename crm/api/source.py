"""The interface of a CRM or shop that is read over its API. The application owns transactions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from domain.customer import CustomerRecord, OrderRecord

# What was saved late, or is found late by a search, lies just before where the last pass ended:
# each pass begins this much earlier. Reading a record twice changes nothing.
OVERLAP = timedelta(minutes=15)


class Holds(StrEnum):
    """What a whole walk over an object brings: what it did not is not there any more."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    SOME_ORDERS = "some orders"  # not those of long ago: what is not in it says nothing
    DELETIONS = "deletions"  # nothing but what was deleted: what is not in it says nothing


@dataclass(frozen=True, slots=True)
class CrmObject:
    """One kind of record of a system, with a cursor of its own."""

    name: str  # as the system says: "contacts", "deals", "deleted contacts"
    holds: Holds


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was left out, the others were kept."""

    external_id: str  # "" where it has none that can be read
    reason: str  # without personal data, except the one value that is wrong


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the system, and where to go on from it.

    The application stores the records and the cursor in one transaction, so a crash repeats a page
    and never skips one.
    """

    cursor: Mapping[str, Any]  # JSON; given back to pull() next time
    read: int  # records the system sent, refused and deleted ones included
    customers: tuple[CustomerRecord, ...] = ()  # whose `system` is the source's name
    orders: tuple[OrderRecord, ...] = ()
    deleted: tuple[str, ...] = ()  # ids of customers that the system says it has no more
    deleted_orders: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()


class CrmSource(Protocol):
    """One CRM or shop. Made once per process, used by one thread at a time."""

    @property
    def name(self) -> str:
        """The system of its records, as for files: "hubspot"."""
        ...

    @property
    def objects(self) -> Sequence[CrmObject]:
        """What is read, in this order: customers before orders."""
        ...

    def pull(self, what: str, cursor: Mapping[str, Any] | None, *, now: datetime) -> Iterator[Page]:
        """Pages of what has changed since the pass that ended with this cursor, or its rest.

        what: the name of one of `objects`. cursor: of the last page stored of it; None reads
        everything that there is: a walk from None to its end, over several calls if one broke off,
        has brought every record that exists. An empty walk yields a page, too, for its cursor.
        Raises RemoteError when the system refuses or fails; pages yielded before stay good. It
        waits for nothing: who is limited raises, and is called again after retry_after.
        """
        ...

    def check(self) -> str:
        """One cheap call for `doctor`: a sentence that says what works. Raises RemoteError."""
        ...


@runtime_checkable
class TakesHandles(Protocol):
    """A system that the handles of customers can be written into."""

    @property
    def handle_field(self) -> str:
        """The field that takes them; "" where nothing is to be written."""
        ...

    def handle_in(self, external_id: str, *, now: datetime) -> str | None:
        """What stands in that field of a customer; None: there is no such customer any more.

        Raises RemoteError, as write_handle() does.
        """
        ...

    def write_handle(self, external_id: str, text: str, *, now: datetime) -> None:
        """Let the field hold this text; "" empties it."""
        ...
