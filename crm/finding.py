"""Which customer somebody means who types a name: "ruiz", "Ruiz, Ana", "mueller" for Müller."""

import unicodedata
from collections.abc import Iterable, Sequence
from enum import IntEnum

from crm.linking.names import LETTERS, plain, squeezed, tokens

Named = tuple[int, str]  # somebody's id and name
_LETTERS = 30  # of a name that a pattern asks for; what is found is compared whole
_ALIKE = 75.0  # of 100, by rapidfuzz: a letter or two are wrong


class Fit(IntEnum):
    """How well a name is the one that was typed; the best first."""

    WHOLE = 0  # these words and no others, in any order
    WORDS = 1  # they are words of it
    BEGINNINGS = 2  # they begin words of it
    PARTS = 3  # they stand somewhere in it


def words_of(said: str) -> tuple[str, ...]:
    """What was typed as it is compared: small letters without accents; empty where none is one."""
    return tokens(said)


def letters_of(words: Sequence[str]) -> list[str]:
    """For each word, letters that a name of plain Latin ones has in this order, others between.

    The e of an umlaut written out is not among them.
    """
    return [word[:_LETTERS] for word in words]


def fit(words: Sequence[str], name: str) -> Fit | None:
    """How well this name is the one that was typed; None: not at all. words: of words_of()."""
    own = tokens(name)
    if sorted(words) == sorted(own):
        return Fit.WHOLE
    if all(word in own for word in words):
        return Fit.WORDS
    if all(any(one.startswith(word) for one in own) for word in words):
        return Fit.BEGINNINGS
    whole = squeezed(name)
    return Fit.PARTS if all(word in whole for word in words) else None


def _may_fit(words: Sequence[str], name: str) -> bool:
    """Whether the first word's letters are in the name at all: a tenth of the work of fit()."""
    own = unicodedata.normalize("NFKD", name).casefold().translate(LETTERS)
    at = 0
    for letter in words[0]:
        at = own.find(letter, at) + 1
        if not at:
            return False
    return True


def best(words: Sequence[str], named: Iterable[Named]) -> dict[Fit, set[int]]:
    """Who is called so, by how well their best name fits. words: at least one, of words_of()."""
    fits: dict[int, Fit] = {}
    for one, name in named:
        how = fit(words, name) if _may_fit(words, name) else None
        if how is not None:
            fits[one] = min(how, fits.get(one, how))
    found: dict[Fit, set[int]] = {}
    for one, how in fits.items():
        found.setdefault(how, set()).add(one)
    return found


def alike(said: str, named: Iterable[Named], *, most: int) -> list[Named]:
    """Who has a name that was probably meant, the likeliest first; each name once.

    A single word may be one of a name.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415  costs 50 ms, and only what is not found

    words = words_of(said)
    if not words:
        return []
    holders: dict[str, Named] = {}
    for one, name in named:
        written = plain(name)
        for spelled in written.split() if len(words) == 1 else (written,):
            holders.setdefault(spelled, (one, name))
    scorer = fuzz.ratio if len(words) == 1 else fuzz.token_sort_ratio
    found = process.extract(
        " ".join(words), list(holders), scorer=scorer, limit=most, score_cutoff=_ALIKE
    )
    return list(dict.fromkeys(holders[spelled] for spelled, _, _ in found))
