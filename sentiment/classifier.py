"""Turns texts into Sentiment: what to score, in what batches, and why not when not."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.errors import EarshotError
from domain.sentiment import (
    MODEL_FAILED,
    UNREAD_LANGUAGE,
    WANT_AN_ANSWER,
    Asks,
    Emotion,
    Sentiment,
)
from sentiment.backend import LABELS, Backend, Prepared, Tokens
from sentiment.heads import ASKS, EMOTION, SARCASM, TONE, TOWARD, Head
from sentiment.language import Heard, detector, given
from sentiment.text import MAX_CHARS, Span, has_words

log = logging.getLogger(__name__)

E = TypeVar("E", bound=StrEnum)
G = TypeVar("G")
R = TypeVar("R")

WHOLE_SAY = 0.2  # of the tone of the text as a whole in the tone toward a name: see docs/adr
TOKENS_PER_BATCH = 2_048  # padding included; measured fastest on two cores
_Row = Mapping[str, NDArray[np.float64]]  # what each head says of one text

_FAILURES = (RuntimeError, ValueError, MemoryError)  # what a model's libraries raise over one text
_NO_NUMBER = "no valid number"
_PLAIN = ("I love it.", "I love it. " * 20)  # what no model in working order fails over


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text that will be scored unless its words are all unknown."""

    index: int
    backend: Backend  # that reads its language
    prepared: Prepared
    cut: bool
    lang: str | None


class Classifier:
    """A three-class classifier of texts. Made by `sentiment.loading.load`, once per process."""

    def __init__(self, backend: Backend, others: Backend | None = None, *, name: str = "") -> None:
        """others: what reads the texts that are not surely in a language of `backend`.

        name: under which both sign, where there are two.
        """
        self._backend = backend
        self._others = others
        self.name = name or backend.name  # name@hash: which weights said so
        # ISO 639-1 codes it reads; empty: any
        self.languages = tuple(
            dict.fromkeys((*backend.languages, *(others.languages if others else ())))
        )

    def classify(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        targets: Sequence[Sequence[Span]] | None = None,
        *,
        any_language: bool = False,
    ) -> list[Sentiment]:
        """Score texts; result[i] belongs to texts[i], and an empty list gives an empty list.

        langs: the language each source gave, if any; where it gave none, it is detected. A text
        surely in a language the model does not read is not scored, unless `any_language`.
        targets: the places of a name in each text, in order, none overlapping another; the tone is
        then the one toward that name. Where there is none, or the model only hears whole texts, it
        is the tone of the text; `Sentiment.toward` tells.
        A text's score does not depend on the texts beside it; one over which the model fails gets
        no label, and a reason. Raises EarshotError when the model fails over plain sentences, too.
        """
        stated = [None] * len(texts) if langs is None else langs
        asked = [()] * len(texts) if targets is None else targets
        results: dict[int, Sentiment] = {}
        candidates: list[_Candidate] = []
        for i, (text, lang, target) in enumerate(zip(texts, stated, asked, strict=True)):
            admitted = self._admit(i, text, lang, target, any_language=any_language)
            if isinstance(admitted, Sentiment):
                results[i] = admitted
            else:
                candidates.append(admitted)
        for backend in filter(None, (self._backend, self._others)):
            its = [candidate for candidate in candidates if candidate.backend is backend]
            if its:
                results.update(self._by(backend, its))
        return [results[i] for i in range(len(texts))]

    def unscored(self, reason: str) -> Sentiment:
        """The result for something that could not be scored."""
        return self._unscored(reason, None)

    def _by(self, backend: Backend, candidates: Sequence[_Candidate]) -> Mapping[int, Sentiment]:
        """The results of the texts that this backend reads, by index."""
        read = _survivors(backend.tokens, [candidate.prepared for candidate in candidates])
        results: dict[int, Sentiment] = {}
        known: list[tuple[_Candidate, Tokens]] = []
        for candidate, tokens in zip(candidates, read, strict=True):
            if isinstance(tokens, Exception):
                results[candidate.index] = self._failed(candidate, tokens)
            elif tokens.known:
                known.append((candidate, tokens))
            else:
                reason = "no word or sign the model knows"
                results[candidate.index] = self._unscored(
                    reason, candidate.lang, truncated=candidate.cut
                )
        for batch in _batches(known):
            results.update(self._score(backend, batch))
        self._account_for(backend, results.values())
        return results

    def _admit(
        self,
        index: int,
        text: str,
        stated: str | None,
        target: Sequence[Span],
        *,
        any_language: bool,
    ) -> _Candidate | Sentiment:
        before = len(text) - len(text.lstrip())
        stripped = text.strip()
        lang = given(stated)
        read = [(start - before, end - before) for start, end in target if end - before < MAX_CHARS]
        heard = Heard(lang, foreign="" if not lang or lang in self.languages else lang)
        if self.languages and lang is None:
            heard = detector().hear(stripped[:MAX_CHARS], self.languages)
        lang, foreign = heard.code, heard.foreign if self.languages else ""
        backend = self._backend
        if self._others and lang not in backend.languages and not heard.wordless:
            backend = self._others
        prepared = backend.prepare(stripped[:MAX_CHARS], read)
        if not prepared.text:
            return self._unscored("empty text", lang)
        if not has_words(prepared.text):
            return self._unscored("empty text: only handles and links", lang)
        if foreign and not any_language:
            reads = ", ".join(self.languages)
            name = self.name.partition("@")[0]
            reason = f"{UNREAD_LANGUAGE}{foreign}: the {name} model reads {reads}"
            return self._unscored(reason, lang)
        return _Candidate(index, backend, prepared, len(stripped) > MAX_CHARS, lang)

    def _score(
        self, backend: Backend, batch: Sequence[tuple[_Candidate, Tokens]]
    ) -> Iterator[tuple[int, Sentiment]]:
        rows = _survivors(partial(_rows, backend), [tokens for _, tokens in batch])
        for (candidate, tokens), row in zip(batch, rows, strict=True):
            if isinstance(row, Exception):
                yield candidate.index, self._failed(candidate, row)
                continue
            toward = bool(tokens.target) and TOWARD.name in row
            tone = row[TONE.name]
            if toward:
                tone = WHOLE_SAY * tone + (1 - WHOLE_SAY) * row[TOWARD.name]
            total = float(tone.sum())
            if not np.isfinite(total) or total <= 0:
                reason = f"{MODEL_FAILED}gave {_NO_NUMBER}"
                yield candidate.index, self._unscored(reason, candidate.lang)
                continue
            negative, neutral, positive = (tone / total).tolist()
            yield (
                candidate.index,
                Sentiment(
                    label=LABELS[int(tone.argmax())],
                    negative=negative,
                    neutral=neutral,
                    positive=positive,
                    model=self.name,
                    truncated=candidate.cut or tokens.truncated,
                    lang=candidate.lang,
                    toward=toward,
                    asks=_said(row, ASKS, Asks),
                    asks_probability=_sure(row, ASKS),
                    wants_answer=(wanted := _wants_answer(row)),
                    expects_answer=_reaches(wanted, backend.answer_from),
                    emotion=_said(row, EMOTION, Emotion),
                    sarcastic=_sarcastic(row),
                ),
            )

    def _failed(self, candidate: _Candidate, error: Exception) -> Sentiment:
        return self._unscored(f"{MODEL_FAILED}failed: {type(error).__name__}", candidate.lang)

    def _account_for(self, backend: Backend, results: Iterable[Sentiment]) -> None:
        """Log the texts the model failed over, unless the trouble is not theirs but its own."""
        reasons = [one.reason for one in results if one.reason.startswith(MODEL_FAILED)]
        trouble = _trouble(backend) if reasons else ""
        if trouble:
            raise EarshotError(
                f"model {self.name} fails even over plain sentences: {trouble}. Nothing was "
                "scored; see whether memory is free and its files are whole, or set "
                "sentiment.model to another."
            )
        for reason in reasons:
            log.warning("a text was not scored reason=%s", reason)

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


