"""The invented world is the same for a seed, and its truth is about what it writes."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import linking_cases, linking_strangers
from benchmarks.linking_world import Wish, write

SMALL = Wish(seed=3, customers=900, authors=240, base_rate=0.4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("world")
    write(made, SMALL)
    return made


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_writes_the_same_files(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    names = sorted(path.name for path in folder.iterdir())
    assert [(tmp_path / name).read_bytes() for name in names] == [
        (folder / name).read_bytes() for name in names
    ]


def test_every_kind_of_account_is_there_and_the_base_rate_is_kept(folder: Path) -> None:
    cases = Counter(row["case"] for row in rows(folder / "truth.csv"))
    assert cases.keys() == {*linking_cases.CASES, *linking_strangers.CASES}
    assert sum(cases.values()) == 240
    assert sum(count for case, count in cases.items() if case.startswith("P_")) == 96


def test_the_truth_names_records_and_authors_that_are_written(folder: Path) -> None:
    customers = {row["customer_id"] for row in rows(folder / "customers.csv")}
    authors = {row["author_id"] for row in rows(folder / "authors.csv")}
    told = rows(folder / "truth.csv")
    posts = (folder / "mentions.jsonl").read_text("utf-8").splitlines()

    assert {row["author_id"] for row in told} == authors
    assert {json.loads(post)["author_id"] for post in posts} == authors
    for row in told:
        ids = set(filter(None, row["customer_ids"].split("|")))
        assert bool(ids) is row["case"].startswith("P_")
        assert ids <= customers


def test_too_few_customers_are_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few customers"):
        write(tmp_path, Wish(customers=50, authors=200))
