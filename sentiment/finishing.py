"""From a trained network to a model folder: calibrate, export, compare, write.

A graph that scores other than the network was trained is not written down. In 8 bits it is a
quarter as big and more than twice as fast, so only a model that this would change stays as it is.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from domain.errors import EarshotError
from domain.sentiment import WANT_AN_ANSWER
from sentiment import export
from sentiment import folder as model_folder
from sentiment.backend import Answers, Tokens
from sentiment.calibration import fit_temperature, softmax
from sentiment.corpora import Example
from sentiment.heads import ASKS, HEADS, TONE, Head
from sentiment.network import (
    Network,
    activation_ranges,
    predict,
)
from sentiment.onnx_backend import TOKENS_AT_ONCE, fed, of_one_length, together
from sentiment.reader import Reader

log = logging.getLogger(__name__)

MAX_TOKENS = 256  # that a model reads of a text
SAME = 1e-4  # the exported graph in single precision against torch
INDEPENDENT = 1e-5  # a text alone against the same text in a batch
LOSS = 0.003  # of the tone's macro-averaged recall that 8 bits may cost ...
LOSS_OF_OTHERS = 0.01  # ... and of another head's ...
ENOUGH_TO_TELL = 1_000  # ... where there are enough texts to tell
ENOUGH_TO_CALIBRATE = 150  # with fewer the temperature stays as it was
SHIFT = 0.03  # mean change of a probability that 8 bits may cost
PRECISE = 0.85  # of the posts that are said to ask for an answer, so many must do so
CHANGED = 0.015  # share of the tone's labels


@dataclass(frozen=True, slots=True)
class About:
    """What model.json says besides what is measured."""

    name: str
    version: str
    languages: tuple[str, ...]
    heads: tuple[Head, ...] = HEADS  # those that the model keeps
    # Here and below: of the model before it, where too few texts tell.
    temperatures: Mapping[str, float] = field(default_factory=dict)
    answer_from: float | None = None


def finish(
    network: Network,
    reader: Reader,
    aside: Sequence[Example],
    out: Path,
    about: About,
    *,
    ranges: Mapping[str, export.Range] = MappingProxyType({}),
    rounding: np.random.Generator | None = None,
) -> model_folder.Description:
    """Write the model folder `out`. `aside`: examples that were not learnt from.

    reader: of the tokenizer that goes with the network; it cuts no text after that.
    ranges: of the activations, where they are known from more texts than these; they only widen.
    rounding: by chance, for a network that started from rounded weights; see `export.quantise`.
    Raises EarshotError when the exported model does not score as the trained one.
    """
    encoded = reader.read([one.text for one in aside], [one.target for one in aside])
    logits = predict(network, encoded)
    temperatures = {
        head.name: _temperature(head, logits[head.name], aside, about) for head in about.heads
    }
    expected = {name: softmax(logits[name], one) for name, one in temperatures.items()}

    weights = network.weights()
    graph = export.build(weights, network.shape, temperatures=temperatures)
    whole = run(graph, encoded)
    for name, wanted in expected.items():
        _require(
            np.abs(whole[name] - wanted).max() <= SAME, f"the graph differs from torch ({name})"
        )
    long = reader.read([" ".join(row.text for row in aside[i : i + 9]) for i in range(99)])
    wide = _union(ranges, activation_ranges(network, [*encoded, *long]))
    kept, found = graph, whole
    in_8_bits = partial(
        export.build, weights, network.shape, temperatures=temperatures, rounding=rounding
    )
    for by_token in (False, True):  # the faster first
        small = in_8_bits(ranges=wide, by_token=by_token)
        in_small = run(small, encoded)
        lost = next(filter(None, _losses(in_small, expected, aside)), "")
        if not lost:
            kept, found = small, in_small
            break
        log.info("8 bits are not enough by_token=%s reason=%s", by_token, lost)
    else:
        log.warning("kept in single precision reason=%s", lost)
    alone = run(kept, encoded[:200], tokens=1)
    for name, rows in found.items():
        apart = np.abs(alone[name] - rows[:200]).max()
        _require(apart <= INDEPENDENT, f"a score depends on its batch ({name})")

    out.mkdir(parents=True, exist_ok=True)
    (out / model_folder.WEIGHTS).write_bytes(kept.SerializeToString())
    reader.tokenizer.no_truncation()
    reader.tokenizer.save(str(out / model_folder.TOKENIZER), pretty=False)
    return model_folder.write_description(
        out,
        model_folder.Description(
            name=about.name,
            version=about.version,
            languages=about.languages,
            max_tokens=MAX_TOKENS,
            attention_heads=network.shape.heads,
            names_emojis=reader.names_emojis,
            answer_from=answer_from(found, aside, about.answer_from),
            heads={
                head.name: model_folder.Answers(
                    labels=head.labels, temperature=temperatures[head.name]
                )
                for head in about.heads
            },
            sha256={},
        ),
    )


def known(name: str, examples: Sequence[Example]) -> tuple[list[int], NDArray[np.int64]]:
    """(which examples the right answer of a head is known of, the answers)."""
    at = [i for i, one in enumerate(examples) if name in one.answers]
    return at, np.array([examples[i].answers[name] for i in at], dtype=np.int64)


def _temperature(
    head: Head, logits: NDArray[np.float32], aside: Sequence[Example], about: About
) -> float:
    at, truth = known(head.name, aside)
    if len(at) < ENOUGH_TO_CALIBRATE:
        return about.temperatures.get(head.name, 1.0)
    temperature = fit_temperature(logits[at], truth)
    log.info("calibrated head=%s temperature=%.3f texts=%d", head.name, temperature, len(at))
    return temperature


def _losses(
    found: Answers, expected: Mapping[str, NDArray[np.float64]], aside: Sequence[Example]
) -> Iterator[str]:
    """By what 8 bits move each head too far, "" for those that they do not."""
    for name, rows in found.items():
        yield _lost(name, rows, expected[name], known(name, aside))


def _lost(
    name: str,
    rows: NDArray[np.float32],
    expected: NDArray[np.float64],
    answered: tuple[list[int], NDArray[np.int64]],
) -> str:
    """By what 8 bits move this head too far; "" when they do not."""
    shift = float(np.abs(rows - expected).mean())
    changed = float((rows.argmax(axis=1) != expected.argmax(axis=1)).mean())
    at, truth = answered
    if len(at) >= ENOUGH_TO_TELL:
        lost = macro_recall(expected[at], truth) - macro_recall(rows[at], truth)
        log.info("quantised head=%s recall_lost=%.4f shifted=%.4f labels_changed=%.4f",
                 name, lost, shift, changed)  # fmt: skip
        if lost > (LOSS if name == TONE.name else LOSS_OF_OTHERS):
            return f"8 bits lose {lost:.4f} of macro-averaged recall ({name})"
        if name == TONE.name and changed > CHANGED:
            return f"8 bits change {changed:.4f} of the labels ({name})"
    return f"8 bits shift probabilities by {shift:.4f} ({name})" if shift > SHIFT else ""


def _union(
    first: Mapping[str, export.Range], second: Mapping[str, export.Range]
) -> dict[str, export.Range]:
    return {name: seen | first.get(name, seen) for name, seen in second.items()}


def run(
    model: onnx.ModelProto, encoded: Sequence[Tokens], *, tokens: int = TOKENS_AT_ONCE
) -> Answers:
    """Probabilities by head, each (n, labels), by ONNX Runtime; `tokens`: at once."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors: it would tell of each range that no node reads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [one.name for one in session.get_outputs()]
    pieces = list(of_one_length(encoded, tokens))
    parts = [session.run(names, fed([encoded[i] for i in piece])) for piece in pieces]
    return together(names, pieces, parts)


