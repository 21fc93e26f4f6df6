"""The persons of an earlier day, as they are known since."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from reputation.voices import Ints, Voices


def linked_since(before: Voices, after: Voices, same: Mapping[int, int]) -> dict[int, int]:
    """Those who were an account on the earlier day, and on the later one are its customer.

    same: numbers of accounts that are a customer's by now, and whose.
    """
    customers = set(map(int, after.person[after.is_customer]))
    found = ((one, same.get(one)) for one in map(int, before.person[~before.is_customer]))
    return {one: now for one, now in found if now is not None and now in customers}


def relinked(voices: Voices, linked: Mapping[int, int]) -> Voices:
    """With these accounts as the customers they are; several of one customer are one person."""
    numbers = np.array([linked.get(one, one) for one in map(int, voices.person)], dtype=np.int64)
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    place: Ints = rank[inverse]  # (n,) in the order in which they come
    known = voices.is_customer | np.isin(voices.person, list(linked))
    n = len(first)
    customer, old, reach = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), np.zeros_like(rank)
    customer[place[known]] = True
    old[place[~voices.is_young]] = True
    np.maximum.at(reach, place, voices.reach)
    of = place[voices.of]
    order = np.lexsort((voices.story, voices.source, of))
    return replace(
        voices,
        person=numbers[np.sort(first)],
        is_customer=customer,
        is_young=~old,
        reach=reach,
        of=of[order],
        source=voices.source[order],
        story=voices.story[order],
        weight=voices.weight[order],
        polarity=voices.polarity[order],
        newest=voices.newest[order],
    )
