"""Fine-tunes a network on labelled texts, with a checkpoint after every epoch."""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from sentiment.backend import Tokens
from sentiment.corpora import Example
from sentiment.network import (
    BATCH,
    Network,
    padded,
    shuffled_batches,
)
from sentiment.reader import Reader

log = logging.getLogger(__name__)

UNKNOWN = -100  # no answer is known: the loss leaves it out
WARM_UP = 0.06  # of a phase's steps
START, END = 1 / 25, 1e-4 / 25  # of the learning rate, before the first step and at the last
SHARES: Mapping[str, float] = {  # of each question in the loss; the tone is what it is made for
    "tone": 1.0,
    "toward": 1.0,
    "asks": 1.0,
    "sarcasm": 1.0,
    "emotion": 0.5,
    "offence": 0.5,
    "emoji": 0.3,
}


@dataclass(frozen=True, slots=True)
class Phase:
    """Some passes over some examples; the learning rate rises, then falls to nothing."""

    name: str
    examples: Sequence[Example]
    epochs: int
    learning_rate: float


@dataclass(slots=True)
class Learning:
    """How far a run has come, kept in its work folder after every epoch."""

    work: Path
    plan: str  # a digest of everything that decides the weights; another plan starts anew
    curve: list[dict[str, Any]] = field(default_factory=list)  # one entry for each epoch

    @property
    def done(self) -> set[str]:
        return {one["epoch"] for one in self.curve}

    def save(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        name = f"{len(self.curve)}.safetensors"
        save_file(dict(tensors), self.work / name)
        state = {"plan": self.plan, "tensors": name, "curve": self.curve}
        part = self.work / "learning.json.part"
        part.write_text(json.dumps(state, indent=1), encoding="utf-8")
        part.replace(self.work / "learning.json")  # all of it or nothing

    def resume(self) -> dict[str, torch.Tensor]:
        """The tensors of the last epoch; none when there is nothing to go on from."""
        try:
            state = json.loads((self.work / "learning.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        if state["plan"] != self.plan:
            log.info("starting anew: the data or the options have changed")
            return {}
        self.curve = state["curve"]
        return load_file(self.work / state["tensors"])


def fine_tune(
    network: Network,
    reader: Reader,
    phases: Sequence[Phase],
    *,
    seed: int,
    learning: Learning | None = None,
    measure: Callable[[Network], Mapping[str, float]] = lambda _: {},
) -> None:
    """Teach the network the phases in order. `measure`'s figures go into the curve of `learning`.

    The same seed and data give the same weights, also when a run is cut and resumed.
    """
    kept = {} if learning is None else learning.resume()
    if kept:
        network.load_state_dict({name: kept[name] for name in network.state_dict()})
    for phase in phases:
        encoded = reader.read(
            [one.text for one in phase.examples], [one.target for one in phase.examples]
        )
        truth = _answers(network, phase.examples)
        taught = [one for one in network.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(taught, weight_decay=0.01, fused=True)
        lengths = [len(one.ids) for one in encoded]
        steps = -(-len(encoded) // BATCH)
        for epoch in range(1, phase.epochs + 1):
            name = f"{phase.name}-{epoch}"
            if learning is not None and name in learning.done:
                continue
            if epoch > 1 and not optimizer.state:  # resumed inside a phase
                _fill(optimizer, kept)
            rng = random.Random(f"{seed} {phase.name} {epoch}")  # noqa: S311  shuffling, not secrets
            torch.manual_seed(rng.getrandbits(32))
            network.train()
            started, recent = time.monotonic(), 0.0
            for done, batch in enumerate(shuffled_batches(lengths, rng), start=1):
                rate = _rate((epoch - 1) * steps + done, phase.epochs * steps)
                optimizer.param_groups[0]["lr"] = phase.learning_rate * rate
                loss = _step(
                    network,
                    [encoded[i] for i in batch],
                    {head: answers[batch] for head, answers in truth.items()},
                )
                optimizer.step()
                optimizer.zero_grad()
                recent = loss if done == 1 else 0.98 * recent + 0.02 * loss
                if done % 100 == 0:
                    speed = done * BATCH / (time.monotonic() - started)
                    log.info("learning epoch=%s step=%d/%d loss=%.3f texts_per_s=%.0f",
                             name, done, steps, recent, speed)  # fmt: skip
            if learning is not None:
                figures = measure(network)
                seconds = round(time.monotonic() - started)
                learning.curve.append(
                    {"epoch": name, "loss": round(recent, 4), "seconds": seconds, **figures}
                )
                learning.save(network.state_dict() | _moments(optimizer))


def _answers(network: Network, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    return {
        head: torch.tensor([one.answers.get(head, UNKNOWN) for one in examples])  # (n,)
        for head in network.heads
    }


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate: straight up for the first steps, then straight down."""
    top = WARM_UP * steps
    if step < top:
        return START + (1 - START) * step / top
    return 1 - (1 - END) * (step - top) / (steps - top)


def _step(network: Network, batch: Sequence[Tokens], truth: Mapping[str, torch.Tensor]) -> float:
    """Add up the gradients of one batch; return its loss."""
    with torch.autocast("cpu", dtype=torch.bfloat16):  # 2.5 times as fast where there is bf16
        outputs = network(*padded(batch))
    loss = torch.zeros(())
    for head, logits in outputs.items():
        answered = truth[head] != UNKNOWN
        if answered.any():
            wrong = functional.cross_entropy(
                logits[answered].float(), truth[head][answered], reduction="sum"
            )
            loss = loss + SHARES[head] * wrong / len(batch)
    if loss.requires_grad:  # something was answered
        torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_([one for one in network.parameters() if one.requires_grad], 1.0)
    return loss.item()


_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """What the optimizer remembers, by the place of each parameter that learnt anything."""
    state = optimizer.state_dict()["state"]
    return {f"{part}.{at}": held[part] for at, held in state.items() for part in _MOMENTS}


def _fill(optimizer: torch.optim.Optimizer, kept: Mapping[str, torch.Tensor]) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {
        at: {part: kept[f"{part}.{at}"] for part in _MOMENTS}
        for at in whole["param_groups"][0]["params"]
        if f"exp_avg.{at}" in kept
    }
    optimizer.load_state_dict(whole)
