"""Goes on teaching a model from your own labelled texts: the basis of `earshot train`.

A fifth of the texts is kept aside, and the model is measured on it before and after; one that is
worse on texts it has not learnt is not written.
"""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from domain.errors import EarshotError, InputError
from domain.sentiment import Label
from sentiment import export
from sentiment import folder as model_folder
from sentiment.corpora import Example
from sentiment.evaluation import Evaluation, evaluate
from sentiment.fine_tuning import Phase, fine_tune
from sentiment.finishing import MAX_TOKENS, About, finish
from sentiment.heads import TONE, TOWARD
from sentiment.labelled import LabelledText
from sentiment.language import detector
from sentiment.loading import ENGLISH_FOLDER, MULTILINGUAL_FOLDER, alone
from sentiment.network import TRAINING_TOKENS, Network, from_folder
from sentiment.reader import reader_of
from sentiment.target import places
from sentiment.text import overlap_key

FEWEST = 20  # texts of each label: fewer teach nothing and measure nothing
ASIDE = 5  # every fifth text of each label
LEARNING_RATE = 2e-5  # low: the model should learn yours without forgetting what it knew
# Of the way from the old weights to the new ones. Half of it learns nearly as much and forgets
# far less: Wortsman et al., "Robust fine-tuning of zero-shot models" (2022), arXiv:2109.01903.
WAY = 0.5


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
    start: Path | None = None,
    languages: tuple[str, ...] | None = None,
    epochs: int = 3,
    seed: int = 7,
) -> Trained:
    """Teach the model in `start` these texts and write the result to the folder `out`.

    start: None takes the bundled model that reads most of them.
    languages: what the new model reads, if that is not what `start` reads.
    Raises InputError when there are too few texts of a label or `out` is there already,
    EarshotError when the model got worse: then nothing is written.
    """
    if out.exists():
        raise InputError(f"{out}: is there already; name a new folder.")
    learnt, aside = split(rows)
    start = start or _reads(rows)
    description = model_folder.read(start)
    network = from_folder(start)
    old = network.weights()
    phase = Phase("own", [_example(row, network) for row in learnt], epochs, LEARNING_RATE)
    fine_tune(network, reader_of(start, tokens=TRAINING_TOKENS), [phase], seed=seed)
    new = network.weights()
    network.set_weights({name: old[name] + WAY * (new[name] - old[name]) for name in old})
    about = About(
        name=out.name,
        version=description.version,
        languages=description.languages if languages is None else languages,
        heads=network.answered,
        temperatures={name: one.temperature for name, one in description.heads.items()},
        answer_from=description.answer_from,
    )
    before = _measured(start, aside)
    part = out.with_name(f"{out.name}.part")
    finish(
        network,
        reader_of(start, tokens=MAX_TOKENS),
        [_example(row, network) for row in aside],
        part,
        about,
        ranges=export.ranges_of(onnx.load(str(start / model_folder.WEIGHTS))),
        rounding=np.random.default_rng(seed),
    )
    after = _measured(part, aside)
    if after.macro_recall < before.macro_recall:
        shutil.rmtree(part)
        raise EarshotError(
            f"the model was not written: on {after.n} texts kept aside its macro recall fell from "
            f"{before.macro_recall:.3f} to {after.macro_recall:.3f}. More labelled texts help, "
            "or fewer --epochs."
        )
    part.rename(out)
    return Trained(out, len(learnt), before, after)


def _reads(rows: Sequence[LabelledText]) -> Path:
    """The English model, unless most texts are not heard as English."""
    heard = [detector().hear(row.text, ("en",)) for row in rows]
    english = sum(one.code == "en" or one.wordless for one in heard)
    return ENGLISH_FOLDER if 2 * english >= len(heard) else MULTILINGUAL_FOLDER


def _example(row: LabelledText, network: Network) -> Example:
    """What a labelled text teaches: the tone toward its target, if that can be asked of it."""
    found = places(row.text, row.target) if TOWARD in network.answered else []
    head, target = (TOWARD, found[0]) if found else (TONE, None)
    return Example(row.text, {head.name: head.labels.index(row.label)}, target)


def split(
    rows: Sequence[LabelledText],
) -> tuple[Sequence[LabelledText], Sequence[LabelledText]]:
    """(to learn from, to measure on): each text once, the same fifth of each label every time.

    A text with several targets stands once for each of them, all on the same side.
    """
    once = {(overlap_key(row.text), _named(row)): row for row in rows}  # the last counts
    kept_aside: set[str] = set()
    for label in Label:
        keys = {key for (key, _), row in once.items() if row.label is label and key}
        if len(keys) < FEWEST:
            raise InputError(
                f"Training needs {FEWEST} different {label} texts; there are {len(keys)}."
            )
        ordered = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
        kept_aside.update(ordered[::ASIDE])
    learnt = [row for (key, _), row in once.items() if key and key not in kept_aside]
    aside = [row for (key, _), row in once.items() if key in kept_aside]
    return learnt, aside


def _named(row: LabelledText) -> str:
    """The target, if the text names it: else the label is about the text."""
    return row.target.casefold() if places(row.text, row.target) else ""


def _measured(folder: Path, rows: Sequence[LabelledText]) -> Evaluation:
    scored = alone(folder).classify(
        [row.text for row in rows],
        targets=[places(row.text, row.target) for row in rows],
        any_language=True,
    )
    return evaluate([row.label for row in rows], scored)
