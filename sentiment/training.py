"""Teaches a network from labelled texts; as a script, made the bundled model.

    python -m sentiment.training --data FOLDER --out FOLDER

reads the sets named in `sentiment.corpora` below --data, learns the broad mix once and then the
tweets twice, calibrates on texts kept aside, and writes to --out the folder that
`sentiment.loading.load` reads. After every epoch a checkpoint goes to --work; where the last one is
found there, learning is not repeated. About 25 minutes on two cores with bf16.
"""

import argparse
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from torch.nn import functional

from sentiment import corpora
from sentiment.backend import LABELS
from sentiment.finishing import About, finish, macro_recall
from sentiment.labelled import LabelledText
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

WARM_UP = 0.06  # of a stage's steps
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Stage:
    """Some passes over some rows; the learning rate rises, then falls to nothing."""

    name: str
    rows: Sequence[LabelledText]
    epochs: int
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Texts:
    """What is learnt from and what is kept aside; no text is in two of them."""

    tweets: Sequence[LabelledText]
    broad: Sequence[LabelledText]
    tweets_aside: Sequence[LabelledText]
    broad_aside: Sequence[LabelledText]


def fine_tune(
    network: Network,
    tokenizer: Tokenizer,
    stages: Sequence[Stage],
    *,
    seed: int,
    after_epoch: Callable[[str], None] = lambda _: None,
) -> None:
    """Teach the network the stages in order; `after_epoch` is called with each epoch's name."""
    torch.manual_seed(seed)
    rng = random.Random(seed)  # noqa: S311  shuffling, not secrets
    for stage in stages:
        encoded = encode(tokenizer, [row.text for row in stage.rows])
        targets = torch.tensor([LABELS.index(row.label) for row in stage.rows])  # (n,)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=stage.learning_rate, weight_decay=0.01, fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=stage.learning_rate,
            total_steps=stage.epochs * -(-len(encoded) // BATCH) + 1,
            pct_start=WARM_UP,
            anneal_strategy="linear",
            cycle_momentum=False,
        )
        for epoch in range(1, stage.epochs + 1):
            network.train()
            started = time.monotonic()
            for done, batch in enumerate(shuffled_batches(encoded, rng), start=1):
                loss = _step(network, [encoded[i] for i in batch], targets[batch])
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
                if done % 100 == 0:
                    rate = done * BATCH / (time.monotonic() - started)
                    log.info("learning stage=%s epoch=%d step=%d loss=%.3f texts_per_s=%.0f",
                             stage.name, epoch, done, loss, rate)  # fmt: skip
            after_epoch(f"{stage.name}-{epoch}")


def _step(network: Network, batch: Sequence[Sequence[int]], targets: torch.Tensor) -> float:
    """Add up the gradients of one batch; return its loss."""
    with torch.autocast("cpu", dtype=torch.bfloat16):  # 2.5 times as fast where there is bf16
        logits = network(*padded(batch))
    loss = functional.cross_entropy(logits.float(), targets)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    return loss.item()


def read_texts(data: Path) -> Texts:
    """All sets that are learnt from, without any text that is measured on, each text once."""
    seen = {
        overlap_key(row.text) for corpus in corpora.MEASURED for row in corpora.read(data, corpus)
    }
    kept: dict[str, list[LabelledText]] = {}
    for corpus in (corpora.TWEETS, *corpora.BROAD):
        rows = corpora.read(data, corpus)
        kept[corpus.path] = corpora.without_overlap(rows, seen)
        log.info("read set=%s rows=%d kept=%d", corpus.path, len(rows), len(kept[corpus.path]))
    tweets, tweets_aside = corpora.split(kept[corpora.TWEETS.path])
    broad, broad_aside = corpora.split(row for corpus in corpora.BROAD for row in kept[corpus.path])
    return Texts(tweets, broad, tweets_aside, broad_aside)


def stages_of(texts: Texts, seed: int) -> Sequence[Stage]:
    """What the bundled model learnt, in order."""
    rng = random.Random(seed)  # noqa: S311  which texts get an emoji
    tweets = corpora.lend_emojis(texts.tweets, rng)
    broad = corpora.lend_emojis(texts.broad, rng)
    return [Stage("broad", broad, 1, 1e-4), Stage("tweets", tweets, 2, 6e-5)]


def learn(texts: Texts, work: Path, seed: int) -> Network:
    """The network taught from the pre-trained encoder on; its weights are also kept in `work`."""
    torch.manual_seed(seed)  # the new head
    network = from_base(base_folder())
    kept = work / "learnt.safetensors"
    if kept.exists():
        network.set_weights(load_file(kept))
        return network
    tokenizer = tokenizer_of(base_folder())

    def after_epoch(epoch: str) -> None:
        save_file(network.weights(), work / f"{epoch}.safetensors")
        for kind, rows in (("tweets", texts.tweets_aside), ("broad", texts.broad_aside)):
            truth = np.array([LABELS.index(row.label) for row in rows])
            found = predict(network, encode(tokenizer, [row.text for row in rows]))
            log.info(
                "measured epoch=%s aside=%s n=%d macro_recall=%.4f",
                epoch,
                kind,
                len(rows),
                macro_recall(found, truth),
            )

    fine_tune(network, tokenizer, stages_of(texts, seed), seed=seed, after_epoch=after_epoch)
    save_file(network.weights(), kept)
    return network


def main() -> None:
    """Read the command line and make the bundled model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--out", type=Path, required=True, help="where the model folder goes")
    parser.add_argument("--work", type=Path, default=Path("training-work"), help="checkpoints")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)

    texts = read_texts(options.data)
    network = learn(texts, options.work, options.seed)
    aside = [*texts.tweets_aside, *texts.broad_aside]
    finish(network, base_folder(), aside, options.out, About("bundled", VERSION, ("en",)))


if __name__ == "__main__":
    main()
