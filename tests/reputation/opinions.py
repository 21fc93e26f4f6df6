"""Opinions to test numbers with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.reputation import Opinion

DAY = date(2026, 11, 20)
UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
NEWEST = UNTIL - timedelta(microseconds=1)


def opinion(
    person: int | None,
    polarity: float | None = 0.0,
    *,
    ago: timedelta | None = None,
    **more: Any,  # noqa: ANN401 - any field
) -> Opinion:
    """One post of a person, by default a moment before the window's end."""
    at = NEWEST if ago is None else UNTIL - ago
    fields: dict[str, Any] = {
        "source": "x",
        "external_id": f"{person} {at.isoformat()} {polarity}",
        "published_at": at,
        "person": person,
        "account": person,
        "is_customer": False,
        "polarity": polarity,
        "label": None,
    }
    return Opinion(**{**fields, **more})


def crowd(
    n: int,
    polarity: float = 0.0,
    *,
    first: int = 1,
    **more: Any,  # noqa: ANN401 - any field
) -> list[Opinion]:
    return [opinion(first + one, polarity, **more) for one in range(n)]
