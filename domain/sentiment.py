"""The sentiment of a text: a label and three probabilities, and the model they come from."""

from dataclasses import dataclass
from enum import StrEnum

# Below this no class holds even half of the probability: a guess, which opens no incident.
UNSURE_BELOW = 0.5
# How a Sentiment's reason begins where the model failed over the text; another try may score it.
MODEL_FAILED = "the model "
# ... and where it is in a language that the model does not read: its code follows, then a colon.
UNREAD_LANGUAGE = "language "


class Label(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Asks(StrEnum):
    """What a post asks of whoever it is about."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    REQUEST = "request"
    BUYING = "buying"  # wants, plans or decides to buy
    PRAISE = "praise"
    NOTHING = "nothing"


WANT_AN_ANSWER = frozenset({Asks.COMPLAINT, Asks.QUESTION, Asks.REQUEST})


class Emotion(StrEnum):
    """Ekman's six and none: https://en.wikipedia.org/wiki/Emotion_classification."""

    ANGER = "anger"
    DISGUST = "disgust"
    FEAR = "fear"
    JOY = "joy"
    SADNESS = "sadness"
    SURPRISE = "surprise"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """One scored text. When it was not scored, label is None and reason says why."""

    label: Label | None  # the most probable class
    negative: float  # calibrated probabilities in [0, 1] that add up to 1; all 0 when not scored
    neutral: float
    positive: float
    model: str  # name@hash of the weights
    truncated: bool = False  # the text was longer than the model reads
    lang: str | None = None  # ISO 639-1, given by the source or detected; None when unknown
    reason: str = ""  # why there is no label, e.g. "empty text"
    toward: bool = False  # the tone toward the name that was asked about, not of the whole text
    asks: Asks | None = None  # None, here and below: the model has no opinion on it
    asks_probability: float | None = None  # of `asks`, calibrated
    wants_answer: float | None = None  # probability that it asks for one: any of WANT_AN_ANSWER
    expects_answer: bool = False  # that probability reaches the threshold of the model's card
    emotion: Emotion | None = None
    sarcastic: bool | None = None
    corrected_by: str = ""  # the person who gave the label; its probability is 1 then

    @property
    def polarity(self) -> float:
        """P(positive) - P(negative), in [-1, 1]."""
        return self.positive - self.negative

    @property
    def probabilities(self) -> dict[str, float | None]:
        """By label, for whoever reads them elsewhere: None, not 0, where there is no label."""
        by_label = zip(Label, (self.negative, self.neutral, self.positive), strict=True)
        return {str(label): None if self.label is None else one for label, one in by_label}

    @property
    def confidence(self) -> float:
        """The probability of the label; 0 when there is none."""
        return max(self.negative, self.neutral, self.positive)

    @property
    def unsure(self) -> bool:
        """Whether the label is the model's guess rather than its opinion."""
        return self.label is not None and not self.corrected_by and self.confidence < UNSURE_BELOW
