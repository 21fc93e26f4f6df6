"""Turns texts into Sentiment: what to score, in what batches, and why not when not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.sentiment import Sentiment
from sentiment.backend import LABELS, Backend, Tokens
from sentiment.language import Detector, Heard, given
from sentiment.text import MAX_CHARS, has_words

TOKENS_PER_BATCH = 2_048  # padding included; measured fastest on two cores


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text that will be scored unless its words are all unknown."""

    index: int
    prepared: str
    cut: bool
    lang: str | None


class Classifier:
    """A three-class classifier of texts. Made by `sentiment.loading.load`, once per process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._detector: Detector | None = None  # loaded with the first text that needs it
        self.name = backend.name  # name@hash: which weights said so
        self.languages = backend.languages  # ISO 639-1 codes it reads; empty: any

    def classify(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        *,
        any_language: bool = False,
    ) -> list[Sentiment]:
        """Score texts; result[i] belongs to texts[i], and an empty list gives an empty list.

        langs: the language each source gave, if any; where it gave none, it is detected. A text
        surely in a language the model does not read is not scored, unless `any_language`.
        A text's score does not depend on the texts beside it.
        """
        stated = [None] * len(texts) if langs is None else langs
        results: dict[int, Sentiment] = {}
        candidates: list[_Candidate] = []
        for i, (text, lang) in enumerate(zip(texts, stated, strict=True)):
            admitted = self._admit(i, text, lang, any_language=any_language)
            if isinstance(admitted, Sentiment):
                results[i] = admitted
            else:
                candidates.append(admitted)
        read = self._backend.tokens([candidate.prepared for candidate in candidates])
        known: list[tuple[_Candidate, Tokens]] = []
        for candidate, tokens in zip(candidates, read, strict=True):
            if tokens.known:
                known.append((candidate, tokens))
            else:
                reason = "no word or sign the model knows"
                results[candidate.index] = self._unscored(
                    reason, candidate.lang, truncated=candidate.cut
                )
        for batch in _batches(known):
            results.update(self._score(batch))
        return [results[i] for i in range(len(texts))]

    def unscored(self, reason: str) -> Sentiment:
        """The result for something that could not be scored."""
        return self._unscored(reason, None)

    def _admit(
        self, index: int, text: str, stated: str | None, *, any_language: bool
    ) -> _Candidate | Sentiment:
        stripped = text.strip()
        lang = given(stated)
        prepared = self._backend.prepare(stripped[:MAX_CHARS])
        if not prepared:
            return self._unscored("empty text", lang)
        if not has_words(prepared):
            return self._unscored("empty text: only handles and links", lang)
        foreign = ""
        if self.languages:
            if lang is None:
                heard = self._detect(stripped[:MAX_CHARS])
                lang, foreign = heard.code, heard.foreign
            elif lang not in self.languages:
                foreign = lang
        if foreign and not any_language:
            reads = ", ".join(self.languages)
            name = self.name.partition("@")[0]
            return self._unscored(f"language {foreign}: the {name} model reads {reads}", lang)
        return _Candidate(index, prepared, len(stripped) > MAX_CHARS, lang)

    def _score(self, batch: Sequence[tuple[_Candidate, Tokens]]) -> Iterator[tuple[int, Sentiment]]:
        rows = self._backend.probabilities([tokens.ids for _, tokens in batch])  # (n, 3)
        for (candidate, tokens), row in zip(batch, rows.astype(np.float64), strict=True):
            total = float(row.sum())
            if not np.isfinite(total) or total <= 0:
                reason = "the model gave no valid number"
                yield candidate.index, self._unscored(reason, candidate.lang)
                continue
            negative, neutral, positive = (row / total).tolist()
            yield (
                candidate.index,
                Sentiment(
                    label=LABELS[int(row.argmax())],
                    negative=negative,
                    neutral=neutral,
                    positive=positive,
                    model=self.name,
                    truncated=candidate.cut or tokens.truncated,
                    lang=candidate.lang,
                ),
            )

    def _detect(self, text: str) -> Heard:
        if self._detector is None:
            self._detector = Detector()
        return self._detector.hear(text, self.languages)

    def _unscored(self, reason: str, lang: str | None, *, truncated: bool = False) -> Sentiment:
        return Sentiment(
            label=None,
            negative=0.0,
            neutral=0.0,
            positive=0.0,
            model=self.name,
            truncated=truncated,
            lang=lang,
            reason=reason,
        )


def _batches(
    known: Sequence[tuple[_Candidate, Tokens]],
) -> Iterator[Sequence[tuple[_Candidate, Tokens]]]:
    """Groups of like length, shortest first: one long text does not pad the rest."""
    by_length = sorted(known, key=lambda one: len(one[1].ids))
    batch: list[tuple[_Candidate, Tokens]] = []
    for one in by_length:
        if batch and (len(batch) + 1) * len(one[1].ids) > TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch
