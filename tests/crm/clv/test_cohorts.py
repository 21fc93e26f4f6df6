from datetime import date
from decimal import Decimal

from crm.clv.cohorts import cohorts
from crm.clv.purchases import net
from domain.valuation import Cohort, Purchase


def of(*people: tuple[str, ...], today: str = "2026-11-30") -> tuple[Cohort, ...]:
    """people: the days on which each of them ordered."""
    on = date.fromisoformat(today)
    purchases = [
        Purchase(person, date.fromisoformat(day), Decimal(9), "EUR", f"{person} {place}")
        for person, days in enumerate(people)
        for place, day in enumerate(days)
    ]
    return cohorts(net(purchases, today=on).orders(), today=on)


def test_nobody_is_no_cohort() -> None:
    assert of() == ()


def test_who_ordered_first_in_a_month_and_in_which_months_again() -> None:
    found = of(
        ("2026-06-01", "2026-06-30", "2026-08-02", "2026-08-09"),
        ("2026-06-15", "2026-08-31", "2026-10-01"),
        ("2025-12-31", "2026-01-01"),
    )

    assert found == (
        Cohort(date(2025, 12, 1), 1, (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        Cohort(date(2026, 6, 1), 2, (0, 2, 0, 1)),
    )


def test_a_month_that_is_not_over_is_not_counted() -> None:
    people = (("2026-10-05", "2026-11-02"), ("2026-11-01", "2026-11-09"))

    assert of(*people) == (
        Cohort(date(2026, 10, 1), 1, ()),
        Cohort(date(2026, 11, 1), 1, ()),
    )
    assert of(*people, today="2026-12-01") == (
        Cohort(date(2026, 10, 1), 1, (1,)),
        Cohort(date(2026, 11, 1), 1, ()),
    )
