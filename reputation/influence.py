"""Which authors hold the score up or down: what it would be without each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.reputation import Reputation, Tone
from reputation.authors import stances
from reputation.score_v1 import WINDOW, level, weigh


@dataclass(frozen=True, slots=True)
class Influence:
    author: str
    points: float  # the score less the score without this author; negative: pulls it down


def influences(
    tones: Sequence[Tone], score: Reputation, *, until: datetime, prior: float = 0.0
) -> list[Influence]:
    """Every author's leave-one-out influence, the strongest first; [] when there is no score.

    tones, until and prior must be those the score was made of. The weights of the parts stay as
    they are, and of a copied text nobody else takes the author's place.
    """
    if score.score is None:
        return []
    weight = {part.name: part.weight for part in score.parts}
    voices = stances(tones, since=until - WINDOW, until=until)
    table = weigh(voices)  # (n, 4)
    whole, rest = table.sum(axis=0), table.sum(axis=0) - table
    points = weight["sentiment"] * (
        level(whole[1], whole[0], prior) - level(rest[:, 1], rest[:, 0], prior)
    ) + weight["customer voice"] * (
        level(whole[3], whole[2], prior) - level(rest[:, 3], rest[:, 2], prior)
    )
    found = [Influence(one.author, float(by)) for one, by in zip(voices, points, strict=True)]
    return sorted(found, key=lambda one: (-abs(one.points), one.author))
