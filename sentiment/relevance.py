"""Whether a text that names a brand is about it: Orange the operator, or orange the fruit.

Decided by examples: what the name means where it stands is one vector, its tokens as the encoder
sees them in the middle of its way. The last layers are of no use here: they were taught the tone.
Ridge regression over the examples gives a number between about -1 (like those that are not about
the brand) and 1. Measured in benchmarks/relevance.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.brand import FEWEST_EXAMPLES
from sentiment.graph import layer_output
from sentiment.loading import ENGLISH_FOLDER
from sentiment.onnx_backend import OnnxBackend
from sentiment.text import MAX_CHARS, Span

HIDE_BELOW = -0.1  # in doubt a mention is shown
MIDDLE = layer_output(2)  # of the bundled encoder's six layers
_RIDGE = 0.3
_BEFORE = 300  # characters of a long text before the name: it must stand in what is read

Vectors = NDArray[np.float64]  # (n, h)


class Encoder:
    """What a name means in a text. Loads in about 0.3 s; one more pass of the encoder a text."""

    def __init__(self, folder: Path = ENGLISH_FOLDER, *, threads: int = 0) -> None:
        self._backend = OnnxBackend(folder, threads=threads, middle=MIDDLE)

    def vectors(self, texts: Sequence[str], places: Sequence[Sequence[Span]]) -> Vectors:
        """One for each text and the places of the name in it, as `sentiment.target` finds them."""
        if not texts:
            return np.zeros((0, 0))
        near = map(_near, texts, places)
        prepared = [self._backend.prepare(text, found) for text, found in near]
        return self._backend.vectors(self._backend.tokens(prepared)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Examples:
    """What has been learnt from examples of one brand; made by `learn`."""

    middle: NDArray[np.float64]  # (h,), between the two kinds
    slope: NDArray[np.float64]  # (h,)

    def leanings(self, vectors: Vectors) -> list[float]:
        """How much each leans to the relevant examples, about -1 to 1."""
        return [float(one) for one in _directions(vectors - self.middle) @ self.slope]


def learn(relevant: Vectors, irrelevant: Vectors) -> Examples | None:
    """None when there are too few of either kind to go by."""
    if min(len(relevant), len(irrelevant)) < FEWEST_EXAMPLES:
        return None
    middle = (relevant.mean(axis=0) + irrelevant.mean(axis=0)) / 2
    known = _directions(np.concatenate([relevant, irrelevant]) - middle)
    truth = np.array([1.0] * len(relevant) + [-1.0] * len(irrelevant))
    weights = np.linalg.solve(known @ known.T + _RIDGE * np.eye(len(known)), truth)
    return Examples(middle, known.T @ weights)


def _near(text: str, places: Sequence[Span]) -> tuple[str, list[Span]]:
    """The text from a little before the first of the places on, and where they are in it."""
    start = max(0, places[0][0] - _BEFORE) if places else 0
    end = start + MAX_CHARS
    return text[start:end], [(first - start, last - start) for first, last in places if last <= end]


def _directions(vectors: Vectors) -> Vectors:
    """Each at the length of 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float64).tiny))
