"""Why somebody is on a list, in a sentence that a person can check: dates and figures.

It quotes nobody and names no account: of a post it tells the day and the network.
"""

from collections.abc import Sequence
from datetime import date, tzinfo

from crm import lists
from domain.customer_lists import Return, Rhythm, Voice
from storage.customer_posts import CustomerPost


def of_ambassador(voice: Voice, newest: CustomerPost, rhythm: Rhythm | None, tz: tzinfo) -> str:
    reach = f"; {voice.followers:,} followers" if voice.followers is not None else ""
    return (
        f"wrote {_times(voice.posts)} about {newest.brand} in {lists.WITHIN.days} days, last "
        f"{_where(newest, tz)}, on the whole positive ({voice.stance:+.2f} on a scale from -1 to "
        f"1); {_bought(rhythm)}{reach}"
    )


def _bought(rhythm: Rhythm | None) -> str:
    """Of one order no loyalty is told."""
    if rhythm is None:
        return "no order on file"
    if rhythm.median_gap_days is None:
        return f"ordered on one day alone, {rhythm.last_order_on}"
    return f"{rhythm.orders} orders, the last on {rhythm.last_order_on}"


def of_risk(negative: Sequence[CustomerPost], rhythm: Rhythm, today: date, tz: tzinfo) -> str:
    """negative: oldest first."""
    often = f", {_times(len(negative))} in {lists.WITHIN.days} days" if len(negative) > 1 else ""
    return f"wrote negative {_where(negative[-1], tz)}{often}; {_silence(rhythm, today)}"


def of_loss(rhythm: Rhythm, today: date) -> str:
    return _silence(rhythm, today)


def _silence(rhythm: Rhythm, today: date) -> str:
    gap = rhythm.median_gap_days or 0  # who is said to be silent has ordered on several days
    return (
        f"{rhythm.orders} orders, every {_days(gap)} in the median, none since "
        f"{rhythm.last_order_on} ({_days(lists.silent_days(rhythm, today))}); {_model(rhythm)}"
    )


def _model(rhythm: Rhythm) -> str:
    if rhythm.p_alive is None:
        return "no model tells whether they still are a customer"
    return f"by the model {rhythm.p_alive:.0%} likely to still be a customer"


def of_return(found: Return, orders_since: int) -> str:
    pause = (found.returned_on - found.left_on).days
    return (
        f"no order from {found.left_on} to {found.returned_on} ({_days(pause)}), after one every "
        f"{_days(found.usual_gap_days)} in the median; ordered {_times(orders_since)} since then"
    )


def _where(post: CustomerPost, tz: tzinfo) -> str:
    return f"on {post.published_at.astimezone(tz).date()} ({post.source})"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _days(count: float) -> str:
    return "1 day" if count == 1 else f"{count:g} days"