def answer_from(
    found: Answers, aside: Sequence[Example], before: float | None = None
) -> float | None:
    """The lowest probability from which enough of the texts really ask for an answer.

    before: of the model that this one went on from; it stays where too few texts tell. None when
    the model does not say what a text asks, or never well enough.
    """
    if ASKS.name not in found:
        return None
    at, truth = known(ASKS.name, aside)
    if len(at) < ENOUGH_TO_CALIBRATE:
        return before
    wanted = [ASKS.labels.index(one) for one in sorted(WANT_AN_ANSWER)]
    sure = found[ASKS.name][at][:, wanted].sum(axis=1)
    asks = np.isin(truth, wanted)
    for threshold in np.arange(0.2, 0.96, 0.01).round(2).tolist():
        chosen = sure >= threshold
        if chosen.any() and asks[chosen].mean() >= PRECISE:
            return float(threshold)
    return None


def macro_recall(
    rows: NDArray[np.float32] | NDArray[np.float64], truth: NDArray[np.int64]
) -> float:
    """Mean over the true classes of the share recognised; rows are (n, labels) in any scale."""
    guess = rows.argmax(axis=1)
    return float(np.mean([(guess[truth == one] == one).mean() for one in np.unique(truth)]))


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise EarshotError(f"The model was not written: {otherwise}.")
