"""A score with the persons it rests on: what is kept of a day, and what explains it."""

from dataclasses import dataclass

from domain.reputation import Reputation
from reputation.voices import Voices


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one brand and day."""

    reputation: Reputation
    voices: Voices  # the persons of its 28 days
