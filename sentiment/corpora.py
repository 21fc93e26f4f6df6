"""Which labelled texts the bundled model learns from, on what terms, and which are held out.

Only sets whose stated terms allow a model for any use are learnt from. The texts themselves are
not part of this project: point `read` at a folder that holds them.
"""

import csv
import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from domain.errors import InputError
from domain.sentiment import Label
from sentiment.labelled import LabelledText
from sentiment.text import overlap_key

HELD_OUT_OF = 25  # every 25th learnt text, chosen by its own hash, calibrates instead of teaching
_SAME: Mapping[str, Label] = MappingProxyType({str(label): label for label in Label})


@dataclass(frozen=True, slots=True)
class Corpus:
    """One file of labelled texts: tab-separated, with a header, unquoted."""

    path: str  # below the data folder
    terms: str  # as stated by whoever publishes it
    labels: Mapping[str, Label] = field(
        default_factory=lambda: _SAME
    )  # rows with another label are left out


_VADER = "MIT (vaderSentiment repository)"
_TWEETEVAL = "TweetEval: released without any restrictions; the tasks' and Twitter's own may apply"
_EMOTIONS = MappingProxyType(
    {
        "anger": Label.NEGATIVE,
        "sadness": Label.NEGATIVE,
        "joy": Label.POSITIVE,
        "optimism": Label.POSITIVE,
    }
)

BROAD = (  # learnt first, once: many kinds of text
    Corpus("goemotions/train.tsv", "Apache-2.0 (google-research repository)"),
    Corpus("vader_icwsm2014/tweets.tsv", _VADER),
    Corpus("vader_icwsm2014/amazonReviewSnippets.tsv", _VADER),
    Corpus("vader_icwsm2014/movieReviewSnippets.tsv", _VADER),
    Corpus("vader_icwsm2014/nytEditorialSnippets.tsv", _VADER),
    Corpus("tweeteval_emotion/train.tsv", _TWEETEVAL, _EMOTIONS),
)
TWEETS = Corpus("tweeteval_sentiment/train.tsv", "CC BY 3.0 (SemEval-2017 task 4)")  # learnt last
MEASURED = (  # never learnt from, nor any text equal to one of theirs
    Corpus("tweeteval_sentiment/val.tsv", "CC BY 3.0 (SemEval-2017 task 4)"),
    Corpus("goemotions/dev.tsv", "Apache-2.0 (google-research repository)"),
    Corpus("tweeteval_emotion/val.tsv", _TWEETEVAL, _EMOTIONS),
    Corpus("umsab/english_val.tsv", "Apache-2.0 (xlm-t repository)"),
    Corpus("sst/sst3_dev.tsv", "none stated: measured only"),
    Corpus("apple_dfe/apple.tsv", "none stated: measured only"),
    Corpus("brand_emotion_sxsw/brand_emotion.tsv", "none stated: measured only"),
    Corpus("twitter_entity/val.tsv", "none stated: measured only"),
)

OTHER_LANGUAGES = {  # measured only: how well the language guard works, and what it guards against
    code: Corpus(f"umsab/{name}_val.tsv", "Apache-2.0 (xlm-t repository)")
    for code, name in {
        "ar": "arabic",
        "de": "german",
        "es": "spanish",
        "fr": "french",
        "hi": "hindi",
        "it": "italian",
        "pt": "portuguese",
    }.items()
}

# Emojis whose feeling is plain. The tweets hold none, so a few are lent to texts of that label.
EMOJIS: Mapping[Label, str] = MappingProxyType(
    {
        Label.POSITIVE: "😀😃😄😁😊🙂😍🥰😘🤩🥳😎🤗👍👏🙌💪🎉✨💯❤💕💖🔥☺😋🤍⭐🏆",
        Label.NEGATIVE: "😠😡🤬😤😒🙄😞😔😢😭😩😫😖😣🤮🤢👎💔😱😨😰☹😕😟😾💩🖕",
        Label.NEUTRAL: "📷📅📍🕒📦📱💻🚗✈🏠📢🔗➡📝📊🎧",
    }
)
EMOJI_SHARE = 0.05  # of the learnt texts get one lent


def read(folder: Path, corpus: Corpus) -> list[LabelledText]:
    """The rows of one set, in file order. Raises InputError when the file cannot be read."""
    path = folder / corpus.path
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            return [
                LabelledText(row["text"], corpus.labels[row["label"]])
                for row in table
                if row["label"] in corpus.labels and row["text"]
            ]
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise InputError(f"{path}: cannot be read as labelled texts ({error}).") from error


def without_overlap(rows: Iterable[LabelledText], seen: set[str]) -> list[LabelledText]:
    """The rows whose text is not in `seen`, each text once; their keys are added to `seen`."""
    kept: list[LabelledText] = []
    for row in rows:
        key = overlap_key(row.text)
        if key and key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def split(rows: Iterable[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """(to learn from, to calibrate on): by each text's own hash, so a rerun splits alike."""
    learnt: list[LabelledText] = []
    held_out: list[LabelledText] = []
    for row in rows:
        digest = hashlib.sha256(overlap_key(row.text).encode()).digest()
        (learnt if digest[0] % HELD_OUT_OF else held_out).append(row)
    return learnt, held_out


def lend_emojis(rows: Sequence[LabelledText], rng: random.Random) -> list[LabelledText]:
    """The rows, some ending in an emoji of their own label, and each emoji once on its own."""
    lent = [
        LabelledText(f"{row.text} {rng.choice(EMOJIS[row.label])}", row.label)
        if rng.random() < EMOJI_SHARE
        else row
        for row in rows
    ]
    return lent + [
        LabelledText(emoji, label) for label, emojis in EMOJIS.items() for emoji in emojis
    ]
