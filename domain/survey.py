"""Answers of customers who were asked how likely they are to recommend a brand, from 0 to 10."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

LOWEST, HIGHEST = 0, 10
PROMOTER, PASSIVE = 9, 7  # from these on; who answers less is a detractor


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """One answer as a file has it."""

    response_id: str  # of the tool that asked
    answered_at: datetime
    score: int  # 0..10
    email: str = ""  # by which the customer is found; it is not kept
    customer: str = ""  # their id in a CRM or shop
    line: int = 0  # of the file


class Tally(NamedTuple):
    """How many answered, or spoke, as what."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def net(self) -> float:
        """100 * (promoters - detractors) / n, in [-100, 100]; 0 of nobody."""
        return 100 * (self.promoters - self.detractors) / self.n if self.n else 0.0


def group(score: int) -> int:
    """1 for a promoter, 0 for a passive, -1 for a detractor."""
    return (score >= PASSIVE) + (score >= PROMOTER) - 1
