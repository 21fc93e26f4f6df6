from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from domain.customer import CustomerRecord, OrderRecord
from domain.valuation import (
    Cohort,
    CurrencyTotals,
    CurrencyValue,
    Method,
    Purchase,
    Segment,
    ShopValuation,
    Valuation,
)
from storage import crm_removal, customers, orders, persons, valuation_runs, valuations
from storage.engine import Database
from storage.tables import CurrencyValueRow
from tests.storage.made import NOW

TODAY = NOW.date()
MAY, JUNE = TODAY - timedelta(days=200), TODAY - timedelta(days=170)


def customer(number: str, email: str = "", system: str = "shop") -> CustomerRecord:
    return CustomerRecord(system, number, f"Customer {number}", email=email)


def order(
    buyer: str, number: str, amount: str, on: date = MAY, currency: str = "EUR"
) -> OrderRecord:
    return OrderRecord(buyer, on, Decimal(amount), currency, external_id=number)


def import_orders(database: Database, *found: OrderRecord, system: str = "shop") -> None:
    with database.begin() as session:
        assert not orders.save(session, system, found).refused


def import_customers(database: Database, *found: CustomerRecord) -> list[int]:
    """Their persons' ids."""
    with database.begin() as session:
        customers.save(session, found, now=NOW)
        persons.join(session)
        return [row.id for row in customers.every(session)]


def shop_of(years: float = 3, as_of: date = TODAY) -> ShopValuation:
    totals = CurrencyTotals(
        currency="EUR",
        method=Method.REVENUE_12M,
        why="only 2 customers ordered twice",
        customers=3,
        one_time=1,
        one_time_silent=0,
        orders=5,
        revenue=120.5,
        revenue_12m=100.0,
        average_order_value=24.1,
        orders_per_customer=5 / 3,
        orders_per_year=1.5,
        median_gap_days=30,
        repeat_index_6m=0.5,
        repeat_index_12m=2 / 3,
        clv_simple=360.0,
        clv=None,
        expected_revenue_12m=None,
        abandonment=None,
        silent=0.5,
        first_order_on=MAY,
        last_order_on=JUNE,
        model={"r": 0.243},
    )
    return ShopValuation(as_of, years, (totals,), (Cohort(MAY.replace(day=1), 3, (1, 0)),))


def worth(person_id: int, *currencies: str) -> Valuation:
    return Valuation(
        person_id=person_id,
        segment=Segment.REGULAR,
        orders=2,
        first_order_on=MAY,
        last_order_on=JUNE,
        orders_per_year=2.0,
        median_gap_days=30.0,
        p_alive=0.75,
        is_silent=False,
        values=tuple(
            CurrencyValue(one, 2, 120.5, 100.25, 60.25, 361.5, 0.75, 1.9, 61.5, 300.125)
            for one in currencies
        ),
    )


def store(database: Database, people: Sequence[Valuation], shop: ShopValuation) -> None:
    with database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(database, run, people, shop)


def is_current(database: Database, *, as_of: date = TODAY, years: float = 3) -> bool:
    with database.read() as session:
        return valuation_runs.is_current(session, as_of=as_of, years=years)


# --- what it is worked out from -------------------------------------------------------------------


def test_orders_are_read_by_person_and_oldest_first_with_whose_refund_a_row_is(
    database: Database,
) -> None:
    one, other = import_customers(
        database,
        customer("1", "ana@mail.example"),
        customer("2"),
        customer("9", "ana@mail.example", system="crm"),
    )
    import_orders(
        database, order("1", "A", "20", JUNE), order("1", "A", "-5", JUNE), order("2", "B", "3")
    )
    import_orders(database, order("9", "A", "7", MAY, "USD"), system="crm")

    with database.read() as session:
        assert list(valuations.purchases(session)) == [
            Purchase(one, MAY, Decimal(7), "USD", "crm:A"),
            Purchase(one, JUNE, Decimal(20), "EUR", "shop:A"),
            Purchase(one, JUNE, Decimal(-5), "EUR", "shop:A"),
            Purchase(other, MAY, Decimal(3), "EUR", "shop:B"),
        ]


# --- kept -----------------------------------------------------------------------------------------


def test_what_was_worked_out_is_read_back(database: Database) -> None:
    ids = import_customers(database, customer("1"), customer("2"), customer("3"))
    people = [worth(ids[0], "USD", "EUR"), replace(worth(ids[1], "EUR"), median_gap_days=None)]

    store(database, people, shop_of())

    with database.read() as session:
        assert valuations.of(session, [*ids, 10**6]) == {one.person_id: one for one in people}
        assert valuations.shop(session) == shop_of()


def test_the_next_run_takes_the_place_of_the_last_one(database: Database) -> None:
    ids = import_customers(database, customer("1"), customer("2"))
    store(database, [worth(ids[0], "EUR", "USD"), worth(ids[1], "EUR")], shop_of())

    later = replace(worth(ids[0], "USD"), segment=Segment.SPORADIC)
    store(database, [later], shop_of(as_of=TODAY + timedelta(days=1)))

    with database.read() as session:
        assert valuations.of(session, ids) == {ids[0]: later}
        assert valuations.shop(session) == shop_of(as_of=TODAY + timedelta(days=1))


