import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.incident import (
    LIVE,
    Action,
    Audit,
    CustomerProfile,
    IncidentKind,
    Resolution,
    Severity,
    State,
)
from domain.notification import IncidentOf, Kind, OutgoingMessage
from storage import clocks, customers, incident_events, incidents, outbox
from storage.engine import Database
from storage.incident_events import Event
from storage.incidents import DeliveryStatus
from storage.tables import CustomerRow, IncidentEventRow, IncidentRow
from tests.storage.made import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    audit,
    customer,
    customer_id,
    incident,
    mention,
    open_incident,
    row_of,
    store,
)

KEY = "complaint:Acme:x:501:1"
ASKING = [IncidentKind.COMPLAINT]


def known(session: Session) -> CustomerProfile:
    customers.save(session, [customer()], now=NOW)
    return CustomerProfile(customer_id(session), "Ana", "gold", 1.0, 1, "EUR", "handle on file")


def test_an_incident_comes_back_as_it_went_in(database: Database) -> None:
    with database.begin() as session:
        who = known(session)
        whole = incident(
            severity=Severity.CRITICAL,
            resolution="",
            assignee="maria",
            customer=who,
            reasons=("vip", "angry"),
            version=1,
        )
        row_id = incidents.add(session, whole, audit()).id
    with database.read() as session:
        found = dataclasses.replace(incidents.get(session, row_id), customer=who)
        assert found == dataclasses.replace(whole, id=row_id, customer_id=who.id)
        assert found.reasons == ("vip", "angry")
        assert incident_events.of(session, row_id) == [
            Event(NOW, "rule:negative", "opened", before="", after="open")
        ]


@pytest.mark.parametrize("state", list(State))
def test_one_complaint_has_one_live_incident(database: Database, state: State) -> None:
    with database.begin() as session:
        open_incident(session, state=state)
    if state in LIVE:
        with pytest.raises(IntegrityError), database.begin() as session:
            open_incident(session)
    else:
        with database.begin() as session:
            open_incident(session)


def test_the_live_incident_of_a_complaint_is_found_before_newer_closed_ones(
    database: Database,
) -> None:
    with database.begin() as session:
        assert incidents.newest_with_key(session, KEY) is None
        closed = open_incident(session, state=State.RESOLVED)
        assert incidents.newest_with_key(session, KEY) == closed
        live = open_incident(session)
        open_incident(session, state=State.DISMISSED)
        open_incident(session, key="another")
        assert incidents.newest_with_key(session, KEY) == live


def test_a_change_is_stored_with_its_reason(database: Database) -> None:
    with database.begin() as session:
        before = open_incident(session)
        after = dataclasses.replace(
            before,
            state=State.SNOOZED,
            severity=Severity.HIGH,
            rule="vip",
            assignee="ben",
            snoozed_until=NOW + DAY,
            acknowledged_at=NOW,
            answered_at=NOW,
            resolved_at=NOW,
            resolution=Resolution.REPLIED,
            due_at=NOW + HOUR,
            posted_at=NOW - DAY,
            version=2,
        )
        said = Audit(
            before.id, 2, Action.SNOOZED, "maria", NOW, State.OPEN, State.SNOOZED, "until tomorrow"
        )
        incidents.save(session, after, said)
        row_id = before.id
    with database.read() as session:
        assert incidents.get(session, row_id) == after
        assert [one.action for one in incident_events.of(session, row_id)] == [
            "opened",
            "snoozed",
        ]
        assert incident_events.of(session, row_id)[-1] == Event(
            NOW, "maria", "snoozed", "open", "snoozed", "until tomorrow"
        )


def test_who_comes_second_is_told_to_look_again_and_changes_nothing(database: Database) -> None:
    with database.begin() as session:
        before = open_incident(session)
        row_id = before.id
    first = dataclasses.replace(before, state=State.ACKNOWLEDGED, version=2)
    second = dataclasses.replace(before, state=State.DISMISSED, version=2)
    with database.begin() as session:
        incidents.save(session, first, audit(Action.ACKNOWLEDGED))
    told = "just been changed by someone else: look again"
    with pytest.raises(EarshotError, match=told), database.begin() as session:
        incidents.save(session, second, audit(Action.DISMISSED))
    with database.read() as session:
        assert incidents.get(session, row_id).state == State.ACKNOWLEDGED
        assert [one.action for one in incident_events.of(session, row_id)] == [
            "opened",
            "acknowledged",
        ]


def test_of_two_who_press_at_once_one_wins(database: Database) -> None:
    with database.begin() as session:
        row_id = open_incident(session).id

    def press(name: str) -> bool:
        with database.read() as session:
            before = incidents.get(session, row_id)
        after = dataclasses.replace(before, assignee=name, version=2)
        try:
            with database.begin() as session:
                incidents.save(session, after, audit(Action.ACKNOWLEDGED, name))
        except EarshotError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(press, ["a", "b", "c", "d"]))
    # Whoever reads after the winner has written saves the same version, which is refused too.
    assert won.count(True) == 1
    with database.read() as session:
        assert session.scalars(select(IncidentEventRow)).all()[1:][0].action == "acknowledged"
        assert incidents.get(session, row_id).version == 2


def test_saving_without_the_customer_at_hand_does_not_take_it_away(database: Database) -> None:
    with database.begin() as session:
        who = known(session)
        opened = open_incident(session, customer=who)
        unaware = dataclasses.replace(opened, customer=None, version=2)
        incidents.save(session, unaware, audit())
        assert session.scalars(select(IncidentRow.customer_id)).one() == who.id


def test_a_customer_that_goes_leaves_the_incident(database: Database) -> None:
    with database.begin() as session:
        row_id = open_incident(session, customer=known(session)).id
        session.delete(session.scalars(select(CustomerRow)).one())
    with database.read() as session:
        assert incidents.get(session, row_id).customer_id is None


