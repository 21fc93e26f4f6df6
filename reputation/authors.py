"""One voice per author: copies collapsed, then all mentions of an author made one stance."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from domain.reputation import Tone
from reputation.duplicates import may_be_chance

HALF_LIFE = timedelta(days=14)  # "lambda = 0.5^(age/14 d)"


@dataclass(frozen=True, slots=True)
class Stance:
    """One author of a window: their mentions of the brand, averaged."""

    author: str
    value: float  # in [-1, 1]: sum(lambda * p) / sum(lambda)
    reach: int  # the widest of their mentions
    recency: float  # 0.5^(age/14 d) of their newest mention, in (0, 1]
    tier_weight: float | None  # None: not linked to a customer


def stances(tones: Iterable[Tone], *, since: datetime, until: datetime) -> list[Stance]:
    """One stance per author heard in [since, until), in order of the author's key.

    The result does not depend on the order of the tones, nor on hearing one of them twice.
    """
    by_author: defaultdict[str, list[Tone]] = defaultdict(list)
    for tone in without_copies(tone for tone in tones if since <= tone.published_at < until):
        by_author[tone.author].append(tone)
    return [_stance(by_author[author], until) for author in sorted(by_author)]


def without_copies(tones: Iterable[Tone]) -> list[Tone]:
    """Each fingerprint once, where it was published first; oldest first.

    The first author of a copied text keeps it, so a later copy changes nothing. Texts short
    enough to be alike by chance count once per author.
    """
    kept: dict[tuple[str, str], Tone] = {}
    for tone in sorted(tones, key=_first_come):
        chance = may_be_chance(tone.fingerprint)
        kept.setdefault((tone.author if chance else "", tone.fingerprint), tone)
    return list(kept.values())


def _first_come(tone: Tone) -> tuple[datetime, str, float, int, float]:
    """Every field that counts, so that equal instants leave no choice to the input order."""
    return (tone.published_at, tone.author, tone.polarity, tone.reach, tone.tier_weight or 0.0)


def _stance(tones: Sequence[Tone], until: datetime) -> Stance:
    newest = max(tone.published_at for tone in tones)
    # Ages are counted from the newest: the ratio is the same, and one mention alone gives its
    # polarity to the last bit, which a cut-off at exactly .33 needs.
    weights = [0.5 ** ((newest - tone.published_at) / HALF_LIFE) for tone in tones]
    weighed = fsum(w * tone.polarity for w, tone in zip(weights, tones, strict=True))
    tiers = [tone.tier_weight for tone in tones if tone.tier_weight is not None]
    return Stance(
        author=tones[0].author,
        value=weighed / fsum(weights),
        reach=max(tone.reach for tone in tones),
        recency=0.5 ** ((until - newest) / HALF_LIFE),
        tier_weight=max(tiers, default=None),
    )
