import pytest

from crm.linking.estimate import counted, learned, lower_bound, lowest_cut
from crm.linking.evidence import Finding
from crm.linking.weights import from_table, shipped

CITY = Finding("place", "same city")


def test_decisions_are_counted_by_level() -> None:
    found, pairs = counted([({"place": CITY}, True), ({"place": CITY}, False)])
    assert (found, pairs) == ({"place": {"same city": (1, 1)}}, [1, 1])


def test_what_people_reject_weighs_less_afterwards() -> None:
    own, pairs = counted([({"place": CITY}, False)] * 60)
    weights = learned(shipped(), own, pairs)
    assert weights.of(CITY) < shipped().of(CITY) - 0.5
    assert weights.prior == shipped().prior


def test_without_decisions_the_shipped_weights_hold() -> None:
    weights = learned(shipped(), {}, [0, 0])
    assert [weights.of(CITY), weights.confirm_at] == [shipped().of(CITY), shipped().confirm_at]


def test_every_shipped_level_counts_all_pairs() -> None:
    for kind, levels in shipped().counts.items():
        for side in (0, 1):
            total = sum(pair[side] for pair in levels.values())
            assert total == pytest.approx(shipped().pairs[side]), kind


def test_a_cut_is_the_lowest_with_its_bound() -> None:
    scored = [(0.99, True)] * 400 + [(0.7, True)] * 100 + [(0.5, False)] * 100
    assert lowest_cut(scored, 0.99) == 0.7
    assert lowest_cut(scored[:100], 0.99) is None
    assert lower_bound(0, 0) == 0.0


def test_a_malformed_count_is_named() -> None:
    with pytest.raises(ValueError, match="no pair of counts"):
        from_table({"pairs": {"all": [1]}, "kinds": {}, "cuts": {"confirm": 1, "propose": 1}})
