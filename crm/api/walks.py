"""Where the next pass over a system's records begins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.api.rows import instant
from crm.api.source import OVERLAP


def began(cursor: Mapping[str, Any], now: datetime) -> datetime:
    """When the walk began that this cursor stands in the middle of; now where it is at an end."""
    return instant(cursor.get("began")) or now


def following(last: datetime, walk_began: datetime) -> datetime:
    """Where the walk after one that has ended begins.

    last: the latest change that was seen. A long walk may have passed a place before something was
    saved there, so no later than its own beginning.
    """
    return min(last, walk_began) - OVERLAP
