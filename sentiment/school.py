"""Teaches networks in stages that can be cut and resumed, and keeps a record of each.

A stage that has ended leaves its weights and its record in the work folder; where they are found,
and nothing that decides them has changed, it is not run again. Inside a stage learning goes on from
its last epoch. Either way the weights end the same.
"""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from sentiment.backend import Backend
from sentiment.corpora import Example
from sentiment.distilling import with_beliefs
from sentiment.fine_tuning import SHARES, Learning, Phase, fine_tune
from sentiment.finishing import known, macro_recall
from sentiment.heads import HEADS
from sentiment.network import BATCH, Network, predict
from sentiment.reader import Reader

log = logging.getLogger(__name__)

Weights = Mapping[str, NDArray[np.float32]]

FEWEST_MEASURED = 20  # kept-aside answers of a head: fewer tell nothing
QUICK = 3 * BATCH  # texts of a phase, where only the way is tried


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a recipe, which leaves weights: at most two hours on two cores."""

    name: str
    phases: tuple[Phase, ...]
    seed: int
    teacher: Backend | None = None  # whose beliefs are learnt beside what is known


@dataclass(slots=True)
class School:
    """Teaches networks stage by stage below a work folder, and keeps their records."""

    work: Path
    asides: Mapping[str, Sequence[Example]]  # measured after each epoch, by kind
    decisive: str  # a digest of the texts and whatever else decides the weights
    teacher: Backend | None = None  # a model that knows more, where a recipe asks for one
    quick: bool = False
    records: list[dict[str, Any]] = field(default_factory=list)

    def teach(self, network: Network, reader: Reader, stage: Stage) -> Weights:
        """Run a stage, or read what it left; the weights that learnt, as the network holds them."""
        phases = [_shortened(one) for one in stage.phases] if self.quick else stage.phases
        before = {name: _digest(values) for name, values in _learnt(network).items()}
        plan = _plan(stage, phases, before, self.decisive)
        folder = self.work / stage.name
        left, told = folder / "weights.safetensors", folder / "stage.json"
        if told.exists() and left.exists():
            record = json.loads(told.read_text(encoding="utf-8"))
            if record["plan"] == plan:
                log.info("stage=%s was run before", stage.name)
                return self._leave(network, record, load_file(left))
        learning = Learning(folder / "epochs", plan)
        started = time.monotonic()
        if stage.teacher is not None:
            beside = learning.work  # what is kept there is of this plan, which is in the name
            phases = [
                replace(
                    one,
                    examples=with_beliefs(
                        one.examples,
                        stage.teacher,
                        beside / f"beliefs-{one.name}-{plan[:16]}.safetensors",
                    ),
                )
                for one in phases
            ]
        fine_tune(
            network,
            reader,
            phases,
            seed=stage.seed,
            learning=learning,
            measure=lambda taught: measured(taught, reader, self.asides),
        )
        record = {
            "stage": stage.name,
            "seed": stage.seed,
            "phases": [
                [one.name, len(one.examples), one.epochs, one.learning_rate] for one in phases
            ],
            "curve": learning.curve,
            "seconds": round(time.monotonic() - started),
            "plan": plan,
        }
        halves = {name: values.astype(np.float16) for name, values in _learnt(network).items()}
        save_file(halves, left)
        told.write_text(json.dumps(record, indent=1), encoding="utf-8")
        shutil.rmtree(folder / "epochs", ignore_errors=True)
        return self._leave(network, record, halves)

    def _leave(
        self, network: Network, record: dict[str, Any], halves: Mapping[str, NDArray[Any]]
    ) -> Weights:
        """Half precision, as it is kept: a stage that is run and one that is read end alike."""
        weights = {name: values.astype(np.float32) for name, values in halves.items()}
        network.set_weights(network.weights() | weights)
        self.records.append(record)
        return weights


def _learnt(network: Network) -> dict[str, NDArray[np.float32]]:
    return {
        name: values.detach().numpy().copy()
        for name, values in network.named_parameters()
        if values.requires_grad
    }


def _plan(stage: Stage, phases: Sequence[Phase], before: Mapping[str, str], decisive: str) -> str:
    """A digest of all that decides what a stage leaves."""
    told = [[one.name, len(one.examples), one.epochs, one.learning_rate] for one in phases]
    teacher = stage.teacher.name if stage.teacher else ""
    decides = [stage.name, stage.seed, told, before, decisive, BATCH, dict(SHARES), teacher]
    said = json.dumps(decides)
    return hashlib.sha256(said.encode()).hexdigest()


def _digest(values: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def _shortened(phase: Phase) -> Phase:
    step = max(1, len(phase.examples) // QUICK)
    return Phase(phase.name, phase.examples[::step][:QUICK], 1, phase.learning_rate)


def measured(
    network: Network, reader: Reader, asides: Mapping[str, Sequence[Example]]
) -> dict[str, float]:
    """Macro-averaged recall of each head on each set that knows enough of its answers."""
    figures: dict[str, float] = {}
    for kind, rows in asides.items():
        logits = predict(
            network, reader.read([one.text for one in rows], [one.target for one in rows])
        )
        for head in (one for one in HEADS if one in network.answered):
            at, truth = known(head.name, rows)
            if len(at) >= FEWEST_MEASURED:
                recall = macro_recall(logits[head.name][at], truth)
                figures[f"{kind} {head.name}"] = round(recall, 4)
                log.info("measured aside=%s head=%s n=%d macro_recall=%.4f",
                         kind, head.name, len(at), recall)  # fmt: skip
    return figures
