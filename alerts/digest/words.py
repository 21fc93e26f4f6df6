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

AT_LEAST = 30  # persons below which a score or a proxy has no number (metrics: minimum n)
COMPARE_AT = 100  # persons below which two NPS-proxies are not compared
OLD_FORMULA = "ORS-v1"  # of former releases: of authors, not of persons
HOURS_UP_TO = 72  # promises longer than this are told in days
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


def within(length: timedelta) -> str:
    """24 h: up to three days in hours, as promises are made."""
    hours, rest = divmod(length, timedelta(hours=1))
    return f"{hours} h" if 0 < hours <= HOURS_UP_TO and not rest else span(length)


def voices(of: Reputation | NpsProxy) -> int:
    """How many the number rests on: persons, and authors where a former release counted them."""
    return of.n_authors if _is_of_authors(of) else of.n_persons


def voices_of(of: Reputation | NpsProxy) -> str:
    """The same in words."""
    return many(voices(of), "author" if _is_of_authors(of) else "person")


def _is_of_authors(of: Reputation | NpsProxy) -> bool:
    if isinstance(of, Reputation):
        return of.formula == OLD_FORMULA
    return of.n_authors > 0 and not of.n_persons


def moved(points: float, decimals: int = 0) -> str:
    """−4.2 against seven days before; unchanged since, where it rounds to nothing."""
    shown = signed(points, decimals)
    if float(shown.lstrip("+" + MINUS)) == 0:
        return "unchanged since seven days before"
    return f"{shown} against seven days before"


def chance(*, beyond: bool) -> str:
    return "more than chance" if beyond else "within chance"


def proxy_changed(now: NpsProxy, before: NpsProxy | None) -> str:
    """How the proxy compares with seven days before, or why it is not compared."""
    if before is None:
        return "nothing yet from seven days before"
    if now.value is None or before.value is None:
        return "no comparison with seven days before: too few persons"
    if min(voices(now), voices(before)) < COMPARE_AT:
        return f"no comparison with seven days before: it takes {COMPARE_AT} persons in both"
    if now.model and before.model and now.model != before.model:
        return "no comparison with seven days before: another model read the posts"
    if _kind(now) != _kind(before):
        return f"no comparison with seven days before: then {_kind(before)}"
    points = now.value - before.value
    told = moved(points)
    # The two windows share most of their days, so this is on the careful side.
    beyond = abs(points) > hypot(_half_width(now), _half_width(before))
    return told if told.startswith("unchanged") else f"{told} ({chance(beyond=beyond)})"


def _kind(of: NpsProxy) -> str:
    """uncalibrated, audit-calibrated, …: without what it rests on."""
    return one_line(of.calibration).partition(" ")[0].strip(",:;")


def _half_width(of: NpsProxy) -> float:
    return ((of.high or 0.0) - (of.low or 0.0)) / 2
