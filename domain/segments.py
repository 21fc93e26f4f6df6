"""What a segment of customers is worth, what they say in public, and how they are answered."""

from dataclasses import dataclass

from domain.reputation import NpsProxy, ResponseTimes
from domain.valuation import Segment


@dataclass(frozen=True, slots=True)
class SegmentValue:
    """What the customers of one segment are worth by their orders of one currency."""

    currency: str  # ISO 4217; "" when the orders do not say
    customers: int  # who paid in two currencies stands in each
    orders: int
    revenue: float  # ever, as the two above
    revenue_12m: float
    average_order_value: float | None  # revenue / orders; None without orders
    clv: float | None  # the sum; None: no model for this currency


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """A segment. What is said and answered is of linked customers alone, each one voice."""

    segment: Segment | None  # None: who never ordered
    people: int
    linked: int  # of these: an author is confirmed as them
    orders_per_year: float | None  # the mean; None: who never ordered
    values: tuple[SegmentValue, ...]  # most money of 12 months first
    stance: float | None  # the mean over those heard, in [-1, 1]; None: fewer than 30
    nps: NpsProxy  # counts those heard in 90 days by stance; "authors" are persons
    promises: ResponseTimes  # for their posts of the same 90 days
