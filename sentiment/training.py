"""Teaches a network from labelled texts; `build` made the bundled model.

`earshot train --data FOLDER --out FOLDER` reads the sets named in `sentiment.corpora` below
FOLDER and teaches networks, some all questions and one the tone alone: a broad mix once, then the
tweets twice. The mean of their weights is calibrated on texts kept aside and written as the model
folder that `sentiment.loading.load` reads, with a record of how it was made. After every epoch a
checkpoint goes to the work folder; where one is found, learning goes on from there and ends with
the same weights. One and a half to two hours on two cores, the less the better their bf16.
"""

import hashlib
import json
import logging
import platform
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn import functional

from domain.errors import InputError
from sentiment import corpora
from sentiment import folder as model_folder
from sentiment.backend import Tokens
from sentiment.corpora import Example
from sentiment.finishing import About, finish, known, macro_recall
from sentiment.heads import ASKS, EMOTION, HEADS, SARCASM, SHIPPED, TAUGHT, TONE
from sentiment.network import (
    BATCH,
    Network,
    base_folder,
    encode,
    from_base,
    padded,
    predict,
    shuffled_batches,
    tokenizer_of,
)
from sentiment.text import overlap_key

log = logging.getLogger(__name__)

Weights = Mapping[str, NDArray[np.float32]]

VERSION = "2"
RECORD = "training.json"
UNKNOWN = -100  # no answer is known: the loss leaves it out
WARM_UP = 0.06  # of a stage's steps
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
BRANCHES = 2
ASIDE_TARGETS = 1_000  # pairs, and as many texts alone, that calibrate the tone toward a name
FEWEST_MEASURED = 20  # kept-aside answers of a head: fewer tell nothing


