from datetime import UTC, datetime

from sqlalchemy import select

from storage import customers
from storage.customers import Imported
from storage.engine import Database
from storage.tables import CustomerRow, HandleRow, MergeRow, PhoneRow, TagRow
from tests.storage.made import DAY, NOW, customer, customer_id


def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    rows = [customer("C1"), customer("C2", ("x", "ben"))]
    with database.begin() as session:
        assert customers.save(session, rows, now=NOW) == Imported(2, 0)
        assert customers.save(session, rows, now=NOW) == Imported(0, 2)
        assert [row.external_id for row in customers.every(session)] == ["C1", "C2"]


def test_a_later_export_brings_a_customer_up_to_date(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        changed = customer(
            "C1", ("reddit", "u_ana"), name="Ana Ruiz", tier="gold", email="a@b.example"
        )
        assert customers.save(session, [changed, customer("C2")], now=NOW) == Imported(1, 1)
    with database.read() as session:
        row = customers.get(session, customer_id(session))
        assert row is not None
        assert (row.name, row.tier, row.email) == ("Ana Ruiz", "gold", "a@b.example")
        assert customers.handles(session, row.id) == [("reddit", "u_ana")]


def test_of_two_rows_of_a_customer_the_last_one_wins(database: Database) -> None:
    with database.begin() as session:
        rows = [customer(name="first"), customer(name="last")]
        assert customers.save(session, rows, now=NOW) == Imported(1, 0)
        assert [row.name for row in customers.every(session)] == ["last"]


def test_the_same_id_in_two_systems_is_two_customers(database: Database) -> None:
    with database.begin() as session:
        rows = [customer(), customer(system="shopify")]
        assert customers.save(session, rows, now=NOW) == Imported(2, 0)


def test_more_customers_than_one_statement_holds(database: Database) -> None:
    rows = [customer(f"C{n}", ("x", f"h{n}"), ("reddit", f"r{n}")) for n in range(1201)]
    with database.begin() as session:
        assert customers.save(session, rows, now=NOW) == Imported(1201, 0)
        assert customers.handles(session, customer_id(session, "C1200")) == [
            ("reddit", "r1200"),
            ("x", "h1200"),
        ]


def test_handles_are_kept_once_and_as_they_are_compared(database: Database) -> None:
    written = (("x", "@Ana"), ("x", "ana "), ("x", "@"), ("x", " "))
    with database.begin() as session:
        customers.save(session, [customer("C1", *written)], now=NOW)
        assert customers.handles(session, customer_id(session)) == [("x", "ana")]


def test_a_handle_keeps_the_earliest_time_it_was_on_file(database: Database) -> None:
    with database.begin() as session:

        def on_file() -> object:
            [entry] = session.scalars(select(HandleRow).where(HandleRow.handle == "ana_writes"))
            return entry.on_file_at

        customers.save(session, [customer()], now=NOW - 2 * DAY)
        assert on_file() == NOW - 2 * DAY
        customers.save(session, [customer()], now=NOW)
        assert on_file() == NOW - 2 * DAY
        customers.save(session, [customer(updated_at=NOW - 9 * DAY)], now=NOW)
        assert on_file() == NOW - 9 * DAY
        customers.save(session, [customer(updated_at=NOW - DAY)], now=NOW)
        assert on_file() == NOW - 9 * DAY
        customers.save(session, [customer("C1", ("x", "other"))], now=NOW)
        customers.save(session, [customer()], now=NOW)  # it was gone meanwhile
        assert on_file() == NOW


def test_a_crm_that_lives_in_the_future_is_not_believed(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer(updated_at=NOW + 9 * DAY)], now=NOW)
        [entry] = session.scalars(select(HandleRow).where(HandleRow.handle == "ana_writes"))
        assert entry.on_file_at == NOW


def test_nothing_to_import(database: Database) -> None:
    with database.begin() as session:
        assert customers.save(session, [], now=NOW) == Imported(0, 0)
        assert customers.get(session, 1) is None


def test_the_list_may_be_cut(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer(f"C{n}") for n in range(4)], now=NOW)
        assert [row.external_id for row in customers.every(session, limit=2)] == ["C0", "C1"]


def test_what_else_the_crm_says_is_kept_and_brought_up_to_date(database: Database) -> None:
    made = datetime(2024, 5, 6, tzinfo=UTC)
    about = {"company": "Sol", "city": "Berlin", "country": "DE", "website": "sol.example"}
    with database.begin() as session:

        def several() -> list[list[str]]:
            return [
                list(session.scalars(select(column).order_by(column)))
                for column in (PhoneRow.phone, TagRow.tag)
            ]

        first = customer(
            phones=("+493055503761", "+442079460958"),
            tags=("vip",),
            language="de",
            permission="yes",
            created_at=made,
            **about,
        )
        customers.save(session, [first], now=NOW)
        row = session.scalars(select(CustomerRow)).one()
        assert {name: getattr(row, name) for name in about} == about
        assert (row.language, row.permission, row.created_at) == ("de", "yes", made)
        assert several() == [["+442079460958", "+493055503761"], ["vip"]]

        later = customer(phones=("+493055503761",), tags=("press",), permission="no")
        customers.save(session, [later], now=NOW)
        session.expire_all()
        assert (row.permission, row.city) == ("no", "")
        assert several() == [["+493055503761"], ["press"]]


def test_ids_that_became_others_are_kept(database: Database) -> None:
    with database.begin() as session:

        def merges() -> dict[str, str]:
            return dict(session.execute(select(MergeRow.external_id, MergeRow.into_id)).all())

        customers.save(session, [customer("C1", merged_ids=("C0", "C9", "C1"))], now=NOW)
        assert merges() == {"C0": "C1", "C9": "C1"}
        rows = [customer("C1", merged_into="C2"), customer("C2", merged_ids=("C9",))]
        customers.save(session, rows, now=NOW)
        assert merges() == {"C0": "C2", "C1": "C2", "C9": "C2"}
