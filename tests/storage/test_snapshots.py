import dataclasses
from datetime import date

from sqlalchemy import select

from storage import snapshots
from storage.engine import Database
from storage.snapshots import Snapshot
from storage.tables import SnapshotRow
from tests.storage.made import DAY, NOW

DAY_ONE = date(2026, 11, 19)


def snapshot(score: float | None = 61.3, day: date = DAY_ONE, kind: str = "reputation") -> Snapshot:
    return Snapshot(
        brand="Acme",
        day=day,
        kind=kind,
        timezone="Europe/Madrid",
        formula="ORS-v1",
        payload={"score": score, "parts": [{"name": "calm", "weight": 0.1 + 0.2}], "n": 10**12},
        watermark="listings=3",
    )


def test_the_same_number_again_is_no_new_revision(database: Database) -> None:
    for _ in range(2):
        with database.begin() as session:
            assert snapshots.publish(session, snapshot(), now=NOW) == 1
    with database.read() as session:
        row = snapshots.latest(session, "Acme", DAY_ONE, "reputation")
        assert row is not None
        assert (row.payload, row.computed_at) == (snapshot().payload, NOW)


def test_late_data_add_a_revision_and_overwrite_nothing(database: Database) -> None:
    with database.begin() as session:
        for score in (61.3, 60.0, 61.3):
            snapshots.publish(session, snapshot(score), now=NOW + DAY)
        rows = session.scalars(select(SnapshotRow).order_by(SnapshotRow.revision)).all()
        assert [(row.revision, row.payload["score"]) for row in rows] == [
            (1, 61.3),
            (2, 60.0),
            (3, 61.3),
        ]
        newest = snapshots.latest(session, "Acme", DAY_ONE, "reputation")
        assert newest is not None
        assert newest.revision == 3


def test_each_brand_day_and_kind_has_its_own_number(database: Database) -> None:
    with database.begin() as session:
        theirs = dataclasses.replace(snapshot(), brand="Globex")
        for one in (
            snapshot(),
            snapshot(kind="nps"),
            snapshot(day=date(2026, 11, 18)),
            theirs,
        ):
            assert snapshots.publish(session, one, now=NOW) == 1
        assert snapshots.latest(session, "Acme", date(2020, 1, 1), "reputation") is None


def test_a_trend_has_the_newest_number_of_each_day_and_leaves_gaps(database: Database) -> None:
    with database.begin() as session:
        for day, score in ((16, 50.0), (17, 51.0), (17, 52.0), (19, None), (20, 99.0)):
            snapshots.publish(session, snapshot(score, date(2026, 11, day)), now=NOW)
        snapshots.publish(session, snapshot(1.0, date(2026, 11, 18), "nps"), now=NOW)
        theirs = dataclasses.replace(snapshot(2.0, date(2026, 11, 18)), brand="Globex")
        snapshots.publish(session, theirs, now=NOW)
        rows = snapshots.trend(
            session, "Acme", "reputation", since=date(2026, 11, 16), until=date(2026, 11, 20)
        )
        assert [(row.day.day, row.payload["score"]) for row in rows] == [
            (16, 50.0),
            (17, 52.0),
            (19, None),
        ]
