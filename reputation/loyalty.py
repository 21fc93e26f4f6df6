"""What customers bought after they wrote, group beside group, and beside customers like them.

Groups differ before anybody answers: who buys often also writes often. So each group stands beside
those who never asked for an answer twice: as they are, and weighted to be as the group was before
the index day (post-stratification) in how many orders they had, whether they had fallen silent, and
what they had paid. What else differs is not seen, and nothing here says why a figure is what it is.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from domain.loyalty import Answered, Case, Compared, Estimate, LoyaltyGroup, Order, Spent
from domain.valuation import SILENT_AFTER
from reputation.estimates import mean, mean_amount, share

FOLLOWED = timedelta(days=180)  # whether somebody ordered again
RETAINED = timedelta(days=365)  # and from the 181st day on, whether they still did
LOOKED_BACK = timedelta(days=730)  # a year for posts, and one to see what followed
MIN_ALIKE = 5  # who never asked, of one stratum: fewer stand for nobody

_YEAR = timedelta(days=365)
_FROM = (1, 2, 4)  # orders before: none, 1, 2 to 3, 4 and more

Figure = Callable[[Case], float | None]  # None: it says nothing of this customer
Estimator = Callable[..., Estimate]


class Stratum(NamedTuple):
    """What customers are alike in, by what was known of them on the day before the index day."""

    orders: int  # the class of how many they had, from 0 on
    silent: bool  # for longer than 3 x their median gap; of one order, than that of all others
    value: int  # 0: paid nothing in 12 months; else the third, of those with as many orders


def groups_of(cases: Sequence[Case], *, until: date) -> tuple[LoyaltyGroup, ...]:
    """The figures of every group, in the order of Answered; an empty one has zeros.

    until: the last day of which orders are known. Whoever cannot be followed for 180 days is
    pending, and counts for nothing else.
    """
    over = [one for one in cases if is_over(one.start.day, until)]
    placed = list(zip(strata_of(over), over, strict=True))
    of = {name: [one for one in placed if one[1].start.answered is name] for name in Answered}
    all_of = Counter(one.start.answered for one in cases)
    never_asked = of[Answered.NEVER_ASKED]
    return tuple(
        _group(name, _Beside(of[name], never_asked), until=until, all_of=all_of[name])
        for name in Answered
    )


def is_over(day: date, until: date, followed: timedelta = FOLLOWED) -> bool:
    """Whether a customer of this index day could be followed for that long."""
    return day + followed <= until


# --- alike --------------------------------------------------------------------------------------


def strata_of(cases: Sequence[Case]) -> list[Stratum]:
    """What each was like before. Who paid much, and which gap is usual, these cases tell."""
    gaps = [gap for one in cases if (gap := _median_gap(one)) is not None]
    usual = median(gaps) if gaps else None
    ordered = [sum(len(_bought(one.known)) >= least for least in _FROM) for one in cases]
    thirds = _value_thirds(ordered, [_paid_before(one) for one in cases])
    return [
        Stratum(orders, _was_silent(one, usual), third)
        for one, orders, third in zip(cases, ordered, thirds, strict=True)
    ]


def _bought(orders: Sequence[Order]) -> list[date]:
    """The days of the orders, those of refunds left out."""
    return [one.ordered_on for one in orders if one.amount > 0]


def _median_gap(case: Case) -> float | None:
    days = sorted(set(_bought(case.known)))
    gaps = [(after - before).days for before, after in pairwise(days)]
    return median(gaps) if gaps else None


def _was_silent(case: Case, usual: float | None) -> bool:
    days, own = _bought(case.known), _median_gap(case)
    gap = usual if own is None else own
    if not days or gap is None:
        return False
    return (case.start.day - max(days)).days > SILENT_AFTER * gap


def _paid_before(case: Case) -> dict[str, float]:
    """What they had paid in the 12 months before, of each currency in which that is above 0."""
    sums: dict[str, float] = {}
    for currency in {one.currency for one in case.known}:
        paid = _sum(case.known, currency, case.start.day - _YEAR, case.start.day - _DAY)
        if paid > 0:
            sums[currency] = paid
    return sums


def _value_thirds(ordered: Sequence[int], paid: Sequence[Mapping[str, float]]) -> list[int]:
    """In which third of their currency each is, 3 the highest; in several, of the best of them.

    Of customers who had as many orders: among all, who ordered often would be in the last alone.
    """
    amounts: dict[tuple[int, str], list[float]] = defaultdict(list)
    for orders, spent in zip(ordered, paid, strict=True):
        for currency, amount in spent.items():
            amounts[orders, currency].append(amount)
    cuts = {one: _cuts(sorted(found)) for one, found in amounts.items()}
    return [
        max((_third(amount, cuts[orders, name]) for name, amount in spent.items()), default=0)
        for orders, spent in zip(ordered, paid, strict=True)
    ]


def _cuts(ordered: Sequence[float]) -> tuple[float, float]:
    n = len(ordered)
    return ordered[-(-n // 3) - 1], ordered[-(-2 * n // 3) - 1]


def _third(amount: float, cuts: tuple[float, float]) -> int:
    return 1 + bisect_left(cuts, amount)


# --- beside each other ----------------------------------------------------------------------------


Placed = tuple[Stratum, Case]
ByStratum = Mapping[Stratum, Sequence[float]]  # a figure of each customer


def compared(mine: ByStratum, theirs: ByStratum, estimate: Estimator = share) -> Compared:
    """A group's figure, beside that of others who are made alike by weights."""
    both = [one for one in mine if len(theirs.get(one, ())) >= MIN_ALIKE]
    weights = {one: len(mine[one]) / len(theirs[one]) for one in both}
    return Compared(
        raw=estimate(_together(mine, mine)),
        matched=estimate(_together(mine, both)),
        alike=estimate(
            _together(theirs, both), [weights[one] for one in both for _ in theirs[one]]
        ),
    )


