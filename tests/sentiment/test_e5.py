"""The multilingual encoder's file, on a small one that is written here as the package writes it."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from domain.errors import InputError
from sentiment import e5
from sentiment.heads import HEADS
from sentiment.network import from_e5, predict
from tests.sentiment.test_export import tokens

HIDDEN, WIDE, POSITIONS, TYPES = 32, 64, 20, 2
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁good", "▁böse", "ش")
SCORES = (0.0, 0.0, 0.0, 0.0, -3.5, -4.25, -9.0)


def in_blocks(values: NDArray[np.float32]) -> bytes:
    """4-bit blocks of 32, as the format has them; values are whole numbers from -8 to 7."""
    packed = b""
    for block in values.reshape(-1, e5.BLOCK):
        whole = (block + 8).astype(np.uint8)
        packed += np.float16(0.5).tobytes() + (whole[:16] | whole[16:] << 4).tobytes()
    return packed


def tensors() -> dict[str, NDArray[np.float32]]:
    """Every tensor of one layer; matrices hold whole numbers, and count half in the file."""
    rng = np.random.default_rng(3)

    def matrix(rows: int, columns: int) -> NDArray[np.float32]:
        return rng.integers(-8, 8, (rows, columns)).astype(np.float32)

    def vector(size: int) -> NDArray[np.float32]:
        return rng.normal(size=size).astype(np.float32)

    made = {"emb.word": matrix(len(PIECES) + 1, HIDDEN)}
    made |= {"emb.pos": vector(POSITIONS * HIDDEN), "emb.type": vector(TYPES * HIDDEN)}
    made |= {"emb.ln.w": vector(HIDDEN), "emb.ln.b": vector(HIDDEN)}
    for name in ("q", "k", "v", "ao"):
        made |= {f"l0.{name}.w": matrix(HIDDEN, HIDDEN), f"l0.{name}.b": vector(HIDDEN)}
    made |= {"l0.fi.w": matrix(WIDE, HIDDEN), "l0.fi.b": vector(WIDE)}
    made |= {"l0.fo.w": matrix(HIDDEN, WIDE), "l0.fo.b": vector(HIDDEN)}
    for name in ("aln", "oln"):
        made |= {f"l0.{name}.w": vector(HIDDEN), f"l0.{name}.b": vector(HIDDEN)}
    return made


def written(path: Path) -> Path:
    said = [piece.encode() for piece in PIECES]
    starts = np.cumsum([0, *map(len, said)])
    head = e5.MAGIC + struct.pack("<I7i", 1, HIDDEN, 1, 4, WIDE, len(PIECES) + 1, POSITIONS, TYPES)
    head += struct.pack("<fi5iQ", 1e-12, e5.BLOCK, len(PIECES), 0, 2, 1, 3, starts[-1])
    head += struct.pack(f"<{len(starts)}I{len(SCORES)}f", *starts, *SCORES) + b"".join(said)
    head += struct.pack("<iI", 1, 3) + b"abc"  # a normaliser, which is left alone
    held = {
        name: (1, in_blocks(values)) if values.ndim == 2 else (0, values.tobytes())
        for name, values in tensors().items()
    }
    table_size = 4 + sum(2 + len(name) + 21 for name in held)
    at = len(head) + table_size
    table = struct.pack("<i", len(held))
    for name, (kind, content) in held.items():
        count = tensors()[name].size
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", kind, count, at, len(content))
        at += len(content)
    path.write_bytes(head + table + b"".join(content for _, content in held.values()))
    return path


def test_pieces_sizes_and_weights_are_read(tmp_path: Path) -> None:
    found = e5.read(written(tmp_path / "small.bin"))
    assert (found.hidden, found.layers, found.heads, found.wide) == (HIDDEN, 1, 4, WIDE)
    assert (found.positions, found.types) == (POSITIONS, TYPES)
    assert tuple(found.pieces) == PIECES
    assert tuple(found.scores) == SCORES
    expected = tensors()
    words = found.weights["embeddings.word_embeddings.weight"]
    assert np.array_equal(words, expected["emb.word"] / 2)
    out = found.weights["encoder.layer.0.output.dense.weight"]
    assert np.array_equal(out, expected["l0.fo.w"] / 2)
    norm = found.weights["encoder.layer.0.attention.output.LayerNorm.bias"]
    assert np.array_equal(norm, expected["l0.aln.b"])


def test_a_network_of_it_has_the_rows_that_are_kept_and_does_not_learn_them(
    tmp_path: Path,
) -> None:
    encoder = e5.read(written(tmp_path / "small.bin"))
    torch.manual_seed(1)
    network = from_e5(encoder, [1, 3, 0, 2, 5], HEADS)
    words = network.encoder.embeddings.word_embeddings.weight
    assert np.array_equal(words.detach().numpy(), tensors()["emb.word"][[1, 3, 0, 2, 5]] / 2)
    assert not words.requires_grad
    assert np.isfinite(predict(network, [tokens(2, 4, 3)])["tone"]).all()


@pytest.mark.parametrize("cut", [3, 40, 200, -7])
def test_what_is_no_whole_file_is_one_sentence(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "small.bin")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"is no whole file of multilingual-e5-small\.\Z"):
        e5.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.bin: cannot be read"):
        e5.read(tmp_path / "absent.bin")
