"""Names of people and handles made of them, made comparable: "Müller, Ana (VIP)" is ana, muller."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

# Letters that no decomposition takes apart.
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "a", "œ": "o", "þ": "th"}
    | {chr(0x131): "i"}
)
# Written out or not, an umlaut is the same letter; both sides lose the e.
_UMLAUT = re.compile(r"(?<=[aou])e(?!u)")
# What people put behind their name: "Ana Smith | Acme", "Ana Smith · she/her", "Ana @ home".
_BEHIND_NAME = re.compile(r"\s*(?:[|•·/~–—]|\s-\s|(?<=\s)@).*$", re.DOTALL)
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
_TITLES = frozenset(
    [
        *("dr", "prof", "mr", "mrs", "ms", "miss", "sir", "herr", "frau", "sr", "sra", "srta"),
        *("mme", "mlle", "phd", "md", "jr", "ing", "dipl", "mag", "sig", "dott"),
    ]
)
# What stands before or behind the name in a handle.
_BEFORE = re.compile(r"^(?:its|im|iam|real|thereal|the|mr|mrs|ms|dr|hey|not|its the)(?=\w{5})")
_BEHIND = re.compile(r"(?<=\w{5})(?:official|oficial|offici|real|here|hq|xo|tv|yt)$")
_LEET = str.maketrans("013457", "oieast")
_VOWEL = re.compile(r"[aeiou]")


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Small letters without accents; fancy letters are those they stand for."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    return "".join(one for one in split if not unicodedata.combining(one))


@lru_cache(maxsize=100_000)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a person's name in their order, without titles, brackets and emoji."""
    written = plain(_BEHIND_NAME.sub("", _BRACKETS.sub(" ", name)) or name)
    found = [squeezed(word) for word in re.split(r"[\s,;/|_&+]+", written)]
    return tuple(word for word in found if word and word not in _TITLES)


def squeezed(word: str) -> str:
    """Letters only: "o'neill-smith" is oneillsmith, and an umlaut written out loses its e."""
    return _UMLAUT.sub("", "".join(one for one in plain(word) if one.isalpha()))


def compact(text: str) -> str:
    """Letters and digits only: ana.smith_7 is anasmith7."""
    return _UMLAUT.sub("", "".join(one for one in plain(text) if one.isalnum()))


def bare(handle: str) -> str:
    """A handle without its @."""
    return handle.strip().removeprefix("@")


def own_part(handle: str) -> str:
    """What a person chose of a handle: ana of ana@social.example and of ana.bsky.social."""
    name = bare(handle).partition("@")[0]
    return name.removesuffix(".bsky.social")


@lru_cache(maxsize=100_000)
def cores(handle: str) -> tuple[str, ...]:
    """What a handle may spell: its letters; figures read as letters; without "real" and "hq"."""
    written = compact(own_part(handle))
    letters = "".join(one for one in written if one.isalpha())
    inner = written.rstrip("0123456789")
    found = dict.fromkeys([letters])
    if inner != letters:  # figures between the letters stand for some
        spelled = (one.translate(_LEET) for one in (inner, written))
        found |= dict.fromkeys(one for one in spelled if one.isalpha())
    for one in tuple(found):
        found[_BEHIND.sub("", _BEFORE.sub("", one))] = None
    return tuple(one for one in found if len(one) > 2)  # noqa: PLR2004  "jo" is nobody's form


def lines(name: str) -> list[str]:
    """The lines of a file of this folder, comments apart."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    """The lines of nicknames.txt on which each name stands."""
    found: dict[str, set[str]] = {}
    for line in lines("nicknames.txt"):
        names = [squeezed(one) for one in line.split()]
        for name in names:
            found.setdefault(name, set()).add(names[0])
    return {name: frozenset(lines) for name, lines in found.items()}


def are_nicknames(one: str, other: str) -> bool:
    """Whether both are forms of one given name: kate, katherine."""
    known = _nicknames()
    return bool(known.get(one, frozenset()) & known.get(other, frozenset()))


def skeleton(letters: str) -> str:
    """The consonants, as handles such as jffryzhng keep them."""
    return _VOWEL.sub("", letters)
