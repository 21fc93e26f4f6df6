"""Which tier a customer is in by what they paid in 12 months, and how the tiers rank."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations

Thresholds = Mapping[str, Decimal]  # the revenue of 12 months from which on, by currency
Tiers = Mapping[str, Thresholds]  # by name, in any order

ANY = ""  # the currency of a threshold that counts in every currency


def tier_of(paid: Mapping[str, Decimal], tiers: Tiers) -> str:
    """The highest tier reached in any currency, "" for none. paid: in 12 months, by currency."""
    reached = [
        name
        for name in ranked(tiers)
        if any(_reaches(revenue, currency, tiers[name]) for currency, revenue in paid.items())
    ]
    return reached[-1] if reached else ""


def _reaches(revenue: Decimal, currency: str, thresholds: Thresholds) -> bool:
    threshold = _threshold(thresholds, currency)
    return threshold is not None and revenue >= threshold


def _threshold(thresholds: Thresholds, currency: str) -> Decimal | None:
    """None: nobody reaches it in this currency."""
    return thresholds.get(currency, thresholds.get(ANY))


def ranked(tiers: Tiers) -> list[str]:
    """Their names, the lowest first."""
    return sorted(tiers, key=lambda name: _below(name, tiers))


def _below(name: str, tiers: Tiers) -> int:
    """How many tiers are below it."""
    return sum(
        above > below
        for other in tiers.values()
        for above, below in list(_compared(tiers[name], other))[:1]  # each says the same
    )


def _compared(one: Thresholds, other: Thresholds) -> Iterator[tuple[Decimal, Decimal]]:
    """The thresholds of both in each currency in which both have one."""
    for currency in sorted({*one, *other}):
        mine, its = _threshold(one, currency), _threshold(other, currency)
        if mine is not None and its is not None:
            yield mine, its


def why_unclear(tiers: Tiers) -> str:
    """Why these tiers do not rank, in a sentence; "" when they do."""
    for one, other in combinations(tiers, 2):
        found = list(_compared(tiers[one], tiers[other]))
        if not found:
            return (
                f"tiers {one} and {other} have no currency in common, so none is the higher: give "
                "both a threshold in one"
            )
        if any(mine == its for mine, its in found):
            return f"tiers {one} and {other} have the same threshold: give each its own"
        if len({mine > its for mine, its in found}) > 1:
            return (
                f"tier {one} is above {other} in one currency and below it in another: let one be "
                "the higher in all"
            )
    if len({_below(name, tiers) for name in tiers}) < len(tiers):
        return "tiers go round in a circle, compared two by two: give them a currency in common"
    return ""


def tier_weight(tier: str, tiers: Tiers) -> float:
    """How much a customer's voice weighs: 1 without a tier, 2 in the highest, even steps between.

    A tier that has no threshold (the CRM's own word) cannot be ranked and weighs 1.
    """
    names = [name.casefold() for name in ranked(tiers)]
    wanted = tier.casefold()
    return 1 + (names.index(wanted) + 1) / len(names) if wanted in names else 1.0


def is_top_tier(tier: str, tiers: Tiers) -> bool:
    """Whether it is the highest of the tiers with a threshold."""
    return bool(tier) and [tier.casefold()] == [name.casefold() for name in ranked(tiers)[-1:]]
