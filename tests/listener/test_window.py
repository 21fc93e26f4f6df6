from datetime import UTC, datetime, timedelta

import pytest

from listener.source import Gap
from listener.window import Window, least_far, window

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_page_behind_goes_down_to_the_oldest_second_and_asks_for_it_again() -> None:
    assert window("") == Window(None)
    assert window(Window(None).following([NINE], most_pages=10)) == Window(NINE)


def test_pages_count_only_within_one_second() -> None:
    assert window(Window(NINE).following([NINE], most_pages=10)) == Window(NINE, 2)
    assert Window(None).following([], most_pages=10) == ""


def test_a_second_with_more_than_is_listed_is_told_and_left_for_the_one_before() -> None:
    last = Window(NINE, 10)
    assert window(last.following([NINE, NINE], most_pages=10)) == Window(NINE - SECOND)
    assert last.lost("hackernews", [NINE, NINE], most_pages=10) == Gap(
        NINE,
        NINE + SECOND,
        "hackernews: more share the second 2026-11-20T09:00:00Z than it lists, some are missing",
    )
    assert Window(NINE, 9).lost("hackernews", [NINE, NINE], most_pages=10) is None
    assert last.lost("hackernews", [NINE, NINE - SECOND], most_pages=10) is None


def test_of_lists_side_by_side_the_one_that_came_least_far_is_gone_on_from() -> None:
    nine, earlier = "2026-11-20T09:00:00Z", "2026-11-20T08:00:00Z"
    assert least_far([f"{earlier} 1", f"{nine} 2", ""]) == f"{nine} 2"
    assert least_far(["", ""]) == ""


def test_a_service_that_heeds_no_window_is_not_walked_second_by_second() -> None:
    assert Window(NINE, 10).following([NINE + SECOND, NINE], most_pages=10) == ""


@pytest.mark.parametrize("odd", ["x 1", "2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z 99999", " 1"])
def test_a_bookmark_that_cannot_be_read_is_the_newest_page(odd: str) -> None:
    assert window(odd) == Window(None)
