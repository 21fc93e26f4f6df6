"""Which language a text is in, as far as a few words allow, so that none is scored by guesswork.

Detection is py3langid: letter sequences, no network, about 0.1 ms a text. Its thresholds are set
for one purpose: hardly ever to take English for something else. On 61,000 English tweets, comments
and reviews fewer than 3 in 1,000 of any set are held back, and most of those are foreign indeed.
"""

import re
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_NOT_PROSE = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|&\w+;|\\u[0-9a-fA-F]{4}")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}  # X still sends these
_NO_LANGUAGE = frozenset({"zxx"})  # the detector's "no words here"

FEWEST_LETTERS = 4  # fewer say nothing, whatever their script
# A probability from which a detected language is worth naming. Of texts in the seven languages of
# UMSAB that are not English at most 3 in 1,000 are named English.
NAMED_FROM = 0.5
SURE_FROM = 0.3  # a foreign language is sure from here ...
READABLE_BELOW = 0.02  # ... when the model's own languages are this unlikely ...
ENOUGH_LETTERS = 15  # ... and there are this many letters, or they are not Latin ones
CODE_LETTERS = 2  # of ISO 639-1


@dataclass(frozen=True, slots=True)
class Heard:
    """What the detector made of one text."""

    code: str | None  # ISO 639-1; None when it is unsure or the language has no such code
    foreign: str = ""  # the code, when the text is surely in none of the languages asked about
    wordless: bool = False  # too few letters to tell: emojis, numbers, "ok"


def given(lang: str | None) -> str | None:
    """The ISO 639-1 code in a source's own tag ("en-GB", "in"); None for "und", "qme" and such."""
    code = (lang or "").strip().lower().replace("_", "-").partition("-")[0]
    if len(code) != CODE_LETTERS or not (code.isascii() and code.isalpha()):
        return None
    return _OLD_CODES.get(code, code)


class Detector:
    """Takes half a second to make, and 70 MB: `detector` has the one of the process."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def hear(self, text: str, readable: Collection[str]) -> Heard:
        """What language `text` is in, and whether it is surely none of `readable`."""
        letters = _NOT_LETTERS.sub(" ", _NOT_PROSE.sub(" ", text)).strip()
        if len(letters) < FEWEST_LETTERS:
            return Heard(None, wordless=True)
        ranked: list[tuple[str, float]] = self._identifier.rank(letters)
        code, probability = ranked[0]
        if code in _NO_LANGUAGE:
            return Heard(None)
        ours = sum(share for one, share in ranked if one in readable)
        named = code if probability >= NAMED_FROM and len(code) == CODE_LETTERS else None
        sure = (
            code not in readable
            and probability >= SURE_FROM
            and ours <= READABLE_BELOW
            and (len(letters) >= ENOUGH_LETTERS or not _latin(letters))
        )
        return Heard(named, code if sure else "")


def prepare() -> None:
    """Begin to load the detector of this process, beside whatever the caller goes on to do."""
    _loading()


def detector() -> Detector:
    """The detector of this process; waits until it is loaded."""
    return _loading().result()


@cache
def _loading() -> Future[Detector]:
    beside = ThreadPoolExecutor(1, "language")
    future = beside.submit(Detector)
    beside.shutdown(wait=False)
    return future


def _latin(letters: str) -> bool:
    """Whether most of the letters could be Latin ones."""
    return 2 * sum(character < "\u0250" for character in letters) > len(letters)
