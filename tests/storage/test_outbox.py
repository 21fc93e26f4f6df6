from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.incident import Incident
from domain.notification import (
    DeliveryState,
    DigestOf,
    DraftOf,
    Edition,
    IncidentOf,
    Kind,
    MentionOf,
    OutgoingMessage,
    Stale,
    StormOf,
    Subject,
)
from storage import deliveries, outbox, undelivered
from storage.engine import Database
from storage.tables import OutboxRow
from tests.storage.made import DAY, HOUR, MINUTE, NOW, mention, open_incident, store
from tests.storage.made import row_of as row_of_mention


def write(session: Session, key: str, kind: str = "post", **changed: Any) -> bool:  # noqa: ANN401 -- any field
    """Owe a message; incident: what it is about, else it is a digest."""
    incident: Incident | None = changed.get("incident")
    now = changed.get("now", NOW)
    owed = OutgoingMessage(
        key=key,
        subject=IncidentOf(incident.id) if incident else DigestOf("Acme", NOW.date()),
        kind=Kind.THREAD if kind == "thread" else Kind.POST,
        channel=changed.get("channel", "#alerts"),
        notifier=changed.get("notifier", "slack"),
        as_of=now,
    )
    return outbox.enqueue(session, owed, now=now)


def row_of(session: Session, key: str) -> OutboxRow:
    statement = select(OutboxRow).where(OutboxRow.key == key)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def end(session: Session, key: str, state: str = "sent", **values: Any) -> None:  # noqa: ANN401 -- any field
    given = {"state": state, "sent_at": NOW, **values}
    assert deliveries.store(session, outbox.get(session, key), given)


def keys(session: Session) -> list[str]:
    return [one.message.key for one in deliveries.waiting(session)]


def states(session: Session) -> dict[str, str]:
    session.expire_all()
    return {row.key: row.state for row in session.scalars(select(OutboxRow))}


def test_a_message_is_written_once(database: Database) -> None:
    with database.begin() as session:
        assert not outbox.exists(session, "digest:Acme:2026-11-20")
        assert write(session, "digest:Acme:2026-11-20")
        assert not write(session, "digest:Acme:2026-11-20", now=NOW + DAY)
        assert outbox.exists(session, "digest:Acme:2026-11-20")
        [row] = session.scalars(select(OutboxRow))
        assert (row.state, row.attempts, row.created_at, row.next_at) == ("pending", 0, NOW, NOW)
        assert row.payload == {}, "it holds no words"


def test_a_message_and_what_it_tells_are_stored_together_or_not_at_all(
    database: Database,
) -> None:
    with pytest.raises(KeyError), database.begin() as session:  # noqa: PT012 -- all of one transaction
        write(session, "k", incident=open_incident(session))
        raise KeyError
    with database.read() as session:
        assert deliveries.waiting(session) == []


def test_the_messages_of_an_incident_leave_one_after_the_other(database: Database) -> None:
    with database.begin() as session:
        one, two = open_incident(session), open_incident(session, key="two")
        write(session, "1:post", incident=one)
        write(session, "1:thread:9", "thread", incident=one, now=NOW + MINUTE)
        write(session, "1:thread:10", "thread", incident=one, now=NOW + MINUTE)
        write(session, "2:post", incident=two, now=NOW + MINUTE)
        write(session, "digest", now=NOW + HOUR)
        write(session, "another digest", now=NOW + 2 * HOUR)
        assert keys(session) == ["1:post", "2:post", "digest", "another digest"]
        for key, following in (("1:post", "1:thread:9"), ("1:thread:9", "1:thread:10")):
            end(session, key)
            assert following in keys(session)
        end(session, "1:thread:10", "dead")
        assert keys(session) == ["2:post", "digest", "another digest"]


