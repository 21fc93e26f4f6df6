"""What the classifier asks of whatever runs the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.sentiment import Label
from sentiment.text import Span

LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)  # the order of every row of tones

Answers = Mapping[str, NDArray[np.float32]]  # head -> probabilities (n, labels), as in heads.py


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text in the form a model was trained on; it may be empty."""

    text: str
    target: Sequence[Span] = ()  # where the name stands that the tone is asked toward


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text as the model reads it."""

    ids: Sequence[int]  # already cut to what the model reads
    truncated: bool
    known: bool  # whether any of it is in the model's vocabulary
    target: Sequence[int] = ()  # for each id 1 if it belongs to the name; empty: none is read


class Backend(Protocol):
    """A loaded model."""

    name: str  # name@hash
    languages: tuple[str, ...]  # ISO 639-1 codes it was trained on; empty: any, or not known
    # The probability from which a text asks for an answer; None: it never does, nobody measured it.
    answer_from: float | None

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        """The text in the form this model was trained on."""

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        """One for each text, in order."""

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        """What each head of the model says; the tone is always there.

        A row must not depend on the rows beside it.
        """
