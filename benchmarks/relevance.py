"""What relevance gains over the query alone: precision and recall on names that mean two things.

    .venv/bin/python -m benchmarks.relevance

The texts (benchmarks/relevance.jsonl) were invented for this and say of each whether it is about
the brand. Those marked `example` are what an operator would put into config.toml; those marked
`measured` were phrased apart from them. The layer, the ridge and the threshold were chosen on the
first five names; the texts of the others were written afterwards and nothing was changed.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.brand import Brand
from domain.noise import Taught
from earshot.brands.relevance import Relevance
from earshot.brands.tracked import tracked

TEXTS = Path(__file__).parent / "relevance.jsonl"
CHOSEN_ON = ("Orange", "Apple", "Shell", "Delta", "Subway")
EXAMPLES = (4, 8, 16)  # of each kind


@dataclass(frozen=True, slots=True)
class Text:
    name: str
    part: str  # "example" or "measured"
    relevant: bool
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What was kept and what was not."""

    right: int = 0  # relevant and shown
    wrong: int = 0  # irrelevant and shown
    missed: int = 0  # relevant and hidden

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right, self.wrong + other.wrong, self.missed + other.missed
        )

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def read() -> list[Text]:
    """Every text of the benchmark."""
    lines = TEXTS.read_text(encoding="utf-8").splitlines()
    return [Text(**json.loads(line)) for line in lines]


def counts(measured: Sequence[Text], shown: Sequence[bool]) -> Counts:
    found = Counts()
    for one, kept in zip(measured, shown, strict=True):
        found += Counts(kept and one.relevant, kept and not one.relevant, not kept and one.relevant)
    return found


def by_query(texts: Sequence[Text]) -> Counts:
    """The brand's name as its query, and nothing else."""
    measured = [one for one in texts if one.part == "measured"]
    [one] = tracked([Brand(measured[0].name, measured[0].name)])
    return counts(measured, [one.query.matches(text.text) for text in measured])


def by_examples(texts: Sequence[Text], of_each: int) -> Counts:
    """With that many examples of each kind; every example is used in one of the draws."""
    measured = [one for one in texts if one.part == "measured"]
    name = measured[0].name
    relevance = Relevance(tracked([Brand(name, name)]))
    found = Counts()
    for taught in _draws([one for one in texts if one.part == "example"], of_each):
        judged = relevance.judge(name, taught, [one.text for one in measured])
        found += counts(measured, [one is None for one in judged])
    return found


def _draws(examples: Sequence[Text], of_each: int) -> Iterator[Taught]:
    relevant = [one.text for one in examples if one.relevant]
    irrelevant = [one.text for one in examples if not one.relevant]
    draws = len(relevant) // of_each
    for draw in range(draws):
        yield Taught(tuple(relevant[draw::draws]), tuple(irrelevant[draw::draws]))


def main() -> None:
    texts = read()
    names = list(dict.fromkeys(one.name for one in texts))
    of = {name: [one for one in texts if one.name == name] for name in names}
    groups = {
        "chosen on": [name for name in names if name in CHOSEN_ON],
        "written after": [name for name in names if name not in CHOSEN_ON],
        **{name: [name] for name in names},
    }
    print(f"{'precision / recall':20}", "query alone", *(f"{n:>5} a side" for n in EXAMPLES))  # noqa: T201 -- its result
    for group, members in groups.items():
        rows = [sum((by_query(of[name]) for name in members), Counts())]
        rows += [sum((by_examples(of[name], n) for name in members), Counts()) for n in EXAMPLES]
        said = (f"{row.precision:4.0%} / {row.recall:4.0%}" for row in rows)
        print(f"{group:20}", *said)  # noqa: T201
    _tell_speed(of["Orange"])


def _tell_speed(texts: Sequence[Text]) -> None:
    [taught] = _draws([one for one in texts if one.part == "example"], max(EXAMPLES))
    relevance = Relevance(tracked([Brand("Orange", "orange")]))
    many = [f"{one.text} {n}" for n in range(20) for one in texts]
    relevance.judge("Orange", taught, many[:1])
    started = time.perf_counter()
    relevance.judge("Orange", taught, many)
    print(f"{len(many) / (time.perf_counter() - started):,.0f} texts a second")  # noqa: T201


if __name__ == "__main__":
    main()
