"""Voices as bytes, to be kept with the number that rests on them."""

import io
from dataclasses import fields

import numpy as np

from reputation.voices import Voices

_ARRAYS = tuple(field.name for field in fields(Voices) if field.name not in ("sources", "accounts"))


def pack(voices: Voices) -> bytes:
    """The same voices give the same numbers back, to the last bit."""
    kept = io.BytesIO()
    arrays = {name: getattr(voices, name) for name in _ARRAYS}
    sources = np.array(voices.sources, dtype=np.str_)
    np.savez_compressed(kept, sources=sources, accounts=np.int64(voices.accounts), **arrays)
    return kept.getvalue()


def unpack(packed: bytes) -> Voices:
    """What pack() made."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
        return Voices(
            sources=tuple(map(str, kept["sources"])),
            accounts=int(kept["accounts"]),
            **{name: kept[name] for name in _ARRAYS},
        )
