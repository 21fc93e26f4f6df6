"""What a cursor keeps of a finished backfill, and whether one is made again. No I/O."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso
from listener.clean import words
from listener.dates import instant

OVERLAP = timedelta(minutes=15)  # posts reach an index late and out of order
FILLED_FOR = timedelta(days=1)  # so soon after its beginning a finished backfill is not made again


def filled(back_to: datetime, began_at: datetime) -> dict[str, str]:
    """What a cursor keeps of a backfill that has reached its end."""
    return {"filled_to": iso(back_to) or "", "filled_at": iso(began_at) or ""}


def filled_by(cursor: Mapping[str, Any]) -> dict[str, str]:
    """What this cursor keeps of the last backfill, nothing when there was none."""
    return {key: words(cursor[key]) for key in ("filled_to", "filled_at") if cursor.get(key)}


def still_wanted(
    since: datetime | None, cursor: Mapping[str, Any], *, floor: datetime, now: datetime
) -> datetime | None:
    """How far back a backfill has to go; None when the last one has lately gone as far.

    Of the many searches of one call those that were finished are not made again for those that
    were cut off. floor: nothing older than this is listed.
    """
    back_to, began_at = (instant(cursor.get(key)) for key in ("filled_to", "filled_at"))
    if since is None or back_to is None or began_at is None or now - began_at >= FILLED_FOR:
        return since
    return None if back_to <= max(since, floor) + OVERLAP else since
