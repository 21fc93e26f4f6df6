"""Fine-tunes a network on labelled texts, with a checkpoint after every epoch."""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from sentiment.backend import Tokens
from sentiment.corpora import Example
from sentiment.heads import Head
from sentiment.network import (
    BATCH,
    Network,
    padded,
    shuffled_batches,
)
from sentiment.reader import Reader

log = logging.getLogger(__name__)

TAUGHT_SHARE = 0.5  # of what is wanted is what a teacher believes, the rest what is known
WARM_UP = 0.06  # of a phase's steps
START, END = 1 / 25, 1e-4 / 25  # of the learning rate, before the first step and at the last
SHARES: Mapping[str, float] = {  # of each question in the loss; the tone is what it is made for
    "tone": 1.0,
    "toward": 1.0,
    "asks": 1.0,
    "sarcasm": 1.0,
    "emotion": 0.5,
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
        wanted = _wanted(network, phase.examples)
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
                    {head: shares[batch] for head, shares in wanted.items()},
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


def _wanted(network: Network, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    """By head how much each label is wanted of each example, (n, labels); all zero: not asked."""
    return {
        head.name: torch.tensor([_shares(head, one) for one in examples])
        for head in network.answered
    }


def _shares(head: Head, example: Example) -> list[float]:
    """A belief alone has half the weight that it has beside an answer that agrees."""
    known, believed = example.answers.get(head.name), example.beliefs.get(head.name)
    shares = [TAUGHT_SHARE * share for share in believed or [0.0] * len(head.labels)]
    if known is not None:
        shares[known] += 1.0 if believed is None else 1 - TAUGHT_SHARE
    return shares


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate: straight up for the first steps, then straight down."""
    top = WARM_UP * steps
    if step < top:
        return START + (1 - START) * step / top
    return 1 - (1 - END) * (step - top) / (steps - top)


def _step(network: Network, batch: Sequence[Tokens], wanted: Mapping[str, torch.Tensor]) -> float:
    """Add up the gradients of one batch; return its loss."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_halves_are_faster()):
        outputs = network(*padded(batch))
    loss = torch.zeros(())
    for head, logits in outputs.items():
        asked = wanted[head].any(dim=1)
        if asked.any():
            wrong = functional.cross_entropy(
                logits[asked].float(), wanted[head][asked], reduction="sum"
            )
            loss = loss + SHARES[head] * wrong / len(batch)
    if loss.requires_grad:  # something was answered
        torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_([one for one in network.parameters() if one.requires_grad], 1.0)
    return loss.item()


@cache
def _halves_are_faster() -> bool:
    """Whether this processor multiplies bfloat16 faster than single precision.

    With AMX it takes 0.4 of the time; where it is there in name alone, twice the time.
    """
    seconds = {dtype: _seconds_of_a_product(dtype) for dtype in (torch.bfloat16, torch.float32)}
    log.info("a product takes seconds=%s", {str(one): round(s, 4) for one, s in seconds.items()})
    return seconds[torch.bfloat16] < seconds[torch.float32]


def _seconds_of_a_product(dtype: torch.dtype) -> float:
    """The shortest of some tries, of a product as the encoder's are."""
    tokens, weights = torch.ones((2_048, 384), dtype=dtype), torch.ones((384, 1_536), dtype=dtype)
    tries = []
    for _ in range(5):
        started = time.perf_counter()
        torch.matmul(tokens, weights)
        tries.append(time.perf_counter() - started)
    return min(tries)


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
