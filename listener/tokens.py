"""A text cut into the tokens by which words are compared: case, accents, hyphens do not count."""

import re
import unicodedata

SIGNS = "+#@&$"  # kept as tokens of their own: C++ is not C, and #acme is more than acme
SEPARATOR = "\x1f"  # between joined tokens; no token holds it

# Scripts written without spaces (or, Hangul, with endings glued on): each character is a token.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff\u0f00-\u0fff"  # \w would cut words at the vowel signs
# Each emoji is a token, the two letters of a flag are two. How it is drawn does not count: its
# skin's colour, or whether it is a picture.
_EMOJI = "\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_DRAWN = "\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:[{_INDIC}]|[^\W{_UNSPACED}])+|[{SIGNS}{_EMOJI}]")
_ACCENTS = re.compile(f"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f{_DRAWN}]")
_AN_EMOJI = re.compile(f"[{_EMOJI}][\u200d{_DRAWN}]*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def tokens(text: str) -> list[str]:
    """The words, signs and emoji of a text, in order.

    Each character of an unspaced script is a token of its own.
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    return _TOKEN.findall(text)


def joined(text: str) -> str:
    """The tokens with a separator around each: a phrase of whole words is then a substring."""
    return SEPARATOR + SEPARATOR.join(tokens(text)) + SEPARATOR


def without_emoji(text: str) -> str:
    """The text with a space in the place of each emoji."""
    return _AN_EMOJI.sub(" ", text)
