"""What mentions add up to, in numbers that carry their own explanation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# Of the NPS proxy: "promoter s_a >= +.33, detractor s_a <= -.33, else passive".
CUT_OFF = 0.33


# What stands at each number from which no labels by hand have taken the model's own errors.
BEFORE_ERRORS = "before the model's own errors"


class Status(StrEnum):
    OK = "ok"
    INSUFFICIENT = "insufficient"  # too few authors: there is no number, on purpose


class Opinion(NamedTuple):
    """One post about a brand, as its numbers see it.

    The brand's own posts, plain reposts and what is hidden as noise are none. Of a story, which is
    several posts that tell the same, only the first one is.
    """

    source: str
    external_id: str  # with the source it makes one order of all posts, in every database
    published_at: datetime
    # Opaque numbers that stay when posts are deleted. person: a customer where the account is
    # linked to one, else the account; both None: the post has no author, so it is nobody's.
    person: int | None
    account: int | None
    is_customer: bool
    polarity: float | None  # P(positive) - P(negative), in [-1, 1]; None: not scored
    label: str | None  # None: not scored
    story: int | None = None  # which story it tells first; None: nobody else tells it
    followers: int | None = None
    account_created_at: datetime | None = None  # None: the source does not say
    rating: float | None = None  # stars, where the source has them


class Asked(NamedTuple):
    """One post that asks for an answer, of an author."""

    person: int  # as Opinion has it
    posted_at: datetime
    answered_at: datetime | None  # on its platform, or elsewhere by a person's word; None: not yet


class Labelled(NamedTuple):
    """Somebody who was drawn at random, and whose posts were labelled by hand without the score."""

    predicted: float  # their stance by the model, of the posts that were labelled, in [-1, 1]
    truth: float  # their stance by the labels of the same posts
    weight: float  # for how many people they stand: 1 / the chance of being drawn


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
    name: str  # "sentiment", "customers", "response"
    value: float | None  # 0..100; None: missing, its weight goes to the others
    weight: float  # after renormalising; 0 when missing
    contribution: float  # weight * value; the contributions add up to the score
    n: int  # how many persons it rests on
    note: str = ""  # why it is missing, or what it rests on
    low: float | None = None  # 95 % interval of the value; None when missing
    high: float | None = None
    # Points of the value that correct the model's own error: 0 when nothing does. The value less
    # these is that of the persons' stances.
    correction: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceScore:
    """What one source alone would say."""

    source: str
    n: int  # persons
    value: float | None  # 0..100, as the part "sentiment"; None below 30 persons
    heard: float | None = None  # share of the window in which it was heard; None: not known


@dataclass(frozen=True, slots=True)
class WithoutAuthor:
    """Posts that are nobody's: in no number, shown beside."""

    n: int
    negative: int  # of them, by label


@dataclass(frozen=True, slots=True)
class YoungAccounts:
    """Persons all of whose accounts were younger than 30 days when the window ended."""

    n: int
    share: float  # of all persons
    points: float | None  # what they add to the score: it less what it would be without them


@dataclass(frozen=True, slots=True)
class Stars:
    """The stars of a source that has them; no part of the score."""

    source: str
    n: int  # ratings in the window
    mean: float  # of 1 to 5, with 7 more ratings of 3.5: few are not certain


@dataclass(frozen=True, slots=True)
class Reputation:
    brand: str
    date: date  # the local day whose midnight ends the window
    score: float | None  # 0..100; None when insufficient
    low: float | None  # 95 % interval
    high: float | None
    n_authors: int  # accounts
    status: Status
    parts: tuple[Part, ...]
    formula: str  # "ORS-v2"; "ORS-v1" of days that were published by an earlier release
    # Below: unknown of ORS-v1.
    n_persons: int = 0
    model: str = ""
    sources: tuple[SourceScore, ...] = ()  # by name
    without_author: WithoutAuthor = WithoutAuthor(0, 0)
    labelled: int = 0  # persons by whose labels the model's error is corrected; 0: it is not
    answer_yardstick: timedelta | None = None
    heard: float | None = None  # share of the window that was heard; None: no source is read
    waiting: int = 0  # posts of the window that are still to be scored
    unscored: int = 0  # those that are not scored and do not wait: in no language that is read, …
    rules: str = ""  # hashes of what decides which posts ask for an answer,
    filters: str = ""  # and of what decides which posts count
    young: YoungAccounts = YoungAccounts(0, 0.0, None)
    negative_reach: int = 0  # followers of the persons whose stance is negative, together
    stars: tuple[Stars, ...] = ()
    revision: int | None = None  # from 1 on; None: computed now and not published
    marks: tuple[str, ...] = ()  # what a reader has to know beside the number, one sentence each

    @property
    def before_errors(self) -> bool:
        """Whether the model's own errors are in the score, and in no interval."""
        return not self.labelled


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the score of a day compares with that of an earlier one."""

    against: date  # the earlier day
    change: float | None  # of the whole score; None: one of the two days has none
    # On the sources that both days heard, by one model: what is due to neither. None: not known.
    like_for_like: float | None
    low: float | None  # its 95 % interval
    high: float | None
    beyond_chance: bool | None  # whether that leaves out 0; None: not known
    lines: tuple[str, ...] = ()  # what is not alike, each with its points: "trustpilot is new: +20"


@dataclass(frozen=True, slots=True)
class LabelMix:
    """Posts by their label, each once however often their author wrote."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0


UNCALIBRATED = "uncalibrated"


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
    calibration: str = UNCALIBRATED  # by what the value was set right, in words
    n_persons: int = 0  # whose classes these are; 0 of days that an earlier release published
    raw: float | None = None  # the same before any calibration: what the classes alone say
    labels: LabelMix = LabelMix()  # of the same persons' posts
    labelled: int = 0  # persons by whose labels the model's error is corrected; 0: it is not
    before_errors: bool = True  # the model's own errors are in the value, and in no interval
    model: str = ""


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
