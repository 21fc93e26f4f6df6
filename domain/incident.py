"""An incident: mentions that need an answer, and the clock that runs until they have one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.sentiment import Sentiment


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


LIVE = (State.OPEN, State.ACKNOWLEDGED, State.SNOOZED)
DELETED, EDITED = "deleted", "edited"
WITHDRAWN = (DELETED, EDITED)  # resolutions: no words are left that ask for an answer


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """The customer behind an author, as far as an alert may show it (confirmed links only)."""

    id: int
    name: str
    tier: str
    revenue_12m: float
    orders: int
    currency: str
    basis: str  # why we think so, e.g. "handle on file"


@dataclass(frozen=True, slots=True)
class Triaged:
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
    customer: KnownCustomer | None
    story_id: int | None = None  # what several mentions tell alike; None: nobody else does


@dataclass(frozen=True, slots=True)
class Incident:
    id: int
    key: str  # complaint:{brand}:{source}:{author}:{conversation root}; one live one per key
    brand: str
    rule: str
    severity: Severity
    state: State
    posted_at: datetime  # of its first mention: the clock starts here
    opened_at: datetime
    due_at: datetime  # the promised answer time
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None  # the brand's own reply on the platform
    resolved_at: datetime | None = None
    resolution: str = ""  # "replied", "manual", "deleted", "edited", "" while live
    assignee: str = ""
    snoozed_until: datetime | None = None
    customer: KnownCustomer | None = None
    version: int = 1  # grows with every change


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule's decision to open an incident."""

    rule: str
    severity: Severity
    within: timedelta  # the promised answer time, counted from published_at
    reasons: tuple[str, ...]  # why it fired, in words
