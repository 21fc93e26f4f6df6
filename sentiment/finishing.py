"""From a trained network to a model folder: calibrate, export, compare, write.

Every comparison that fails stops the work: a model that scores other than it was trained is not
written down.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from domain.errors import EarshotError
from sentiment import export
from sentiment import folder as model_folder
from sentiment.backend import LABELS
from sentiment.calibration import fit_temperature, softmax
from sentiment.labelled import LabelledText
from sentiment.network import (
    Network,
    activation_ranges,
    encode,
    padded,
    predict,
    tokenizer_of,
)

log = logging.getLogger(__name__)

MAX_TOKENS = 256  # what the base model was made for
SAME = 1e-4  # the exported graph in single precision against torch
INDEPENDENT = 1e-5  # a text alone against the same text in a batch
LOSS = 0.005  # of macro-averaged recall that 8 bits may cost ...
ENOUGH_TO_TELL = 1_000  # ... where there are enough texts to tell
SHIFT = 0.03  # mean change of a probability that 8 bits may cost


@dataclass(frozen=True, slots=True)
class About:
    """What model.json says besides what is measured."""

    name: str
    version: str
    languages: tuple[str, ...]
    temperature: float | None = None  # None: fit it


def finish(
    network: Network,
    tokenizer_folder: Path,
    aside: Sequence[LabelledText],
    out: Path,
    about: About,
    *,
    ranges: Mapping[str, export.Range] = MappingProxyType({}),
    rounding: np.random.Generator | None = None,
) -> model_folder.Description:
    """Write the model folder `out`. `aside`: labelled texts that were not learnt from.

    ranges: of the activations, where they are known from more texts than these; they only widen.
    rounding: by chance, for a network that started from rounded weights; see `export.quantise`.
    Raises EarshotError when the exported model does not score as the trained one.
    """
    tokenizer = tokenizer_of(tokenizer_folder, tokens=MAX_TOKENS)
    encoded = encode(tokenizer, [row.text for row in aside])
    truth = np.array([LABELS.index(row.label) for row in aside], dtype=np.int64)
    logits = predict(network, encoded)
    temperature = about.temperature or fit_temperature(logits, truth)
    expected = softmax(logits, temperature)
    log.info("calibrated temperature=%.3f texts=%d", temperature, len(aside))

    weights = network.weights()
    whole = export.build(weights, network.shape, temperature=temperature)
    _require(np.abs(run(whole, encoded) - expected).max() <= SAME, "the graph differs from torch")
    long = encode(tokenizer, [" ".join(row.text for row in aside[i : i + 9]) for i in range(99)])
    wide = _union(ranges, activation_ranges(network, [*encoded, *long]))
    small = export.build(
        weights, network.shape, temperature=temperature, ranges=wide, rounding=rounding
    )
    rows = run(small, encoded)
    lost = macro_recall(expected, truth) - macro_recall(rows, truth)
    shift = float(np.abs(rows - expected).mean())
    log.info("quantised recall_lost=%.4f probabilities_shifted=%.4f", lost, shift)
    _require(shift <= SHIFT, f"8 bits shift probabilities by {shift:.4f}")
    if len(aside) >= ENOUGH_TO_TELL:
        _require(lost <= LOSS, f"8 bits lose {lost:.4f} of macro-averaged recall")
    alone = run(small, encoded[:200], at_once=1)
    _require(np.abs(alone - rows[:200]).max() <= INDEPENDENT, "a score depends on its batch")

    out.mkdir(parents=True, exist_ok=True)
    (out / model_folder.WEIGHTS).write_bytes(small.SerializeToString())
    tokenizer.no_truncation()
    tokenizer.save(str(out / model_folder.TOKENIZER), pretty=False)
    return model_folder.write_description(
        out,
        model_folder.Description(
            name=about.name,
            version=about.version,
            labels=LABELS,
            languages=about.languages,
            max_tokens=MAX_TOKENS,
            heads=network.shape.heads,
            temperature=temperature,
            sha256={},
        ),
    )


def _union(
    first: Mapping[str, export.Range], second: Mapping[str, export.Range]
) -> dict[str, export.Range]:
    return {
        name: (min(low, first.get(name, (0, 0))[0]), max(high, first.get(name, (0, 0))[1]))
        for name, (low, high) in second.items()
    }


def run(
    model: onnx.ModelProto, encoded: Sequence[Sequence[int]], *, at_once: int = 64
) -> NDArray[np.float32]:
    """Probabilities (n, 3) by ONNX Runtime, in the order given."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    rows = np.zeros((len(encoded), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), at_once):
        batch = order[start : start + at_once]
        ids, mask = padded([encoded[i] for i in batch])
        fed: Mapping[str, object] = {"ids": ids.numpy(), "mask": mask.numpy().astype(np.int32)}
        rows[batch] = session.run(None, fed)[0]
    return rows


def macro_recall(
    rows: NDArray[np.float32] | NDArray[np.float64], truth: NDArray[np.int64]
) -> float:
    """Mean over the true classes of the share recognised; rows are (n, 3) in any scale."""
    guess = rows.argmax(axis=1)
    return float(np.mean([(guess[truth == one] == one).mean() for one in np.unique(truth)]))


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise EarshotError(f"The model was not written: {otherwise}.")
