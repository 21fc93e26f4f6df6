"""What the morning digest says. Filled by the application, drawn by alerts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.customer import Amount
from domain.customer_lists import ListChange
from domain.incident import CustomerProfile, Incident, Severity
from domain.loyalty import Loyalty
from domain.mute import Mute
from domain.reputation import Comparison, NpsProxy, Reputation, ResponseTimes
from domain.sentiment import Label
from domain.share_of_voice import ShareOfVoice
from domain.valuation import Cohort
from domain.value_at_risk import ValueAtRisk
from domain.volume import DayVolume

Day = date  # below, a field named date hides the type


@dataclass(frozen=True, slots=True)
class Quote:
    """A mention worth reading. text is whole and hostile: whoever draws it cuts and escapes."""

    mention_id: int  # ours
    source: str
    author_handle: str
    author_name: str
    followers: int | None
    text: str
    url: str
    published_at: datetime
    label: Label | None
    confidence: float
    corrected_by: str = ""  # the person who gave the label
    customer_name: str = ""  # confirmed links only
    customer_tier: str = ""


@dataclass(frozen=True, slots=True)
class OpenIncident:
    incident: Incident
    mentions: int
    quote: Quote  # its first mention


@dataclass(frozen=True, slots=True)
class Untold:
    """A mention that asks for an answer, has none, and of which no alert told."""

    quote: Quote
    customer: CustomerProfile | None
    due_at: datetime
    severity: Severity
    why: str  # it asks, in words
    no_alert: str  # why no alert told of it


@dataclass(frozen=True, slots=True)
class WaitingCustomer:
    """A customer who waits for an answer."""

    mention_id: int  # of theirs that waits for longest
    customer: CustomerProfile
    since: datetime  # when that was published


@dataclass(frozen=True, slots=True)
class ListNews:
    """How the lists of customers and leads changed."""

    since: date | None  # the day that is compared with; None: there is none yet
    changes: tuple[ListChange, ...]


@dataclass(frozen=True, slots=True)
class FirstOrders:
    """Who ordered first in which month, and again."""

    as_of: date
    cohorts: tuple[Cohort, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Voice:
    """One bar of the share of voice, of a former release: it counted mentions."""

    name: str  # the brand or a competitor
    mentions: int
    negative: int  # here and below: of whose tone the model is sure
    positive: int


@dataclass(frozen=True, slots=True)
class SourceHealth:
    source: str
    mentions: int  # on the day
    last_ok_at: datetime | None
    trouble: str  # one sentence, "" when all is well
    gaps: tuple[str, ...]  # what was certainly missed, one sentence each


@dataclass(frozen=True, slots=True)
class Linking:
    """How many of the window's authors are linked to a customer; 0 of each: nobody wrote."""

    linked: int
    allowed: int  # wrote where linking is allowed
    authors: int

    @property
    def forbidden(self) -> int:
        return self.authors - self.allowed


@dataclass(frozen=True, slots=True)
class Spending:
    """What a source that charges has cost, for all brands together; days and months in UTC."""

    source: str
    yesterday: Decimal
    month: Decimal  # so far
    budget: Decimal  # of the month
    useful_alerts: int  # of this month: taken up, assigned or answered, and not dismissed


@dataclass(frozen=True, slots=True)
class TrendChange:
    """What the scores of a day and of those after it rest on, other than those before."""

    day: Day
    what: str  # "trustpilot is new"
    breaks: bool = False  # another formula: the days before it are not to be compared with it


@dataclass(frozen=True, slots=True)
class Told:
    """The score of a day as the digest before told it, not final, and as it is now."""

    day: Day
    then: float | None
    now: float | None
    final: bool  # now


@dataclass(frozen=True, slots=True)
class Revised:
    """A published score that is another one since the digest before."""

    day: Day
    published: float | None  # as it was then
    now: float | None
    why: str  # "10 incidents dismissed"


@dataclass(frozen=True, slots=True)
class Digest:
    brand: str
    date: date  # the local day the digest is sent; it reports on the day before
    timezone: str
    made_at: datetime
    days: tuple[DayVolume, ...]  # 28 local days, oldest first; the last one is the day before
    reputation: Reputation
    reputation_before: Reputation | None  # seven days earlier, when there was one
    nps: NpsProxy
    nps_before: NpsProxy | None
    # Published scores, oldest first; the last one may be the reputation that is not final.
    reputation_trend: tuple[tuple[Day, float | None], ...]
    response: ResponseTimes
    open_incidents: tuple[OpenIncident, ...]  # most urgent first
    dismissed: tuple[tuple[str, int], ...]  # (by whom, how many) on the day
    worst: tuple[Quote, ...]  # negative mentions of the day, widest reach first
    best: tuple[Quote, ...]
    voices: tuple[Voice, ...]  # of a former release alone: 28 days, the brand first
    health: tuple[SourceHealth, ...]
    customers_waiting: int  # linked customers of an open incident, or without an answer or alert
    value_waiting: tuple[Amount, ...]  # their orders of the past 12 months, in each currency
    linking: Linking
    window: timedelta = timedelta(days=28)
    hidden: tuple[tuple[str, int], ...] = ()  # (why, how many) of the day's mentions, most first
    # (ISO 639-1 code, how many) of the window's mentions in languages nobody reads, most first
    unread: tuple[tuple[str, int], ...] = ()
    spending: tuple[Spending, ...] = ()  # by the sources that charge
    unanswered: int = 0  # mentions of the window that ask for an answer and have none
    untold: tuple[Untold, ...] = ()  # those of which no alert told, by due time
    mutes: tuple[Mute, ...] = ()  # those that held on the day or hold now
    waiting_customers: tuple[WaitingCustomer, ...] = ()  # the most valuable, of each currency first
    at_risk: ValueAtRisk | None = None  # of the customers who wait; None: of a former release
    lists: ListNews | None = None  # on Mondays
    loyalty: Loyalty | None = None  # on the first of a month, likewise below
    first_orders: FirstOrders | None = None  # None, too, where nothing was valued yet
    not_final: bool = False  # the reputation was computed for this digest, and is not published
    comparison: Comparison | None = None  # with reputation_before; None: of a former release, too
    trend_changes: tuple[TrendChange, ...] = ()  # oldest first
    trend_intervals: tuple[tuple[Day, float, float], ...] = ()  # (day, low, high) of the trend
    told_before: Told | None = None  # None: the digest before told what was final
    revised: tuple[Revised, ...] = ()  # the most moved first
    share_of_voice: ShareOfVoice | None = None  # None: of a former release
