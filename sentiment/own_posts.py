"""Reads the posts that were invented for this project, and splits them by their families.

A family is one idea in several wordings, often with the same words meaning something else: all of
it is either learnt from or measured on. See posts/README.md.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError
from domain.sentiment import Asks, Emotion, Label
from sentiment.corpora import Example
from sentiment.heads import ASKS, EMOTION, TONE, TOWARD, Head
from sentiment.target import places

FOLDER = Path(__file__).parent / "posts"
COLUMNS = ("family", "kind", "language", "tone", "toward", "asks", "emotion", "text")
KINDS = (
    *("announcement", "buying", "churn", "code_mixed", "comparison", "complaint"),
    *("complaint_question", "conditional", "emoji", "giveaway", "grim_words", "headline"),
    *("job_ad", "mixed", "name_sounds_negative", "negation", "plain_question", "polite_ticket"),
    *("praise", "price_talk", "reported_speech", "request", "sarcasm", "slang", "solved"),
)
HELD_OUT_OF = 7  # every 7th family, chosen by its own hash, is measured on


@dataclass(frozen=True, slots=True)
class Post:
    """One invented post and what is right of it."""

    family: str
    kind: str  # of KINDS
    language: str  # ISO 639-1
    tone: Label
    toward: Mapping[str, Label]  # by the name as it stands in the text; none may be named
    asks: Asks
    emotion: Emotion
    text: str


def read(folder: Path = FOLDER) -> list[Post]:
    """All posts below `folder`, by file and line. Raises InputError for a row that is not right."""
    posts: list[Post] = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, start=2):
                try:
                    posts.append(_post(row))
                except (KeyError, ValueError, AttributeError) as error:
                    raise InputError(f"{path.name}, line {number}: {error}.") from error
    return posts


def _post(row: Mapping[str, str]) -> Post:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is not known")
    named = (one.rpartition("=") for one in row["toward"].split("|") if one)
    toward = {name: Label(label) for name, _, label in named}
    absent = [name for name in toward if not places(row["text"], name)]
    if absent:
        raise ValueError(f"{absent[0]!r} does not stand in the text")
    return Post(
        row["family"],
        row["kind"],
        row["language"],
        Label(row["tone"]),
        toward,
        Asks(row["asks"]),
        Emotion(row["emotion"]),
        row["text"],
    )


def split(posts: Iterable[Post]) -> tuple[list[Post], list[Post]]:
    """(to learn from, to measure on), a family on one side only."""
    learnt: list[Post] = []
    held_out: list[Post] = []
    for post in posts:
        held = int(hashlib.sha256(post.family.encode()).hexdigest()[:8], 16) % HELD_OUT_OF == 0
        (held_out if held else learnt).append(post)
    return learnt, held_out


def examples(post: Post) -> Sequence[Example]:
    """What a post teaches: one example, and one more for each further name in it."""
    whole = _answer(TONE, post.tone) | _answer(ASKS, post.asks) | _answer(EMOTION, post.emotion)
    named = [
        Example(post.text, _answer(TOWARD, label), places(post.text, name)[0])
        for name, label in post.toward.items()
    ]
    if not named:
        return [Example(post.text, whole)]
    first, *others = named
    return [Example(post.text, {**whole, **first.answers}, first.target), *others]


def _answer(head: Head, label: str) -> dict[str, int]:
    return {head.name: head.labels.index(label)}
