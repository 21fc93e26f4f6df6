"""The clock a run lives under: the real one or, with EARSHOT_TEST_CLOCK, that of another day.

Processes started by python() live under it, too. Others, databases and TLS keep the real one.
"""

import os
import sys
import time
from calendar import isleap
from datetime import UTC, datetime, timedelta

import time_machine

LEAP_DAY = "leap-day"  # the next 29 February that is at least a year ahead
_YEAR = timedelta(days=365)


def wanted(said: str, now: datetime) -> datetime:
    """The instant that EARSHOT_TEST_CLOCK names: "leap-day", or one in ISO 8601 with its zone."""
    if said != LEAP_DAY:
        return datetime.fromisoformat(said)
    year = next(
        year
        for year in range(now.year, now.year + 10)
        if isleap(year) and datetime(year, 2, 29, tzinfo=UTC) >= now + _YEAR
    )
    return datetime(year, 2, 29, tzinfo=UTC)  # its first minutes: a day's edge, too


def set_out(said: str) -> float:
    """Let this process live from that instant on, "" now; by how many seconds that is ahead."""
    if not said:
        return 0.0
    now = time.time()
    ahead_s = wanted(said, datetime.fromtimestamp(now, UTC)).timestamp() - now
    time_machine.travel(now + ahead_s, tick=True).start()
    return ahead_s


AHEAD_S = set_out(os.environ.get("EARSHOT_TEST_CLOCK", ""))


def python(code: str) -> list[str]:
    """The command that runs this code in a process of its own, under the clock of this run."""
    if AHEAD_S:
        travel = f"time_machine.travel(time.time() + {AHEAD_S}, tick=True).start()"
        code = f"import time, time_machine; {travel}; {code}"
    return [sys.executable, "-c", code]


EARSHOT = python("from earshot.cli import main; main()")
