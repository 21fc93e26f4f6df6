"""What day a cell means, told by its whole column."""

from datetime import date

import pytest

from crm.imports import dates


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("Mar 4, 2026, 9:12:44 AM", date(2026, 3, 4), id="month by name"),
        pytest.param("March 4, 2026", date(2026, 3, 4), id="the whole name"),
        pytest.param("Wed, Mar 4, 2026", date(2026, 3, 4), id="weekday"),
        pytest.param("4 Mar 2026 09:12", date(2026, 3, 4), id="day first"),
        pytest.param("04-Mar-26", date(2026, 3, 4), id="spreadsheet"),
        pytest.param("Sept. 4th, 2026", date(2026, 9, 4), id="ordinal"),
        pytest.param("3/14/26", date(2026, 3, 14), id="two digits of a year behind a clear month"),
        pytest.param("14.03.26", date(2026, 3, 14), id="the same with dots"),
        pytest.param("03/14/2026, 9:12 PM", date(2026, 3, 14), id="comma before the time"),
        pytest.param("2026-03-04T23:59:59+00:00", date(2026, 3, 4), id="instant"),
    ],
)
def test_a_date_of_any_tool_is_read(cell: str, expected: date) -> None:
    assert dates.day(cell) == expected


@pytest.mark.parametrize(
    ("month_first", "expected"), [(True, date(2026, 2, 3)), (False, date(2026, 3, 2))]
)
def test_the_column_decides_what_a_cell_leaves_open(*, month_first: bool, expected: date) -> None:
    assert dates.day("02/03/2026", month_first=month_first) == expected
    assert dates.day("2.3.2026", month_first=month_first) == date(2026, 3, 2)
    assert dates.day("2026-02-03", month_first=month_first) == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(["02/03/2026", "02/28/2026"], True, id="American"),
        pytest.param(["28/02/2026", "", "02/03/2026 10:00"], False, id="European"),
        pytest.param(["05/05/2026", "2026-02-03"], None, id="nothing to decide"),
        pytest.param(["02.03.2026", "10/30/2026"], True, id="dots tell nothing"),
        pytest.param(["soon", "99/99/2026"], None, id="no dates"),
        pytest.param([], None, id="no rows"),
    ],
)
def test_a_column_tells_which_comes_first(cells: list[str], expected: bool | None) -> None:  # noqa: FBT001
    assert dates.month_first(cells) is expected


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param(
            ["02/03/2026", "04/05/2026"], "'02/03/2026' could be day/month", id="all open"
        ),
        pytest.param(
            ["02/28/2026", "28/02/2026"],
            "'28/02/2026' has the day first and '02/28/2026' the month",
            id="both ways",
        ),
        pytest.param(["02.03.2026", "02.28.2026"], "month first, which nobody", id="with dots"),
    ],
)
def test_a_column_that_could_mean_two_things_is_refused(cells: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        dates.month_first(cells)
