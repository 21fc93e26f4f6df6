"""Writes an invented world with known truth: who of the authors is which customer.

    .venv/bin/python -m benchmarks.linking_world --out FOLDER [--seed 1] [--customers 20000]
        [--authors 6000] [--base-rate 0.25]

customers.csv, orders.csv, authors.csv, mentions.jsonl, truth.csv and manifest.json; the same for
the same seed. Cases beginning with P are customers, with N others.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks import linking_cases, linking_strangers
from benchmarks.linking_cases import Known, World
from benchmarks.linking_people import TODAY, Dice
from benchmarks.linking_profiles import Profile, chatter
from benchmarks.linking_shop import CUSTOMER_COLUMNS, Shop

Row = Mapping[str, object]
# Their handles stand in the CRM, or nearly: they may not be changed to be the only ones.
_EXACT = frozenset(["P_crm_handle", "N_recycled", "N_fan", "P_website", "N_squat"])


@dataclass(frozen=True, slots=True)
class Wish:
    seed: int = 1
    customers: int = 20_000
    authors: int = 6_000
    base_rate: float = 0.25  # of the authors are customers


def write(folder: Path, wish: Wish) -> None:
    """Raises ValueError when there are too few customers for so many authors."""
    dice = Dice(wish.seed)
    shop = Shop(dice)
    shop.fill(wish.customers)
    world = World(dice, shop)
    made = list(accounts(world, wish.authors, wish.base_rate))
    dice.shuffle(made)
    authors, truth, mentions = _tables(world, made)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "customers.csv", shop.records, CUSTOMER_COLUMNS)
    write_csv(folder / "orders.csv", shop.orders, list(shop.orders[0]))
    write_csv(folder / "authors.csv", authors, list(authors[0]))
    write_csv(folder / "truth.csv", truth, list(truth[0]))
    lines = (json.dumps(one, ensure_ascii=False) for one in mentions)
    (folder / "mentions.jsonl").write_text("".join(f"{one}\n" for one in lines), "utf-8")
    manifest = {
        "seed": wish.seed,
        "profile": "invented: brumona",
        "customers": len(shop.records),
        "orders": len(shop.orders),
        "authors": len(authors),
        "mentions": len(mentions),
        "positives": sum(known.customer is not None for _, known in made),
        "linkable": sum(known.linkable for _, known in made),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def accounts(world: World, count: int, base_rate: float) -> Iterator[tuple[str, Known]]:
    """(case, account), the cases in turn: so many in all, of which base_rate are customers."""
    customers = round(count * base_rate)
    for cases, wanted in (
        (linking_cases.CASES, customers),
        (linking_strangers.CASES, count - customers),
    ):
        weights = [weight for _, weight in cases.values()]
        ends = [round(wanted * sum(weights[: at + 1]) / sum(weights)) for at in range(len(weights))]
        for (name, (make, _)), begin, end in zip(cases.items(), [0, *ends], ends, strict=False):
            for _ in range(begin, end):
                yield name, make(world)


def _tables(
    world: World, made: Sequence[tuple[str, Known]]
) -> tuple[list[Row], list[Row], list[Row]]:
    authors: list[Row] = []
    truth: list[Row] = []
    mentions: list[Row] = []
    dice = world.dice
    exact = {(one.made.platform, one.made.handle.lower()) for case, one in made if case in _EXACT}
    taken = exact | world.handles
    for number, (case, known) in enumerate(made, start=1):
        author_id = f"A{number:06}"
        if case not in _EXACT:
            _another_handle(dice, known.made, taken)
        authors.append(_author(dice, author_id, known.made))
        truth.append(_truth(author_id, case, known))
        for at, text in _posts(dice, known.made):
            mentions.append(
                {
                    "mention_id": f"M{len(mentions) + 1:07}",
                    "author_id": author_id,
                    "platform": known.made.platform,
                    "created_at": f"{at}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00Z",
                    "lang": known.made.lang,
                    "text": text,
                }
            )
    return authors, truth, mentions


def _another_handle(dice: Dice, made: Profile, taken: set[tuple[str, str]]) -> None:
    """Where the network has this one already."""
    while made.handle and (made.platform, made.handle.lower()) in taken:
        name, dot, server = made.handle.partition("." if made.platform == "bluesky" else "@")
        made.handle = f"{name}{dice.randint(0, 99)}{dot}{server}"
    taken.add((made.platform, made.handle.lower()))


def _author(dice: Dice, author_id: str, made: Profile) -> Row:
    return {
        "author_id": author_id,
        "platform": made.platform,
        "platform_user_id": str(dice.randint(10**12, 10**18)),
        "handle": made.handle,
        "display_name": made.name,
        "bio": made.bio,
        "location": made.location,
        "url": made.url,
        "account_created": made.created.isoformat() if made.created else "",
        "followers": made.followers,
        "verified": "0",
    }


def _truth(author_id: str, case: str, known: Known) -> Row:
    return {
        "author_id": author_id,
        "customer_ids": "|".join(known.customer.ids) if known.customer else "",
        "case": case,
        "linkable": int(known.linkable),
        "order_owner_id": known.order_of.ids[0] if known.order_of else "",
        "company": known.company,
    }


def _posts(dice: Dice, made: Profile) -> Iterable[tuple[date, str]]:
    """One to three, among them those that matter."""
    texts = made.texts + [
        chatter(dice, made.lang) for _ in range(dice.choices([0, 1, 2], [60, 27, 13])[0])
    ]
    first = max(made.created or date(2026, 1, 1), date(2026, 1, 1)) + timedelta(days=1)
    return [(dice.day(first, TODAY), text) for text in texts or [chatter(dice, made.lang)]]


def write_csv(path: Path, rows: Iterable[Row], columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--authors", type=int, default=6_000)
    parser.add_argument("--base-rate", type=float, default=0.25)
    given = parser.parse_args()
    write(given.out, Wish(given.seed, given.customers, given.authors, given.base_rate))
    sys.stdout.write((given.out / "manifest.json").read_text("utf-8") + "\n")


if __name__ == "__main__":
    main()
