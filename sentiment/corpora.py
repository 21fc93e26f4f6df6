"""Which labelled texts the bundled model learns from, on what terms, and which are held out.

Only sets whose stated terms allow a model for any use are learnt from. The texts themselves are
not part of this project: point `read` at a folder that holds them.
"""

import csv
import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from domain.errors import InputError
from domain.sentiment import Asks, Emotion, Label
from sentiment.heads import ASKS, EMOTION, SARCASM, TONE, TOWARD, Head
from sentiment.target import places
from sentiment.text import Span, overlap_key

MEASURED_OF = 7  # of a set without a part of its own to measure on, every 7th text is one
HELD_OUT_OF = 25  # every 25th learnt text, chosen by its own hash, calibrates instead of teaching
ASKS_FILE = Path(__file__).parent / "asks.tsv"

Row = Mapping[str, str]
Answers = Mapping[str, int]  # head -> index of the right label; what is not known is not in it


@dataclass(frozen=True, slots=True)
class Example:
    """One text and what is known of it."""

    text: str
    answers: Answers
    target: Span | None = None  # the name that `TOWARD` is asked of
    beliefs: Mapping[str, Sequence[float]] = field(default_factory=dict)  # see `distilling`


@dataclass(frozen=True, slots=True)
class Corpus:
    """One file of labelled texts: tab-separated, with a header, unquoted."""

    path: str  # below the data folder
    terms: str  # as stated by whoever publishes it
    # Empty: the row is left out. None: its labels are of no use, a teacher answers of its texts.
    answers: Callable[[Row], Answers] | None = None
    measured: bool = False  # every 7th text of it, chosen by its own hash, is measured on instead


def _index(head: Head, label: str) -> dict[str, int]:
    return {head.name: head.labels.index(label)} if label in head.labels else {}


def tone(row: Row) -> dict[str, int]:
    """The tone of a row of three labels."""
    return _index(TONE, row["label"])


def _toward(row: Row) -> Answers:
    return _index(TOWARD, row["label"])


def _emotional(row: Row) -> Answers:
    """TweetEval's four emotions, as a tone as well."""
    feels = {
        "anger": (Label.NEGATIVE, Emotion.ANGER),
        "sadness": (Label.NEGATIVE, Emotion.SADNESS),
        "joy": (Label.POSITIVE, Emotion.JOY),
        "optimism": (Label.POSITIVE, Emotion.JOY),
    }
    label, emotion = feels[row["label"]]
    return _index(TONE, label) | _index(EMOTION, emotion)


_EKMAN = {  # as the authors of GoEmotions group them (ekman_mapping.json)
    Emotion.ANGER: "anger annoyance disapproval",
    Emotion.DISGUST: "disgust",
    Emotion.FEAR: "fear nervousness",
    Emotion.JOY: "joy amusement approval excitement gratitude love optimism relief pride "
    "admiration desire caring",
    Emotion.SADNESS: "sadness disappointment embarrassment grief remorse",
    Emotion.SURPRISE: "surprise realization confusion curiosity",
    Emotion.NONE: "neutral",
}
_GROUP = {fine: group for group, names in _EKMAN.items() for fine in names.split()}


def _reddit(row: Row) -> Answers:
    """The tone as grouped, and the emotion where all that were named fall into one group."""
    groups = {_GROUP[name] for name in row["emotions"].split(",")}
    emotion = _index(EMOTION, groups.pop()) if len(groups) == 1 else {}
    return tone(row) | emotion


def _sarcastic(row: Row) -> Answers:
    return {SARCASM.name: int(row["label"] in {"sarcastic", "irony"})}


_VADER = "MIT (vaderSentiment repository)"
_TWEETEVAL = "TweetEval: released without any restrictions; the tasks' and Twitter's own may apply"
_GO = "Apache-2.0 (google-research repository)"

