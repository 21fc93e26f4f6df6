"""How many mentions a day had, by tone."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DayVolume:
    """Mentions of one local day by tone."""

    date: date
    negative: int
    neutral: int
    positive: int
    unsure: int  # scored, and the model is not sure enough of any tone to count it
    unscored: int
    heard: float | None = None  # share of the day that was covered by the sources; None: no source

    @property
    def total(self) -> int:
        return self.negative + self.neutral + self.positive + self.unsure + self.unscored
