"""How right a linker was: precision, recall, and what they would be at another base rate."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from benchmarks.linking_data import Truth

# None of these may ever be linked without a person.
NEVER = ("N_recycled", "N_parody", "N_squat", "N_third_order", "N_rival_order")
RATES = (0.25, 0.1, 0.05, 0.02, 0.01)
_Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Found:
    """A link, or a proposal of one."""

    author_id: str
    customer_id: str  # as the CRM has it
    probability: float
    basis: str
    automatic: bool  # it stands without a person's word


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    @property
    def value(self) -> float:
        return self.right / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %."""
        if not self.of:
            return math.nan, math.nan
        p, n = self.value, self.of
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}] ({self.right}/{self.of})"


@dataclass(frozen=True, slots=True)
class Result:
    """What one linker made of one folder."""

    automatic: Share  # links, of which so many are right
    recall: Share  # of all authors who are customers
    recall_linkable: Share
    wrong: Mapping[str, int]  # wrong automatic links by the author's case
    proposals: Share  # best candidates of authors without an automatic link
    either: Share  # automatic links, else best candidates
    either_linkable: Share
    at_recall: tuple[float, float]  # precision and cut where `either` first finds .80 of linkable
    by_rate: Mapping[float, float]  # precision of the automatic by base rate


def measure(found: Iterable[Found], truth: Mapping[str, Truth]) -> Result:
    links = list(found)

    def right(one: Found) -> bool:
        return one.customer_id in truth[one.author_id].customer_ids

    automatic = [one for one in links if one.automatic]
    linked = {one.author_id for one in automatic}
    best = _best(one for one in links if one.author_id not in linked)
    either = [*_best(automatic), *best]
    customers = {author for author, known in truth.items() if known.is_customer}
    linkable = {author for author, known in truth.items() if known.linkable}
    hits = {one.author_id for one in automatic if right(one)}
    all_hits = {one.author_id for one in either if right(one)}
    return Result(
        automatic=Share(sum(map(right, automatic)), len(automatic)),
        recall=Share(len(hits & customers), len(customers)),
        recall_linkable=Share(len(hits & linkable), len(linkable)),
        wrong=Counter(truth[one.author_id].case for one in automatic if not right(one)),
        proposals=Share(sum(map(right, best)), len(best)),
        either=Share(sum(map(right, either)), len(either)),
        either_linkable=Share(len(all_hits & linkable), len(linkable)),
        at_recall=_at_recall(either, right, linkable),
        by_rate={rate: _at_rate(automatic, right, truth, rate) for rate in RATES},
    )


def _best(links: Iterable[Found]) -> list[Found]:
    """The most probable candidate of each author, the first one of several."""
    best: dict[str, Found] = {}
    for one in links:
        if one.author_id not in best or one.probability > best[one.author_id].probability:
            best[one.author_id] = one
    return list(best.values())


def _at_recall(
    either: Iterable[Found], right: Callable[[Found], bool], linkable: set[str]
) -> tuple[float, float]:
    """The precision when just so many are shown, the surest first, that .80 of linkable are found.

    All of one probability are shown together. NaN when they never are.
    """
    ranked = sorted(either, key=lambda one: (not one.automatic, -one.probability))
    hits = found = 0
    for shown, one in enumerate(ranked, start=1):
        hits += right(one)
        found += right(one) and one.author_id in linkable
        is_last = shown == len(ranked) or ranked[shown].probability < one.probability
        if is_last and found >= 0.8 * len(linkable):
            return hits / shown, one.probability
    return math.nan, math.nan


def _at_rate(
    automatic: Iterable[Found],
    right: Callable[[Found], bool],
    truth: Mapping[str, Truth],
    rate: float,
) -> float:
    """The precision to expect if only `rate` of the authors were customers.

    Each stranger stands for as many as make the rate: what drawing them anew comes to on average.
    """
    customers = sum(one.is_customer for one in truth.values())
    strangers = len(truth) - customers
    weight = customers * (1 - rate) / rate / strangers if strangers else 0.0
    hits = misses = 0.0
    for one in automatic:
        if right(one):
            hits += 1
        else:
            misses += 1 if truth[one.author_id].is_customer else weight
    return hits / (hits + misses) if hits + misses else math.nan
