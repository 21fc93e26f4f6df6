"""Which language a text is in, as far as a few words allow, so that none is scored by guesswork.

Detection is py3langid: letter sequences, no network, about 0.1 ms a text. Its thresholds were
measured with the ten languages of the bundled models. Of 60,000 labelled texts in them 5 in 1,000
are held back (3 of English ones), and many of those are foreign indeed. Of 20,000 short sentences
in seventy other languages 82 in 100 are held back, of those of 40 letters and more 90; of the
nearest relatives, as Catalan and Galician, half.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from sentiment import hindi

_NOT_PROSE = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|&\w+;|\\u[0-9a-fA-F]{4}")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}  # X still sends these
_NO_LANGUAGE = frozenset({"zxx"})  # the detector's "no words here"
_DIALECTS = {"ary": "ar", "arz": "ar"}  # which the detector tells apart, and the models do not

FEWEST_LETTERS = 4  # fewer say nothing, whatever their script
# A probability from which a detected language is worth naming. Of texts in the seven languages of
# UMSAB that are not English at most 3 in 1,000 are named English.
NAMED_FROM = 0.5
# A language that is not read is foreign where it is named and those that are read are unlikely ...
UNLIKELY = 0.2
# ... or, in a text that is not too short to tell, where it leads and they are hardly possible.
LEADS_FROM = 0.3
HARDLY_POSSIBLE = 0.05
ENOUGH_LETTERS = 15  # or fewer that are not Latin
HINDI_BELOW = 0.5  # of the languages that are read: where they are likelier, its words do not count
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
        """What language `text` is in, and whether it is surely none of `readable`.

        With no `readable` any may be. Else no code is named that is neither among them nor foreign.
        """
        letters = _NOT_LETTERS.sub(" ", _NOT_PROSE.sub(" ", text)).strip()
        if len(letters) < FEWEST_LETTERS:
            return Heard(None, wordless=True)
        shares = self._shares(letters)
        ours = sum(shares.get(one, 0.0) for one in readable)
        if ours < HINDI_BELOW and hindi.in_latin_letters(letters.lower().split()):
            shares, ours = {"hi": 1.0}, float("hi" in readable)
        code, probability = max(shares.items(), key=itemgetter(1))
        if code in _NO_LANGUAGE:
            return Heard(None)
        named = code if probability >= NAMED_FROM and len(code) == CODE_LETTERS else None
        if not readable or code in readable:
            return Heard(named)
        telling = len(letters) >= ENOUGH_LETTERS or not _latin(letters)
        foreign = (probability >= NAMED_FROM and ours <= UNLIKELY) or (
            probability >= LEADS_FROM and ours <= HARDLY_POSSIBLE and telling
        )
        return Heard(named, code) if foreign else Heard(None)

    def _shares(self, letters: str) -> dict[str, float]:
        """The probability of each language."""
        shares: dict[str, float] = defaultdict(float)
        for code, probability in self._identifier.rank(letters):
            shares[_DIALECTS.get(code, code)] += float(probability)
        return shares


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
