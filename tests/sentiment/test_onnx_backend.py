"""Many texts at once, on several threads, come back in their places and unchanged by each other."""

from pathlib import Path

import numpy as np
import pytest

from sentiment.backend import Tokens
from sentiment.heads import TONE
from sentiment.onnx_backend import OnnxBackend, of_one_length


def tokens(*ids: int) -> Tokens:
    return Tokens(ids, truncated=False, known=True)


BATCH = [tokens(2, *([5 + i % 9] * (i % 13)), 3) for i in range(200)]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_text_is_the_same_alone_and_among_others(own_folder: Path, threads: int) -> None:
    backend = OnnxBackend(own_folder, threads=threads)
    together = backend.probabilities(BATCH)[TONE.name]
    for one, among in zip(BATCH, together, strict=True):
        assert np.abs(backend.probabilities([one])[TONE.name][0] - among).max() < 1e-6


def test_different_texts_differ(own_folder: Path) -> None:
    backend = OnnxBackend(own_folder, threads=2)
    short, long = backend.probabilities([tokens(2, 5, 3), tokens(2, 8, 9, 10, 3)])[TONE.name]
    assert np.abs(short - long).max() > 1e-4


def test_pieces_are_of_one_length_and_leave_none_out() -> None:
    pieces = list(of_one_length(BATCH, 20))
    assert sorted(i for piece in pieces for i in piece) == list(range(len(BATCH)))
    for piece in pieces:
        assert len({len(BATCH[i].ids) for i in piece}) == 1
        assert sum(len(BATCH[i].ids) for i in piece) <= 20


def test_a_text_longer_than_a_piece_stands_alone() -> None:
    batch = [tokens(*[1] * 9), tokens(*[1] * 9), tokens(1, 2)]
    assert list(of_one_length(batch, 8)) == [[2], [0], [1]]


def test_no_texts_give_no_pieces() -> None:
    assert list(of_one_length([], 8)) == []