@dataclass(frozen=True, slots=True)
class Stage:
    """Some passes over some examples; the learning rate rises, then falls to nothing."""

    name: str
    examples: Sequence[Example]
    epochs: int
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Texts:
    """What is learnt from and what is kept aside; no text is in two of them."""

    tweets: Sequence[Example]
    broad: Sequence[Example]
    targets: Sequence[Example]
    tweets_aside: Sequence[Example]
    broad_aside: Sequence[Example]
    sources: Sequence[Mapping[str, object]]  # for the record


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
    tokenizer: Tokenizer,
    stages: Sequence[Stage],
    *,
    seed: int,
    learning: Learning | None = None,
    measure: Callable[[Network], Mapping[str, float]] = lambda _: {},
) -> None:
    """Teach the network the stages in order. `measure`'s figures go into the curve of `learning`.

    The same seed and data give the same weights, also when a run is cut and resumed.
    """
    kept = {} if learning is None else learning.resume()
    if kept:
        network.load_state_dict({name: kept[name] for name in network.state_dict()})
    for stage in stages:
        encoded = encode(
            tokenizer,
            [one.text for one in stage.examples],
            [one.target for one in stage.examples],
        )
        truth = _answers(network, stage.examples)
        taught = [one for one in network.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(taught, weight_decay=0.01, fused=True)
        lengths = [len(one.ids) for one in encoded]
        steps = -(-len(encoded) // BATCH)
        for epoch in range(1, stage.epochs + 1):
            name = f"{stage.name}-{epoch}"
            if learning is not None and name in learning.done:
                continue
            if epoch > 1 and not optimizer.state:  # resumed inside a stage
                _fill(optimizer, kept)
            rng = random.Random(f"{seed} {stage.name} {epoch}")  # noqa: S311  shuffling, not secrets
            torch.manual_seed(rng.getrandbits(32))
            network.train()
            started, recent = time.monotonic(), 0.0
            for done, batch in enumerate(shuffled_batches(lengths, rng), start=1):
                rate = _rate((epoch - 1) * steps + done, stage.epochs * steps)
                optimizer.param_groups[0]["lr"] = stage.learning_rate * rate
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


# ---------------------------------------------------------------- the bundled model


def read_texts(data: Path) -> Texts:
    """All sets that are learnt from, without any text that is measured on, each text once."""
    measured = {
        overlap_key(one.text)
        for corpus in (*corpora.MEASURED, *corpora.TARGETED)
        for one in corpora.read(data, corpus)
    }
    seen = set(measured)
    kept: dict[str, list[Example]] = {}
    sources: list[Mapping[str, object]] = []
    for corpus in (corpora.TWEETS, *corpora.BROAD):
        examples = corpora.read(data, corpus)
        kept[corpus.path] = corpora.without_overlap(examples, seen)
        sources.append(_source(data, corpus, len(examples), len(kept[corpus.path])))
    targets = corpora.read(data, corpora.TARGETS)  # one text has several targets: all are kept
    apart = [one for one in targets if overlap_key(one.text) not in measured]
    sources.append(_source(data, corpora.TARGETS, len(targets), len(apart)))
    tweets, tweets_aside = corpora.split(corpora.with_asks(kept[corpora.TWEETS.path]))
    broad, broad_aside = corpora.split(
        corpora.with_asks(one for corpus in corpora.BROAD for one in kept[corpus.path])
    )
    return Texts(tweets, broad, apart, tweets_aside, broad_aside, sources)


def _source(data: Path, corpus: corpora.Corpus, rows: int, used: int) -> Mapping[str, object]:
    log.info("read set=%s rows=%d used=%d", corpus.path, rows, used)
    return {
        "path": corpus.path,
        "sha256": model_folder.digest(data / corpus.path),
        "terms": corpus.terms,
        "rows": rows,
        "used": used,
    }


@dataclass(frozen=True, slots=True)
class Plan:
    """What the bundled model's networks learnt."""

    broad: Stage  # all questions ...
    tweets: Stage  # ... in branches that start where `broad` ended
    alone: tuple[Stage, Stage]  # the tone and nothing else, from the encoder on
    questions: Stage  # all but the tone, asked anew of the mean of these networks


def plan_of(texts: Texts, seed: int) -> Plan:
    """The stages, with examples that are made by chance under `seed`."""
    rng = random.Random(seed)  # noqa: S311  which texts get an emoji, a partner, a second turn
    toned = [one for one in (*texts.tweets, *texts.broad) if TONE.name in one.answers]
    asked = [one for one in (*texts.tweets, *texts.broad) if ASKS.name in one.answers]
    rare = [one for one in texts.broad if {ASKS.name, SARCASM.name} & one.answers.keys()]
    emotional = [one for one in texts.broad if EMOTION.name in one.answers]
    count = len(texts.targets)

    def targets() -> list[Example]:
        pairs = corpora.pairs(toned, count, rng)
        return [*texts.targets, *pairs, *corpora.alone(toned, count // 2, rng)]

    broad = corpora.lend_emojis([*texts.broad, *asked, *asked, *targets()], rng)
    again = rng.sample(emotional, len(emotional) // 5)
    tweets = [*texts.tweets, *asked, *asked, *rare, *again, *rng.sample(targets(), count)]
    tweets = corpora.lend_emojis(tweets, rng)
    questions = [
        one
        for one in (*broad, *tweets)
        if one.answers.keys() & {head.name for head in HEADS if head is not TONE}
    ]
    broad_tones = [one for one in texts.broad if TONE.name in one.answers]
    return Plan(
        Stage("broad", broad, 1, 1e-4),
        Stage("tweets", tweets, 2, 6e-5),
        (
            Stage("broad", corpora.lend_emojis(broad_tones, rng), 1, 1e-4),
            Stage("tweets", corpora.lend_emojis(texts.tweets, rng), 2, 6e-5),
        ),
        Stage("questions", questions, 1, 1e-3),
    )


def measured(
    network: Network, tokenizer: Tokenizer, asides: Mapping[str, Sequence[Example]]
) -> dict[str, float]:
    """Macro-averaged recall of each head on each set that knows enough of its answers."""
    figures: dict[str, float] = {}
    for kind, rows in asides.items():
        encoded = encode(tokenizer, [one.text for one in rows], [one.target for one in rows])
        logits = predict(network, encoded)
        for head in (one for one in HEADS if one in network.answered):
            at, truth = known(head.name, rows)
            if len(at) >= FEWEST_MEASURED:
                recall = macro_recall(logits[head.name][at], truth)
                figures[f"{kind} {head.name}"] = round(recall, 4)
                log.info("measured aside=%s head=%s n=%d macro_recall=%.4f",
                         kind, head.name, len(at), recall)  # fmt: skip
    return figures


def build(data: Path, out: Path, work: Path, *, seed: int = 7) -> model_folder.Description:
    """Make the bundled model from the sets below `data` and write it to the folder `out`.

    Raises InputError when a set cannot be read or `out` is there already, EarshotError when the
    model that came of it does not score as it was trained.
    """
    if out.exists():
        raise InputError(f"{out}: is there already; name a new folder.")
    texts = read_texts(data)
    plan = plan_of(texts, seed)
    stages = (plan.broad, plan.tweets, *plan.alone, plan.questions)
    options = {
        "seed": seed,
        "branches": BRANCHES,
        "batch": BATCH,
        "shares": dict(SHARES),
        "stages": [[one.name, len(one.examples), one.epochs, one.learning_rate] for one in stages],
    }
    asked = model_folder.digest(corpora.ASKS_FILE)
    decisive = json.dumps([options, list(texts.sources), asked])
    digest = hashlib.sha256(decisive.encode()).hexdigest()
    school = _School(texts, work, digest)
    network = school.learn(plan, seed)
    aside = [*texts.tweets_aside, *texts.broad_aside]
    toned = [one for one in aside if TONE.name in one.answers]
    rng = random.Random(seed)  # noqa: S311  pairs to calibrate on
    aside += [*corpora.pairs(toned, ASIDE_TARGETS, rng), *corpora.alone(toned, ASIDE_TARGETS, rng)]
    made = finish(network, base_folder(), aside, out, About("bundled", VERSION, ("en",), SHIPPED))
    record = {
        "model": made.sha256[model_folder.WEIGHTS],
        "options": options,
        "data": list(texts.sources),
        "asks": asked,
        "curves": school.curves,
        "temperatures": {name: one.temperature for name, one in made.heads.items()},
        "libraries": {name: version(name) for name in ("torch", "transformers", "tokenizers")},
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }
    (out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return made


class _School:
    """Teaches the networks of a plan, each in a folder of its own, and keeps their curves."""

    def __init__(self, texts: Texts, work: Path, digest: str) -> None:
        self._asides = {"tweets": texts.tweets_aside, "broad": texts.broad_aside}
        self._tokenizer = tokenizer_of(base_folder())
        self._work = work
        self._digest = digest
        self.curves: dict[str, list[dict[str, Any]]] = {}

    def learn(self, plan: Plan, seed: int) -> Network:
        """The mean of the networks, half of it the one that was taught the tone alone.

        On texts of other years and places it was better than each of them: Wortsman et al., "Model
        soups" (2022), arXiv:2203.05482. The other questions are then asked of it anew: their
        answers were made for another encoder.
        """
        torch.manual_seed(seed)  # the new heads
        network = from_base(base_folder(), TAUGHT)
        self._teach("broad", network, [plan.broad], seed)
        start = network.weights()
        branches = []
        for branch in range(BRANCHES):
            network.set_weights(start)
            self._teach(f"tweets-{branch}", network, [plan.tweets], seed + branch)
            branches.append(network.weights())
        torch.manual_seed(seed)  # the new head, also where what comes before was resumed
        alone = from_base(base_folder(), (TONE,))
        self._teach("alone", alone, plan.alone, seed)
        network.set_weights(mean([mean(branches), alone.weights()]))
        network.encoder.requires_grad_(requires_grad=False)
        network.heads[TONE.name].requires_grad_(requires_grad=False)
        self._teach("questions", network, [plan.questions], seed)
        return network

    def _teach(self, name: str, network: Network, stages: Sequence[Stage], seed: int) -> None:
        learning = Learning(self._work / name, self._digest)
        fine_tune(
            network,
            self._tokenizer,
            stages,
            seed=seed,
            learning=learning,
            measure=lambda taught: measured(taught, self._tokenizer, self._asides),
        )
        self.curves[name] = learning.curve


def mean(networks: Sequence[Weights]) -> Weights:
    """The mean of networks' weights; what only some of them have is theirs alone."""
    names = {name for weights in networks for name in weights}
    return {name: np.mean([one[name] for one in networks if name in one], axis=0) for name in names}
