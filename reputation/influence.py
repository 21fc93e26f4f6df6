"""Who holds the score up or down: what it would be without each person."""

from dataclasses import dataclass
from math import fsum

import numpy as np

from reputation.measured import Measured


@dataclass(frozen=True, slots=True)
class Influence:
    person: int  # opaque
    points: float  # the score less the score without them; negative: they pull it down


def influences(day: Measured) -> list[Influence]:
    """Everybody's influence, the strongest first; [] when there is no score.

    The weights of the parts stay as they are; who is the only customer takes no part away.
    """
    if day.reputation.score is None:
        return []
    voices = day.voices
    points = np.zeros(len(voices))
    counted = {"sentiment": np.ones(len(voices), dtype=bool), "customers": voices.is_customer}
    for part in day.reputation.parts:
        those = counted.get(part.name)
        if those is None or not part.weight or those.sum() <= 1:
            continue
        weight = voices.recency[those]
        weighed = weight * voices.stance[those]
        total, level = fsum(weight), fsum(weighed)
        without = (level - weighed) / (total - weight)
        points[those] += part.weight * 50 * (level / total - without)
    order = np.lexsort((voices.person, -abs(points)))
    return [Influence(int(voices.person[at]), float(points[at])) for at in order]
