"""Leads: authors who want to buy and are no customers, and how many of such ordered since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

# From this probability on a post counts as one that wants to buy. What that is worth was measured
# by benchmarks.buying, see docs/value.md.
LEAST_PROBABILITY = 0.5
FEWEST = 30  # people: of fewer no share is told


@dataclass(frozen=True, slots=True)
class Account:
    """Who wrote: an account on a network."""

    id: int  # ours
    source: str
    external_id: str
    handle: str  # "" when unknown
    name: str
    url: str
    followers: int | None


@dataclass(frozen=True, slots=True)
class BuyingPost:
    """A post that wants to buy from a brand, as far as the model says."""

    mention_id: int
    author_id: int  # ours
    brand: str
    published_at: datetime
    probability: float  # that it wants to buy
    story: int  # the same for copies and near copies of one text
    answered: bool  # by the brand, there or elsewhere as a person says
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one reason adds to a lead's score."""

    name: str
    points: int
    most: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an author beside the posts."""

    account: Account
    may_answer: str  # by the network's contract: "no", "when mentioned", "yes"
    compares_with: tuple[str, ...] = ()  # competitors that stand in the same posts
    customer_ids: tuple[int, ...] = ()  # persons of the CRM who are linked, and never ordered


@dataclass(frozen=True, slots=True)
class Lead:
    """An author who wants to buy, and of whom no order is known."""

    known: Known
    brands: tuple[str, ...]
    posts: int  # that want to buy; copies and near copies of one text once
    first_at: datetime
    newest: BuyingPost
    is_question: bool  # any of them asks something
    probability: float  # that it wants to buy: the highest of them
    answered: bool  # the newest one, by every brand it is about
    parts: tuple[Part, ...]

    @property
    def author_id(self) -> int:
        """Ours."""
        return self.known.account.id

    @property
    def score(self) -> int:
        """The sum of its parts, 0 to 100."""
        return sum(part.points for part in self.parts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody who wanted to buy and had no order until then."""

    wanted_on: date  # the day of the first post that says so
    is_linked: bool  # with a person of the CRM, today
    ordered_on: date | None  # the first order since, that day included; None: none is known


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of those who wanted to buy. Whose days are not over counts as pending only."""

    wanted: int = 0
    pending: int = 0  # their days are not over, whatever they have done since
    linked: int = 0  # here and below: of the others
    ordered: int = 0  # within these days
    same_day: int = 0  # of those, on the day of the post itself: perhaps before it

    @property
    def over(self) -> int:
        """Whose days are over."""
        return self.wanted - self.pending


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, all in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Period:
    """The counts of a time, with the shares of those who ordered. None: fewer than FEWEST."""

    counts: Counts
    of_all: Share | None  # of those whose days are over: at least so many; None, too: none linked
    of_linked: Share | None  # of the linked among them


@dataclass(frozen=True, slots=True)
class Conversion:
    """How many of those who wanted to buy have ordered within some days."""

    within_days: int
    whole: Period
    months: Mapping[date, Period] = field(default_factory=dict)  # by the first day, oldest first
