"""The benchmark counts right and its way has an end; how good anything is, it is not asked."""

from pathlib import Path

import pytest

from benchmarks import linking, linking_data, linking_speed
from benchmarks.linking_data import Truth
from benchmarks.linking_measure import Found, Share, measure
from benchmarks.linking_world import Wish, write
from listener.contracts import contract_of

NOBODY = frozenset[str]()
TRUTH = {
    "a": Truth("P_one", frozenset(["1", "2"]), linkable=True),
    "b": Truth("P_one", frozenset(["3"]), linkable=True),
    "c": Truth("P_two", frozenset(["4"]), linkable=False),
    "d": Truth("N_parody", NOBODY, linkable=False),
    "e": Truth("N_random", NOBODY, linkable=False),
}


def link(author: str, customer: str, probability: float, *, automatic: bool = True) -> Found:
    return Found(author, customer, probability, "scored", automatic)


def test_links_and_proposals_are_counted_by_hand() -> None:
    found = [
        link("a", "2", 0.99),
        link("c", "9", 0.99),
        link("d", "3", 0.99),
        link("b", "8", 0.4, automatic=False),
        link("b", "3", 0.6, automatic=False),
        link("a", "8", 0.9, automatic=False),  # a has an automatic one
        link("e", "1", 0.2, automatic=False),
    ]
    result = measure(found, TRUTH)

    assert result.automatic == Share(1, 3)
    assert result.recall == Share(1, 3)
    assert result.recall_linkable == Share(1, 2)
    assert result.wrong == {"P_two": 1, "N_parody": 1}
    assert result.proposals == Share(1, 2)
    assert result.either == Share(2, 5)
    assert result.either_linkable == Share(2, 2)
    assert result.at_recall == (0.5, 0.6)


def test_at_a_lower_base_rate_each_stranger_stands_for_more() -> None:
    result = measure([link("a", "1", 1), link("d", "1", 1)], TRUTH)
    # 3 customers are one in ten of 30 authors: each of the 2 strangers stands for 13.5
    assert result.by_rate[0.1] == pytest.approx(1 / 14.5)


def test_wilsons_interval() -> None:
    low, high = Share(189, 189).interval
    assert (round(low, 3), high) == (0.98, 1)
    assert [round(one, 3) for one in Share(8, 10).interval] == [0.49, 0.943]


def test_a_small_world_goes_all_the_way(tmp_path: Path) -> None:
    write(tmp_path, Wish(seed=2, customers=500, authors=120, base_rate=0.4))
    folder = linking_data.read(tmp_path)

    made = tmp_path / "made"
    linking_data.prepare(folder, made)
    shipped = linking.linked(made, folder, contract_of)
    free = linking.linked(made, folder, linking.lifted)

    apart = linking.forbidding(folder)
    assert apart
    assert not apart & {one.author_id for one in shipped}
    on_file = linking.exact_only(free)
    assert {folder.truth[one.author_id].case for one in on_file} == {"P_crm_handle"}
    assert measure(on_file, folder.truth).automatic.value == 1


def test_an_import_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("colour\nred\n", "utf-8")
    with pytest.raises(RuntimeError, match="customers import"):
        linking_data.import_crm(linking_data.configure(tmp_path), tmp_path)


def test_what_it_costs_is_measured_on_authors_with_and_without_a_hit(tmp_path: Path) -> None:
    data, config = tmp_path / "customers.csv", linking_data.configure(tmp_path)
    linking_speed.make(data, 300)
    assert linking_speed.bring_in(config, data) > 0
    assert linking_speed.make_index(config) > 0
    assert linking_speed.sizes(tmp_path / "earshot.db")["whole file"] > 0
    assert len(linking_speed.known(data, 2)) == 2

    found = linking_speed.judge(config, data, batch=10, single=2)

    assert found["statements for 10 authors without a hit"] > 0
    assert all(value > 0 for value in found.values())
