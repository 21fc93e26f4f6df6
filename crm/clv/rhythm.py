"""How often people order: their days, the gaps between these, and who has fallen silent."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.clv.purchases import Flags, Floats, Ints, Ledger, starts
from domain.valuation import SILENT_AFTER

YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Of each person who ordered, by id. Several orders of one day are one in days and gaps."""

    person: Ints
    orders: Ints
    days: Ints  # on which they ordered
    first: Ints  # date.toordinal()
    last: Ints
    median_gap: Floats  # days; nan where they ordered on one day alone

    def repeats(self) -> Flags:
        """Who ordered on more than one day."""
        return self.days > 1

    def per_year(self, today: date) -> Floats:
        """Orders a year since the first, over one year at least."""
        return self.orders / np.maximum(1.0, (today.toordinal() - self.first) / YEAR_DAYS)

    def silent(self, today: date) -> Flags:
        """Who has not ordered for longer than 3 x their own median gap; nobody without one."""
        return (today.toordinal() - self.last) > SILENT_AFTER * self.median_gap


def rhythm_of(orders: Ledger) -> Rhythm:
    """The rhythm of each person by these orders, whatever they paid in."""
    by_day = np.lexsort((orders.day, orders.person))
    person, day = orders.person[by_day], orders.day[by_day]
    a_day = starts(person, day)  # (days,)
    person_of_day, day_of_day = person[a_day], day[a_day]
    each = starts(person_of_day)  # (persons,)
    ends = np.append(each[1:], len(a_day)) if len(each) else each
    return Rhythm(
        person=person_of_day[each],
        orders=np.diff(np.append(starts(person), len(person))),
        days=ends - each,
        first=day_of_day[each],
        last=day_of_day[ends - 1],
        median_gap=_median_gaps(person_of_day, day_of_day, ends - each),
    )


def _median_gaps(person: Ints, day: Ints, days: Ints) -> Floats:
    """person, day: sorted, each day once. days: how many each person has."""
    gap, owner = np.diff(day), person[1:]
    gap, owner = gap[owner == person[:-1]], owner[owner == person[:-1]]
    gap = gap[np.lexsort((gap, owner))]  # each person's gaps, the shortest first
    gaps = days - 1
    first = np.cumsum(gaps) - gaps
    found = np.full(len(days), np.nan)
    some = gaps > 0
    lower, upper = first[some] + (gaps[some] - 1) // 2, first[some] + gaps[some] // 2
    found[some] = (gap[lower] + gap[upper]) / 2
    return found


def months_before(day: date, months: int) -> date:
    """The same day so many months ago, or the last of that month: a span begins after it."""
    month = day.year * 12 + day.month - 1 - months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
