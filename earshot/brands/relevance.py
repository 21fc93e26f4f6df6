"""Finds mentions that are about something else of the brand's name, by examples and lessons."""

from collections.abc import Sequence
from functools import cached_property

from domain.noise import Noise, Taught, Why
from earshot.brands import matching
from earshot.brands.tracked import TrackedBrand
from sentiment.relevance import HIDE_BELOW, Encoder, Examples, Vectors, learn


class Relevance:
    """Judges texts by what it was taught; learns again when that has changed."""

    def __init__(self, tracked: Sequence[TrackedBrand]) -> None:
        self._tracked = tracked
        self._learnt: dict[str, tuple[Taught, Examples | None]] = {}

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder()

    def judge(self, brand: str, taught: Taught, texts: Sequence[str]) -> list[Noise | None]:
        """For each text why it is not about the brand; None when it may be.

        A text in which the name does not stand (the service found it by a link, say) may be.
        """
        examples = self._examples(brand, taught)
        named = [text for text in dict.fromkeys(texts) if self._places(text, brand)]
        if examples is None or not named:
            return [None] * len(texts)
        leanings = examples.leanings(self._vectors(brand, named))
        found = {
            text: _irrelevant(brand, leaning, taught)
            for text, leaning in zip(named, leanings, strict=True)
            if leaning < HIDE_BELOW
        }
        return [found.get(text) for text in texts]

    def _examples(self, brand: str, taught: Taught) -> Examples | None:
        known, examples = self._learnt.get(brand, (None, None))
        if known != taught:
            kinds = (taught.relevant, taught.irrelevant)
            relevant, irrelevant = (
                [text for text in texts if self._places(text, brand)] for texts in kinds
            )
            examples = learn(self._vectors(brand, relevant), self._vectors(brand, irrelevant))
            self._learnt[brand] = (taught, examples)
        return examples

    def _places(self, text: str, brand: str) -> list[tuple[int, int]]:
        return matching.places(text, brand, self._tracked)

    def _vectors(self, brand: str, texts: Sequence[str]) -> Vectors:
        return self._encoder.vectors(texts, [self._places(text, brand) for text in texts])


def _irrelevant(brand: str, leaning: float, taught: Taught) -> Noise:
    reason = f"reads like what is not about {brand} ({leaning:+.2f} by {taught.count} examples)"
    return Noise(Why.IRRELEVANT, reason)
