"""What the two bundled models are made of: their encoders, their stages and what they keep."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sentiment import base_models, corpora, e5, vocabulary
from sentiment.corpora import Example
from sentiment.fine_tuning import Phase
from sentiment.heads import ASKS, EMOTION, HEADS, SARCASM, SHIPPED, TAUGHT, TONE, Head
from sentiment.learning_texts import Texts, own_examples
from sentiment.network import TRAINING_TOKENS, Network, base_reader, from_base, from_e5
from sentiment.reader import Reader
from sentiment.school import School, Stage, Weights
from sentiment.text import normalise

ASIDE_TARGETS = 1_000  # pairs, and as many texts alone, that calibrate the tone toward a name
BRANCHES = 2
VOCABULARY = 60_000  # rows of 250,037: see docs/adr


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is made."""

    name: str  # of its folder
    version: str
    languages: tuple[str, ...]  # ISO 639-1
    heads: tuple[Head, ...]
    learn: Callable[[Texts, School, Path, int], tuple[Network, Reader]]  # texts, …, work, seed
    aside: Callable[[Texts], Sequence[Example]]  # to calibrate on


# --- English -----------------------------------------------------------------------------------


def _english(texts: Texts, school: School, work: Path, seed: int) -> tuple[Network, Reader]:
    """The mean of the networks, half of it the one that was taught the tone alone.

    On texts of other years and places it was better than each of them: Wortsman et al., "Model
    soups" (2022), arXiv:2203.05482. The other questions are then asked of it anew: their answers
    were made for another encoder.
    """
    del work
    rng = random.Random(seed)  # noqa: S311  which texts get an emoji, a partner, a second turn
    toned = [one for one in (*texts.tweets, *texts.broad) if TONE.name in one.answers]
    asked = [one for one in (*texts.tweets, *texts.broad) if ASKS.name in one.answers]
    rare = [one for one in texts.broad if {ASKS.name, SARCASM.name} & one.answers.keys()]
    emotional = [one for one in texts.broad if EMOTION.name in one.answers]
    own, count = texts.own("en"), len(texts.targets)

    def targets() -> list[Example]:
        pairs = corpora.pairs(toned, count, rng)
        return [*texts.targets, *pairs, *corpora.alone(toned, count // 2, rng)]

    broad = corpora.lend_emojis([*texts.broad, *asked, *asked, *targets(), *own], rng)
    again = rng.sample(emotional, len(emotional) // 5)
    tweets = [*texts.tweets, *asked, *asked, *rare, *again, *rng.sample(targets(), count), *own]
    tweets = corpora.lend_emojis(tweets, rng)
    alone = [one for one in (*texts.broad, *own) if TONE.name in one.answers]
    tweets_alone = corpora.lend_emojis([*texts.tweets, *own], rng)
    others = {head.name for head in HEADS if head is not TONE}
    questions = [one for one in (*broad, *tweets, *own) if one.answers.keys() & others]

    reader = base_reader()
    torch.manual_seed(seed)  # the new heads
    network = from_base(base_models.minilm(), TAUGHT)
    start = school.teach(network, reader, _stage("english-broad", broad, 1, 1e-4, seed))
    branches: list[Weights] = []
    for branch in range(BRANCHES):
        network.set_weights({**network.weights(), **start})
        stage = _stage(f"english-tweets-{branch}", tweets, 2, 6e-5, seed + branch)
        branches.append(school.teach(network, reader, stage))
    torch.manual_seed(seed)  # the new head, also where what comes before was read
    toned_alone = from_base(base_models.minilm(), (TONE,))
    phases = (Phase("broad", alone, 1, 1e-4), Phase("tweets", tweets_alone, 2, 6e-5))
    by_tone = school.teach(toned_alone, reader, Stage("english-tone", phases, seed))
    network.set_weights({**network.weights(), **mean([mean(branches), by_tone])})
    network.encoder.requires_grad_(requires_grad=False)
    network.heads[TONE.name].requires_grad_(requires_grad=False)
    school.teach(network, reader, _stage("english-questions", questions, 1, 1e-3, seed))
    return network, reader


def _english_aside(texts: Texts) -> list[Example]:
    aside = [*texts.tweets_aside, *texts.broad_aside, *own_examples(texts.posts_aside, "en")]
    return [*aside, *_named_aside(aside)]


# --- the other languages -------------------------------------------------------------------------


def _multilingual(texts: Texts, school: School, work: Path, seed: int) -> tuple[Network, Reader]:
    """Tones in all languages, and the questions that only English texts and our posts answer."""
    rng = random.Random(seed)  # noqa: S311  which texts get a partner, or are taken
    own = texts.own()
    toned = [one for one in (*texts.tweets, *texts.balanced) if TONE.name in one.answers]
    asked = [one for one in (*texts.tweets, *texts.broad) if ASKS.name in one.answers]
    count = len(texts.targets) // 3
    targets = [*texts.targets, *corpora.pairs(toned, count, rng), *corpora.alone(toned, count, rng)]
    felt = [one for one in texts.broad if EMOTION.name in one.answers]
    foreign = [*texts.balanced, *texts.balanced, *texts.others]  # a third of what is learnt
    few = rng.sample(felt, len(felt) // 4)
    broad = [*foreign, *texts.tweets, *few, *asked, *targets, *own, *own]
    half = rng.sample(texts.tweets, len(texts.tweets) // 2)
    again = [*foreign, *half, *asked, *rng.sample(targets, len(targets) // 3), *own, *own]

    encoder = e5.read(base_models.e5(work))
    pieces = list(zip(encoder.pieces, encoder.scores, strict=True))
    said = (normalise(one.text, names_emojis=False) for one in broad)
    rows = vocabulary.kept_rows(pieces, said, VOCABULARY)
    tokenizer = vocabulary.tokenizer_of([pieces[row] for row in rows])
    reader = Reader(tokenizer, tokens=TRAINING_TOKENS, names_emojis=False)
    torch.manual_seed(seed)  # the new heads
    network = from_e5(encoder, rows, HEADS)
    school.teach(network, reader, _stage("multilingual-broad", broad, 1, 1e-4, seed))
    school.teach(network, reader, _stage("multilingual-again", again, 1, 6e-5, seed))
    return network, reader


def _multilingual_aside(texts: Texts) -> list[Example]:
    aside = [
        *texts.others_aside,
        *texts.tweets_aside,
        *texts.broad_aside[::4],
        *own_examples(texts.posts_aside),
    ]
    return [*aside, *_named_aside(aside)]


def _stage(name: str, examples: Sequence[Example], epochs: int, rate: float, seed: int) -> Stage:
    return Stage(name, (Phase(name.rpartition("-")[2], examples, epochs, rate),), seed)


def _named_aside(aside: Sequence[Example]) -> list[Example]:
    """Texts that calibrate the tone toward a name, made of those kept aside."""
    toned = [one for one in aside if TONE.name in one.answers]
    rng = random.Random(len(toned))  # noqa: S311  pairs to calibrate on
    count = min(ASIDE_TARGETS, len(toned))
    return [*corpora.pairs(toned, count, rng), *corpora.alone(toned, count, rng)]


def mean(networks: Sequence[Weights]) -> Weights:
    """The mean of networks' weights; what only some of them have is theirs alone."""
    names = {name for weights in networks for name in weights}
    return {name: np.mean([one[name] for one in networks if name in one], axis=0) for name in names}


ENGLISH = Recipe("english", "3", ("en",), SHIPPED, _english, _english_aside)
MULTILINGUAL = Recipe(
    "multilingual",
    "1",
    ("en", "ar", "de", "es", "fr", "it", "pt", "nl", "pl", "tr"),
    SHIPPED,
    _multilingual,
    _multilingual_aside,
)
RECIPES: Mapping[str, Recipe] = {one.name: one for one in (ENGLISH, MULTILINGUAL)}
