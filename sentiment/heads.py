"""What one pass of the encoder answers, question by question."""

from dataclasses import dataclass

from domain.sentiment import Asks, Emotion, Label


@dataclass(frozen=True, slots=True)
class Head:
    """One question and the answers it can have; exactly one of them is right."""

    name: str
    labels: tuple[str, ...]  # the order of its outputs
    of_target: bool = False  # asked of a name in the text, not of the text as a whole


TONE = Head("tone", tuple(Label))
TOWARD = Head("toward", tuple(Label), of_target=True)
ASKS = Head("asks", tuple(Asks))
EMOTION = Head("emotion", tuple(Emotion))
SARCASM = Head("sarcasm", ("plain", "sarcastic"))
HEADS = (TONE, TOWARD, ASKS, EMOTION, SARCASM)
SHIPPED = (TONE, TOWARD, ASKS, EMOTION)  # sarcasm was right too seldom to be told: see the card
