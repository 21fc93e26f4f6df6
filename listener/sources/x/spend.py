"""What a pass over X costs: what is charged of an answer, and what a search would bring."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.clock import iso
from domain.errors import RemoteError
from domain.money import shown
from listener.clean import count, identifier
from listener.dates import instant
from listener.prices import Read


def reads_of(answer: Mapping[str, Any], kind: Read) -> dict[str, list[str]]:
    """What X charges of one page, for Page.reads. kind: what a post of this listing counts as.

    What comes along (the authors, posts that are referred to) is a resource of its own.
    """
    along = answer.get("includes")
    along = along if isinstance(along, dict) else {}
    reads: dict[str, list[str]] = {}
    for read, name, things in (
        (kind, "post", answer.get("data")),
        (Read.POST, "post", along.get("tweets")),
        (Read.POST, "post", along.get("posts")),
        (Read.USER, "user", along.get("users")),
    ):
        if found := [f"{name}:{one}" for one in _ids(things)]:
            reads.setdefault(read, []).extend(found)
    return reads


def total_of(answer: Mapping[str, Any]) -> int:
    """How many posts one page of counts tells of. Raises RemoteError when it tells none."""
    meta = answer.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    for name in ("total_tweet_count", "total_post_count"):
        total = count(meta.get(name))
        if total is not None and total >= 0:
            return total
    raise RemoteError("x: the answer holds no count of posts; will be tried again")


def days_of(answer: Mapping[str, Any]) -> dict[date, int]:
    """How many posts one page of counts tells of each whole day. Raises RemoteError for none."""
    data = answer.get("data")
    found: dict[date, int] = {}
    for one in data if isinstance(data, list) else ():
        told = one if isinstance(one, dict) else {}
        begun, ended = instant(told.get("start")), instant(told.get("end"))
        posts = [count(told.get(name)) for name in ("tweet_count", "post_count")]
        known = [number for number in posts if number is not None and number >= 0]
        if begun is not None and ended == begun + timedelta(days=1) and known:
            found[begun.astimezone(UTC).date()] = known[0]
    if not found:
        raise RemoteError("x: the answer holds no count of a whole day; will be tried again")
    return found


def too_dear(expected: int, cost: Decimal, left: Decimal, since: datetime) -> str:
    """Why a walk is not begun."""
    return (
        f"x: about {expected:,} posts since {iso(since)} would cost {shown(cost)}, and "
        f"{shown(left)} of this month's budget is left: narrow the query, go back less far, or "
        "raise sources.x.monthly_budget"
    )


def _ids(things: object) -> Iterable[str]:
    listed = things if isinstance(things, list) else []
    return filter(None, (identifier(one.get("id")) for one in listed if isinstance(one, dict)))
