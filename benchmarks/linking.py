"""Who said it: how many authors are linked with the right customer, and how many with a wrong one.

    .venv/bin/python -m benchmarks.linking [--data FOLDER | --seed 1] [--others]

The real way is measured: a new database, customers and orders by `earshot customers import`,
mentions as a collector stores them, then the step that links. --data takes a folder as
benchmarks.linking_world writes it; without it, one is invented from the seed. --others adds what
one would use instead: rapidfuzz over all names and, where it is installed, Splink.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from benchmarks import linking_data, linking_world
from benchmarks.linking_data import Folder, Truth
from benchmarks.linking_measure import NEVER, Found, Result, measure
from domain.contract import Contract
from domain.customer import Basis, LinkState
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers import link as linking
from earshot.customers import order_numbers
from listener.contracts import contract_of
from storage.tables import AuthorRow, CustomerRow, LinkJudgementRow, LinkRow

Way = Callable[[Folder], list[Found]]


def lifted(source: str) -> Contract:
    """A contract that allows every link there is, for measuring what the rules cost."""
    return replace(contract_of(source), may_link=True, may_score=True, bases=tuple(Basis))


@contextmanager
def contracts(lookup: Callable[[str], Contract]) -> Iterator[None]:
    """Whatever of the product asks for a contract to link by is answered by this."""
    asking = [
        module
        for name, module in sys.modules.items()
        if name.startswith(("earshot.customers", "crm")) and hasattr(module, "contract_of")
    ]
    if not asking:
        raise RuntimeError("nobody asks contract_of any more: tell this benchmark who does")
    for module in asking:
        module.contract_of = lookup  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in asking:
            module.contract_of = contract_of  # type: ignore[attr-defined]


def present_links(app: App, folder: Folder) -> list[Found]:
    """Every link that is confirmed or proposed now, by the ids of the folder."""
    ids = {(row["platform"], row["platform_user_id"]): key for key, row in folder.authors.items()}
    rows = select(
        *(AuthorRow.source, AuthorRow.external_id, CustomerRow.external_id),
        *(LinkJudgementRow.state, LinkJudgementRow.basis, LinkJudgementRow.probability),
    )
    rows = (
        rows.join(LinkRow, LinkRow.author_id == AuthorRow.id)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .join(LinkJudgementRow, LinkJudgementRow.id == LinkRow.present_id)
        .where(LinkJudgementRow.state.in_([LinkState.CONFIRMED, LinkState.PROPOSED]))
        .order_by(LinkRow.id)
    )
    with app.database.read() as session:
        return [
            Found(ids[source, author], customer, probability, basis, state == LinkState.CONFIRMED)
            for source, author, customer, state, basis, probability in session.execute(rows)
        ]


def linked(made: Path, folder: Folder, lookup: Callable[[str], Contract]) -> list[Found]:
    """What the step that links finds in a copy of this database, under these contracts."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(made, copy, dirs_exist_ok=True)
        app = App(load(linking_data.configure(Path(copy))))
        try:
            with contracts(lookup):
                order_numbers.read(app)
                linking.link(app, now=folder.now)
            return present_links(app, folder)
        finally:
            app.close()


def exact_only(found: Sequence[Found]) -> list[Found]:
    return [one for one in found if one.automatic and one.basis == Basis.HANDLE_ON_FILE]


def forbidding(folder: Folder) -> set[str]:
    """The authors on networks that forbid linking."""
    return {key for key, row in folder.authors.items() if not contract_of(row["platform"]).may_link}


def report(name: str, result: Result) -> Iterator[str]:
    """A few lines for one linker."""
    yield f"## {name}"
    yield f"automatic: precision {result.automatic}"
    yield f"  recall of all customers {result.recall}"
    yield f"  recall of the linkable  {result.recall_linkable}"
    never = ", ".join(f"{case} {result.wrong.get(case, 0)}" for case in NEVER)
    yield f"  never to be linked: {never}"
    others = {case: count for case, count in result.wrong.items() if case not in NEVER}
    yield f"  wrong besides: {_counts(others)}"
    rates = ", ".join(f"{rate:.0%}: {value:.3f}" for rate, value in result.by_rate.items())
    yield f"  precision if so many authors were customers: {rates}"
    yield f"proposals: precision {result.proposals}"
    yield f"with the automatic ones: precision {result.either}"
    yield f"  recall of the linkable  {result.either_linkable}"
    precision, cut = result.at_recall
    yield f"  where .80 of the linkable are found: precision {precision:.3f}, from {cut:.3f} on"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def missed(found: Sequence[Found], truth: Mapping[str, Truth]) -> str:
    """Of each kind of customer: how many were linked by themselves, and by a person's yes."""
    automatic = {one.author_id for one in found if one.automatic}
    proposed = {one.author_id for one in found} - automatic
    counts = Counter(known.case for known in truth.values() if known.is_customer)
    by = {
        kind: Counter(truth[author].case for author in authors)
        for kind, authors in (("linked", automatic), ("proposed", proposed))
    }
    return ", ".join(
        f"{case} {by['linked'][case]}+{by['proposed'][case]}/{count}"
        for case, count in sorted(counts.items())
    )


def compare(folder: Folder, others: Mapping[str, Way]) -> Iterator[str]:
    """All rows for one folder, in lines."""
    truth = folder.truth
    apart = forbidding(folder)
    yield (
        f"{len(truth)} authors, {sum(one.is_customer for one in truth.values())} are customers, "
        f"{sum(one.linkable for one in truth.values())} linkable; {len(apart)} on networks that "
        f"forbid linking, {sum(truth[one].is_customer for one in apart)} of them customers"
    )
    with tempfile.TemporaryDirectory() as made:
        began = time.perf_counter()
        linking_data.prepare(folder, Path(made))
        yield f"imported and stored in {time.perf_counter() - began:.1f} s"
        began = time.perf_counter()
        shipped = linked(Path(made), folder, contract_of)
        yield f"linked in {time.perf_counter() - began:.1f} s"
        free = linked(Path(made), folder, lifted)
    yield from report("exact only", measure(exact_only(free), truth))
    yield from report("as shipped with contracts", measure(shipped, truth))
    there = sum(one.author_id in apart for one in shipped)
    yield f"links and proposals on networks that forbid them: {there}"
    yield f"of each kind, linked + proposed / there are: {missed(shipped, truth)}"
    yield from report("contracts lifted", measure(free, truth))
    yield f"of each kind, linked + proposed / there are: {missed(free, truth)}"
    for name, way in others.items():
        began = time.perf_counter()
        found = way(folder)
        yield from report(name, measure(found, truth))
        yield f"took {time.perf_counter() - began:.1f} s"


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="a folder with known truth")
    parser.add_argument("--seed", type=int, default=1, help="of the invented world")
    parser.add_argument("--base-rate", type=float, default=0.25, help="of that world")
    parser.add_argument("--others", action="store_true", help="rapidfuzz and Splink, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as invented:
        path = given.data or Path(invented)
        if given.data is None:
            wish = linking_world.Wish(seed=given.seed, base_rate=given.base_rate)
            linking_world.write(path, wish)
        others: Mapping[str, Way] = {}
        if given.others:
            from benchmarks.linking_others import ways  # noqa: PLC0415  needs more libraries

            others = ways()
        for line in compare(linking_data.read(path), others):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
