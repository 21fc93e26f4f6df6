"""What the classifier asks of whatever runs the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.sentiment import Label

LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)  # the order of every row of numbers


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text as the model reads it."""

    ids: Sequence[int]  # already cut to what the model reads
    truncated: bool
    known: bool  # whether any of it is in the model's vocabulary


class Backend(Protocol):
    """A loaded model."""

    name: str  # name@hash
    languages: tuple[str, ...]  # ISO 639-1 codes it was trained on; empty: any, or not known

    def prepare(self, text: str) -> str:
        """The text in the form this model was trained on; may come out empty."""

    def tokens(self, prepared: Sequence[str]) -> list[Tokens]:
        """One for each text, in order."""

    def probabilities(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """(n, 3) in the order of LABELS. A row must not depend on the rows beside it."""
