"""The clock of a run, which the checks set to another day."""

import subprocess
import time
from datetime import UTC, datetime

import pytest

from tests.clock import LEAP_DAY, python, wanted


@pytest.mark.parametrize(
    ("now", "leap_day"),
    [
        pytest.param("2026-11-28", "2028-02-29", id="more than a year ahead"),
        pytest.param("2027-03-01", "2028-02-29", id="a year ahead"),
        pytest.param("2027-03-02", "2032-02-29", id="less than a year ahead"),
        pytest.param("2028-02-29", "2032-02-29", id="today"),
        pytest.param("2095-12-31", "2104-02-29", id="eight years later at a turn of the century"),
    ],
)
def test_the_leap_day_is_at_least_a_year_ahead(now: str, leap_day: str) -> None:
    found = wanted(LEAP_DAY, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(leap_day).replace(tzinfo=UTC)


def test_a_process_that_a_test_starts_lives_under_the_clock_of_the_run() -> None:
    started = time.time()
    done = subprocess.run(
        python("import time; print(time.time())"), capture_output=True, check=True, text=True
    )
    assert started <= float(done.stdout) + 1 <= time.time() + 2
