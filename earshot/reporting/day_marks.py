"""What a reader has to know beside the number of a day, one sentence each."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from domain.reputation import Reputation


def unscored(waiting: int, *, revised: bool, patience: timedelta) -> str:
    """That a number is published although posts of it wait to be scored."""
    posts = "1 post" if waiting == 1 else f"{waiting} posts"
    hours = patience // timedelta(hours=1)
    how = "revised" if revised else f"published after {hours} h"
    return f"{how} with {posts} not yet scored"


def changes(now: Reputation, before: Reputation, heard_before: Iterable[str]) -> Iterator[str]:
    """What was decided otherwise since the day that was published before, and not said by anybody.

    heard_before: the sources that any of the earlier days heard.
    """
    if before.formula != now.formula:
        yield f"another formula: {now.formula}, was {before.formula}"
        return  # of the days before no more is known
    if before.model and before.model != now.model:
        yield f"another model: {now.model or 'none'}, was {before.model}"
    if before.answer_yardstick != now.answer_yardstick:
        was, is_now = (
            "unknown" if one is None else duration(one)
            for one in (before.answer_yardstick, now.answer_yardstick)
        )
        yield f"answer yardstick is {is_now}, was {was}"
    if before.rules and before.rules != now.rules:
        yield "rules of what asks for an answer changed"
    if before.filters and before.filters != now.filters:
        yield "filters changed"
    if before.n_persons:
        known = set(heard_before)
        yield from (f"{one.source} is new" for one in now.sources if one.source not in known)


def duration(length: timedelta) -> str:
    """As the configuration writes it: 24h, 90m."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
