from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.incident import State
from storage import costs
from storage.engine import Database
from storage.tables import IncidentRow, PaidReadRow, SpendRow
from tests.storage.made import HOUR, NOW, mention, open_incident, row_of, store

PRICES = {"post": Decimal("0.005"), "owned_post": Decimal("0.001"), "user": Decimal("0.0101")}
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


def read(session: Session, *, day: date = FRIDAY, **reads: str) -> None:
    things = {kind: names.split() for kind, names in reads.items()}
    costs.add_reads(session, "x", things, PRICES.__getitem__, day=day)


def spent(session: Session, since: date = FRIDAY, until: date = SATURDAY) -> Decimal:
    return costs.spent(session, "x", since=since, until=until)


def test_what_was_bought_is_added_up_by_day_and_kind(database: Database) -> None:
    with database.begin() as session:
        read(session, post="a b", user="u")
        read(session, post="c")
        costs.add(session, "x", "counts_request", 1, Decimal("0.005"), day=FRIDAY)
        costs.add(session, "other", "post", 9, Decimal(9), day=FRIDAY)
        read(session, day=SATURDAY, post="d")

        assert spent(session) == Decimal("0.0301")
        assert spent(session, until=date(2026, 12, 1)) == Decimal("0.0351")
        assert spent(session, since=date(2026, 12, 1), until=date(2027, 1, 1)) == Decimal()
        rows = session.scalars(select(SpendRow).where(SpendRow.source == "x")).all()
    assert {(row.day, row.kind): row.units for row in rows} == {
        (FRIDAY, "post"): 3,
        (FRIDAY, "user"): 1,
        (FRIDAY, "counts_request"): 1,
        (SATURDAY, "post"): 1,
    }


def test_a_thing_is_paid_for_once_a_day_however_it_is_read(database: Database) -> None:
    with database.begin() as session:
        read(session, owned_post="a a")
        read(session, post="a b b")
        assert spent(session) == Decimal("0.006")

        read(session, day=SATURDAY, post="a")
        assert spent(session, since=SATURDAY, until=date(2026, 11, 22)) == Decimal("0.005")


def test_what_was_paid_for_is_remembered_for_its_day_alone(database: Database) -> None:
    with database.begin() as session:
        read(session, post=" ".join(map(str, range(1200))))
        read(session, day=SATURDAY, post="z")
        assert session.scalars(select(func.count()).select_from(PaidReadRow)).one() == 1


def test_what_costs_nothing_is_counted_all_the_same(database: Database) -> None:
    with database.begin() as session:
        costs.add_reads(session, "x", {"user": ["u"]}, lambda _: Decimal(), day=FRIDAY)
        row = session.scalars(select(SpendRow)).one()
    assert (row.units, row.amount) == (1, Decimal())


@pytest.mark.parametrize(
    ("changed", "useful"),
    [
        pytest.param({}, 0, id="nobody has looked"),
        pytest.param({"acknowledged_at": NOW, "state": State.ACKNOWLEDGED}, 1, id="taken up"),
        pytest.param({"assignee": "mia"}, 1, id="assigned"),
        pytest.param({"answered_at": NOW, "state": State.RESOLVED}, 1, id="answered"),
        pytest.param({"assignee": "mia", "state": State.DISMISSED}, 0, id="dismissed"),
    ],
)
def test_an_alert_is_useful_when_somebody_did_something_about_it(
    database: Database, changed: dict[str, object], useful: int
) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"), mention("3", source="reddit"))
        ids = [row_of(session, external_id).id for external_id in "123"]
        open_incident(session, *ids[:2], key="on x")
        open_incident(session, ids[2], key="elsewhere")
        rows = session.scalars(select(IncidentRow)).all()
        for row, (name, value) in product(rows, changed.items()):
            setattr(row, name, value)
        session.flush()

        assert costs.useful_alerts(session, "x", since=NOW, until=NOW + HOUR) == useful
        assert costs.useful_alerts(session, "x", since=NOW + HOUR, until=NOW + 2 * HOUR) == 0
