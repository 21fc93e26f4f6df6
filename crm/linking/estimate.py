"""Weights from decided links: counts of each level among right candidates and among wrong ones."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from crm.linking.evidence import Finding
from crm.linking.weights import Counts, Weights

_Z = 1.6449  # of a normal distribution 95 % lie below


def counted(decided: Iterable[tuple[Mapping[str, Finding], bool]]) -> tuple[Counts, list[int]]:
    """The counts of the levels, by kind, and of all: [right, wrong] each.

    decided: of each candidate what was found, and whether it was the author.
    """
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    pairs = [0, 0]
    for findings, right in decided:
        at = 0 if right else 1
        pairs[at] += 1
        for kind, finding in findings.items():
            counts[kind][str(finding.level)][at] += 1
    found = {
        kind: {level: (pair[0], pair[1]) for level, pair in levels.items()}
        for kind, levels in counts.items()
    }
    return found, pairs


def learned(shipped: Weights, own: Counts, pairs: Sequence[float]) -> Weights:
    """The shipped weights and what people decided here, added up.

    Who decides sees proposals, not all candidates: what is compared weighs otherwise for it, the
    odds of a candidate of whom nothing is compared stay as shipped.
    """
    kinds = sorted({*shipped.counts, *own})
    return Weights(
        pairs=(shipped.pairs[0] + pairs[0], shipped.pairs[1] + pairs[1]),
        counts={
            kind: dict(_added(shipped.counts.get(kind, {}), own.get(kind, {}))) for kind in kinds
        },
        confirm_at=shipped.confirm_at,
        propose_at=shipped.propose_at,
        prior=shipped.prior,
    )


def _added(
    shipped: Mapping[str, tuple[float, float]], own: Mapping[str, tuple[float, float]]
) -> Iterator[tuple[str, tuple[float, float]]]:
    for level in sorted({*shipped, *own}):
        right, wrong = shipped.get(level, (0.0, 0.0))
        more = own.get(level, (0.0, 0.0))
        yield level, (right + more[0], wrong + more[1])


def lower_bound(right: int, count: int) -> float:
    """What the share of right ones is at least, with 95 % certainty (Wilson, one side)."""
    if not count:
        return 0.0
    share, z2 = right / count, _Z * _Z
    spread = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return (share + z2 / (2 * count) - spread) / (1 + z2 / count)


def lowest_cut(scored: Iterable[tuple[float, bool]], at_least: float) -> float | None:
    """The lowest probability whose links have this lower bound; None where none has.

    scored: of each link its probability, and whether it is right.
    """
    right, count, cut = 0, 0, None
    by_probability = sorted(scored, reverse=True)
    for probability, alike in groupby(by_probability, key=itemgetter(0)):
        links = list(alike)
        right += sum(is_right for _, is_right in links)
        count += len(links)
        if lower_bound(right, count) >= at_least:
            cut = probability
    return cut
