"""The Bayesian bootstrap: each person weighs as an exponential draw says (Rubin, 1981)."""

import numpy as np

from reputation.voices import Floats

_CELLS = 2_000_000  # of one block of draws: bounds the memory to some 16 MB


def sums(table: Floats, random: np.random.Generator, draws: int) -> Floats:
    """(draws, k) weighted sums of the k columns over n persons. table: (n, k), of one at least."""
    n, k = table.shape
    found = np.empty((draws, k))
    block = max(1, _CELLS // n)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        found[start : start + rows] = random.exponential(size=(rows, n)) @ table
    return found


def level(weight: Floats, weighed: Floats, up: Floats, down: Floats) -> Floats:
    """50 * (1 + sum(w s) / sum(w)) of each draw, with two more voices at +1 and at -1."""
    return np.asarray(50 * (1 + (weighed + up - down) / (weight + up + down)))
