"""One way of writing a text down for the model, the same in training and in scoring."""

import html
import re
import unicodedata
from collections.abc import Sequence

Span = tuple[int, int]  # start and end of a part of a text, in characters

MAX_CHARS = 4_000  # far more than the model reads; a longer text is cut before any work is done

_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")  # \u2019 left as six characters by careless exports
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
HANDLE = re.compile(  # @ana, @ana.bsky.social, @ana@server.example
    r"(?<![\w.])@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)+)?"
)
_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: no text needs them, and no word holds them
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "`": "'"})
_REPEATED_QUOTES = re.compile(r'(?:\\*")+')
_STAND_INS = re.compile(r"@user|\bhttp\b")
_SPACE = re.compile(r"\s+")
_EMOJI_FROM = "\u2600"  # pictures start here; below are signs such as the copyright sign
_NOISE_IN_NAMES = frozenset({"BLACK", "WHITE", "HEAVY", "SIGN", "SYMBOL", "WITH", "FACE", "SUIT"})


def normalise(text: str, *, names_emojis: bool = True) -> str:
    """The text as our models read it: stand-ins, plain letters, and words for emojis.

    names_emojis: write their Unicode names, for a vocabulary that knows almost none of them.
    Whatever comes in, a valid string comes out: lone surrogates and control characters are dropped.
    """
    text = _decoded(text)
    if not text.isascii():
        text = _plain(text, names_emojis=names_emojis)
    if '"' in text:
        text = _REPEATED_QUOTES.sub('"', text)
    return _tidy(text)


def with_stand_ins(text: str) -> str:
    """Only "@user" for handles and "http" for links, as models trained on tweets expect."""
    return _tidy(_decoded(text))


def mark(text: str, spans: Sequence[Span]) -> str:
    """The text with the parts at `spans` marked, so that `unmark` finds them after `normalise`.

    spans: (start, end) in `text`, in order, not overlapping.
    """
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += [unmarked(text[at:start]), _OPEN, unmarked(text[start:end]), _CLOSE]
        at = end
    return "".join([*pieces, unmarked(text[at:])])


def unmark(marked: str) -> tuple[str, list[Span]]:
    """The text without marks, and where the marked parts stand in it."""
    plain: list[str] = []
    spans: list[Span] = []
    length, start = 0, None
    for piece in re.split(f"([{_OPEN}{_CLOSE}])", marked):
        if piece == _OPEN:
            start = length
        elif piece == _CLOSE and start is not None:
            spans.append((start, length))
            start = None
        elif piece != _CLOSE:
            plain.append(piece)
            length += len(piece)
    return "".join(plain), [(start, end) for start, end in spans if end > start]


def unmarked(text: str) -> str:
    """The text without characters that would be taken for marks."""
    return _MARKS.sub("", text)


def has_words(normalised: str) -> bool:
    """Whether anything is left of a normalised text besides handles and links."""
    return bool(_STAND_INS.sub("", normalised).strip())


def overlap_key(text: str) -> str:
    """Two texts with the same key count as one, so that none is both learnt and measured."""
    plain = _STAND_INS.sub("", normalise(text).lower())
    plain = plain.removeprefix("rt ")
    return "".join(character for character in plain if character.isalnum())


def _decoded(text: str) -> str:
    text = html.unescape(text)
    if "\\u" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if _SURROGATES.search(text):  # joins pairs, replaces those that stand alone
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return HANDLE.sub(" @user ", _URL.sub(" http ", text))


def _tidy(text: str) -> str:
    text = "".join(
        character if character.isprintable() or character in (_OPEN, _CLOSE) else " "
        for character in text
    )
    return _SPACE.sub(" ", text).strip()


def _plain(text: str, *, names_emojis: bool) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    pieces: list[str] = []
    last = ""
    for character in text:
        if character < _EMOJI_FROM:
            pieces.append(character)
            last = ""
            continue
        category = unicodedata.category(character)
        if category in {"Mn", "Cf", "Sk", "Cn", "Co"}:
            pieces += character if character in (_OPEN, _CLOSE) else ""
            continue  # skin tones, joiners and variation selectors belong to the emoji before
        if category != "So":
            pieces.append(character)
            last = ""
        elif character != last:  # a row of one emoji says it once
            words = _emoji_words(character)
            pieces.append(f" {words if names_emojis or not words else character} ")
            last = character
    return "".join(pieces)


def _emoji_words(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith(("REGIONAL INDICATOR", "REPLACEMENT")):  # flags; what could not be read
        return ""
    words = [word for word in name.replace("-", " ").split() if word not in _NOISE_IN_NAMES]
    return " ".join(words).lower()