@pytest.mark.parametrize("state", ["sending", "ambiguous"])
def test_what_may_be_on_its_way_holds_the_next_one_back(database: Database, state: str) -> None:
    with database.begin() as session:
        one = open_incident(session)
        write(session, "post", incident=one)
        write(session, "thread", "thread", incident=one, now=NOW + MINUTE)
        end(session, "post", state, sent_at=None)
        assert keys(session) == ["post"]


def test_what_was_sent_is_drawn_anew_once_however_often_it_changed(database: Database) -> None:
    with database.begin() as session:
        one, two = open_incident(session), open_incident(session, key="two")
        assert not outbox.changed(session, one.id, now=NOW)
        write(session, "1:post", incident=one)
        write(session, "2:post", incident=two)
        for key in ("1:post", "2:post"):
            end(session, key, ref=key)
        assert keys(session) == []
        for minute in range(3):
            assert outbox.changed(session, one.id, now=NOW + minute * MINUTE)
        [entry] = deliveries.waiting(session)
        assert (entry.message.key, entry.delivery.stale) == ("1:post", Stale.CHANGED)
        assert entry.message.as_of == NOW + 2 * MINUTE
        end(session, "1:post", drawn=entry.marks)
        assert keys(session) == []


def test_what_is_stale_keeps_nothing_waiting(database: Database) -> None:
    with database.begin() as session:
        one = open_incident(session)
        write(session, "post", incident=one)
        end(session, "post", ref="1")
        write(session, "thread", "thread", incident=one, now=NOW + MINUTE)
        outbox.changed(session, one.id, now=NOW)
        assert keys(session) == ["thread", "post"]


def test_what_is_marked_while_it_is_being_sent_is_stale_afterwards(database: Database) -> None:
    with database.begin() as session:
        one = open_incident(session)
        write(session, "post", incident=one)
        end(session, "post", "sending", sent_at=None)
        outbox.changed(session, one.id, now=NOW)
        end(session, "post", ref="1")
        assert keys(session) == ["post"]


def test_words_taken_back_make_stale_what_shows_them_or_may(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        first, second = (row_of_mention(session, number).id for number in "12")
        one, two = open_incident(session, first, second), open_incident(session, key="two")
        shown = {
            "the incident": (one, None),
            "thread of the first": (one, [first]),
            "thread of the second": (one, [second]),
            "another incident": (two, None),
            "digest with it": (None, [second, first]),
            "digest without it": (None, [second]),
            "digest of long ago": (None, None),
        }
        for key, (incident, quotes) in shown.items():
            write(session, key, incident=incident)
            end(session, key, ref=key, quotes=quotes)
        outbox.withdrawn(session, [first], now=NOW)
        assert set(keys(session)) == {
            "the incident",
            "thread of the first",
            "digest with it",
            "digest of long ago",
        }
        outbox.changed(session, one.id, now=NOW)
        stale = {one.message.key: one.delivery.stale for one in deliveries.waiting(session)}
        assert stale["digest with it"] is Stale.WITHDRAWN
        assert stale["the incident"] is Stale.WITHDRAWN, "words that must go come before all else"


@pytest.mark.parametrize(
    "subject",
    [
        IncidentOf(1),
        MentionOf(1, 7),
        MentionOf(1, None),
        DraftOf(1, 7),
        DigestOf("Acme", date(2026, 11, 20), Edition.MANUAL),
        StormOf("Acme", (3, 4)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_subject_comes_back_as_it_went_in(database: Database, subject: Subject) -> None:
    with database.begin() as session:
        open_incident(session)
        owed = OutgoingMessage(
            "k", subject, Kind.POST, "#alerts", "slack", as_of=NOW, numbers={"n": [1.5, None]}
        )
        assert outbox.enqueue(session, owed, now=NOW + MINUTE)
        assert outbox.get(session, "k").message == owed


def test_what_nobody_tried_to_send_can_be_taken_back(database: Database) -> None:
    with database.begin() as session:
        one, two = open_incident(session), open_incident(session, key="two")
        for key in ("post", "thread"):
            write(session, key, key, incident=one)
        write(session, "theirs", incident=two)
        assert outbox.has_root(session, one.id)
        assert outbox.withdraw(session, one.id)
        assert states(session) == {"post": "skipped", "thread": "skipped", "theirs": "pending"}
        assert not outbox.has_root(session, one.id)
        assert not outbox.withdraw(session, one.id)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"state": "pending", "attempts": 1}, id="tried before"),
        pytest.param({"state": "sending", "attempts": 1}, id="being sent"),
        pytest.param({"state": "sent", "attempts": 1}, id="sent"),
    ],
)
def test_what_was_tried_cannot_be_taken_back(database: Database, values: dict[str, Any]) -> None:
    with database.begin() as session:
        one = open_incident(session)
        write(session, "post", incident=one)
        end(session, "post", **values)
        assert not outbox.withdraw(session, one.id)
        assert states(session) == {"post": values["state"]}
        assert outbox.has_root(session, one.id)


