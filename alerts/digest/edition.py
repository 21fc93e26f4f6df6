"""Which sections a digest has, in which order, for each channel."""

from collections.abc import Callable, Sequence

from alerts.digest import (
    answers,
    cohorts,
    headline,
    lists,
    loyalty,
    mentions,
    notes,
    opening,
    reading,
    reputation,
    sources,
    voices,
    waiting,
)
from alerts.escape import cut, one_line
from alerts.masking import Masking
from alerts.page import render_page
from alerts.text import render_text
from domain.digest import Digest
from domain.elements import Element, Message
from domain.network import Networks

EVERYTHING = Masking()
Part = Callable[[Digest, Networks], tuple[Element, ...]]  # its facts as elements

CHANNEL: Sequence[Part] = (
    opening.opening,
    waiting.waiting,
    lists.lists,
    reputation.reputation,
    mentions.mentions,
    answers.answers,
    loyalty.loyalty,
    cohorts.cohorts,
    reading.reading,
    voices.voices,
    sources.sources,
    notes.made,
)
MAIL: Sequence[Part] = (
    opening.mail_opening,
    waiting.waiting,
    lists.lists,
    reputation.mail_reputation,
    mentions.mentions,
    answers.answers,
    loyalty.loyalty,
    cohorts.cohorts,
    reading.reading,
    voices.voices,
    sources.sources,
    notes.how_made,
)


def digest_message(
    digest: Digest, networks: Networks, edition: Sequence[Part] = CHANNEL
) -> Message:
    """The digest as elements: a pure function of its facts and the networks' titles."""
    brand = cut(one_line(digest.brand), opening.NAME)
    elements = tuple(element for part in edition for element in part(digest, networks))
    return Message(f"{brand}: {headline.headline(digest, networks)}", elements)


def digest_text(digest: Digest, networks: Networks, masking: Masking = EVERYTHING) -> str:
    return render_text(masking.message(digest_message(digest, networks, MAIL)))


def digest_html(digest: Digest, networks: Networks, masking: Masking = EVERYTHING) -> str:
    return render_page(masking.message(digest_message(digest, networks, MAIL)))
