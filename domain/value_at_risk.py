"""What is at stake while customers wait for an answer."""

from dataclasses import dataclass

from domain.valuation import Segment


@dataclass(frozen=True, slots=True)
class SegmentAtRisk:
    """The customers of one segment who wait, by what they paid in one currency."""

    currency: str  # ISO 4217; "" when the orders do not say
    segment: Segment
    customers: int  # who paid in two currencies stands in a row of each
    revenue_12m: float
    clv: float | None  # expected of the next [crm] clv_years; None: no model for this currency


@dataclass(frozen=True, slots=True)
class ValueAtRisk:
    """Who waits and what they are worth. Amounts of two currencies are never added.

    It tells of those who could be linked only: `linkable` and `linked` say how many that is.
    """

    rows: tuple[SegmentAtRisk, ...]  # currencies of most money first; in each exclusive first
    customers: int  # each once
    without_orders: int  # of these: no order is known, or they are not valued yet
    mentions: int  # that wait for an answer, whoever wrote them
    linkable: int  # of these: the network lets an author be linked with a customer at all
    linked: int  # of these: the author is a customer, by a confirmed link