BROAD = (  # learnt first: many kinds of text, all questions
    Corpus("goemotions/train.tsv", _GO, _reddit),
    Corpus("vader_icwsm2014/tweets.tsv", _VADER, tone),
    Corpus("vader_icwsm2014/amazonReviewSnippets.tsv", _VADER, tone),
    Corpus("vader_icwsm2014/movieReviewSnippets.tsv", _VADER, tone),
    Corpus("vader_icwsm2014/nytEditorialSnippets.tsv", _VADER, tone),
    Corpus("tweeteval_emotion/train.tsv", _TWEETEVAL, _emotional),
    Corpus("tweeteval_irony/train.tsv", _TWEETEVAL, _sarcastic),
    Corpus("isarcasm/train_en.tsv", "MIT (iSarcasmEval repository)", _sarcastic),
    Corpus("tweeteval_offensive/train.tsv", _TWEETEVAL),
    Corpus("tweeteval_emoji/train.tsv", _TWEETEVAL),
)
TARGETS = Corpus("absa/mams_train.tsv", "Apache-2.0 (MAMS-for-ABSA repository)", _toward)
TWEETS = Corpus("tweeteval_sentiment/train.tsv", "CC BY 3.0 (SemEval-2017 task 4)", tone)
MEASURED = (  # never learnt from, nor any text equal to one of theirs
    Corpus("tweeteval_sentiment/val.tsv", "CC BY 3.0 (SemEval-2017 task 4)", tone),
    Corpus("goemotions/dev.tsv", _GO, _reddit),
    Corpus("tweeteval_emotion/val.tsv", _TWEETEVAL, _emotional),
    Corpus("tweeteval_irony/val.tsv", _TWEETEVAL, _sarcastic),
    Corpus("umsab/english_val.tsv", "Apache-2.0 (xlm-t repository)", tone),
    Corpus("sst/sst3_dev.tsv", "none stated: measured only", tone),
    Corpus("apple_dfe/apple.tsv", "none stated: measured only", tone),
    Corpus("brand_emotion_sxsw/brand_emotion.tsv", "none stated: measured only", tone),
)
TARGETED = (  # the same, of texts with a name in them that the label is about
    Corpus("absa/mams_val.tsv", "Apache-2.0 (MAMS-for-ABSA repository)", _toward),
    Corpus("absa/acl14_twitter_train.tsv", "research use: measured only", _toward),
    Corpus("absa/semeval14_laptops_train.tsv", "research use: measured only", _toward),
    Corpus("brand_emotion_sxsw/brand_emotion.tsv", "none stated: measured only", _toward),
    Corpus("twitter_entity/val.tsv", "none stated: measured only", _toward),
)

_UMSAB = "Apache-2.0 (xlm-t repository)"
_UMSAB_NAMES = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "pt": "portuguese",
}
NOT_READ = frozenset({"hi"})  # romanised chat, labelled at random: nothing is learnt or claimed
BALANCED = tuple(  # as many tweets of each language, by language
    (code, Corpus(f"umsab/{name}_train.tsv", _UMSAB, tone))
    for code, name in _UMSAB_NAMES.items()
    if code not in NOT_READ
)
MORE = (  # further tones in some of the languages, by language
    ("de", Corpus("multilingual/de_mobasa.tsv", "CC BY 4.0 (sim3s-corpus)", tone, measured=True)),
    ("de", Corpus("multilingual/de_potts.tsv", "MIT (PotTS repository)", tone, measured=True)),
    ("ar", Corpus("multilingual/ar_arsarcasm2.tsv", "MIT (ArSarcasm-v2)", tone, measured=True)),
    *(
        (
            "ar",
            Corpus(
                f"multilingual/ar_afrisenti_{name}.tsv",
                "CC BY 4.0 (AfriSenti)",
                tone,
                measured=True,
            ),
        )
        for name in ("ary", "arq")
    ),
    ("pt", Corpus("afrisenti/por_train.tsv", "CC BY 4.0 (AfriSenti)", tone)),
)
OTHER_LANGUAGES = {  # never learnt from
    code: Corpus(f"umsab/{name}_val.tsv", _UMSAB, tone)
    for code, name in _UMSAB_NAMES.items()
    if code != "en"
}

# Emojis whose feeling is plain. The tweets hold none, so a few are lent to texts of that label.
EMOJIS: Mapping[Label, str] = MappingProxyType(
    {
        Label.NEGATIVE: "😠😡🤬😤😒🙄😞😔😢😭😩😫😖😣🤮🤢👎💔😱😨😰☹😕😟😾💩🖕",
        Label.NEUTRAL: "📷📅📍🕒📦📱💻🚗✈🏠📢🔗➡📝📊🎧",
        Label.POSITIVE: "😀😃😄😁😊🙂😍🥰😘🤩🥳😎🤗👍👏🙌💪🎉✨💯❤💕💖🔥☺😋🤍⭐🏆",
    }
)
EMOJI_SHARE = 0.05  # of the learnt texts get one lent


def read(folder: Path, corpus: Corpus) -> list[Example]:
    """The examples of one set, in file order. Raises InputError when it cannot be read."""
    path = folder / corpus.path
    examples: list[Example] = []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                answers = corpus.answers(row) if corpus.answers else {}
                if row["text"] and (answers or corpus.answers is None):
                    target = _place(row) if TOWARD.name in answers else None
                    examples.append(Example(row["text"], answers, target))
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise InputError(
            f"{path}: cannot be read as labelled texts ({_why(error)}); the folder must hold the "
            "sets that sentiment/corpora.py names."
        ) from error
    return examples


