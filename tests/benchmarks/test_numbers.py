from dataclasses import replace

import pytest

from benchmarks.numbers_coverage import Held, cells, loudest
from benchmarks.numbers_people import Public
from benchmarks.numbers_steady import sixty


def test_an_interval_that_is_missing_is_not_counted() -> None:
    held = Held()
    held.add(None, None, 5)
    held.add(4.0, 6.0, 5)
    held.add(4.0, 6.0, 7)
    assert (held.times, held.of, held.share, held.mean_width) == (1, 2, 0.5, 2.0)


def test_intervals_of_the_published_numbers_hold_the_truth_where_each_post_as_a_voice_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.numbers_coverage.PERSONS", (30,))
    monkeypatch.setattr("benchmarks.numbers_coverage.TRUTH", 3_000)
    public = replace(Public(0.0), customers=0.2)
    found = [cell for _, _, cell in cells(public, 8)]
    assert len(found) == 3
    held = {kind: sum(cell[kind].times for cell in found) for kind in found[0]}
    assert held["score"] >= 20
    assert held["by post"] < held["score"]
    assert 0 > loudest(100, 0.0, 2, kind="writes").most > -1.5


def test_a_steady_stream_is_steady_from_its_first_score_on() -> None:
    found = sixty(45, -0.5, seed=3)
    assert all(15 < part < 35 for part in found.parts)
    assert found.compared > 0
