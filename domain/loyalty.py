"""Loyalty beside the mood: what customers bought after they wrote, by how they were answered.

It sets figures of groups side by side and says nothing about why they differ. docs/value.md defines
each figure by the names here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.incident import Clock


class Answered(StrEnum):
    """How the first post that asked for an answer, and whose promised time is over, fared."""

    IN_TIME = "in_time"
    LATE = "late"
    NEVER = "never"  # no answer was seen to this day
    ELSEWHERE = "elsewhere"  # in time or late, as a person says
    NEVER_ASKED = "never_asked"  # wrote about the brand, and no post of theirs ever asked

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Answered.IN_TIME: "answered in time",
    Answered.LATE: "answered late",
    Answered.NEVER: "never answered",
    Answered.ELSEWHERE: "answered elsewhere",
    Answered.NEVER_ASKED: "never asked",
}


class Order(NamedTuple):
    """An order after its refunds; below 0 it is a refund of which no order is known."""

    ordered_on: date
    amount: Decimal
    currency: str  # ISO 4217; "" when the orders do not say


class Promise(NamedTuple):
    """A clock of posts that asked for an answer, by a linked customer."""

    person_id: int
    clock: Clock


class Post(NamedTuple):
    """A post about the brand, by a linked customer."""

    person_id: int
    published_at: datetime
    asks: bool | None  # for an answer; None: nobody has judged it yet


class Outside(StrEnum):
    """Why a linked customer is in no group."""

    RUNNING = "running"  # asked, and the promised time is not over
    NO_PROMISE = "no_promise"  # asked before the time looked at, or no promise of it counts
    UNREAD = "unread"  # of a post of theirs nobody has judged yet whether it asks
    QUIET = "quiet"  # wrote nothing about the brand in the time looked at
    NEVER_ORDERED = "never_ordered"  # had not ordered by the index day


class Start(NamedTuple):
    """From when on a customer is followed."""

    answered: Answered
    day: date  # the index day: of the post that asked; of who never asked, of one of their posts


@dataclass(frozen=True, slots=True)
class Case:
    """One customer, from the index day on."""

    start: Start
    orders: tuple[Order, ...]  # after all refunds known today
    known: tuple[Order, ...]  # of before the index day, after the refunds of before it
    p_alive: float | None = None  # today; None: ordered once, or there are too few data
    is_silent: bool | None = None  # today, by the gap rule; None: ordered on one day alone


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a mean, and what it rests on."""

    n: int  # customers
    effective_n: float  # how many of equal weight tell as much; n where all weigh the same
    value: float | None  # None, also below: too few, see reputation.loyalty.MIN_CUSTOMERS
    low: float | None  # 95 % interval; None, too: of a mean of which all have the same
    high: float | None
    hits: int | None = None  # of a share without weights, how many


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of a group, and the same of customers like them who never asked."""

    raw: Estimate  # of the whole group
    # Here and below None of who never asked: nobody is compared with themselves.
    matched: Estimate | None = None  # of those in the group of whom there is somebody alike
    alike: Estimate | None = None  # of who never asked, weighted to be as the matched were before

    @property
    def unmatched(self) -> int:
        """How many of the group no customer was like who never asked."""
        return self.raw.n - self.matched.n if self.matched else 0


@dataclass(frozen=True, slots=True)
class Spent:
    """Means per customer of one currency, of who had ordered in it before the index day."""

    currency: str
    before: Compared  # in the 180 days before the index day
    after: Compared  # in the 180 days after it
    change: Compared  # after - before


@dataclass(frozen=True, slots=True)
class LoyaltyGroup:
    """Customers who were answered alike, each counted once, whose 180 days are over."""

    answered: Answered
    customers: int
    pending: int  # besides them: their 180 days are not over
    repeat: Compared  # ordered again within 180 days after the index day
    retention: Compared  # ordered on the days 181 to 365 after it; of whom 365 days are over
    abandonment: Compared  # mean of 1 - P(alive) today, of who ordered more than once
    silent: Compared  # today, for longer than 3 x their own median gap
    spent: tuple[Spent, ...]  # the currency of most customers first


@dataclass(frozen=True, slots=True)
class Loyalty:
    """All groups, in the order of Answered."""

    brand: str | None  # None: all brands together
    since: date  # the first day of posts looked at
    until: date  # the last day of which orders are known: nobody is followed any further
    as_of: date
    groups: tuple[LoyaltyGroup, ...]
    linked: int  # customers with an account: of all groups, pending and left out together
    left_out: Mapping[Outside, int]  # each of them, 0 included
    unlinked: int  # customers of whom no account is known, so that nobody knows what they wrote
