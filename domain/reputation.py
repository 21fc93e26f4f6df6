"""What mentions add up to, in numbers that carry their own explanation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    INSUFFICIENT = "insufficient"  # too few authors: there is no number, on purpose


@dataclass(frozen=True, slots=True)
class Tone:
    """One scored mention, as the scores see it; own accounts and plain reposts are left out."""

    author: str  # source:id; one author is one voice however often they write
    published_at: datetime
    polarity: float  # P(positive) - P(negative), in [-1, 1]
    reach: int  # followers, 0 when unknown
    tier_weight: float | None  # 1..2 for the author of a linked customer, None when not linked
    fingerprint: str  # equal for near-identical texts: duplicates count once


@dataclass(frozen=True, slots=True)
class Clocked:
    """One promise (a clock of an incident), as the response figures see it."""

    posted_at: datetime
    due_at: datetime
    answered_at: datetime | None  # None: not yet
    closed_at: datetime | None = None  # resolved by hand without a reply seen on the platform
    is_elsewhere: bool = False  # that it was answered is a person's word: no source sees it
    source: str = ""
    severity: str = ""
    person: str = ""  # to whom it was assigned
    customer_id: int | None = None  # the linked customer who waits; None: nobody knows who it is


@dataclass(frozen=True, slots=True)
class Part:
    name: str  # "sentiment", "customer voice", "response", "calm"
    value: float | None  # 0..100; None: missing, its weight goes to the others
    weight: float  # after renormalising; 0 when missing
    contribution: float  # weight * value; the contributions add up to the score
    n: int  # what it rests on: authors, customers, due mentions, spikes
    note: str = ""  # why it is missing, or what it rests on


@dataclass(frozen=True, slots=True)
class Reputation:
    brand: str
    date: date  # the local day whose midnight ends the window
    score: float | None  # 0..100; None when insufficient
    low: float | None  # 95 % interval
    high: float | None
    n_authors: int
    status: Status
    parts: tuple[Part, ...]
    formula: str  # "ORS-v1"


@dataclass(frozen=True, slots=True)
class NpsProxy:
    """An NPS-like number from public mentions. Not NPS: nobody was asked the question."""

    brand: str
    date: date
    value: float | None  # -100..100; None when insufficient
    low: float | None
    high: float | None
    n_authors: int
    promoters: int
    passives: int
    detractors: int
    status: Status
    calibration: str = "uncalibrated"


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Answer times over a window, each share with what it rests on."""

    needed: int  # promises for posts of the window
    due: int  # of those, whose time is over, whatever happened before
    in_time: int  # of the due
    answered: int  # of all, due or not
    elsewhere: int  # of the answered: by a person's word
    elsewhere_in_time: int  # of these: due, and in time
    pending: int  # not answered, not due yet
    overdue: int  # not answered, due
    oldest_open: timedelta | None  # age of the oldest one without an answer
    attainment: float | None  # in_time / due; None when nothing was due
    attainment_low: float | None  # Wilson 95 %
    attainment_high: float | None
    answered_p50: timedelta | None  # among the answered only; None below 10
    answered_p90: timedelta | None
    km_p50: timedelta | None  # Kaplan-Meier, the unanswered censored; None: not reached or below 10
    km_p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the incidents that somebody has handled were worth it."""

    handled: int
    dismissed: int  # of those
    share: float | None  # not dismissed / handled; None when nobody handled any
    low: float | None  # Wilson 95 %
    high: float | None
