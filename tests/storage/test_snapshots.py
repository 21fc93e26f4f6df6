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
        found = snapshots.latest(session, "Acme", DAY_ONE, "reputation")
        assert found is not None
        assert (found.payload, found.computed_at) == (snapshot().payload, NOW)


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
        found = snapshots.trend(
            session, "Acme", "reputation", since=date(2026, 11, 16), until=date(2026, 11, 20)
        )
        assert [(one.day.day, one.payload["score"]) for one in found] == [
            (16, 50.0),
            (17, 52.0),
            (19, None),
        ]


def test_history_has_every_revision_of_the_days_that_are_asked_for(database: Database) -> None:
    with database.begin() as session:
        for day, score in ((17, 51.0), (16, 50.0), (17, 52.0), (18, 53.0)):
            snapshots.publish(session, snapshot(score, date(2026, 11, day)), now=NOW)
        snapshots.publish(session, snapshot(1.0, date(2026, 11, 17), "nps"), now=NOW)

        def told(since: int | None, until: int | None) -> list[tuple[int, int]]:
            bounds = [None if day is None else date(2026, 11, day) for day in (since, until)]
            found = snapshots.history(
                session, "Acme", "reputation", since=bounds[0], until=bounds[1]
            )
            return [(one.day.day, one.revision) for one in found]

        assert told(None, None) == [(16, 1), (17, 1), (17, 2), (18, 1)]
        assert told(17, 18) == [(17, 1), (17, 2)]
        assert told(19, None) == told(None, 16) == []


def test_the_last_day_before_another_that_has_a_number(database: Database) -> None:
    with database.begin() as session:
        for day, score in ((13, 50.0), (16, 51.0), (16, 52.0), (17, 53.0)):
            snapshots.publish(session, snapshot(score, date(2026, 11, day)), now=NOW)

        def before(day: int) -> tuple[int, int] | None:
            found = snapshots.latest_before(session, "Acme", date(2026, 11, day), "reputation")
            return None if found is None else (found.day.day, found.revision)

        assert [before(day) for day in (13, 14, 17, 30)] == [None, (13, 1), (16, 2), (17, 1)]


def test_what_stands_beside_a_number_is_worth_no_revision(database: Database) -> None:
    with database.begin() as session:
        one = dataclasses.replace(snapshot(), beside=("n",))
        snapshots.publish(session, one, now=NOW)
        other = dataclasses.replace(
            one, payload={**one.payload, "n": 3}, watermark="listings=4", reason="1 came late"
        )
        assert snapshots.publish(session, other, now=NOW + DAY) == 1
        found = snapshots.latest(session, "Acme", DAY_ONE, "reputation")
        assert found is not None
        assert (found.payload, found.watermark) == (one.payload, "listings=4")
        assert (found.computed_at, found.reason) == (NOW, "")


def test_what_was_computed_before_another_revision_came_is_not_stored(database: Database) -> None:
    with database.begin() as session:
        for after, score in ((0, 50.0), (0, 51.0), (1, 52.0), (1, 53.0)):
            snapshots.publish(session, snapshot(score), now=NOW, after=after)
        found = snapshots.history(session, "Acme", "reputation", since=None, until=None)
        assert [one.payload["score"] for one in found] == [50.0, 52.0]


def test_the_persons_stay_with_each_revision_until_their_day_is_too_old(
    database: Database,
) -> None:
    days = [date(2026, 11, day) for day in (16, 17)]
    with database.begin() as session:
        for day in days:
            for score, persons in ((50.0, b"a"), (50.0, b"not stored"), (51.0, b"b")):
                one = dataclasses.replace(snapshot(score, day), voices=persons)
                snapshots.publish(session, one, now=NOW)

    def kept() -> list[bytes | None]:
        with database.read() as session:
            found = snapshots.history(session, "Acme", "reputation", since=None, until=None)
            return [snapshots.voices(session, one.id) for one in found]

    assert kept() == [b"a", b"b", b"a", b"b"]
    with database.begin() as session:
        assert snapshots.forget_voices(session, until=days[1]) == 2
        assert snapshots.forget_voices(session, until=days[1]) == 0
    assert kept() == [None, None, b"a", b"b"]
