"""What the two bundled models are made of: their encoders, their stages and what they keep."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from sentiment import base_models, corpora, e5, vocabulary
from sentiment.corpora import Example
from sentiment.fine_tuning import Phase
from sentiment.heads import ASKS, EMOTION, HEADS, SHIPPED, TONE, TOWARD, Head
from sentiment.learning_texts import Texts, own_examples
from sentiment.network import TRAINING_TOKENS, Network, base_reader, from_base, from_e5
from sentiment.reader import Reader
from sentiment.school import School, Stage
from sentiment.text import normalise

ASIDE_TARGETS = 1_000  # pairs, and as many texts alone, that calibrate the tone toward a name
VOCABULARY = 60_000  # rows of 250,037: see docs/adr


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is made."""

    name: str  # of its folder
    version: str
    languages: tuple[str, ...]  # ISO 639-1
    heads: tuple[Head, ...]
    learn: Callable[[Texts, School, int], tuple[Network, Reader]]  # texts, …, seed
    aside: Callable[[Texts], Sequence[Example]]  # to calibrate on
    teacher: str = ""  # the recipe whose model is learnt from, too


# --- English -----------------------------------------------------------------------------------


def _english(texts: Texts, school: School, seed: int) -> tuple[Network, Reader]:
    """What is known of English texts of every kind, and what the multilingual model believes.

    That one is poor at emotions and at telling two names apart, so these heads are then fitted to
    the known answers alone, and to more pairs.
    """
    rng = random.Random(seed)  # noqa: S311  which texts get an emoji, a partner, or are taken
    toned = [one for one in (*texts.tweets, *texts.broad) if TONE.name in one.answers]
    asked = [one for one in (*texts.tweets, *texts.broad) if ASKS.name in one.answers]
    others = [one for one in texts.broad if TONE.name in one.answers]
    untoned = [one for one in texts.broad if TONE.name not in one.answers]
    few = [*rng.sample(others, len(others) // 3), *rng.sample(untoned, len(untoned) // 4)]
    own, count = texts.own("en"), len(texts.targets) // 3
    pairs, alone = corpora.pairs(toned, count, rng), corpora.alone(toned, count, rng)
    targets = [*texts.targets, *pairs, *alone]
    learnt = corpora.lend_emojis([*texts.tweets, *few, *asked, *targets, *own, *own], rng)

    reader = base_reader()
    torch.manual_seed(seed)  # the new heads
    network = from_base(base_models.minilm(), SHIPPED)
    stage = Stage("english", (Phase("taught", learnt, 3, 1e-4),), seed, school.teacher)
    school.teach(network, reader, stage)
    network.requires_grad_(requires_grad=False)
    for head in (EMOTION, TOWARD):
        network.heads[head.name].requires_grad_(requires_grad=True)
    felt = [one for one in (*texts.broad, *own, *own) if EMOTION.name in one.answers]
    more = corpora.pairs(toned, 3 * count, rng)
    school.teach(
        network,
        reader,
        _stage("english-heads", [*felt, *texts.targets, *more, *alone], 1, 1e-3, seed),
    )
    return network, reader


def _english_aside(texts: Texts) -> list[Example]:
    aside = [*texts.tweets_aside, *texts.broad_aside, *own_examples(texts.posts_aside, "en")]
    return [*aside, *_named_aside(aside)]


# --- the other languages -------------------------------------------------------------------------


def _multilingual(texts: Texts, school: School, seed: int) -> tuple[Network, Reader]:
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

    encoder = e5.read(base_models.e5(school.work))
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


MULTILINGUAL = Recipe(
    "multilingual",
    "1",
    ("en", "ar", "de", "es", "fr", "it", "pt", "nl", "pl", "tr"),
    SHIPPED,
    _multilingual,
    _multilingual_aside,
)
ENGLISH = Recipe(
    "english", "3", ("en",), SHIPPED, _english, _english_aside, teacher=MULTILINGUAL.name
)
RECIPES: Mapping[str, Recipe] = {one.name: one for one in (MULTILINGUAL, ENGLISH)}
