"""Runs a model folder with ONNX Runtime and `tokenizers` alone; torch is never imported."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from domain.errors import ConfigError
from sentiment import folder as model_folder
from sentiment.backend import Answers, Prepared, Tokens
from sentiment.graph import with_output
from sentiment.heads import HEADS, TONE
from sentiment.reader import reader_of
from sentiment.text import Span

TOKENS_AT_ONCE = 512  # what one thread works on: more does not stay in its cache
Feeds = Mapping[str, NDArray[np.generic]]
Rows = NDArray[np.float32]


class OnnxBackend:
    """The model in one folder written by `sentiment.finishing`. Loads in about 0.3 s."""

    def __init__(self, folder: Path, *, threads: int = 0, middle: str = "") -> None:
        """threads: 0 takes one for each core. Raises ConfigError when the folder is damaged.

        middle: the tensor of hidden states (n, t, h) that `vectors` reads.
        """
        description = model_folder.read(folder)
        self.name = model_folder.signature(description)
        self.languages = description.languages
        self.answer_from = description.answer_from
        self._heads = [head.name for head in HEADS if head.name in description.heads]
        if (
            any(
                description.heads[head.name].labels != head.labels
                for head in HEADS
                if head.name in self._heads
            )
            or TONE.name not in self._heads
        ):
            raise ConfigError(
                f"{folder}: it answers other questions than this version of Earshot asks; train it "
                "again."
            )
        try:
            self._reader = reader_of(folder, tokens=description.max_tokens)
            self._session = _session(folder / model_folder.WEIGHTS, middle)
        except Exception as error:  # both libraries raise bare Exceptions of their own
            raise ConfigError(
                f"{folder}: ONNX Runtime or tokenizers cannot load this model ({error})."
            ) from error
        self._middle = middle
        self._threads = ThreadPoolExecutor(threads or os.cpu_count(), "scoring")

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        return self._reader.prepare(text, target)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        return self._reader.tokens(prepared)

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        return self._in_pieces(self._heads, batch, self._answers)

    def vectors(self, batch: Sequence[Tokens]) -> NDArray[np.float32]:
        """What the tokens of each target mean in their text, (n, h); without one, all tokens."""
        return self._in_pieces([self._middle], batch, self._means)[self._middle]

    def _in_pieces(
        self, names: Sequence[str], batch: Sequence[Tokens], run: Callable[[Feeds], list[Rows]]
    ) -> Answers:
        pieces = list(of_one_length(batch, TOKENS_AT_ONCE))
        parts = self._threads.map(run, (fed([batch[i] for i in piece]) for piece in pieces))
        return together(names, pieces, list(parts))

    def _answers(self, feeds: Feeds) -> list[Rows]:
        return self._run(self._heads, feeds)

    def _means(self, feeds: Feeds) -> list[Rows]:
        [hidden] = self._run([self._middle], feeds)  # (n, t, h)
        chosen = feeds["target"].astype(np.float32)  # (n, t)
        total = np.einsum("nt,nth->nh", chosen, hidden)
        return [total / chosen.sum(axis=1, keepdims=True)]

    def _run(self, names: Sequence[str], feeds: Feeds) -> list[Rows]:
        try:
            rows: list[Rows] = self._session.run(names, feeds)
        except Exception as error:  # the library's errors derive from nothing narrower
            raise RuntimeError(f"ONNX Runtime failed ({type(error).__name__})") from error
        return rows


def of_one_length(batch: Sequence[Tokens], tokens: int) -> Iterator[list[int]]:
    """Indices of the texts, shortest first, in pieces that need no padding.

    So a long text cannot slow the others, nor a neighbour change a score. A piece has at most
    `tokens`, or one text.
    """
    order = sorted(range(len(batch)), key=lambda i: len(batch[i].ids))
    for length, same in groupby(order, key=lambda i: len(batch[i].ids)):
        alike = list(same)
        size = max(1, tokens // length)
        yield from (alike[at : at + size] for at in range(0, len(alike), size))


def fed(piece: Sequence[Tokens]) -> Feeds:
    """What the graph takes for texts of one length: their ids and their targets, both (n, t)."""
    return {
        "ids": np.array([one.ids for one in piece], dtype=np.int64),
        "target": np.array([one.target or [1] * len(one.ids) for one in piece], dtype=np.int32),
    }


def together(
    names: Sequence[str],
    pieces: Sequence[Sequence[int]],
    parts: Sequence[Sequence[NDArray[np.float32]]],
) -> Answers:
    """What each head said, in the order of the batch; parts[i] is of the texts pieces[i]."""
    back = np.argsort(np.concatenate(pieces))
    return {
        name: np.concatenate([part[at] for part in parts])[back] for at, name in enumerate(names)
    }


def _session(path: Path, middle: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Whole pieces run side by side on our own threads: splitting each operator loses a tenth.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it would remember a plan for every shape it meets
    options.log_severity_level = 3  # errors; warnings of the library do not belong on stderr
    model = with_output(path.read_bytes(), middle) if middle else str(path)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
