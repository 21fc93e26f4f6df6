"""An incident: mentions that need an answer, and the clock that runs until they have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.business_hours import BusinessHours, deadline
from domain.customer import MIXED, Amount
from domain.sentiment import Sentiment
from domain.valuation import Valuation


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


LIVE = (State.OPEN, State.ACKNOWLEDGED, State.SNOOZED)
REMINDED = (State.OPEN, State.ACKNOWLEDGED)  # the others are closed, or quiet until they wake


class IncidentKind(StrEnum):
    """What an incident is about; alerts.kinds says what follows from it."""

    COMPLAINT = "complaint"  # mentions that need an answer by the brand
    SOURCE_ALARM = "source_alarm"  # a source that is not heard any more; it belongs to no brand


class Resolution(StrEnum):
    """How an incident came to be resolved."""

    REPLIED = "replied"
    MANUAL = "manual"  # by a person who did not say how
    ELSEWHERE = "elsewhere"  # answered where it cannot be seen, as a person says
    NO_ANSWER_NEEDED = "no_answer_needed"
    DUPLICATE = "duplicate"  # another incident is about the same
    DELETED = "deleted"
    EDITED = "edited"
    HEARD_AGAIN = "heard again"


# The brand has answered.
ANSWERS = (Resolution.REPLIED, Resolution.ELSEWHERE)
# No words are left that ask for an answer.
WITHDRAWN = (Resolution.DELETED, Resolution.EDITED)


class Action(StrEnum):
    """What can happen to an incident, as its audit says it."""

    OPENED = "opened"
    JOINED = "joined"
    IDENTIFIED = "identified"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"  # its answer was taken back, or turned out to be none
    CORRECTED = "corrected"
    RATED = "rated"  # a person said how grave it is
    NOTED = "noted"
    DELETED = "deleted"
    EDITED = "edited"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


GRAVITY = {Severity.LOW: 0, Severity.NORMAL: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """The customer behind an author, as far as an alert may show it (confirmed links only)."""

    id: int
    name: str
    tier: str
    revenue_12m: float
    orders: int
    currency: str
    basis: str  # why we think so, e.g. "handle on file"
    revenues_12m: tuple[Amount, ...] = ()  # in each currency, most money first
    top_tier: bool = False  # of the tiers that the configuration ranks
    last_order_on: date | None = None
    segment: str = ""  # domain.valuation.Segment; "" before it was worked out
    clv: float | None = None  # None: orders in two currencies, or too few to work it out
    valuation: Valuation | None = None  # as it was worked out last

    @property
    def spent(self) -> tuple[Amount, ...]:
        """What they ordered in the past 12 months, in each currency; one of 0 for nothing."""
        currency = "" if self.currency == MIXED else self.currency
        return self.revenues_12m or (Amount(currency, self.revenue_12m),)


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a customer's earlier incidents ended."""

    answered: int
    open: int
    closed: int  # without an answer

    @property
    def total(self) -> int:
        return self.answered + self.open + self.closed


@dataclass(frozen=True, slots=True)
class EarlierMentions:
    """What a customer had written before, and how it was answered."""

    by_source: tuple[tuple[str, int], ...] = ()  # (network, how many), most first
    answered: int = 0  # of them, where the brand could be seen to
    last_took: timedelta | None = None  # until the newest of these answers; None: there is none

    @property
    def total(self) -> int:
        return sum(count for _, count in self.by_source)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rules look at: one scored mention of one brand."""

    mention_id: int
    brand: str
    source: str
    external_id: str
    text: str
    url: str
    published_at: datetime
    parent_id: str | None
    conversation_id: str | None
    author_id: str  # the platform's; "" when unknown
    author_handle: str
    author_name: str
    followers: int | None
    lang: str | None
    rating: float | None
    sentiment: Sentiment | None  # None or label None: not scored, never matches a tone condition
    customer: CustomerProfile | None
    story_id: int | None = None  # what several mentions tell alike; None: nobody else does
    silent: str = ""  # why it asks for nothing whatever it says: own, noise, repost, dismissed
    reactions_per_hour: float | None = None  # likes, reposts and replies until it was collected
    orders: tuple[str, ...] = ()  # it is about, in words; set where it is drawn


DISMISSED = "dismissed"  # how a clock ended that should never have run
WITHDRAWN_POSTS = "withdrawn"  # how one ended whose posts were deleted or edited


# How a clock ended that was no promise: nobody was owed an answer.
NO_PROMISE = (DISMISSED, WITHDRAWN_POSTS, Resolution.NO_ANSWER_NEEDED, Resolution.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise: from a post that asks until the brand has answered, or somebody has decided."""

    posted_at: datetime
    due_at: datetime
    severity: Severity
    answered_at: datetime | None = None
    ended_at: datetime | None = None  # when it stopped, whatever stopped it; None: it runs
    how: str = ""  # "" it runs; DISMISSED, WITHDRAWN_POSTS or a Resolution
    channel: str = ""  # in which it was answered elsewhere
    assignee: str = ""  # who had it

    @property
    def is_decided(self) -> bool:
        """Whether a person, or the loss of its posts, has ended it; later posts begin another."""
        return self.how not in ("", Resolution.REPLIED)


