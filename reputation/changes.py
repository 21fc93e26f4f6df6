"""What else changed between the scores of two days: what a reader of a chart has to know."""

from collections.abc import Collection
from datetime import timedelta

from domain.reputation import Reputation


def changes(
    before: Reputation,
    after: Reputation,
    *,
    heard: Collection[str] = (),
    listened_to: Collection[str] = (),
) -> tuple[str, ...]:
    """One phrase for each; of a score of ORS-v1 nothing but its formula is known.

    heard: the sources of the days before both, which are not new again. listened_to: those that are
    not gone, though for long nobody spoke there.
    """
    if before.formula != after.formula:
        return (f"formula {after.formula} instead of {before.formula}",)
    were, are = _there(before), _there(after)
    found = [f"{name} is new" for name in sorted(are - were - set(heard))]
    found += [f"{name} is gone" for name in sorted(were - are - set(listened_to))]
    if before.model != after.model:
        found.append("another model reads the posts")
    if before.answer_yardstick != after.answer_yardstick:
        then, now = hours(before.answer_yardstick), hours(after.answer_yardstick)
        found.append(f"answered within {now} instead of {then}")
    if before.filters != after.filters:
        found.append("other filters of what counts")
    if before.rules != after.rules:
        found.append("other rules of what asks for an answer")
    if bool(before.labelled) != bool(after.labelled):
        found.append("corrected by labels" if after.labelled else "not corrected by labels")
    return tuple(found)


def _there(score: Reputation) -> set[str]:
    """What was heard in the window, whoever spoke there."""
    return {one.source for one in score.sources if one.n or one.heard}


def hours(length: timedelta | None) -> str:
    """24 h, 1.5 h: a yardstick for people."""
    return "an unknown time" if length is None else f"{length / timedelta(hours=1):g} h"
