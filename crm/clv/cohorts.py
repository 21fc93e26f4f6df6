"""Retention: of who ordered first in one month, how many ordered again in each month after it."""

from datetime import date

import numpy as np

from crm.clv.purchases import Ints, Ledger, starts
from domain.valuation import Cohort

_EPOCH = date(1970, 1, 1).toordinal()


def cohorts(orders: Ledger, *, today: date) -> tuple[Cohort, ...]:
    """Oldest first, without months in which nobody ordered first; today's month is not over."""
    if not len(orders.person):
        return ()
    month = _months(orders.day)
    by_month = np.lexsort((month, orders.person))
    person, month = orders.person[by_month], month[by_month]
    once = starts(person, month)  # a person's month counts once
    person, month = person[once], month[once]
    each = starts(person)
    born = np.repeat(month[each], np.diff(np.append(each, len(person))))
    last = int(_months(np.array([today.toordinal()]))[0]) - 1  # the last that is over
    return tuple(_cohort(int(one), month[born == one], last) for one in np.unique(born))


def _cohort(born: int, months: Ints, last: int) -> Cohort:
    """months: in which its persons ordered, each person's once."""
    again = np.bincount(months - born, minlength=max(last - born, 0) + 1)
    first = date(born // 12 + 1970, born % 12 + 1, 1)
    return Cohort(first, int(again[0]), tuple(map(int, again[1 : max(last - born, 0) + 1])))


def _months(day: Ints) -> Ints:
    """Months since January 1970."""
    since = (day - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
    return since.astype(np.int64)
