"""Making probabilities mean what they say, and measuring how far they do.

One number, the temperature, divides the model's raw outputs: it cools a model that is too sure of
itself and never changes which class comes first. Method and error measure are those of Guo et al.,
"On Calibration of Modern Neural Networks" (2017), https://arxiv.org/abs/1706.04599.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 15
_TEMPERATURES = np.geomspace(0.3, 5.0, 400)


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities of raw outputs, both (n, classes)."""
    cooled = logits.astype(np.float64) / temperature
    raised = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """The temperature under which the true classes `truth` (n,) are most likely."""
    rows = np.arange(len(truth))

    def surprise(temperature: float) -> float:
        return -float(np.log(softmax(logits, temperature)[rows, truth] + 1e-12).mean())

    return float(min(_TEMPERATURES, key=surprise))


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """How far confidence and accuracy lie apart, in [0, 1]; 0 for no texts.

    The mean gap over 15 equal-width bins, each weighted by its share of the texts: equation 3 of
    the paper.
    """
    if not confidences:
        return 0.0
    sure = np.asarray(confidences, dtype=np.float64)
    hit = np.asarray(right, dtype=np.float64)
    bins = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)  # bins are (low, high]
    gaps = [
        abs(float((sure[bins == one] - hit[bins == one]).sum())) for one in np.unique(bins).tolist()
    ]
    return sum(gaps) / len(sure)
