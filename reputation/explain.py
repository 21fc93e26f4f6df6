"""Why the score moved, split over its parts without a remainder."""

from dataclasses import dataclass

from domain.reputation import Part, Reputation


@dataclass(frozen=True, slots=True)
class PartDelta:
    """What one part added to the change of the score, in points."""

    name: str
    before: float | None  # the part's own value, 0..100; None: missing
    after: float | None
    by_value: float  # the part itself rose or fell
    by_weight: float  # it counts more or less than before, or came or went

    @property
    def delta(self) -> float:
        return self.by_value + self.by_weight


def explain(before: Reputation, after: Reputation) -> list[PartDelta]:
    """Deltas that add up to after.score - before.score, the largest first; [] without two scores.

    With equal weights a part's delta is w * (C' - C). Where a part came or went, all weights
    change: w'C' - wC = (w + w')/2 * (C' - C) + (w' - w) * ((C + C')/2 - m), exactly, for any m as
    the weights add up to 1 on both sides. m is the mean of the two scores, so a part that comes in
    above the score lifts it and one below it lowers it. A part missing on one side has no C there
    and moves the score by its weight alone.
    """
    if before.score is None or after.score is None:
        return []
    middle = (before.score + after.score) / 2
    then = {part.name: part for part in before.parts}
    now = {part.name: part for part in after.parts}
    names = [*now, *(name for name in then if name not in now)]
    deltas = [_delta(name, then.get(name), now.get(name), middle) for name in names]
    return sorted(deltas, key=lambda one: (-abs(one.delta), one.name))


def _delta(name: str, then: Part | None, now: Part | None, middle: float) -> PartDelta:
    old = then.value if then else None
    new = now.value if now else None
    old_weight = then.weight if then else 0.0
    new_weight = now.weight if now else 0.0
    by_value = by_weight = 0.0
    if old is not None and new is not None:
        by_value = (old_weight + new_weight) / 2 * (new - old)
        by_weight = (new_weight - old_weight) * ((old + new) / 2 - middle)
    elif new is not None:
        by_weight = new_weight * (new - middle)
    elif old is not None:
        by_weight = -old_weight * (old - middle)
    return PartDelta(name, old, new, by_value, by_weight)
