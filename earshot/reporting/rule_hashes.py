"""Short hashes of what numbers are computed by: two days with other ones do not compare.

They say that something was changed, not what: nothing of the configuration can be read from them.
"""

import hashlib
from collections.abc import Iterable

from domain.asking import ALARMING, SURELY
from domain.brand import Brand, OwnAccount
from domain.sentiment import WANT_AN_ANSWER
from earshot.config.model import Config

_BYTES = 6


def rules_of(config: Config, brand: str) -> str:
    """Of what decides which posts ask for an answer, but for the model, which is told by its name.

    That is the words of safety and law, the phrases whose meaning is told, and the thresholds. Of
    hours and promises nothing: when an answer is due changes no question.
    """
    named = brand.casefold()
    phrases = (
        f"{one.phrase}\0{one.means}"
        for one in config.top.sentiment.phrases
        if one.brand is None or one.brand.casefold() == named
    )
    words = (f"{name}\0{word}" for name in ALARMING for word in config.words.get(name, ()))
    return _hash(words, phrases, WANT_AN_ANSWER, [str(SURELY)])


def filters_of(config: Config, brand: str) -> str:
    """Of what decides which posts count for a brand; "" for what is none, as a competitor."""
    found = next((one for one in config.brands if one.name.casefold() == brand.casefold()), None)
    if found is None:
        return ""
    noise = config.top.noise
    return _hash(
        *_listening(found),
        noise.allow_authors,
        noise.staff_accounts,
        noise.block_authors,
        noise.block_sites,
        noise.block_words,
        [str(noise.spam)],
    )


def _listening(brand: Brand) -> Iterable[Iterable[str]]:
    rivals = (account for rival in brand.competitors for account in rival.own_accounts)
    return (
        [brand.query],
        map(_account, brand.accounts),
        map(_account, rivals),
        brand.languages,
        brand.relevant,
        brand.irrelevant,
    )


def _account(one: OwnAccount) -> str:
    return f"{one.source}\0{one.account}\0{one.by}"


def _hash(*lists: Iterable[str]) -> str:
    """The same for the same lists, in whatever order each of them is written."""
    text = repr([sorted(one) for one in lists]).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_BYTES).hexdigest()
