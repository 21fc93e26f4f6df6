from earshot.core.jitter import SPREAD, jitter
from tests.earshot.world import NOW


def test_what_failed_together_is_not_called_again_together() -> None:
    names = [f"source {number}" for number in range(50)]
    drawn = [jitter(name, NOW) for name in names]
    assert drawn == [jitter(name, NOW) for name in names]
    assert all(0 <= one < SPREAD for one in drawn)
    assert len(set(drawn)) == len(names)