def test_a_refused_first_message_is_no_root(database: Database) -> None:
    with database.begin() as session:
        one = open_incident(session)
        write(session, "post", incident=one)
        end(session, "post", "dead")
        assert not outbox.has_root(session, one.id)
        assert undelivered.refused(session) == 1


def test_the_root_is_the_newest_first_message(database: Database) -> None:
    with database.begin() as session:
        one = open_incident(session)

        def root_of(incident_id: int | None) -> str | None:
            found = deliveries.root(session, incident_id, "slack")
            return found.delivery.sent_ref if found else None

        assert root_of(None) is None
        for number in range(3):
            write(session, f"post{number}", incident=one)
            assert root_of(one.id) == (str(number - 1) if number else None)
            end(session, f"post{number}", ref=str(number), sent_at=NOW + number * MINUTE)
        assert root_of(one.id) == "2"
        assert root_of(one.id + 1) is None


def test_the_outcome_is_stored_only_if_nobody_touched_the_message(database: Database) -> None:
    with database.begin() as session:
        write(session, "k")
        entry = outbox.get(session, "k")
        sending = {"state": "sending", "lease_until": NOW + MINUTE}

        def try_to(was: str, lease: datetime | None, **values: Any) -> bool:  # noqa: ANN401 -- any field
            delivery = replace(entry.delivery, state=DeliveryState(was), lease_until=lease)
            return deliveries.store(session, replace(entry, delivery=delivery), values)

        assert try_to("pending", None, **sending)
        assert not try_to("pending", None, **sending)  # a second worker
        assert not try_to("sending", NOW, state="sent")  # another lease
        assert not try_to("sending", None, state="sent")
        assert try_to("sending", NOW + MINUTE, state="sent")
        assert states(session) == {"k": "sent"}


def test_a_new_worker_ends_the_leases_of_the_dead_one(database: Database) -> None:
    with database.begin() as session:
        for key in ("sending", "pending", "sent"):
            write(session, key)
            end(session, key, key, lease_until=NOW + HOUR)
        deliveries.release(session, now=NOW)
        leases = {key: row_of(session, key).lease_until for key in states(session)}
        assert leases == {"sending": NOW, "pending": NOW + HOUR, "sent": NOW + HOUR}


def test_the_backlog_is_what_has_not_left(database: Database) -> None:
    with database.begin() as session:
        assert undelivered.backlog(session, now=NOW) == (0, None)
        write(session, "oldest", now=NOW - DAY)
        write(session, "newer")
        write(session, "gone", now=NOW - 9 * DAY)
        end(session, "gone")
        assert undelivered.backlog(session, now=NOW) == (2, NOW - DAY)


def test_a_message_skipped_by_its_key_says_why(database: Database) -> None:
    with database.begin() as session:
        write(session, "k")
        deliveries.skip_key(session, "k", "too late")
        assert (row_of(session, "k").state, row_of(session, "k").reason) == ("skipped", "too late")
        assert not write(session, "k")


