"""How often the survey-calibrated NPS proxy holds the next month's NPS in its interval.

Invented brands: opinion drifts, the public is more severe than customers and moves more or less
than they do, and each month differs from that by a wobble of its own. The line is drawn through the
months before; the next month is held against it.

    python -m benchmarks.nps_held_out
"""

from dataclasses import dataclass
from datetime import date

import click
import numpy as np

from domain.survey import Tally
from reputation.nps_calibration import Month, by_months


@dataclass(frozen=True, slots=True)
class World:
    """How a brand's public and its customers hang together."""

    offset: float = 40.0  # the NPS less the proxy, in points
    slope: float = 0.7  # by how much the NPS moves when the proxy does by 1
    wobble: float = 5.0  # sd of what a month has beside, in points
    persons: int = 150  # behind the proxy
    answers: int = 150  # of a month
    drift: float = 0.0  # sd of a month's step of the offset, in points


@dataclass(frozen=True, slots=True)
class HeldOut:
    months: int  # that were held against it
    covered: float  # of them, in the 95 % interval
    half_width: float  # mean, in points
    off: float  # mean |proxy - NPS| after, in points
    off_before: float  # the same without any calibration


def held_out(world: World, *, draws: int, seed: int, seen: int = 6, later: int = 6) -> HeldOut:
    """Brands with `seen` months; each of the `later` ones is held out, then seen, too."""
    rng = np.random.default_rng(seed)
    hits, widths, off, before = [], [], [], []
    for _ in range(draws):
        months = _months(world, rng, seen + later)
        for at in range(seen, seen + later):
            found = by_months(months[:at], months[at].spoke)
            if found is None:
                raise ValueError(f"{at} months of {world} are too few")
            truth = months[at].answers.net
            hits.append(found.low <= truth <= found.high)
            widths.append((found.high - found.low) / 2)
            off.append(abs(found.value - truth))
            before.append(abs(months[at].spoke.net - truth))
    means = (float(np.mean(one)) for one in (hits, widths, off, before))
    return HeldOut(len(hits), *means)


def _months(world: World, rng: np.random.Generator, count: int) -> list[Month]:
    steps = rng.normal(0, 8, count + 2).cumsum() * 0.7 + rng.normal(-15, 10)
    moved = rng.normal(0, world.drift, count).cumsum()
    found = []
    for at in range(count):
        public = float(steps[at : at + 3].mean())  # its 90 days
        nps = world.slope * public + world.offset + moved[at] + rng.normal(0, world.wobble)
        year, month = divmod(at, 12)
        found.append(
            Month(
                date(2025 + year, month + 1, 1),
                _drawn(rng, nps, world.answers, passives=0.25),
                _drawn(rng, public, world.persons, passives=0.45),
            )
        )
    return found


def _drawn(rng: np.random.Generator, net: float, n: int, *, passives: float) -> Tally:
    """So many people of a population with this net share of promoters."""
    net = max(-0.95, min(0.95, net / 100))
    neither = min(passives, 1 - abs(net))
    up = (1 - neither + net) / 2
    drawn = rng.multinomial(n, [up, neither, max(0.0, 1 - neither - up)])
    return Tally(*map(int, drawn))


WORLDS = {
    "as supposed": World(),
    "few persons": World(persons=40),
    "few answers": World(answers=100),
    "many of both": World(persons=600, answers=600),
    "no wobble": World(wobble=0.0),
    "much wobble": World(wobble=12.0),
    "far apart": World(offset=80.0, slope=0.4),
    "the same": World(offset=0.0, slope=1.0, wobble=0.0),
    "not moving together": World(slope=0.0),
    "drifting apart": World(drift=4.0),
}


def main() -> None:
    click.echo(f"{'brand':22} {'in 95 %':>8} {'±':>6} {'off':>6} {'before':>7}")
    for name, world in WORLDS.items():
        found = held_out(world, draws=100, seed=7)
        click.echo(
            f"{name:22} {found.covered:8.1%} {found.half_width:6.1f} {found.off:6.1f} "
            f"{found.off_before:7.1f}"
        )


if __name__ == "__main__":
    main()
