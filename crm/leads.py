"""How good a lead is, from what its author wrote; and how many leads ordered since.

The score adds up what a person would look at first. Its weights were chosen, not learnt: nobody has
told yet which leads are worth an answer.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

from crm.lists import ordered_on
from domain.lead import BuyingPost, Counts, Known, Lead, Part, Wanted
from domain.valuation import Purchase

HALF_LIFE = timedelta(days=14)  # after it, recency is worth half
_ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE)
_QUESTION = re.compile("[?\uff1f\u061f\u055e]")  # also full width, Arabic, Armenian
_MOST_POSTS = 3
_NO_TIME = timedelta()


def lead(known: Known, posts: Sequence[BuyingPost], *, now: datetime) -> Lead:
    """The lead that an author is by these posts, one at least, oldest first."""
    newest = posts[-1]
    made = Lead(
        known=known,
        brands=tuple(sorted({post.brand for post in posts})),
        posts=len({post.story for post in posts}),
        first_at=posts[0].published_at,
        newest=newest,
        is_question=any(asks_something(post.text) for post in posts),
        probability=max(post.probability for post in posts),
        answered=all(post.answered for post in posts if post.mention_id == newest.mention_id),
        parts=(),
    )
    return replace(made, parts=parts(made, now=now))


def parts(one: Lead, *, now: datetime) -> tuple[Part, ...]:
    """The parts of its score of 0 to 100, in whole points, so that they add up exactly."""
    age = max(now - one.newest.published_at, _NO_TIME)
    shares = (
        ("recency", 30, 0.5 ** (age / HALF_LIFE)),
        ("probability", 25, one.probability),
        ("posts", 15, min(one.posts, _MOST_POSTS) / _MOST_POSTS),
        ("question", 10, one.is_question),
        ("comparison", 10, bool(one.known.compares_with)),
        ("unanswered", 10, not one.answered),
    )
    return tuple(Part(name, round(most * share), most) for name, most, share in shares)


def best_first(leads: Iterable[Lead]) -> list[Lead]:
    """By score; of the same score the newest first."""
    return sorted(leads, key=lambda one: (-one.score, -one.newest.mention_id, one.author_id))


def asks_something(text: str) -> bool:
    """Whether there is a question mark of any script outside of addresses."""
    return _QUESTION.search(_ADDRESS.sub("", text)) is not None


# --- orders ---------------------------------------------------------------------------------------


def first_orders(purchases: Iterable[Purchase]) -> dict[int, date]:
    """The day of each person's first order; who has none is left out.

    purchases: each person's one after the other.
    """
    people = groupby(purchases, key=lambda one: one.person_id)
    days = {person_id: ordered_on(theirs) for person_id, theirs in people}
    return {person_id: found[0] for person_id, found in days.items() if found}


def wanted(wanted_on: date, *, is_linked: bool, orders: Collection[date]) -> Wanted | None:
    """What became of somebody who wanted to buy on that day; None: they had ordered before.

    orders: the first one of each person they are. One of that very day counts as one since: shops
    tell days, not hours.
    """
    first_order = min(orders, default=None)
    if first_order is not None and first_order < wanted_on:
        return None
    return Wanted(wanted_on, is_linked, first_order)


def counts(found: Iterable[Wanted], *, within: timedelta, today: date) -> Counts:
    """How many ordered within these days, of those whose days are over."""
    every = list(found)
    over = [one for one in every if one.wanted_on + within < today]
    waits = [one.ordered_on - one.wanted_on for one in over if one.ordered_on is not None]
    ordered = [wait for wait in waits if wait <= within]
    return Counts(
        wanted=len(every),
        pending=len(every) - len(over),
        linked=sum(one.is_linked for one in over),
        ordered=len(ordered),
        same_day=ordered.count(_NO_TIME),
    )


def by_month(found: Iterable[Wanted]) -> dict[date, list[Wanted]]:
    """By the first day of the month in which they first wanted to buy, oldest first."""
    months: dict[date, list[Wanted]] = defaultdict(list)
    for one in found:
        months[one.wanted_on.replace(day=1)].append(one)
    return dict(sorted(months.items()))
