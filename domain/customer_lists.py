"""Lists of customers that somebody can act on, and how one changes from week to week."""

from dataclasses import dataclass
from enum import StrEnum

from domain.customer import Amount


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
