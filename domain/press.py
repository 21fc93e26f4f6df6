"""What people do with an incident, by whatever way: the names of the verbs and what they say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.sentiment import Label

MORE = "more"  # the menu of what is needed rarely


class Verb(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    WRONG_TONE = "wrong_tone"
    NOT_CUSTOMER = "not_customer"
    NOT_ABOUT_US = "not_about_us"
    SEVERITY = "severity"
    NOTE = "note"


class Said(StrEnum):
    """What can be said of a post of the random sample."""

    NEGATIVE = "label_negative"
    NEUTRAL = "label_neutral"
    POSITIVE = "label_positive"
    SKIP = "label_skip"

    @property
    def label(self) -> Label | None:
        """None: it was skipped."""
        return None if self is Said.SKIP else Label(self.value.removeprefix("label_"))


OPENING = "opening"  # until the office opens on a later day
SNOOZES = {"1h": "1 hour", "4h": "4 hours", OPENING: "Until the office opens tomorrow"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The brand answered where it cannot be seen: by mail, on the phone, in a shop."""

    channel: str  # in a person's words
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class NoAnswerNeeded:
    """Somebody has looked at it and nothing is to be said."""


@dataclass(frozen=True, slots=True)
class DuplicateOf:
    """Another incident is about the same."""

    incident_id: int


Settled = Elsewhere | NoAnswerNeeded | DuplicateOf
