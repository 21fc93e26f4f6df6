"""The persons who spoke in a window: one stance and one weight each, however often they wrote."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from domain.reputation import Opinion, WithoutAuthor
from domain.sentiment import Label

HALF_LIFE = timedelta(days=14)
YOUNG = timedelta(days=30)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Voices:
    """n persons, in order of their first (source, external id), and the m pieces of what they said.

    A piece is what one person said on one source, and of one story where they told it first: so a
    change can be laid to a source or a story, and the persons be heard on some sources alone.
    """

    sources: tuple[str, ...]  # by name
    person: Ints  # (n,) opaque numbers
    is_customer: Bools  # (n,)
    is_young: Bools  # (n,) their accounts were all younger than 30 days at the window's end
    reach: Ints  # (n,) followers of their widest account, 0 when unknown
    accounts: int  # how many these persons wrote from
    of: Ints  # (m,) whose piece it is, as a place in person; rising
    source: Ints  # (m,) as a place in sources
    story: Ints  # (m,) the number of the story; 0: none
    weight: Floats  # (m,) sum of 0.5^(age / 14 d) of its posts
    polarity: Floats  # (m,) their weighted mean, in [-1, 1]
    newest: Floats  # (m,) 0.5^(age / 14 d) of the newest one, in (0, 1]

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def stance(self) -> Floats:
        """(n,) s: sum(lambda * p) / sum(lambda) over all posts of a person, in [-1, 1]."""
        n = len(self)
        total = np.bincount(self.of, self.weight, n)
        several = np.bincount(self.of, self.weight * self.polarity, n) / total
        alone = np.bincount(self.of, minlength=n) == 1
        # Of one piece the mean is known to the last bit, which a class cut at .33 needs.
        return np.where(alone, self.polarity[np.searchsorted(self.of, np.arange(n))], several)

    @cached_property
    def recency(self) -> Floats:
        """(n,) w: 0.5^(age / 14 d) of each person's newest post, in (0, 1]."""
        found = np.zeros(len(self))
        np.maximum.at(found, self.of, self.newest)
        return found

    def on(self, sources: Collection[str]) -> "Voices":
        """What was said on these sources alone; who spoke on none of them is left out.

        How many accounts that was is not known any more: it is as before.
        """
        wanted = np.array([name in sources for name in self.sources], dtype=bool)
        return self._with_pieces(wanted[self.source] if len(self.source) else self.source > 0)

    def where(self, kept: Bools) -> "Voices":
        """Those persons alone for whom `kept`, (n,), is true."""
        return self._with_pieces(kept[self.of])

    def _with_pieces(self, kept: Bools) -> "Voices":
        left, place = np.unique(self.of[kept], return_inverse=True)
        return replace(
            self,
            person=self.person[left],
            is_customer=self.is_customer[left],
            is_young=self.is_young[left],
            reach=self.reach[left],
            of=place.astype(np.int64),
            source=self.source[kept],
            story=self.story[kept],
            weight=self.weight[kept],
            polarity=self.polarity[kept],
            newest=self.newest[kept],
        )


def voices(opinions: Iterable[Opinion], *, since: datetime, until: datetime) -> Voices:
    """The persons of the scored opinions of [since, until).

    The result depends neither on the order of the opinions nor on hearing one of them twice.
    """
    counted: dict[str, dict[str, Opinion]] = {}  # by source, so that only ids are compared
    for one in opinions:
        if one.person is None or one.polarity is None:
            continue
        if since <= one.published_at < until:
            counted.setdefault(one.source, {})[one.external_id] = one
    sources = tuple(sorted(counted))
    ordered = [counted[source][key] for source in sources for key in sorted(counted[source])]
    person, whose = _places([one.person for one in ordered])
    at = {name: number for number, name in enumerate(sources)}
    source = np.array([at[one.source] for one in ordered], dtype=np.int64)
    story = np.array([one.story or 0 for one in ordered], dtype=np.int64)
    ages = np.array([(until - one.published_at) / HALF_LIFE for one in ordered], dtype=np.float64)
    weight = np.exp2(-ages)
    polarity = np.array([one.polarity for one in ordered], dtype=np.float64)
    by_piece = np.lexsort((story, source, whose))
    first, piece = _runs(whose[by_piece], source[by_piece], story[by_piece])
    weight, polarity, m = weight[by_piece], polarity[by_piece], len(first)
    total: Floats = np.bincount(piece, weight, m).astype(np.float64)
    mean = np.bincount(piece, weight * polarity, m) / total
    alone = np.bincount(piece, minlength=m) == 1
    newest = np.zeros(m)
    np.maximum.at(newest, piece, weight)
    return Voices(
        sources=sources,
        person=person,
        is_customer=_any(len(person), whose, [one.is_customer for one in ordered]),
        is_young=~_any(len(person), whose, [_is_old(one, until - YOUNG) for one in ordered]),
        reach=_most(len(person), whose, [one.followers or 0 for one in ordered]),
        accounts=len({one.account for one in ordered}),
        of=whose[by_piece][first],
        source=source[by_piece][first],
        story=story[by_piece][first],
        weight=total,
        polarity=np.where(alone, polarity[first], mean),  # of one post it is known to the last bit
        newest=newest,
    )


def _places(numbers: Sequence[int | None]) -> tuple[Ints, Ints]:
    """Each number once, (n,) in order of where it comes first, and the place of every one in it."""
    found, first, place = np.unique(
        np.array(numbers, dtype=np.int64), return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    rank = np.empty(len(found), dtype=np.int64)
    rank[order] = np.arange(len(found))
    return found[order], rank[place]


def _runs(*columns: Ints) -> tuple[Ints, Ints]:
    """Where runs of equal rows begin, (m,), and for every row in which run it is."""
    begins = np.zeros(len(columns[0]), dtype=bool)
    begins[:1] = True
    for column in columns:
        begins[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(begins), np.cumsum(begins) - 1


def _any(n: int, whose: Ints, those: Sequence[bool]) -> Bools:
    found = np.zeros(n, dtype=bool)
    found[whose[np.array(those, dtype=bool)]] = True
    return found


def _is_old(one: Opinion, born: datetime) -> bool:
    """Whether the account is not known to be young."""
    return one.account_created_at is None or one.account_created_at <= born


def _most(n: int, whose: Ints, counts: Sequence[int]) -> Ints:
    found = np.zeros(n, dtype=np.int64)
    np.maximum.at(found, whose, np.array(counts, dtype=np.int64))
    return found


def without_author(
    opinions: Iterable[Opinion], *, since: datetime, until: datetime
) -> WithoutAuthor:
    """The posts of [since, until) that are nobody's."""
    found = [one for one in opinions if one.person is None and since <= one.published_at < until]
    return WithoutAuthor(len(found), sum(one.label == Label.NEGATIVE for one in found))
