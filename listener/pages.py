"""Reads the things of a page one by one: each that cannot be read becomes a sentence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from domain.mention import Mention
from listener.clean import UnreadableError
from listener.walk import Answer

Thing = Mapping[str, Any]


def read_each(
    things: Sequence[object],
    read: Callable[[Thing], Iterable[Mention]],
    name: Callable[[Thing], str],
    *,
    bookmark: str = "",
    full: bool = False,
) -> Answer:
    """The mentions of every thing, in their order; what is no object reads as an empty one.

    read: none for a thing that is no mention; raises UnreadableError. name: for the sentence that
    tells of a broken thing, for example "github https://…". bookmark, full: see Answer.
    """
    mentions: list[Mention] = []
    broken = []
    for one in things:
        thing = one if isinstance(one, dict) else {}
        try:
            mentions += read(thing)
        except UnreadableError as error:
            broken.append(f"{name(thing)}: {error}")
    return Answer(tuple(mentions), len(things), tuple(broken), bookmark, full)