def _together(values: ByStratum, strata: Iterable[Stratum]) -> list[float]:
    return [value for one in strata for value in values[one]]


class _Beside(NamedTuple):
    """A group, and who never asked; the two may be the same."""

    group: Sequence[Placed]
    others: Sequence[Placed]

    def compared(self, figure: Figure, estimate: Estimator = share) -> Compared:
        mine = _by_stratum(self.group, figure)
        if self.group is self.others:
            return Compared(estimate(_together(mine, mine)))
        return compared(mine, _by_stratum(self.others, figure) if mine else {}, estimate)


def _by_stratum(placed: Sequence[Placed], figure: Figure) -> dict[Stratum, list[float]]:
    found: dict[Stratum, list[float]] = defaultdict(list)
    for stratum, case in placed:
        value = figure(case)
        if value is not None:
            found[stratum].append(value)
    return found


def _group(name: Answered, beside: _Beside, *, until: date, all_of: int) -> LoyaltyGroup:
    return LoyaltyGroup(
        answered=name,
        customers=len(beside.group),
        pending=all_of - len(beside.group),
        repeat=beside.compared(_ordered_again),
        retention=beside.compared(partial(_retained, until=until)),
        abandonment=beside.compared(_abandoned, partial(mean, within=(0.0, 1.0))),
        silent=beside.compared(_silent),
        spent=_spent(beside),
    )


def _spent(beside: _Beside) -> tuple[Spent, ...]:
    buyers = Counter(
        currency for _, case in beside.group for currency in {one.currency for one in case.known}
    )
    return tuple(
        Spent(
            currency=currency,
            before=beside.compared(partial(_before, currency), mean_amount),
            after=beside.compared(partial(_after, currency), mean_amount),
            change=beside.compared(partial(_change, currency), mean),
        )
        for currency in sorted(buyers, key=lambda one: (-buyers[one], one))
    )


# --- of one customer ------------------------------------------------------------------------------

_DAY = timedelta(days=1)


def _ordered(case: Case, after: timedelta, until: timedelta) -> float:
    day = case.start.day
    return float(any(day + after < one <= day + until for one in _bought(case.orders)))


def _ordered_again(case: Case) -> float:
    return _ordered(case, timedelta(0), FOLLOWED)


def _retained(case: Case, until: date) -> float | None:
    if not is_over(case.start.day, until, RETAINED):
        return None
    return _ordered(case, FOLLOWED, RETAINED)


def _abandoned(case: Case) -> float | None:
    return None if case.p_alive is None else 1 - case.p_alive


def _silent(case: Case) -> float | None:
    return None if case.is_silent is None else float(case.is_silent)


def _before(currency: str, case: Case) -> float | None:
    day = case.start.day
    return _of_a_buyer(currency, case, day - FOLLOWED, day - _DAY)


def _after(currency: str, case: Case) -> float | None:
    day = case.start.day
    return _of_a_buyer(currency, case, day + _DAY, day + FOLLOWED)


def _change(currency: str, case: Case) -> float | None:
    before, after = _before(currency, case), _after(currency, case)
    return None if before is None or after is None else after - before


def _of_a_buyer(currency: str, case: Case, first: date, last: date) -> float | None:
    """What they paid from the first to the last day; None: no customer of this currency."""
    if not any(one.currency == currency for one in case.known):
        return None
    return _sum(case.orders, currency, first, last)


def _sum(orders: Sequence[Order], currency: str, first: date, last: date) -> float:
    found = (one for one in orders if one.currency == currency and first <= one.ordered_on <= last)
    return float(sum(one.amount for one in found))
