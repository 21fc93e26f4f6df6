"""Distilling: one model learns what another believes of each text, beside what is known of it.

Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), arXiv:1503.02531.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from sentiment.backend import Answers, Backend
from sentiment.corpora import Example
from sentiment.heads import TOWARD
from sentiment.text import Span


def with_beliefs(
    examples: Sequence[Example], teacher: Backend, kept: Path | None = None
) -> list[Example]:
    """The examples with the teacher's probabilities: by head, in the order of its labels.

    It is asked of a tone toward a name only where there is a name. kept: a file of these very
    examples and teacher; where it is there nobody is asked, else it is left. To ask takes minutes.
    """
    once = list({(one.text, one.target): one for one in examples})
    if kept is not None and kept.exists():
        found: Answers = load_file(kept)
    else:
        prepared = [teacher.prepare(text, [target] if target else []) for text, target in once]
        found = teacher.probabilities(teacher.tokens(prepared))
        if kept is not None:
            _keep(found, kept)
    believed: Mapping[tuple[str, Span | None], Mapping[str, Sequence[float]]] = {
        (text, target): {
            name: rows[i].tolist() for name, rows in found.items() if target or name != TOWARD.name
        }
        for i, (text, target) in enumerate(once)
    }
    return [replace(one, beliefs=believed[one.text, one.target]) for one in examples]


def _keep(found: Answers, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{kept.name}.part")
    save_file({name: np.ascontiguousarray(rows) for name, rows in found.items()}, part)
    part.replace(kept)  # all of it or nothing
