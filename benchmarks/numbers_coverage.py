"""How often the interval of a number holds the truth, and what one person can do to the number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean

import numpy as np

from benchmarks.numbers_people import DAY, SINCE, UNTIL, YARDSTICK, Public, labelled, people, world
from domain.reputation import CUT_OFF, Labelled, Opinion, Reputation
from reputation.error_correction import classes, estimate
from reputation.error_correction import sample as sample_of
from reputation.nps_proxy import nps_proxy
from reputation.score import Response, level, reputation, response
from reputation.voices import Voices

PERSONS = (30, 100, 300)
MEANS = (-0.5, 0.0, 0.6)
BAR = 0.93  # of the mean of the nine cells
LOUDEST = 1.5  # points that one person may move the score of 100 and more
TRUTH = 30_000  # persons that are taken for everybody
LABELLED = 300  # persons
Z_95 = 1.96
COLUMNS = ("score", "NPS proxy", "by post", "read", "NPS read", "labels", "NPS labels")
PUBLICS = {
    "a tenth customers, half ask": Public(0.0),
    "no customers, nobody asks": Public(0.0, customers=0.0, asking=0.0),
    "no customers, of one mind or the other": Public(
        0.0, customers=0.0, asking=0.2, spread=1.5, activity=0.3
    ),
}


@dataclass(slots=True)
class Held:
    """How often an interval held the truth, and how wide it was."""

    times: int = 0
    of: int = 0
    width: float = 0.0

    def add(self, low: float | None, high: float | None, truth: float) -> None:
        """Nothing is added for a number that is not there."""
        if low is None or high is None:
            return
        self.times += low <= truth <= high
        self.of += 1
        self.width += high - low

    @property
    def share(self) -> float:
        return self.times / self.of if self.of else 0.0

    @property
    def mean_width(self) -> float:
        return self.width / self.of if self.of else 0.0


Cell = dict[str, Held]


@dataclass(frozen=True, slots=True)
class Truth:
    """What everybody thinks."""

    sentiment: float
    customers: float
    nps: float
    posts: float  # 100 * the mean of all posts, whoever wrote them
    response: float = 50.0


def truth(public: Public, seed: int = 1) -> Truth:
    everybody = world(np.random.default_rng([seed, 0]), TRUTH, public)
    known = people(everybody.real)
    customers = known.is_customer
    return Truth(
        sentiment=level(known),
        customers=level(known, customers) if customers.any() else 0.0,
        nps=100 * float(np.mean((known.stance >= CUT_OFF) * 1.0 - (known.stance <= -CUT_OFF))),
        posts=100 * fmean(one.polarity or 0.0 for one in everybody.real),
    )


def cells(public: Public, draws: int, seed: int = 1) -> Iterator[tuple[int, float, Cell]]:
    """Of each number of persons and mean: how often each interval held the truth."""
    for n in PERSONS:
        for mean in MEANS:
            of = replace(public, mean=mean)
            yield n, mean, _cell(n, of, truth(of, seed), draws, seed)


def _cell(n: int, public: Public, real: Truth, draws: int, seed: int) -> Cell:
    found = {name: Held() for name in COLUMNS}
    for draw in range(draws):
        random = np.random.default_rng([seed, n, draw, int(100 * public.mean) + 100])
        said = world(random, n, public)
        asked = response(said.asked, since=SINCE, until=UNTIL, yardstick=YARDSTICK)
        day = f"draw {draw}"
        heard, read = people(said.real), people(said.read)
        labels = labelled(random, LABELLED, public)
        found["score"].add(*_against(reputation(day, DAY, heard, asked), real))
        found["read"].add(*_against(reputation(day, DAY, read, asked), real))
        found["labels"].add(*_against(reputation(day, DAY, read, asked, labels), real))
        proxies = [nps_proxy(day, DAY, heard), nps_proxy(day, DAY, read)]
        for name, proxy in zip(("NPS proxy", "NPS read"), proxies, strict=True):
            found[name].add(proxy.low, proxy.high, real.nps)
        found["NPS labels"].add(*_corrected(read, labels), real.nps)
        found["by post"].add(*_by_post(said.real), real.posts)
    return found


def _against(score: Reputation, real: Truth) -> tuple[float | None, float | None, float]:
    """The interval, and what it should hold: the truth of the parts, weighed as they are."""
    number = sum(part.weight * getattr(real, part.name) for part in score.parts)
    return score.low, score.high, number


def _corrected(read: Voices, labels: Sequence[Labelled]) -> tuple[float | None, float | None]:
    """The interval of the NPS proxy that labels correct."""
    sample = sample_of(labels)
    if sample is None:
        return None, None
    found = estimate(classes(read.stance, CUT_OFF), sample.as_classes(CUT_OFF))
    return 100 * found.low, 100 * found.high


def _by_post(posts: list[Opinion]) -> tuple[float, float]:
    """Net sentiment with Wald's interval, as if each post were of somebody else."""
    tones = [one.polarity or 0.0 for one in posts]
    middle = fmean(tones)
    half = Z_95 * sqrt(fmean((one - middle) ** 2 for one in tones) / len(tones))
    return 100 * (middle - half), 100 * (middle + half)


# --- one person -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loudest:
    """Who posts at -1 without end: the points that they move the score, in the mean and at most."""

    mean: float
    most: float


def loudest(n: int, mean: float, draws: int, *, kind: str, seed: int = 1) -> Loudest:
    """kind: "writes", "asks" in vain as well, or is a "customer" who does."""
    moved = []
    for draw in range(draws):
        random = np.random.default_rng([seed, n, draw, int(100 * mean) + 100])
        said = world(random, n, Public(mean))
        asked = response(said.asked, since=SINCE, until=UNTIL, yardstick=YARDSTICK)
        posts = [_shout(n, number, is_customer=kind == "customer") for number in range(100)]
        after = asked if kind == "writes" else Response(asked.persons + 1, asked.answered)
        before = _score(said.real, asked)
        moved.append(_score([*said.real, *posts], after) - before)
    return Loudest(fmean(moved), min(moved))


def _shout(person: int, number: int, *, is_customer: bool) -> Opinion:
    return Opinion(
        source="x",
        external_id=f"{person} {number}",
        published_at=UNTIL - YARDSTICK / (number + 2),
        person=person,
        account=person,
        is_customer=is_customer,
        polarity=-1.0,
        label=None,
    )


def _score(posts: list[Opinion], asked: Response) -> float:
    found = reputation("Acme", DAY, people(posts), asked, draws=2).score
    return found if found is not None else 0.0
