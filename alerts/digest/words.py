"""How the digest says numbers: one place, so that mail, Slack and console agree."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import hypot
from statistics import median
from zoneinfo import ZoneInfo

from alerts.escape import cut, one_line
from domain.clock import span
from domain.customer import Amount
from domain.reputation import NpsProxy, Reputation
from domain.volume import DayVolume

AT_LEAST = 30  # authors below which a score or a proxy has no number (metrics: minimum n)
COMPARE_AT = 100  # authors below which two NPS-proxies are not compared
USUAL_AFTER = 7  # days of history before there is a usual day
MINUS = "\u2212"
CURRENCY = 8  # letters of a currency's name
PERCENTILES_FROM = 10  # answer times below which no percentile is given

Shown = Callable[[float], str]


def number(count: int) -> str:
    """1,830."""
    return f"{count:,}"


def many(count: int, noun: str, plural: str = "") -> str:
    """1 mention, 2 mentions, 1,830 mentions."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def score(value: float) -> str:
    """One decimal: more would promise what the interval denies."""
    return f"{value:.1f}".replace("-", MINUS)


def signed(value: float, decimals: int = 0) -> str:
    """+3, −12, 0: the sign always shown, except on what rounds to nothing."""
    shown = f"{abs(value):.{decimals}f}"
    if float(shown) == 0:
        return shown
    return f"{'+' if value > 0 else MINUS}{shown}"


def percent(share: float) -> str:
    """37%; what is above nothing but rounds to it is <1%."""
    shown = f"{share:.0%}"
    return "<1%" if share > 0 and shown == "0%" else shown


def interval(shown: Shown, low: float | None, high: float | None) -> str:
    """59.2 to 63.2; "" when an end is missing."""
    return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"


def ratio(part: int, whole: int) -> str:
    """percent() of a count; a dash when there is nothing to divide by."""
    return percent(part / whole) if whole else "–"


def money(amounts: Sequence[Amount]) -> str:
    """EUR 1,830 and USD 20: whole units, a digest is no invoice; 0 when there is nothing."""
    parts = [
        f"{cut(one_line(one.currency), CURRENCY)} {one.amount:,.0f}".replace("-", MINUS).strip()
        for one in amounts
    ]
    return listed(parts) or "0"


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def day(on: date) -> str:
    """Fri 20 Nov."""
    return f"{on:%a} {on.day} {on:%b}"


def instant(at: datetime, tz: ZoneInfo) -> str:
    """Fri 20 Nov 09:12, on the wall in `tz`."""
    local = at.astimezone(tz)
    return f"{day(local.date())} {local:%H:%M}"


def due(at: datetime, now: datetime) -> str:
    """Due in 2 h 5 m; overdue by 3 h."""
    return f"overdue by {span(now - at)}" if now >= at else f"due in {span(at - now)}"


def waited(length: timedelta | None, missing: str) -> str:
    """A length, or why there is none."""
    return missing if length is None else span(length)


def usual(days: Sequence[int]) -> float | None:
    """The median of the days since the first one with anything; None in the first week."""
    since_first = [n for i, n in enumerate(days) if any(days[: i + 1])]
    return median(since_first) if len(since_first) >= USUAL_AFTER else None


def usual_total(days: Sequence[DayVolume]) -> float | None:
    """The usual day before the last one of `days`."""
    return usual([one.total for one in days[:-1]])


def beyond_chance(now: Reputation | NpsProxy, before: Reputation | NpsProxy) -> bool:
    """Whether two numbers differ by more than their 95 % intervals explain.

    The two windows share most of their days, so this is on the careful side.
    """
    change = _value(now) - _value(before)
    return abs(change) > hypot(_half_width(now), _half_width(before))


def change(now: Reputation | NpsProxy, before: Reputation | NpsProxy | None) -> float | None:
    """The difference to seven days before, None when the two must not be compared."""
    if before is None or _missing(now) or _missing(before):
        return None
    if isinstance(now, Reputation) and isinstance(before, Reputation):
        return _value(now) - _value(before) if now.formula == before.formula else None
    if min(now.n_authors, before.n_authors) < COMPARE_AT:
        return None
    return _value(now) - _value(before)


def changed(now: Reputation | NpsProxy, before: Reputation | NpsProxy | None) -> str:
    """The change in words, or why none is given."""
    difference = change(now, before)
    if difference is None or before is None:
        return _no_comparison(now, before)
    moved = signed(difference, 1 if isinstance(now, Reputation) else 0)
    if float(moved.lstrip("+" + MINUS)) == 0:
        return "unchanged since seven days before"
    sure = "more than chance" if beyond_chance(now, before) else "within chance"
    return f"{moved} against seven days before ({sure})"


def _no_comparison(now: Reputation | NpsProxy, before: Reputation | NpsProxy | None) -> str:
    if before is None:
        return "nothing yet from seven days before"
    if _missing(now) or _missing(before):
        return "no comparison with seven days before: too few authors"
    if isinstance(now, Reputation):
        return "no comparison with seven days before: the formula changed"
    return f"no comparison with seven days before: it takes {COMPARE_AT} authors in both"


def _value(of: Reputation | NpsProxy) -> float:
    return (of.score if isinstance(of, Reputation) else of.value) or 0.0


def _missing(of: Reputation | NpsProxy) -> bool:
    return (of.score if isinstance(of, Reputation) else of.value) is None


def _half_width(of: Reputation | NpsProxy) -> float:
    return ((of.high or 0.0) - (of.low or 0.0)) / 2
