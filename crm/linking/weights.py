"""How much each level of evidence weighs, by counts of right and wrong links (Fellegi-Sunter)."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from crm.linking.evidence import Finding

Counts = Mapping[str, Mapping[str, tuple[float, float]]]  # kind -> level -> (right, wrong)

# What a shipped count is worth beside one of the installation's own: with a hundred decisions of
# its own the shipped ones, some twenty thousand candidates, are no longer alone.
SHIPPED_WORTH = 0.1
# What a level that was never seen counts as, on both sides: it then weighs little.
SMOOTHING = 0.5


@dataclass(frozen=True)
class Weights:
    """The weights of an installation: shipped counts, and those of its own decisions."""

    pairs: tuple[float, float]  # candidates that were right, and wrong; scaled as their counts are
    counts: Counts
    confirm_at: float  # probability from which a score may confirm itself, where it may
    propose_at: float
    prior: float  # odds of a candidate of whom nothing is compared, in bits
    bits: dict[tuple[str, str], float] = field(default_factory=dict, compare=False)

    def of(self, finding: Finding) -> float:
        """log2 of how much likelier this is of the right customer than of a wrong one."""
        key = finding.kind, finding.level
        if key not in self.bits:
            self.bits[key] = self._of(*key)
        return self.bits[key]

    def _of(self, kind: str, level: str) -> float:
        right, wrong = self.counts.get(kind, {}).get(level, (0.0, 0.0))
        levels = max(len(self.counts.get(kind, {})), 1)
        share = (right + SMOOTHING) / (self.pairs[0] + SMOOTHING * levels)
        other = (wrong + SMOOTHING) / (self.pairs[1] + SMOOTHING * levels)
        return math.log2(share / other)

    def total(self, findings: Iterable[Finding]) -> float:
        return self.prior + sum(map(self.of, findings))


@cache
def shipped() -> Weights:
    """The weights of weights.toml."""
    return from_table(tomllib.loads(files(__package__).joinpath("weights.toml").read_text("utf-8")))


def from_table(raw: Mapping[str, Any]) -> Weights:
    """Weights as weights.toml holds them. Raises KeyError or ValueError where it is malformed."""
    kinds = {
        kind: {level: _pair(pair) for level, pair in levels.items()}
        for kind, levels in raw["kinds"].items()
    }
    cuts = raw["cuts"]
    right, wrong = _pair(raw["pairs"]["all"])
    return Weights(
        pairs=(right, wrong),
        counts=kinds,
        confirm_at=float(cuts["confirm"]),
        propose_at=float(cuts["propose"]),
        prior=math.log2(right / wrong),
    )


def _pair(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004  right and wrong
        raise ValueError(f"{value} is no pair of counts: write [right, wrong]")
    return float(value[0]) * SHIPPED_WORTH, float(value[1]) * SHIPPED_WORTH