def test_an_incident_that_is_none_is_refused(database: Database) -> None:
    told = "there is no incident 7: see earshot alerts list"
    with database.read() as session, pytest.raises(EarshotError, match=told):
        incidents.get(session, 7)


# --- its mentions -----------------------------------------------------------------------------


def test_a_mention_joins_once(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        row = open_incident(session)
        assert incidents.join(session, row.id, row_of(session, "1").id)
        assert not incidents.join(session, row.id, row_of(session, "1").id)


def test_the_mentions_of_incidents_come_oldest_first(database: Database) -> None:
    with database.begin() as session:
        store(session, *[mention(str(n), published_at=NOW - n * MINUTE) for n in range(3)])
        ids = [row_of(session, str(n)).id for n in range(3)]
        first = open_incident(session, *ids)
        second = open_incident(session, ids[1], key="second")
        third = open_incident(session, key="third")
        assert incidents.mention_ids(session, [first.id, second.id, third.id]) == {
            first.id: ids[::-1],
            second.id: [ids[1]],
            third.id: [],
        }
        assert incidents.mention_ids(session, []) == {}
        assert len(incidents.mention_ids(session, range(70_000))) == 70_000


def test_the_incidents_of_a_mention_are_the_brands_own(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        one, two = row_of(session, "1").id, row_of(session, "2").id
        closed = open_incident(session, one, state=State.RESOLVED)
        live = open_incident(session, one, two)
        open_incident(session, one, key="other", brand="Globex")
        assert incidents.with_mention(session, one, "Acme") == [closed, live]
        assert incidents.with_mention(session, two, "Acme") == [live]


# --- lists ------------------------------------------------------------------------------------


def test_live_ones_are_listed_by_urgency_and_closed_ones_newest_first(database: Database) -> None:
    with database.begin() as session:
        for name, due in (("later", 3), ("soon", 1), ("next", 2)):
            open_incident(session, key=name, due_at=NOW + due * HOUR)
        for name, age in (("older", 2), ("newer", 1)):
            open_incident(session, key=name, state=State.RESOLVED, opened_at=NOW - age * DAY)
        open_incident(session, key="theirs", brand="Globex", due_at=NOW)

        def keys(
            *, live_only: bool, brand: str | None = None, limit: int | None = None
        ) -> list[str]:
            rows = incidents.listing(session, live_only=live_only, brand=brand, limit=limit)
            return [row.key for row in rows]

        assert keys(live_only=True, brand="Acme") == ["soon", "next", "later"]
        assert keys(live_only=False, brand="Acme") == ["soon", "next", "later", "newer", "older"]
        assert keys(live_only=True) == ["theirs", "soon", "next", "later"]
        assert keys(live_only=False, limit=1) == ["theirs"]
        assert keys(live_only=True, brand="nobody") == []


def test_the_clocks_of_a_window_were_posted_or_fell_due_in_it(database: Database) -> None:
    since, until = NOW - DAY, NOW
    with database.begin() as session:
        for name, posted, due in (
            ("posted at its beginning", since, NOW + DAY),
            ("due in it", since - DAY, since + HOUR),
            ("posted at its end", until, NOW + DAY),
            ("long before", since - 3 * DAY, since - DAY),
            ("around it", since - HOUR, until),
        ):
            open_incident(session, key=name, posted_at=posted, due_at=due)
        open_incident(session, key="theirs", brand="Globex", posted_at=since)
        found = clocks.between(session, "Acme", ASKING, since=since, until=until)
        assert [one.clock.posted_at for one in found] == [since, since - DAY]


def test_the_snoozed_whose_time_has_come(database: Database) -> None:
    with database.begin() as session:
        open_incident(session, key="now", state=State.SNOOZED, snoozed_until=NOW)
        open_incident(session, key="later", state=State.SNOOZED, snoozed_until=NOW + MINUTE)
        open_incident(session, key="open", snoozed_until=NOW - DAY)
        for row in session.scalars(select(IncidentRow)):
            row.snoozed_until = NOW + MINUTE if row.key == "later" else NOW
        assert [row.key for row in incidents.snoozed_out(session, now=NOW)] == ["now"]


def test_who_dismissed_how_many(database: Database) -> None:
    with database.begin() as session:
        for number, actor in enumerate(["maria", "ben", "maria"]):
            row = open_incident(session, key=str(number))
            after = dataclasses.replace(row, state=State.DISMISSED, version=2)
            incidents.save(session, after, audit(Action.DISMISSED, actor))
        theirs = open_incident(session, key="theirs", brand="Globex")
        after = dataclasses.replace(theirs, version=2)
        incidents.save(session, after, audit(Action.DISMISSED, "maria"))
        found = incident_events.dismissed_by(session, "Acme", since=NOW, until=NOW + DAY)
        assert found == [("ben", 1), ("maria", 2)]
        assert incident_events.dismissed_by(session, "Acme", since=NOW - DAY, until=NOW) == []


def test_the_messages_of_incidents_are_told_oldest_first(database: Database) -> None:
    with database.begin() as session:
        one, two = open_incident(session), open_incident(session, key="two")
        for number, channel in enumerate(["#alerts", ""]):
            about = IncidentOf(one.id)
            owed = OutgoingMessage(f"k{number}", about, Kind.POST, channel, "console", as_of=NOW)
            outbox.enqueue(session, owed, now=NOW + number * MINUTE)
        assert incidents.deliveries(session, [one.id, two.id]) == {
            one.id: [
                DeliveryStatus("#alerts", "pending", None, ""),
                DeliveryStatus("console", "pending", None, ""),
            ],
            two.id: [],
        }
