"""The benchmark runs, and its ways match alike; how fast they are, it is not asked here."""

from benchmarks import matching


def test_each_way_is_measured_on_the_same_matches() -> None:
    head, *rows = matching.rows(300, 1, counts=(6, 60))

    assert [name in head for name in matching.WAYS] == [True, True, True]
    assert [row.split()[0] for row in rows] == ["6", "60"]
    assert int(rows[-1].split()[-1]) > 10, "something is found"
