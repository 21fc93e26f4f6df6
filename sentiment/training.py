"""Trains the bundled model: which texts, which stages, what is kept of it.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from domain.errors import InputError
from sentiment import corpora
from sentiment import folder as model_folder
from sentiment.corpora import Example
from sentiment.fine_tuning import SHARES, Learning, Stage, fine_tune
from sentiment.finishing import About, finish, known, macro_recall
from sentiment.heads import ASKS, EMOTION, HEADS, SARCASM, SHIPPED, TAUGHT, TONE
from sentiment.network import (
    BATCH,
    Network,
    base_folder,
    encode,
    from_base,
    predict,
    tokenizer_of,
)
from sentiment.text import overlap_key

log = logging.getLogger(__name__)

Weights = Mapping[str, NDArray[np.float32]]

VERSION = "2"
RECORD = "training.json"
BRANCHES = 2
ASIDE_TARGETS = 1_000  # pairs, and as many texts alone, that calibrate the tone toward a name
FEWEST_MEASURED = 20  # kept-aside answers of a head: fewer tell nothing


@dataclass(frozen=True, slots=True)
class Texts:
    """What is learnt from and what is kept aside; no text is in two of them."""

    tweets: Sequence[Example]
    broad: Sequence[Example]
    targets: Sequence[Example]
    tweets_aside: Sequence[Example]
    broad_aside: Sequence[Example]
    sources: Sequence[Mapping[str, object]]  # for the record


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