def test_who_has_gone_meanwhile_is_left_out(database: Database) -> None:
    [person_id] = import_customers(database, customer("1"))
    store(database, [worth(person_id, "EUR"), worth(10**6, "EUR")], shop_of())
    with database.begin() as session:
        assert valuations.of(session, [person_id, 10**6]).keys() == {person_id}
        crm_removal.remove_customers(session, "shop", ["1"], now=NOW)
        assert valuations.of(session, [person_id]) == {}
        assert session.scalars(select(CurrencyValueRow.person_id)).all() == []


def test_of_two_runs_at_once_the_later_one_stays(database: Database) -> None:
    ids = import_customers(database, customer("1"), customer("2"))
    older, newer = worth(ids[0], "EUR"), replace(worth(ids[0], "USD"), orders=7)
    gone = worth(ids[1], "EUR")
    with database.begin() as session:
        first = valuation_runs.begin(session)
    import_orders(database, order("1", "A", "20"))  # what the first one has not read
    with database.begin() as session:
        second = valuation_runs.begin(session)

    valuations.store(database, second, [newer], shop_of())
    valuations.store(database, first, [older, gone], shop_of(as_of=TODAY - timedelta(days=1)))

    with database.read() as session:
        assert valuations.of(session, ids) == {ids[0]: newer}
        assert valuations.shop(session) == shop_of()
    assert is_current(database)


def test_an_older_run_overwrites_nobody_whom_a_later_one_has_stored(database: Database) -> None:
    ids = import_customers(database, customer("1"))
    newer = replace(worth(ids[0], "USD"), orders=7)
    with database.begin() as session:
        first, second = valuation_runs.begin(session), valuation_runs.begin(session)
        valuations._write(session, second, [newer])  # noqa: SLF001 -- it dies before its end

    valuations.store(database, first, [worth(ids[0], "EUR")], shop_of())

    with database.read() as session:
        assert valuations.of(session, ids) == {ids[0]: newer}
    assert not is_current(database)


def test_what_died_midway_is_repaired_by_the_next_run(database: Database) -> None:
    ids = import_customers(database, customer("1"), customer("2"))
    store(database, [worth(ids[0], "EUR"), worth(ids[1], "EUR")], shop_of())
    with database.begin() as session:
        valuations._write(session, valuation_runs.begin(session), [worth(ids[0], "USD")])  # noqa: SLF001 -- and no more
    assert not is_current(database)

    store(database, [worth(ids[1], "GBP")], shop_of())

    with database.read() as session:
        assert valuations.of(session, ids) == {ids[1]: worth(ids[1], "GBP")}
    assert is_current(database)


def test_whose_records_are_others_has_no_value_until_the_next_run(database: Database) -> None:
    ids = import_customers(database, customer("1"), customer("2"), customer("3"))
    store(database, [worth(one, "EUR") for one in ids], shop_of())

    with database.begin() as session:
        assert persons.join_by_hand(session, ids[0], ids[1], by="Ana", now=NOW) == ids[0]
    with database.read() as session:
        assert valuations.of(session, ids).keys() == {ids[2]}

    store(database, [worth(ids[0], "EUR"), worth(ids[2], "EUR")], shop_of())
    with database.begin() as session:
        assert persons.split(session, ids[0], by="Ana", now=NOW) == ids[:2]
    with database.read() as session:
        assert valuations.of(session, ids).keys() == {ids[2]}, "it was of both"
        assert session.scalars(select(CurrencyValueRow.person_id)).all() == [ids[2]]
    assert not is_current(database)


def test_where_nothing_was_worked_out_there_is_nothing(database: Database) -> None:
    with database.read() as session:
        assert valuations.shop(session) is None
        assert valuations.of(session, [1]) == {}
    assert not is_current(database)


# --- out of date ----------------------------------------------------------------------------------


def test_it_is_out_of_date_on_another_day_and_for_another_horizon(database: Database) -> None:
    store(database, [], shop_of())
    assert is_current(database)
    assert not is_current(database, as_of=TODAY + timedelta(days=1))
    assert not is_current(database, years=2)


def test_what_changes_orders_or_whose_they_are_makes_it_out_of_date(database: Database) -> None:
    import_customers(database, customer("1", "ana@mail.example"))
    store(database, [], shop_of())
    import_orders(database, order("1", "A", "20"))
    assert not is_current(database)

    store(database, [], shop_of())
    import_orders(database, order("1", "A", "20"))
    assert is_current(database), "nothing is new"

    import_customers(database, customer("9", "ana@mail.example", system="crm"))
    assert not is_current(database), "two are one"

    store(database, [], shop_of())
    with database.begin() as session:
        assert crm_removal.remove_orders(session, "shop", ["A"]) == 1
    assert not is_current(database)


def test_what_changes_while_it_is_worked_out_makes_it_out_of_date(database: Database) -> None:
    import_customers(database, customer("1"))
    with database.begin() as session:
        run = valuation_runs.begin(session)
    import_orders(database, order("1", "A", "20"))
    valuations.store(database, run, [], shop_of())
    assert not is_current(database)
