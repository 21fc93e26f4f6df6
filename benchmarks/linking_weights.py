"""Counts the weights of crm/linking anew, from authors of whom it is known who they are.

    .venv/bin/python -m benchmarks.linking_weights --data FOLDER

The folder is as benchmarks.linking_world writes it. Printed are the tables of weights.toml, and the
lowest cut of which the links were right in 99 % at least: found on each half of the authors with
the weights of the other half.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from benchmarks import linking_data
from crm.linking.estimate import counted, lower_bound, lowest_cut
from crm.linking.evidence import Finding
from crm.linking.linker import confirms_itself
from crm.linking.weighing import weigh
from crm.linking.weights import Weights, from_table, shipped
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers import candidates, index, order_numbers
from earshot.customers.candidates import Asker
from storage import link_work
from storage.sql import batches
from storage.tables import AuthorRow, CustomerRow

AT_LEAST = 0.99


@dataclass(frozen=True, slots=True)
class Known:
    """An author with their candidates, and which of these records are theirs."""

    asker: Asker
    right: frozenset[int]


def known(app: App, folder: linking_data.Folder) -> list[Known]:
    """Every author who has candidates."""
    order_numbers.read(app)
    index.refresh(app)
    ids = {(row["platform"], row["platform_user_id"]): key for key, row in folder.authors.items()}
    found = []
    with app.database.begin() as session:
        records = dict(session.execute(select(CustomerRow.external_id, CustomerRow.id)).all())
        for rows in batches(session.scalars(select(AuthorRow).order_by(AuthorRow.id)).all()):
            heard = link_work.heard(session, [row.id for row in rows])
            askers = candidates.of(session, rows, heard)
            for row in rows:
                if row.id in askers:
                    truth = folder.truth[ids[row.source, row.external_id]].customer_ids
                    found.append(Known(askers[row.id], frozenset(records[one] for one in truth)))
    return found


def decided(authors: Sequence[Known]) -> Iterator[tuple[Mapping[str, Finding], bool]]:
    for one in authors:
        for person in weigh(one.asker.writer, one.asker.said, one.asker.candidates, shipped()):
            yield person.findings, person.person_id in one.right


def estimated(authors: Sequence[Known]) -> Weights:
    """Weights of these authors, with no cut."""
    counts, pairs = counted(decided(authors))
    kinds = {kind: {one: list(two) for one, two in some.items()} for kind, some in counts.items()}
    cuts = {"confirm": 0.0, "propose": 0.0}
    return from_table({"pairs": {"all": pairs}, "kinds": kinds, "cuts": cuts})


def scored(authors: Sequence[Known], weights: Weights) -> Iterator[tuple[float, bool]]:
    """Of each author whose best candidate a score could confirm, how likely, and how right."""
    for one in authors:
        [best, *_] = weigh(one.asker.writer, one.asker.said, one.asker.candidates, weights)
        if confirms_itself(best, weights):
            yield best.probability, best.person_id in one.right


def lines(authors: Sequence[Known]) -> Iterator[str]:
    counts, pairs = counted(decided(authors))
    yield f"[pairs]\nall = {pairs}"
    for kind, levels in counts.items():
        yield f"\n[kinds.{kind}]"
        for level, pair in sorted(levels.items(), key=lambda one: -sum(one[1])):
            yield f'"{level}" = {list(pair)}'
    halves = authors[::2], authors[1::2]
    links = [*scored(halves[0], estimated(halves[1])), *scored(halves[1], estimated(halves[0]))]
    cut = lowest_cut(links, AT_LEAST)
    above = [right for probability, right in links if cut is not None and probability >= cut]
    yield (
        f"\n# cut {cut}: {sum(above)} of {len(above)} are right, "
        f"{lower_bound(sum(above), len(above)):.4f} at least"
    )


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with known truth")
    folder = linking_data.read(parser.parse_args().data)
    with tempfile.TemporaryDirectory() as made:
        linking_data.prepare(folder, Path(made))
        app = App(load(linking_data.configure(Path(made))))
        try:
            for line in lines(known(app, folder)):
                sys.stdout.write(f"{line}\n")
        finally:
            app.close()


if __name__ == "__main__":
    main()
