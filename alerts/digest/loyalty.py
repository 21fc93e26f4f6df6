"""The first of a month: what customers bought after they wrote, by how they were answered."""

from alerts.digest import words
from domain.digest import Digest
from domain.elements import Column, Element, Section, Table, Text
from domain.loyalty import Estimate, Loyalty, LoyaltyGroup
from domain.network import Networks

COLUMNS = (
    Column("customers"),
    Column("ordered again within 180 days", strong=True),
    Column("of those matched"),
    Column("of their matches, who never asked"),
)
LEAD = (
    "What linked customers bought after their first post that asked for an answer, by how it was "
    "answered. The figures stand side by side and say nothing about why they differ."
)


def loyalty(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    found = digest.loyalty
    if found is None or not any(one.customers for one in found.groups):
        return ()
    table = Table("By answer", COLUMNS, tuple(map(_row, found.groups)))
    return (Section("Loyalty beside the mood", (table, Text(_rests_on(found))), LEAD),)


def _row(group: LoyaltyGroup) -> tuple[str, tuple[str, ...]]:
    too_few = "" if group.repeat.raw.value is not None else " (too few to tell more)"
    return f"{group.answered.words}{too_few}", (
        words.number(group.customers),
        _share(group.repeat.raw),
        _share(group.repeat.matched),
        _share(group.repeat.alike),
    )


def _share(one: Estimate | None) -> str:
    if one is None or one.value is None:
        return ""
    interval = words.interval(words.percent, one.low, one.high)
    return f"{words.percent(one.value)} ({interval})" if interval else words.percent(one.value)


def _rests_on(found: Loyalty) -> str:
    counted = sum(one.customers for one in found.groups)
    pending = sum(one.pending for one in found.groups)
    return (
        f"It rests on {words.number(counted)} of {words.number(found.linked)} customers with a "
        f"known account; of {words.number(pending)} the 180 days are not over, and of "
        f"{words.number(found.unlinked)} customers no account is known. Ranges are 95% intervals. "
        "Matched by segment and by what they had paid before. More: earshot customers loyalty."
    )
