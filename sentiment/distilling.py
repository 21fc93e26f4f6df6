"""Distilling: one model learns what another believes of each text, beside what is known of it.

Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), arXiv:1503.02531.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sentiment.backend import Backend
from sentiment.corpora import Example
from sentiment.heads import TOWARD
from sentiment.text import Span


def with_beliefs(examples: Sequence[Example], teacher: Backend) -> list[Example]:
    """The examples with the teacher's probabilities: by head, in the order of its labels.

    It is asked of a tone toward a name only where there is a name.
    """
    once = list({(one.text, one.target): one for one in examples})
    prepared = [teacher.prepare(text, [target] if target else []) for text, target in once]
    found = teacher.probabilities(teacher.tokens(prepared))
    believed: Mapping[tuple[str, Span | None], Mapping[str, Sequence[float]]] = {
        (text, target): {
            name: rows[i].tolist() for name, rows in found.items() if target or name != TOWARD.name
        }
        for i, (text, target) in enumerate(once)
    }
    return [replace(one, beliefs=believed[one.text, one.target]) for one in examples]
