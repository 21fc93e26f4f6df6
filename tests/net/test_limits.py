"""What the headers of any network say of how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from net.limits import wait

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Retry-After": "7"}, 7, id="seconds"),
        pytest.param({"retry-after": "1.5"}, 1.5, id="parts of a second"),
        pytest.param({"Retry-After": "Fri, 20 Nov 2026 12:01:00 GMT"}, 60, id="a date"),
        pytest.param({"X-Rate-Limit-Reset": str(EPOCH + 90)}, 90, id="X: an instant"),
        pytest.param({"x-ratelimit-reset": "2026-11-20T12:05:00.123Z"}, 300.123, id="Mastodon"),
        pytest.param({"x-ratelimit-reset": "42"}, 42, id="Reddit: seconds left"),
        pytest.param({"RateLimit-Reset": str(EPOCH + 30)}, 30, id="Bluesky"),
        pytest.param({"retry-after": "5", "x-rate-limit-reset": str(EPOCH + 600)}, 5, id="both"),
        pytest.param(
            {"retry-after": "soon", "x-rate-limit-reset": str(EPOCH + 60)}, 60, id="no number"
        ),
        pytest.param(
            {"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 5}]}'},
            300,
            id="Meta: minutes",
        ),
        pytest.param({"retry-after": "86400"}, 900, id="a day is too long"),
        pytest.param({"x-rate-limit-reset": "4102444800"}, 900, id="reset in 2100"),
        pytest.param({"retry-after": "9" * 40}, 900, id="a number beyond all calendars"),
        pytest.param({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 900, id="the last date"),
    ],
)
def test_waits_as_asked_but_never_longer_than_a_window(
    headers: dict[str, str], seconds: float
) -> None:
    assert wait(headers, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no header"),
        pytest.param({"retry-after": ""}, id="empty"),
        pytest.param({"retry-after": "0"}, id="zero"),
        pytest.param({"retry-after": "-5"}, id="negative"),
        pytest.param({"retry-after": "nan"}, id="not a number"),
        pytest.param({"retry-after": "inf"}, id="infinite"),
        pytest.param({"x-rate-limit-reset": str(EPOCH - 60)}, id="reset in the past"),
        pytest.param({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, id="a past date"),
        pytest.param({"retry-after": "Fri, 99 Nov 2026 11:00:00 GMT"}, id="no such date"),
        pytest.param({"x-business-use-case-usage": "{"}, id="no JSON"),
        pytest.param({"x-business-use-case-usage": '{"1": [7], "2": 3}'}, id="another shape"),
    ],
)
def test_what_says_nothing_of_use_is_left_to_the_usual_pause(headers: dict[str, str]) -> None:
    assert wait(headers, NOW) is None
