"""A fingerprint that near-identical texts share, so that a copied text counts once."""

import hashlib
import re
import unicodedata

# Below this many letters and digits two people may well write the same by chance ("love Acme!").
CHANCE_BELOW = 24
CHANCE = "chance:"  # prefix of such a fingerprint: it counts once per author, not once for all

_URL = re.compile(r"(?:https?://|www\.)\S+|\bpic\.twitter\.com/\S+", re.IGNORECASE)
_REPOSTED = re.compile(r"^\s*(?:rt|via)\s+(?=@)", re.IGNORECASE)
_ADDRESSED = re.compile(r"(?<!\w)@[\w.\-]+(?:@[\w.\-]+)?:?")
_SEPARATORS = re.compile(r"[\W_]+")


def fingerprint(text: str) -> str:
    """Equal for texts that differ only in case, links, @names, punctuation, emoji and spacing.

    Never empty. A text with nothing else in it (a bare link, emoji) is told by its exact wording.
    One changed word makes another fingerprint.
    """
    words = _words(text)
    digest = hashlib.blake2b((words or text.strip()).encode(errors="replace"), digest_size=12)
    by_chance = len(words.replace(" ", "")) < CHANCE_BELOW
    return f"{CHANCE if by_chance else ''}{digest.hexdigest()}"


def may_be_chance(mark: str) -> bool:
    """Whether two authors may share this fingerprint without one having copied the other."""
    return mark.startswith(CHANCE)


def _words(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")  # zero-width, bidi
    text = _ADDRESSED.sub(" ", _REPOSTED.sub("", _URL.sub(" ", text)))
    return _SEPARATORS.sub(" ", text).strip()
