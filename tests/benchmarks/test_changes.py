from dataclasses import replace

from benchmarks.changes import World, beyond_chance, cells


def test_what_does_not_change_is_seldom_called_more_than_chance_and_a_fall_is() -> None:
    world = World(persons=80, mean=0.2)

    assert beyond_chance(world, rounds=12) <= 0.25
    assert beyond_chance(replace(world, shift=-1.0), rounds=4) == 1
    assert len(list(cells())) == 9