def _rows(backend: Backend, batch: Sequence[Tokens]) -> list[_Row]:
    found = backend.probabilities(batch)
    whole = {name: rows.astype(np.float64) for name, rows in found.items()}
    return [{name: rows[i] for name, rows in whole.items()} for i in range(len(batch))]


def _trouble(backend: Backend) -> str:
    """Why the model does not even score plain texts; "" when it does."""
    try:
        for text in _PLAIN:
            for row in _rows(backend, backend.tokens([backend.prepare(text, ())])):
                if not np.isfinite(row[TONE.name]).all():
                    return _NO_NUMBER
    except _FAILURES as error:
        message = str(error).strip().partition("\n")[0].rstrip(".")
        return ", ".join(part for part in (type(error).__name__, message) if part)
    return ""


def _said(row: _Row, head: Head, kind: type[E]) -> E | None:
    """The likeliest answer of a head, None when the model has no such head."""
    return kind(head.labels[int(row[head.name].argmax())]) if head.name in row else None


def _sure(row: _Row, head: Head) -> float | None:
    return float(row[head.name].max()) if head.name in row else None


def _wants_answer(row: _Row) -> float | None:
    """The probability that it asks for an answer, whether it complains, asks or wants help."""
    if ASKS.name not in row:
        return None
    return float(sum(row[ASKS.name][ASKS.labels.index(one)] for one in sorted(WANT_AN_ANSWER)))


def _reaches(wanted: float | None, answer_from: float | None) -> bool:
    return wanted is not None and answer_from is not None and wanted >= answer_from


def _sarcastic(row: _Row) -> bool | None:
    return bool(row[SARCASM.name].argmax()) if SARCASM.name in row else None


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


def _survivors(
    work: Callable[[Sequence[G]], Sequence[R]], batch: Sequence[G]
) -> list[R | Exception]:
    """What `work` makes of each of the batch; of the one it fails on, the failure.

    A batch that fails is halved until the bad one is alone: few calls more, and no other is lost.
    """
    try:
        return list(work(batch))
    except _FAILURES as error:
        if len(batch) <= 1:
            return [error] * len(batch)
    middle = len(batch) // 2
    return _survivors(work, batch[:middle]) + _survivors(work, batch[middle:])
