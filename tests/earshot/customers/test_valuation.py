"""What customers are worth is worked out when it is out of date, and only then."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median

import pytest

from domain.customer import CustomerRecord, OrderRecord
from domain.valuation import ShopValuation, Valuation
from earshot.core.app import App
from earshot.customers.valuation import up_to_date
from storage import customers, orders, persons, valuation_runs, valuations
from tests.conftest import MakeApp
from tests.earshot.world import NOW

TODAY = NOW.date()


def import_crm(app: App, bought: Sequence[OrderRecord], customer_count: int = 3) -> None:
    people = [CustomerRecord("shop", f"c{n}", f"Customer {n}") for n in range(customer_count)]
    with app.database.begin() as session:
        customers.save(session, people, now=NOW)
        assert not orders.save(session, "shop", bought).refused


def order(customer: int, back: int, amount: str = "10", currency: str = "EUR") -> OrderRecord:
    """Of so many days ago."""
    on = TODAY - timedelta(days=back)
    return OrderRecord(f"c{customer}", on, Decimal(amount), currency, f"{customer}-{back}")


def stored(app: App) -> tuple[dict[str, Valuation], ShopValuation | None]:
    """By the system's id of the customer."""
    with app.database.read() as session:
        rows = {row.id: row.external_id for row in customers.every(session)}
        found = valuations.of(session, rows)
        return {rows[one]: worth for one, worth in found.items()}, valuations.shop(session)


def valued(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines that say that something was worked out, without how long it took."""
    texts = [one.getMessage() for one in caplog.records if "customers valued" in one.getMessage()]
    caplog.clear()
    return [text.rsplit(" ", 1)[0] for text in texts]


def test_it_is_worked_out_once_and_kept(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = make_app().app
    import_crm(app, [order(0, 5), order(0, 45), order(0, 65), order(1, 3, "7.5", "USD")])

    shop = up_to_date(app, now=NOW)
    assert valued(caplog) == ["customers valued customers=2 orders=4"]
    assert up_to_date(app, now=NOW + timedelta(hours=1)) == shop
    assert valued(caplog) == [], "it is kept"

    people, kept = stored(app)
    assert kept == shop
    assert (shop.as_of, shop.years) == (TODAY, 3)
    assert [(one.currency, one.revenue) for one in shop.totals] == [("EUR", 30.0), ("USD", 7.5)]
    assert people.keys() == {"c0", "c1"}, "who never ordered has none"
    assert (people["c0"].orders, people["c0"].median_gap_days) == (3, median([40, 20]))


def test_it_is_worked_out_again_when_something_has_changed(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = make_app().app
    up_to_date(app, now=NOW)
    assert valued(caplog) == ["customers valued customers=0 orders=0"]

    import_crm(app, [order(0, 5), order(1, 45)])
    assert len(up_to_date(app, now=NOW).totals) == 1
    with app.database.begin() as session:
        one, other, _ = (row.id for row in customers.every(session))
        persons.join_by_hand(session, one, other, by="Ana", now=NOW)
    up_to_date(app, now=NOW)
    up_to_date(app, now=NOW + timedelta(days=1))
    up_to_date(make_app("[crm]\nclv_years = 2").app, now=NOW + timedelta(days=1))

    assert valued(caplog) == [
        "customers valued customers=2 orders=2",
        *["customers valued customers=1 orders=2"] * 3,
    ]


def test_the_day_is_the_brands_own(make_app: MakeApp) -> None:
    madrid = make_app().app
    late = datetime(TODAY.year, TODAY.month, TODAY.day, 23, 30, tzinfo=UTC)

    assert up_to_date(madrid, now=late).as_of == TODAY + timedelta(days=1)


def test_what_comes_in_while_it_is_worked_out_is_taken_in_the_next_time(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, [order(0, 5)])
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    import_crm(app, [order(1, 4)])
    other = up_to_date(app, now=NOW)  # meanwhile, by another process
    valuations.store(app.database, run, [], ShopValuation(TODAY, 3, (), ()))

    people, kept = stored(app)
    assert kept == other == up_to_date(app, now=NOW)
    assert people.keys() == {"c0", "c1"}


def test_a_run_that_died_midway_is_made_good(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, [order(0, 5), order(1, 4)])
    whole = up_to_date(app, now=NOW)
    people, _ = stored(app)
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
        half = [replace(people["c0"], orders=99)]
        valuations._write(session, run, half)  # noqa: SLF001  and then it dies
    assert stored(app)[0]["c0"].orders == 99

    assert up_to_date(app, now=NOW) == whole
    assert stored(app)[0] == people
