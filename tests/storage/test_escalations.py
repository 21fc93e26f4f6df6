"""Escalation steps as rows: taken once, cancelled when an incident closes, given on an upgrade."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.escalation import Step, StepState, Telling
from domain.incident import Action, Incident, State
from domain.notification import EscalationOf, EscalationsOf, IncidentOf, Kind, OutgoingMessage
from storage import deliveries, escalation_steps, escalations, incidents, outbox, schema
from storage.engine import Database
from tests.storage.made import DAY, HOUR, MINUTE, NOW, audit, open_incident, upgrade_to


def step(incident: Incident, number: int = 1, **changed: object) -> Step:
    telling = Telling("50%", "S0123", "C0123")
    made = Step(incident.id, 1, number, telling, NOW + number * HOUR, incident.due_at)
    return replace(made, **changed)  # type: ignore[arg-type]


def owe(session: Session, subject: EscalationOf | EscalationsOf | IncidentOf, kind: Kind) -> None:
    message = OutgoingMessage(f"{subject}", subject, kind, "C0ALERTS", "slack", NOW)
    assert outbox.enqueue(session, message, now=NOW)


def test_a_step_comes_back_as_it_went_in(database: Database) -> None:
    with database.begin() as session:
        whole = step(open_incident(session), state=StepState.FIRED, fired_at=NOW, reason="why")
        escalation_steps.add(session, [whole])
    with database.read() as session:
        assert escalation_steps.of(session, whole.incident_id) == [whole]
        assert escalation_steps.get(session, whole.incident_id, 1, 1) == whole
        assert escalation_steps.fired_since(session, NOW) == [whole]
        assert escalation_steps.fired_since(session, NOW + MINUTE) == []


def test_a_number_is_given_once_for_each_clock(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        escalation_steps.add(session, [step(incident), step(incident, clock=2)])
    with pytest.raises(IntegrityError), database.begin() as session:
        escalation_steps.add(session, [step(incident)])


def test_a_step_is_taken_once_however_many_try(database: Database) -> None:
    with database.begin() as session:
        one = step(open_incident(session))
        escalation_steps.add(session, [one])

    def take(_: int) -> bool:
        with database.begin() as session:
            return bool(escalation_steps.fire(session, [one], at=NOW))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [False, False, False, True]
    with database.begin() as session:
        assert escalation_steps.skip(session, [one], "late") == []
        escalation_steps.move(session, replace(one, due_at=NOW))
        assert escalation_steps.get(session, one.incident_id, 1, 1).due_at == one.due_at


@pytest.mark.parametrize(
    ("state", "found"),
    [
        pytest.param(State.OPEN, True, id="open"),
        pytest.param(State.ACKNOWLEDGED, True, id="acknowledged"),
        pytest.param(State.SNOOZED, False, id="snoozed"),
    ],
)
def test_what_is_due(database: Database, state: State, *, found: bool) -> None:
    with database.begin() as session:
        incident = open_incident(session, state=state)
        steps = [step(incident, number) for number in (1, 2, 3)]
        escalation_steps.add(session, steps)
        assert escalation_steps.fire(session, steps[:1], at=NOW) == steps[:1]
    with database.read() as session:
        due = escalations.due(session, now=NOW + 2 * HOUR)
    assert [[one.number for one in waiting.steps] for waiting in due] == ([[2]] if found else [])


def test_what_is_acknowledged_says_when_it_was_for_the_last_time(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        escalation_steps.add(session, [step(incident)])
        for version, hours in ((2, 1), (3, 2)):
            again = replace(incident, state=State.ACKNOWLEDGED, version=version)
            said = replace(audit(Action.ACKNOWLEDGED), at=NOW + hours * HOUR)
            incidents.save(session, again, said)
    with database.read() as session:
        (due,) = escalations.due(session, now=NOW + DAY)
        assert due.acknowledged_at == NOW + 2 * HOUR


def test_who_closes_an_incident_ends_its_escalation(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        escalation_steps.add(session, [step(incident)])
        closed = replace(incident, state=State.DISMISSED, version=2)
        incidents.save(session, closed, audit(Action.DISMISSED))
    with database.read() as session:
        (ended,) = escalation_steps.of(session, incident.id)
        assert (ended.state, ended.reason) == ("cancelled", "dismissed")


def test_an_incident_has_moved_until_its_steps_were_held_against_it(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        assert [one.id for one in escalations.moved(session, limit=9)] == [incident.id]
        assert escalations.begin(session, incident.id, 1)
        assert not escalations.begin(session, incident.id, 1)
        assert escalations.moved(session, limit=9) == []
        later = replace(incident, assignee="ana", version=2)
        incidents.save(session, later, audit(Action.ASSIGNED))
        assert [one.id for one in escalations.moved(session, limit=9)] == [incident.id]
        escalations.settle(session, incident.id)
        assert escalations.moved(session, limit=9) == []


def test_whether_there_is_anything_to_do(database: Database) -> None:
    with database.begin() as session:
        assert not escalations.anything(session, now=NOW)
        incident = open_incident(session)
        assert escalations.anything(session, now=NOW)
        escalations.settle(session, incident.id)
        escalation_steps.add(session, [step(incident)])
        assert not escalations.anything(session, now=NOW)
        assert escalations.anything(session, now=NOW + HOUR)


def test_each_reopening_starts_another_clock(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        assert escalations.clock_of(session, incident.id) == 1
        incidents.save(session, replace(incident, version=2), audit(Action.REOPENED))
        assert escalations.clock_of(session, incident.id) == 2


def test_a_reminder_is_no_first_message_and_takes_no_room_of_one(database: Database) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        owe(session, EscalationOf(incident.id, 1, 1), Kind.ELSEWHERE)
        assert not outbox.has_root(session, incident.id)
        assert not outbox.changed(session, incident.id, now=NOW)
        (entry,) = deliveries.waiting(session)
        assert entry.message.subject == EscalationOf(incident.id, 1, 1)
        deliveries.store(session, entry, {"state": "sent", "ref": "C0123/1", "sent_at": NOW})
        assert deliveries.root(session, incident.id, "slack") is None
        assert deliveries.posted_since(session, "C0ALERTS", NOW - HOUR) == 0


def test_a_reminder_of_many_comes_back_as_it_went_in(database: Database) -> None:
    many = EscalationsOf("Acme", "U0123", (3, 1, 4))
    with database.begin() as session:
        owe(session, many, Kind.POST)
        (entry,) = deliveries.waiting(session)
    assert entry.message.subject == many
    assert entry.delivery.incident_id is None


@pytest.mark.parametrize(
    ("rows", "waiting", "together"),
    [
        pytest.param([], False, False, id="none was owed"),
        pytest.param([("pending", None, "")], True, False, id="on its way"),
        pytest.param([("sent", "C0/1", "")], False, False, id="there"),
        pytest.param([("skipped", None, "storm")], False, True, id="told with others"),
        pytest.param([("skipped", None, "storm"), ("pending", None, "")], True, False, id="again"),
        pytest.param([("dead", None, "refused")], False, False, id="refused"),
    ],
)
def test_where_the_first_message_is(
    database: Database,
    rows: list[tuple[str, str | None, str]],
    *,
    waiting: bool,
    together: bool,
) -> None:
    with database.begin() as session:
        incident = open_incident(session)
        for number, (state, ref, reason) in enumerate(rows):
            key = f"incident:{number}"
            message = OutgoingMessage(
                key, IncidentOf(incident.id), Kind.POST, "C0ALERTS", "slack", NOW
            )
            outbox.enqueue(session, message, now=NOW)
            entry = outbox.get(session, key)
            deliveries.store(session, entry, {"state": state, "ref": ref, "reason": reason})
        found = escalations.untold(session, [incident.id], together="storm")
    assert (incident.id in found.waiting, incident.id in found.together) == (waiting, together)


INCIDENT = """INSERT INTO incident (id, kind, key, brand, rule, severity, state, reasons, posted_at,
    opened_at, due_at, resolution, assignee, version)
    VALUES (:id, 'complaint', :state, 'Acme', 'vip', 'high', :state, '[]', '2026-11-20',
    '2026-11-20', '2026-11-20', '', '', 1)"""


def test_what_is_live_when_the_database_is_upgraded_is_given_its_steps(empty: Database) -> None:
    with empty.begin() as session:
        upgrade_to(session, "0018")
        for number, state in enumerate(State, start=1):
            session.execute(text(INCIDENT), {"id": number, "state": state.value})

    schema.upgrade(empty)

    with empty.read() as session:
        assert [one.state for one in escalations.moved(session, limit=9)] == [
            *("open", "acknowledged", "snoozed"),
        ]
        assert escalation_steps.of(session, 1) == []
