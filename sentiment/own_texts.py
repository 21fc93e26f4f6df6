"""Goes on teaching a model from your own labelled texts: the basis of `earshot train`.

A fifth of the texts is kept aside, and the model is measured on it before and after, so whoever
trains sees whether it helped on texts it has not learnt.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from domain.errors import InputError
from domain.sentiment import Label
from sentiment import export
from sentiment import folder as model_folder
from sentiment.evaluation import Evaluation, evaluate
from sentiment.finishing import About, finish
from sentiment.labelled import LabelledText
from sentiment.loading import BUNDLED_FOLDER, load
from sentiment.network import from_folder, tokenizer_of
from sentiment.text import overlap_key
from sentiment.training import Stage, fine_tune

FEWEST = 20  # texts of each label: fewer teach nothing and measure nothing
ASIDE = 5  # every fifth text of each label
ENOUGH_TO_CALIBRATE = 200  # kept-aside texts; with fewer the temperature stays as it was
LEARNING_RATE = 2e-5  # low: the model should learn yours without forgetting what it knew


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it; both figures are over the same kept-aside texts."""

    folder: Path  # set sentiment.model to this
    learnt: int
    before: Evaluation
    after: Evaluation


def train(
    rows: Sequence[LabelledText],
    out: Path,
    *,
    start: Path = BUNDLED_FOLDER,
    languages: tuple[str, ...] | None = None,
    epochs: int = 3,
    seed: int = 7,
) -> Trained:
    """Teach the model in `start` these texts and write the result to the folder `out`.

    languages: what the new model reads, if that is not what `start` reads.
    Raises InputError when there are too few texts of a label.
    """
    learnt, aside = split(rows)
    description = model_folder.read(start)
    network = from_folder(start)
    fine_tune(
        network,
        tokenizer_of(start),
        [Stage("own", learnt, epochs, LEARNING_RATE)],
        seed=seed,
    )
    about = About(
        name=out.name,
        version=description.version,
        languages=description.languages if languages is None else languages,
        temperature=None if len(aside) >= ENOUGH_TO_CALIBRATE else description.temperature,
    )
    before = _measured(start, aside)
    ranges = export.ranges_of(onnx.load(str(start / model_folder.WEIGHTS)))
    rounding = np.random.default_rng(seed)
    finish(network, start, aside, out, about, ranges=ranges, rounding=rounding)
    return Trained(out, len(learnt), before, _measured(out, aside))


def split(
    rows: Sequence[LabelledText],
) -> tuple[Sequence[LabelledText], Sequence[LabelledText]]:
    """(to learn from, to measure on): each text once, the same fifth of each label every time."""
    once = {overlap_key(row.text): row for row in rows}  # the last label of a text counts
    once.pop("", None)
    learnt: list[LabelledText] = []
    aside: list[LabelledText] = []
    for label in Label:
        own = sorted(
            (row for row in once.values() if row.label is label),
            key=lambda row: hashlib.sha256(overlap_key(row.text).encode()).digest(),
        )
        if len(own) < FEWEST:
            raise InputError(
                f"Training needs {FEWEST} different {label} texts; there are {len(own)}."
            )
        aside.extend(own[::ASIDE])
        learnt.extend(row for i, row in enumerate(own) if i % ASIDE)
    return learnt, aside


def _measured(folder: Path, rows: Sequence[LabelledText]) -> Evaluation:
    scored = load(str(folder)).classify([row.text for row in rows], any_language=True)
    return evaluate([row.label for row in rows], scored)