@dataclass(frozen=True, slots=True)
class Incident:
    id: int
    kind: str  # an IncidentKind, or another name in alerts.kinds.KINDS
    # complaint:{brand}:{source}:{author}:{conversation root}, the last two sealed; one live one per
    # key
    key: str
    brand: str  # "" when it belongs to none
    rule: str
    severity: Severity
    state: State
    # The present clock, the newest of its rows: when it began, what was promised, how it ended.
    posted_at: datetime
    opened_at: datetime
    due_at: datetime  # the promised answer time
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    answered_at: datetime | None = None  # by the brand: on the platform, or in `answered_in`
    resolved_at: datetime | None = None
    resolution: Resolution | Literal[""] = ""  # "" while live, and of one that was dismissed
    answered_in: str = ""  # the channel in which it was answered elsewhere, as a person says
    duplicate_of: int | None = None  # the incident that is about the same
    severity_by: str = ""  # the person whose word the severity is; "": the rules'
    clock: int = 1  # the number of the present one: each reopening begins the next
    assignee: str = ""
    snoozed_until: datetime | None = None
    customer_id: int | None = None  # as stored
    customer: CustomerProfile | None = None  # as far as it may be shown
    earlier: Earlier | None = None  # of that customer; set where it is drawn
    wrote: EarlierMentions | None = None  # likewise
    hidden: bool = False  # posts of it are not shown to us at present; set where it is drawn
    uncounted: int = 0  # posts in it besides those it is drawn with; set where it is drawn
    reasons: tuple[str, ...] = ()  # why its rule fired, in words
    version: int = 1  # grows with every change

    @property
    def present(self) -> Clock:
        """The clock that runs, or that ran last."""
        return Clock(
            posted_at=self.posted_at,
            due_at=self.due_at,
            severity=self.severity,
            answered_at=self.answered_at,
            ended_at=self._ended_at(),
            how=self._how(),
            channel=self.answered_in,
            assignee=self.assignee,
        )

    def _ended_at(self) -> datetime | None:
        if self.state in LIVE:
            return None
        is_reply = self.resolution in ANSWERS and self.state is State.RESOLVED
        return (self.answered_at if is_reply else None) or self.resolved_at

    def _how(self) -> str:
        if self.state in LIVE:
            return ""
        if self.state is State.DISMISSED:
            return DISMISSED
        return WITHDRAWN_POSTS if self.resolution in WITHDRAWN else str(self.resolution)


ITSELF = "earshot"  # who did it, where nobody did


@dataclass(frozen=True, slots=True)
class Storm:
    """Many incidents of a brand at once, added up."""

    severities: Mapping[Severity, int]  # how many of each
    due_at: datetime | None  # the earliest of those that are live; None: none is
    named: tuple[int, ...]  # the first of them

    @property
    def incidents(self) -> int:
        return sum(self.severities.values())


@dataclass(frozen=True, slots=True)
class Audit:
    """One line of an incident's history."""

    incident_id: int
    version: int  # of the incident after the change
    action: Action
    by: str  # a person, or "earshot"
    at: datetime
    before: State | None  # None: there was no incident yet
    after: State
    note: str = ""  # one sentence for people


class Change(NamedTuple):
    """An incident as it is from now on, and the audit entry to store with it."""

    incident: Incident
    audit: Audit


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule's decision to open an incident."""

    rule: str
    severity: Severity
    within: timedelta  # the promised answer time
    reasons: tuple[str, ...]  # why it fired, in words
    hours: BusinessHours | None = None  # in which the promise is counted; None: round the clock

    def due_at(self, posted_at: datetime) -> datetime:
        """When a post of this instant is to be answered."""
        return deadline(posted_at, self.within, self.hours)
