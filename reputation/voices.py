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
    counted = {
        (one.source, one.external_id): one
        for one in opinions
        if one.person is not None and one.polarity is not None and since <= one.published_at < until
    }
    ordered = [counted[key] for key in sorted(counted)]
    sources = tuple(sorted({one.source for one in ordered}))
    place = {name: number for number, name in enumerate(sources)}
    persons: dict[int | None, int] = {}
    pieces: dict[tuple[int, int, int], list[Opinion]] = {}
    for one in ordered:
        number = persons.setdefault(one.person, len(persons))
        pieces.setdefault((number, place[one.source], one.story or 0), []).append(one)
    keys = sorted(pieces)
    facts = [_piece(pieces[key], until) for key in keys]
    n = len(persons)
    return Voices(
        sources=sources,
        person=np.array(list(persons), dtype=np.int64),
        is_customer=_any(n, persons, ordered),
        is_young=_young(n, persons, ordered, until),
        reach=_reach(n, persons, ordered),
        accounts=len({one.account for one in ordered}),
        of=np.array([key[0] for key in keys], dtype=np.int64),
        source=np.array([key[1] for key in keys], dtype=np.int64),
        story=np.array([key[2] for key in keys], dtype=np.int64),
        weight=np.array([one[0] for one in facts], dtype=np.float64),
        polarity=np.array([one[1] for one in facts], dtype=np.float64),
        newest=np.array([one[2] for one in facts], dtype=np.float64),
    )


def _piece(posts: Sequence[Opinion], until: datetime) -> tuple[float, float, float]:
    """Weight, polarity and newest of a piece."""
    weights = [0.5 ** ((until - post.published_at) / HALF_LIFE) for post in posts]
    polarities = [post.polarity or 0.0 for post in posts]
    if len(posts) == 1:
        return weights[0], polarities[0], weights[0]
    total = sum(weights)
    mean = sum(w * p for w, p in zip(weights, polarities, strict=True)) / total
    return total, mean, max(weights)


def _any(n: int, persons: dict[int | None, int], ordered: Sequence[Opinion]) -> Bools:
    found = np.zeros(n, dtype=bool)
    found[[persons[one.person] for one in ordered if one.is_customer]] = True
    return found


def _young(
    n: int, persons: dict[int | None, int], ordered: Sequence[Opinion], until: datetime
) -> Bools:
    found = np.ones(n, dtype=bool)
    born = until - YOUNG
    found[
        [
            persons[one.person]
            for one in ordered
            if one.account_created_at is None or one.account_created_at <= born
        ]
    ] = False
    return found


def _reach(n: int, persons: dict[int | None, int], ordered: Sequence[Opinion]) -> Ints:
    found = np.zeros(n, dtype=np.int64)
    whose = [persons[one.person] for one in ordered]
    np.maximum.at(found, np.array(whose, dtype=np.int64), [one.followers or 0 for one in ordered])
    return found


def without_author(
    opinions: Iterable[Opinion], *, since: datetime, until: datetime
) -> WithoutAuthor:
    """The posts of [since, until) that are nobody's."""
    found = [one for one in opinions if one.person is None and since <= one.published_at < until]
    return WithoutAuthor(len(found), sum(one.label == Label.NEGATIVE for one in found))