def _why(error: OSError | UnicodeDecodeError | KeyError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return f"no such column or label: {str(error.args[0])[:40]}"


def _place(row: Row) -> Span | None:
    """Where the name stands in the text; the sets call the column differently."""
    return next(iter(places(row["text"], row.get("target") or row.get("entity", ""))), None)


@cache
def asks() -> Mapping[str, Asks]:
    """What some of the texts ask for, by the text's key: labelled for this project."""
    lines = ASKS_FILE.read_text(encoding="utf-8").splitlines()[1:]
    return {key: Asks(label) for key, label in (line.split("\t") for line in lines)}


def digest_of_asks() -> str:
    """The SHA-256 of what was labelled for this project."""
    return hashlib.sha256(ASKS_FILE.read_bytes()).hexdigest()


def with_asks(examples: Iterable[Example]) -> list[Example]:
    """The examples with what they ask for, where that was labelled."""
    known = asks()
    return [
        replace(one, answers={**one.answers, **_index(ASKS, known[key])})
        if (key := digest(one.text)) in known
        else one
        for one in examples
    ]


def without_overlap(examples: Iterable[Example], seen: set[str]) -> list[Example]:
    """The examples whose text is not in `seen`, each text once; their keys are added to `seen`."""
    kept: list[Example] = []
    for one in examples:
        key = overlap_key(one.text)
        if key and key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def parts(folder: Path, corpus: Corpus) -> tuple[list[Example], list[Example]]:
    """(what may be learnt from, what is measured on) of one set."""
    learnt: list[Example] = []
    measured: list[Example] = []
    for one in read(folder, corpus):
        apart = corpus.measured and int(digest(one.text)[:4], 16) % MEASURED_OF == 0
        (measured if apart else learnt).append(one)
    return learnt, measured


def split(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """(to learn from, to calibrate on): by each text's own hash, so a rerun splits alike."""
    learnt: list[Example] = []
    held_out: list[Example] = []
    for one in examples:
        held = int(digest(one.text)[:2], 16) % HELD_OUT_OF == 0
        (held_out if held else learnt).append(one)
    return learnt, held_out


def digest(text: str) -> str:
    """A short hash by which a text is known without being kept."""
    return hashlib.sha256(overlap_key(text).encode()).hexdigest()[:16]


def lend_emojis(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    """The examples, some ending in an emoji of their own tone, and each emoji once on its own."""
    lent = [
        replace(one, text=f"{one.text} {rng.choice(EMOJIS[Label(TONE.labels[known])])}")
        if (known := one.answers.get(TONE.name)) is not None and rng.random() < EMOJI_SHARE
        else one
        for one in examples
    ]
    return lent + [
        Example(emoji, _index(TONE, label)) for label, emojis in EMOJIS.items() for emoji in emojis
    ]


# A handle, a hashtag, a name inside a sentence, or GoEmotions' stand-in for a person.
_NAME = re.compile(
    r"@\w+|#[A-Za-z]\w+|\[NAME\]|(?<=[a-z,] )[A-Z][\w'&-]*[a-z][\w]*(?: [A-Z][\w'&-]*[a-z]\w*)*"
)
LONGEST_HALF = 160  # characters of each text of a pair
JOINTS = (" ", ". ", ", but ", "; ", " while ", " ... ", "! ")


def pairs(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """`count` texts made of two of unlike tone, each half asked about a name in it.

    Sets of tones toward a name with free terms speak of restaurants only. These teach what such a
    set is for, on all kinds of texts: the words around a name decide, not those further on.
    """
    named = _named(one for one in examples if len(one.text) < LONGEST_HALF)
    if len({one.answers[TONE.name] for one, _ in named}) < 2:  # noqa: PLR2004  unlike each other
        raise InputError("pairs need short texts of two tones with a name in them")
    made: list[Example] = []
    while len(made) < count:
        (first, spans), (second, _) = rng.choice(named), rng.choice(named)
        known = first.answers[TONE.name]
        if second.answers[TONE.name] == known:
            continue
        start, end = rng.choice(spans)
        joint = rng.choice(JOINTS)
        if rng.random() < 0.5:  # noqa: PLR2004  either order
            text, shift = f"{first.text}{joint}{second.text}", 0
        else:
            text, shift = f"{second.text}{joint}{first.text}", len(second.text) + len(joint)
        made.append(Example(text, {TOWARD.name: known}, (start + shift, end + shift)))
    return made


def alone(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    """`count` texts as they are, asked about a name in them: it has the tone of the text."""
    named = _named(rng.sample(list(examples), len(examples)))
    return [
        Example(one.text, {TOWARD.name: one.answers[TONE.name]}, rng.choice(spans))
        for one, spans in named[:count]
    ]


def _named(examples: Iterable[Example]) -> list[tuple[Example, list[Span]]]:
    """Those of known tone that name somebody, each with the places of its names."""
    found = (
        (one, [name.span() for name in _NAME.finditer(one.text)])
        for one in examples
        if TONE.name in one.answers
    )
    return [(one, spans) for one, spans in found if spans]
