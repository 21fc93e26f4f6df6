"""How the score compares: with seven days before, and with what was told of it at first."""

from collections.abc import Iterator
from datetime import date, timedelta

from alerts.digest import words
from alerts.escape import cut, one_line
from alerts.letters import up_first
from domain.digest import Digest, Revised, Told
from domain.reputation import Comparison

LINE = 120  # characters of a line from elsewhere


def changed(digest: Digest) -> str:
    """The score against seven days before, or why there is no comparison."""
    now, before = digest.reputation, digest.reputation_before
    if before is None:
        return "nothing yet from seven days before"
    if now.score is None or before.score is None:
        return "no comparison with seven days before: too few persons"
    if now.formula != before.formula:
        return "no comparison with seven days before: the formula changed"
    if digest.comparison is None or digest.comparison.change is None:
        return words.moved(now.score - before.score, 1)
    return _compared(digest.comparison, digest.comparison.change)


def _compared(found: Comparison, change: float) -> str:
    """The change, and like for like where that is another one."""
    told = words.moved(change, 1)
    if found.like_for_like is None:
        return f"{told}; like for like not known"
    alike = words.signed(found.like_for_like, 1)
    sure = "" if found.beyond_chance is None else f" ({words.chance(beyond=found.beyond_chance)})"
    if found.lines or alike != words.signed(change, 1):
        return f"{told}; like for like {alike}{sure}"
    return told if told.startswith("unchanged") else f"{told}{sure}"


def sentences(digest: Digest, *, most: int) -> Iterator[str]:
    """What was told before of days that have another score now, and what is not alike.

    most: of the revised days, and of what is not alike.
    """
    if digest.told_before is not None:
        yield _told(digest.told_before, digest.date)
    for one in digest.revised[:most]:
        yield _revised(one)
    if len(digest.revised) > most:
        yield f"{words.many(len(digest.revised) - most, 'more day')} revised."
    found = digest.comparison
    lines = () if found is None or found.change is None else found.lines
    if lines:
        more = [f"{len(lines) - most} more"] if len(lines) > most else []
        shown = [cut(one_line(line), LINE) for line in lines[:most]]
        yield up_first(f"{'; '.join((*shown, *more))}.")


def _told(told: Told, on: date) -> str:
    before = "Yesterday's digest" if told.day == on - timedelta(days=2) else "The digest before"
    start = f"{before} said {_score(told.then)} for {words.day(told.day)}, not final"
    if _score(told.then) == _score(told.now):
        return f"{start}; that is {'what it is' if told.final else 'unchanged, still not final'}."
    return f"{start}; it is {_score(told.now)}{'' if told.final else ', still not final'}."


def _revised(one: Revised) -> str:
    why = f": {cut(one_line(one.why), LINE)}" if one.why else ""
    then, now = _score(one.published), _score(one.now)
    return f"{words.day(one.day)}: published {then}, now {now}{why}."


def _score(score: float | None) -> str:
    return "too few persons" if score is None else words.score(score)
