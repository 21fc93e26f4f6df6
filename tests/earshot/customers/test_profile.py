"""What lists, rules and messages read of a customer: by today's orders, and as valued last."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.customer import CustomerRecord, OrderRecord, Value
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from earshot.core.app import App
from earshot.customers.profile import customer_profile, values_of
from storage import customers, orders, valuation_runs, valuations
from tests.conftest import MakeApp
from tests.earshot.world import NOW

TODAY = NOW.date()


def import_crm(app: App, *bought: OrderRecord) -> list[int]:
    """Two customers, shop 1 and 2, and what they bought; their ids."""
    with app.database.begin() as session:
        customers.save(session, [CustomerRecord("shop", one, one) for one in "12"], now=NOW)
        assert not orders.save(session, "shop", bought).refused
        return [row.id for row in customers.every(session)]


def order(customer: str, amount: str, on: date = TODAY, currency: str = "EUR") -> OrderRecord:
    return OrderRecord(customer, on, Decimal(amount), currency, f"{customer}{amount}{currency}")


def valuation(person_id: int, *currencies: str) -> Valuation:
    return Valuation(
        person_id=person_id,
        segment=Segment.REGULAR,
        orders=2,
        first_order_on=TODAY - timedelta(days=90),
        last_order_on=TODAY,
        orders_per_year=2.0,
        median_gap_days=90.0,
        p_alive=0.75,
        is_silent=False,
        values=tuple(
            CurrencyValue(one, 2, 50.5, 50.5, 25.25, 151.5, 0.75, 1.9, 26.5, 140.125)
            for one in currencies
        ),
    )


def value(app: App, *people: Valuation) -> None:
    """Store what was worked out, as of yesterday."""
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    shop = ShopValuation(TODAY - timedelta(days=1), 3, (), ())
    valuations.store(app.database, run, people, shop)


def values(app: App, *, now: datetime = NOW) -> list[Value]:
    with app.database.read() as session:
        rows = customers.every(session)
        found = values_of(session, rows, app.config, now=now)
    return [found[row.id] for row in rows]


def test_a_value_holds_what_was_worked_out_last(make_app: MakeApp) -> None:
    app = make_app().app
    ids = import_crm(app, order("1", "20"), order("1", "30.5"), order("2", "5"))
    assert [(one.valuation, one.valued_on) for one in values(app)] == [(None, None)] * 2

    value(app, valuation(ids[0], "EUR"))
    known, other = values(app)

    assert known.valuation == valuation(ids[0], "EUR")
    assert known.valued == valuation(ids[0], "EUR").values[0]
    assert known.valued_on == TODAY - timedelta(days=1)
    assert (other.valuation, other.valued, other.valued_on) == (None, None, None)


def test_an_alert_may_show_segment_and_lifetime_value(make_app: MakeApp) -> None:
    app = make_app().app
    ids = import_crm(app, order("1", "20"), order("1", "30.5"), order("2", "5"))
    value(app, valuation(ids[0], "EUR"))

    with app.database.read() as session:
        rows = customers.every(session)
        known, other = (
            customer_profile(row, worth, "handle on file")
            for row, worth in zip(rows, values(app), strict=True)
        )
    assert (known.segment, known.clv) == ("regular", 140.125)
    assert known.valuation == valuation(ids[0], "EUR")
    assert (other.segment, other.clv, other.valuation) == ("", None, None)


def test_there_is_no_lifetime_value_over_two_currencies(make_app: MakeApp) -> None:
    app = make_app().app
    ids = import_crm(app, order("1", "20"), order("1", "9", currency="USD"), order("2", "5"))
    value(app, valuation(ids[0], "EUR", "USD"), valuation(ids[1], "USD"))

    two, changed = values(app)

    assert two.valuation is not None
    assert two.valued is None
    assert (changed.currency, changed.valued) == ("EUR", None), "it has other orders meanwhile"


def test_days_are_the_brands_own(make_app: MakeApp) -> None:
    madrid = make_app().app
    late = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(hours=23, minutes=30)
    tomorrow = replace(order("1", "20"), ordered_on=TODAY + timedelta(days=1))
    import_crm(madrid, tomorrow)

    assert [one.revenue_12m for one in values(madrid, now=late)] == [20, 0]
    assert [one.revenue_12m for one in values(madrid, now=late - timedelta(hours=2))] == [0, 0]
