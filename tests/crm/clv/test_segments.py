import numpy as np
import pytest

from crm.clv.segments import segment, top_tenth
from domain.valuation import Segment


@pytest.mark.parametrize(
    ("days", "p_alive", "is_silent", "is_top", "expected"),
    [
        pytest.param(1, None, False, False, Segment.OCCASIONAL, id="one day"),
        pytest.param(1, None, False, True, Segment.OCCASIONAL, id="one day, much money"),
        pytest.param(2, 0.49, False, True, Segment.SPORADIC, id="unlikely to be there"),
        pytest.param(2, 0.5, True, False, Segment.REGULAR, id="as likely as not"),
        pytest.param(2, 0.9, False, True, Segment.EXCLUSIVE, id="of the top tenth"),
        pytest.param(5, None, True, True, Segment.SPORADIC, id="silent, and no model tells"),
        pytest.param(5, None, False, False, Segment.REGULAR, id="not silent, and no model tells"),
    ],
)
def test_which_segment(
    days: int,
    p_alive: float | None,
    is_silent: bool,  # noqa: FBT001
    is_top: bool,  # noqa: FBT001
    expected: Segment,
) -> None:
    assert segment(days=days, p_alive=p_alive, is_silent=is_silent, is_top=is_top) is expected


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([5, 9, 7], [], id="fewer than ten"),
        pytest.param([*range(1, 21)], [18, 19], id="two of twenty"),
        pytest.param([1] * 17 + [5, 5, 9], [19], id="equals at the end are out together"),
        pytest.param([7] * 30, [], id="all are equal"),
        pytest.param([0] * 29 + [4], [29], id="who brings nothing is of no top"),
    ],
)
def test_the_tenth_that_brings_most(money: list[float], expected: list[int]) -> None:
    assert np.flatnonzero(top_tenth(np.array(money, dtype=float))).tolist() == expected