def test_the_storm_cap_counts_first_messages_sent_to_the_channel(database: Database) -> None:
    with database.begin() as session:
        one = open_incident(session)
        for number, (channel, kind, state) in enumerate(
            [
                ("#alerts", "post", "sent"),
                ("#other", "post", "sent"),
                ("#alerts", "thread", "sent"),
                ("#alerts", "post", "dead"),
            ]
        ):
            write(session, f"k{number}", kind, channel=channel, incident=one)
            end(session, f"k{number}", state)
        write(session, "digest")
        end(session, "digest")
        assert deliveries.posted_since(session, "#alerts", NOW - MINUTE) == 1
        assert deliveries.posted_since(session, "#alerts", NOW) == 0


# --- the next one -------------------------------------------------------------------------------


def test_what_is_in_doubt_comes_first_and_what_is_not_due_not_at_all(database: Database) -> None:
    with database.begin() as session:
        for minute, key in enumerate(("first", "later", "in doubt", "stale")):
            write(session, key, now=NOW + minute * MINUTE)
        end(session, "first", "pending", next_at=NOW + DAY, sent_at=None)
        end(session, "in doubt", "ambiguous", sent_at=None)
        end(session, "stale", ref="1")
        session.execute(update(OutboxRow).where(OutboxRow.key == "stale").values(stale="changed"))

        def due(at: datetime, limit: int | None = None, here: str | None = None) -> list[str]:
            found = deliveries.waiting(session, due=at, limit=limit, here=here)
            return [one.message.key for one in found]

        assert due(NOW) == []
        assert due(NOW + HOUR) == ["in doubt", "later", "stale"]
        assert due(NOW + HOUR, limit=2) == ["in doubt", "later"]
        assert due(NOW + DAY, limit=9) == ["in doubt", "later", "first", "stale"]
        assert due(NOW + HOUR, here="console") == ["in doubt", "later", "stale"]
        outbox.withdrawn(session, [1], now=NOW)
        session.execute(update(OutboxRow).where(OutboxRow.key == "stale").values(stale="withdrawn"))
        assert due(NOW + HOUR, here="console") == ["in doubt", "later"]


def test_what_has_to_wait_makes_the_later_ones_of_its_incident_wait(database: Database) -> None:
    with database.begin() as session:
        one, two = open_incident(session), open_incident(session, key="two")
        write(session, "1:post", incident=one)
        write(session, "1:thread", "thread", incident=one, now=NOW + MINUTE)
        write(session, "2:post", incident=two)
        end(session, "1:post", "pending", next_at=NOW + HOUR, sent_at=None)
        at = {key: row_of(session, key).next_at for key in states(session)}
        assert at == {"1:post": NOW + HOUR, "1:thread": NOW + HOUR, "2:post": NOW}


def test_who_has_to_look_at_what_does_not_leave(database: Database) -> None:
    with database.begin() as session:
        tried: dict[str, dict[str, Any]] = {
            "never tried": {"state": "pending"},
            "tried once": {"state": "pending", "attempts": 1},
            "tried often": {"state": "pending", "attempts": 5},
            "printed": {"state": "pending", "printed_at": NOW},
            "stands": {"state": "withdrawing", "ref": "1", "attempts": 9},
            "deleted": {"state": "removed", "ref": "2"},
            "sent": {"state": "sent", "ref": "3", "attempts": 9},
        }
        for key, values in tried.items():
            write(session, key)
            end(session, key, **values)

        def stuck(before: datetime) -> list[str]:
            found = undelivered.overdue(session, before=before, tries=5, now=NOW)
            return [one.message.key for one in found]

        assert stuck(NOW - MINUTE) == ["printed", "tried often"]
        assert stuck(NOW) == ["printed", "tried often", "tried once"]
        assert [one.message.key for one in undelivered.withdrawing(session)] == ["stands"]
        assert undelivered.backlog(session, now=NOW) == (4, NOW)
