"""Lists of customers that somebody can act on, and how one changes from week to week."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from domain.customer import Amount
from domain.valuation import Segment


class ListName(StrEnum):
    """docs/value.md says who is on which."""

    AMBASSADORS = "ambassadors"
    AT_RISK = "at risk"
    LOST = "lost"
    WON_BACK = "won back"
    LEADS = "leads"


@dataclass(frozen=True, slots=True)
class ListChange:
    """What came to a list and what left it between two looks at it."""

    name: ListName
    total: int  # on it at the later look
    joined: int
    left: int
    value_joined: tuple[Amount, ...]  # what those who joined paid in 12 months, by currency


class Rhythm(NamedTuple):
    """How often somebody orders, and when they did last; as in domain.valuation.Valuation."""

    person_id: int
    segment: Segment
    orders: int
    last_order_on: date
    median_gap_days: float | None  # None: they ordered on one day alone
    p_alive: float | None  # None: no model, or one day alone


@dataclass(frozen=True, slots=True)
class Voice:
    """How a promoter wrote of one brand lately, on all their accounts."""

    posts: int  # with a tone; copies of what others wrote are none
    stance: float  # in [-1, 1], see reputation.authors: from domain.reputation.CUT_OFF on
    ends_negative: bool  # the newest of their posts is, surely
    followers: int | None  # of the widest account; None: their networks do not say


class Return(NamedTuple):
    """An order after a long silence."""

    left_on: date  # the last order before it
    returned_on: date
    usual_gap_days: float  # the median between the days they had ordered on up to then
