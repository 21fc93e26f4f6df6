"""The tiers that customers are in, by their names: those of the configuration and of the CRMs."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from crm.tiers import Tiers, ranked
from domain.errors import InputError
from storage import ranking
from storage.ranking import TierRule


def rules_of(session: Session, names: Sequence[str], tiers: Tiers) -> list[TierRule]:
    """Who is in these tiers, capitals or small letters alike.

    Raises InputError naming the tiers there are, when there is none of that name.
    """
    words = ranking.tier_words(session)
    known = {one.casefold(): one for one in [*words, *reversed(ranked(tiers))]}
    unknown = [one for one in names if one.casefold() not in known]
    if unknown:
        there_are = ", ".join(known.values()) or "none"
        raise InputError(f"there is no tier {unknown[0]!r}; there are: {there_are}")
    return [_rule(one, words, tiers) for one in dict.fromkeys(map(str.casefold, names))]


def _rule(name: str, words: Sequence[str], tiers: Tiers) -> TierRule:
    lowest_first = ranked(tiers)
    place = next((n for n, one in enumerate(lowest_first) if one.casefold() == name), None)
    return TierRule(
        words=[one for one in words if one.casefold() == name],
        thresholds={} if place is None else tiers[lowest_first[place]],
        above=[] if place is None else [tiers[one] for one in lowest_first[place + 1 :]],
    )
