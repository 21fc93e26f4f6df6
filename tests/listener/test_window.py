from datetime import UTC, datetime

import pytest

from listener.window import Window, window

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_a_page_behind_goes_down_to_the_oldest_second_and_asks_for_it_again() -> None:
    assert window("") == Window(None)
    assert window(Window(None).following(NINE, most_pages=10)) == Window(NINE)


def test_pages_count_only_within_one_second() -> None:
    assert window(Window(NINE).following(NINE, most_pages=10)) == Window(NINE, 2)
    assert Window(NINE, 10).following(NINE, most_pages=10) == ""
    assert Window(None).following(None, most_pages=10) == ""


@pytest.mark.parametrize("odd", ["x 1", "2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z 99999", " 1"])
def test_a_bookmark_that_cannot_be_read_is_the_newest_page(odd: str) -> None:
    assert window(odd) == Window(None)
