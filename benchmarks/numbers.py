"""Whether the published numbers hold what they promise, and what they cost.

    python -m benchmarks.numbers [--draws 400] [--only coverage|steady|cost] [--seed 1]
    python -m benchmarks.numbers --only cost [--mentions 1000000] [--days 365] [--postgres URL]
                                 [--folder DIR]

Coverage: people of whom the truth is known post several times each, and the intervals of the score
and of the NPS proxy are asked whether they hold it: where posts are read without error, where a
model reads them ("read") that has 72, 64 and 75 % of the negative, neutral and positive ones right,
and where besides 300 others were labelled by hand ("labels"). Beside them net sentiment, where each
post counts as a voice of its own ("by post"). Then what the loudest enemy moves.
Steady: sixty days in which nobody changes their mind, while a source comes, the model changes,
customers become known, and the yardstick and the rules change.
Cost: a new day of ten brands where so many mentions of so many days are stored, and where only the
last 90 days of them are. --postgres names a server whose database `earshot_benchmark` may be made
anew; --folder keeps SQLite's files there, and measures those that are there again.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks import numbers_cost
from benchmarks.numbers_coverage import BAR, LOUDEST, MEANS, PERSONS, PUBLICS, cells, loudest
from benchmarks.numbers_steady import Sixty, sixty

STEADY_SEEDS = 20
PARTS = ("coverage", "steady", "cost")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--postgres", help="postgresql+psycopg://user@host/postgres")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    told: dict[str, Callable[[argparse.Namespace], None]] = {
        "coverage": _coverage,
        "steady": _steady,
        "cost": _cost,
    }
    for name in PARTS if given.only is None else (given.only,):
        told[name](given)


def _coverage(given: argparse.Namespace) -> None:
    for name, public in PUBLICS.items():
        _tell(f"{name}: how often the interval of 95 % holds the truth, and its width")
        shares: dict[str, list[float]] = {}
        for n, mean, cell in cells(public, given.draws, given.seed):
            if not shares:
                _tell("  persons  mean  " + "".join(f"{one:>18}" for one in cell))
            for kind, held in cell.items():
                shares.setdefault(kind, []).append(held.share)
            columns = (f"{held.share:.1%} ({held.mean_width:.1f})" for held in cell.values())
            _tell(f"  {n:7}  {mean:+.1f}  " + "".join(f"{one:>18}" for one in columns))
        means = (f"{fmean(one):.1%}" for one in shares.values())
        _tell(f"  mean, bar {BAR:.0%}  " + "".join(f"{one:>18}" for one in means))
    _tell("the loudest enemy: points in the mean, and at most")
    for kind in ("writes", "asks", "customer"):
        for n in PERSONS:
            found = [loudest(n, mean, 40, kind=kind, seed=given.seed) for mean in MEANS]
            shown = "  ".join(f"{one.mean:+.2f} ({one.most:+.2f})" for one in found)
            _tell(f"  {kind:8}  {n:4}  {shown}")
    _tell(f"  bar {LOUDEST} from 100 persons on")


def _steady(given: argparse.Namespace) -> None:
    _tell(f"sixty days at -0.5, {STEADY_SEEDS} times: truth of the part sentiment 25")
    for n in (45, 100, 300):
        found = [sixty(n, -0.5, given.seed * 1000 + one) for one in range(STEADY_SEEDS)]
        firsts = [one.parts[0] for one in found]
        parts = [part for one in found for part in one.parts]
        compared = sum(one.compared for one in found)
        _tell(
            f"  {n:4} persons: first day {fmean(firsts):.1f} ({min(firsts):.1f} to "
            f"{max(firsts):.1f}), all quiet days {fmean(parts):.1f} ({min(parts):.1f} to "
            f"{max(parts):.1f})"
        )
        _tell(
            f"       largest change to the day before {max(_sizes(found, 'whole')):.1f}, like for "
            f"like {max(_sizes(found, 'alike')):.1f} (mean {fmean(_sizes(found, 'alike')):.2f}); "
            f"more than chance, falsely: {sum(one.beyond for one in found) / compared:.1%} of "
            f"{compared} comparisons with a week before"
        )


def _sizes(found: Sequence[Sixty], name: str) -> list[float]:
    return [abs(change) for one in found for change in getattr(one, name)]


def _cost(given: argparse.Namespace) -> None:
    _tell(f"a new day of ten brands, seconds by the clock; load {os.getloadavg()[0]:.1f}")
    with numbers_cost.folder_of(given.folder) as folder:
        costs = numbers_cost.costs(folder, given.mentions, given.days, given.postgres)
        for name, cost in costs:
            _tell(
                f"  {name}, {cost.mentions:,} mentions of {cost.days} days: reading "
                f"{cost.reading:.1f}, computing {cost.computing:.1f}; published in "
                f"{cost.publishing:.1f} (processor {cost.processor:.1f}, bar "
                f"{numbers_cost.BAR_S:.0f}), longest wait of another writer "
                f"{cost.longest_wait:.2f}"
            )


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
