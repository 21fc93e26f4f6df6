"""What becomes of presses, dialogs, replies and commands, with a Slack double and a real store."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.slack.actions import Press, Unread, read
from domain.incident import Incident, Severity, State
from domain.press import Verb
from earshot.alerting import delivery, slack_events
from earshot.alerting.slack_events import Events
from earshot.core.app import App
from storage import incident_events, incidents, presses
from storage.engine import Database
from storage.incident_events import Event
from tests.alerts import slack_oracle
from tests.alerts.samples import HOSTILE
from tests.alerts.slack_double import TOKEN, SlackDouble, person
from tests.alerts.slack_presses import Presser
from tests.conftest import MakeApp
from tests.earshot.world import ANA as AUTHOR
from tests.earshot.world import BEN, DAY, HOUR, NOW, Clock, live, mention, reply, with_words


@dataclass
class Office:
    """Earshot with an alert in Slack, and two people who see it."""

    app: App
    slack: SlackDouble
    clock: Clock
    events: Events
    ana: Presser
    ben: Presser

    def do(self, payload: dict[str, Any], kind: str = "interactive") -> None:
        incoming = read(kind, payload)
        assert not isinstance(incoming, str), incoming
        self.events.handle(incoming)

    def press(
        self, who: Presser, verb: Verb | str, chosen: str = "", **of: object
    ) -> dict[str, Any]:
        """Press what stands at the first incident now."""
        incident = self.incident()
        known: dict[str, Any] = {
            "incident_id": incident.id,
            "version": incident.version,
            "ref": self.ref(),
        }
        return who.press(verb, chosen=chosen, **(known | of))

    def incident(self, incident_id: int = 1) -> Incident:
        with self.app.database.read() as session:
            return incidents.get(session, incident_id)

    def ref(self, incident_id: int = 1) -> str:
        with self.app.database.read() as session:
            found = presses.first_message(session, incident_id)
        assert found is not None
        return found

    def history(self, incident_id: int = 1) -> list[Event]:
        with self.app.database.read() as session:
            return incident_events.of(session, incident_id)

    def deliver(self) -> None:
        delivery.notify(self.app, clock=self.clock, wait=self.clock.wait)


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        yield double


MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(
    make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> MakeOffice:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)

    def make(extra: str = "", *, posts: int = 1) -> Office:
        settings = f"""
            [alerts.slack]
            bot_token = "env:SLACK_TOKEN"
            channel = "C0ALERTS"
            base_url = "{slack.url}"
            {extra}
            """
        app = with_words(make_app(settings, notify_console=False).app)
        clock = Clock()
        found = app.config.top.alerts.slack
        assert found is not None
        events = Events(app, found, clock=clock)
        office = Office(app, slack, clock, events, Presser(slack), Presser(slack, "U0BEN"))
        authors = [AUTHOR, BEN]
        for number in range(posts):
            live(app, mention(str(number + 1), author=authors[number]))
        office.deliver()
        return office

    return make


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    return make_office()


def last(office: Office) -> tuple[str, str]:
    event = office.history()[-1]
    return event.action, event.actor


# --- each button is its verb --------------------------------------------------------------------


def test_acknowledge_is_the_verb_with_who_did_it(office: Office) -> None:
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    assert office.incident().state is State.ACKNOWLEDGED
    assert last(office) == ("acknowledged", "ana")
    assert office.slack.told("U0ANA") == [], "the message itself says it"


def test_assign_gives_it_to_the_person_who_was_picked(office: Office) -> None:
    office.do(office.press(office.ana, Verb.ASSIGN, "U0BEN"))
    assert office.incident().assignee == "ben"
    assert last(office) == ("assigned", "ana")


def test_a_guest_is_not_given_one(office: Office) -> None:
    office.slack.users["U0EVE"] = person("eve", "Eve", is_restricted=True)
    office.do(office.press(office.ana, Verb.ASSIGN, "U0EVE"))
    assert office.incident().assignee == ""
    assert office.slack.told("U0ANA") == ["eve cannot take an incident: guest"]


@pytest.mark.parametrize(("chosen", "length"), [("1h", HOUR), ("4h", 4 * HOUR)])
def test_snooze_keeps_quiet_for_what_was_chosen(
    office: Office, chosen: str, length: timedelta
) -> None:
    at = office.clock()
    office.do(office.press(office.ana, Verb.SNOOZE, chosen))
    assert office.incident().snoozed_until == at + length


def test_not_about_us_dismisses(office: Office) -> None:
    office.do(office.press(office.ana, "more", "not_about_us"))
    assert office.incident().state is State.DISMISSED
    assert ("dismissed", "ana") in [(one.action, one.actor) for one in office.history()]


# --- dialogs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [Verb.RESOLVE, Verb.WRONG_TONE, Verb.SEVERITY, Verb.NOTE])
def test_a_button_that_asks_opens_its_dialog_and_changes_nothing(
    office: Office, verb: Verb
) -> None:
    before = office.incident()
    chosen = ("more", verb.value) if verb is not Verb.RESOLVE else (verb, "")
    office.do(office.press(office.ana, *chosen))
    [view] = office.slack.views
    assert view["callback_id"] == verb
    assert view["private_metadata"] == f"1:{before.version}"
    assert office.incident() == before


def test_a_dialog_that_comes_too_late_is_told(office: Office) -> None:
    office.slack.fail_next("expired_trigger_id", method="views.open")
    office.do(office.press(office.ana, Verb.RESOLVE))
    assert office.slack.told("U0ANA") == [
        "The dialog could not be opened in time: press the button again."
    ]


@pytest.mark.parametrize(
    ("verb", "fields", "action"),
    [
        pytest.param(Verb.RESOLVE, {"how": "no_answer"}, "resolved", id="no answer"),
        pytest.param(
            Verb.RESOLVE,
            {"how": "elsewhere", "channel": "phone", "at": int(NOW.timestamp()) - 60},
            "resolved",
            id="elsewhere",
        ),
        pytest.param(Verb.WRONG_TONE, {"tone": "neutral"}, "dismissed", id="wrong tone"),
        pytest.param(Verb.SEVERITY, {"severity": "high"}, "rated", id="severity"),
        pytest.param(Verb.NOTE, {"text": "She phoned"}, "noted", id="note"),
    ],
)
def test_a_dialog_does_what_was_filled_in(
    office: Office, verb: Verb, fields: dict[str, Any], action: str
) -> None:
    version = office.incident().version
    office.do(office.ana.submit(verb, 1, version, **fields))
    assert last(office) == (action, "ana")
    assert office.slack.told("U0ANA") == []


def test_the_severity_is_the_one_that_was_chosen(office: Office) -> None:
    version = office.incident().version
    office.do(office.ana.submit(Verb.SEVERITY, 1, version, severity="high"))
    assert office.incident().severity is Severity.HIGH


def test_a_dialog_that_was_overtaken_is_told_below_the_message(office: Office) -> None:
    version = office.incident().version
    office.do(office.press(office.ben, Verb.ACKNOWLEDGE))
    office.do(office.ana.submit(Verb.RESOLVE, 1, version, how="no_answer"))
    [said] = office.slack.told("U0ANA")
    assert "already acknowledged by ben" in said
    assert office.incident().state is State.ACKNOWLEDGED


def test_every_button_that_is_drawn_is_one_that_is_understood(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNING", "canarySecret")
    office = make_office('signing_secret = "env:SIGNING"')
    understood = set()
    for action in _drawn(office.slack.roots[0]["blocks"]):
        payload = office.press(office.ana, Verb.ACKNOWLEDGE)
        payload["actions"] = [payload["actions"][0] | action]
        found = read("interactive", payload)
        if action["action_id"].startswith("open_post"):
            assert found is Unread.NOT_FOR_US
            continue
        assert isinstance(found, Press), action
        assert (found.incident_id, found.version) == (1, office.incident().version)
        understood.add(found.verb)
    assert understood == set(Verb) - {Verb.NOT_CUSTOMER}, "nobody knows a customer here"


def _drawn(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What Slack would bring of each button, and of each choice in each menu."""
    for block in blocks:
        for element in block["elements"] if block["type"] == "actions" else ():
            for option in element.get("options") or [None]:
                yield {
                    "type": element["type"],
                    "action_id": element["action_id"],
                    "block_id": block.get("block_id", "of Slack's own"),
                    "value": element.get("value"),
                    "selected_option": option,
                    "selected_user": "U0BEN",
                }


# --- once ---------------------------------------------------------------------------------------


def test_the_same_press_is_done_once_however_often_it_comes(office: Office) -> None:
    payload = office.press(office.ana, Verb.ACKNOWLEDGE)
    for minutes in (0, 1, 4):
        office.clock.at += timedelta(minutes=minutes)
        office.do(payload)
    assert [one.action for one in office.history()].count("acknowledged") == 1
    assert office.slack.told("U0ANA") == [], "what comes again is no second press"


def test_a_dialog_a_reply_and_a_command_that_come_again_do_nothing(office: Office) -> None:
    submission = office.ana.submit(Verb.NOTE, 1, 1, text="once")
    written = office.ana.reply("only once", office.ref())
    command = office.ana.command("help")
    for _ in range(2):
        office.do(submission)
        office.do(written, "events_api")
        office.do(command, "slash_commands")
    assert [one.note for one in office.history()][-2:] == ["once", "only once"]
    assert [one.action for one in office.history()].count("noted") == 2
    assert len(office.slack.told("U0ANA")) == 1


def test_a_press_that_comes_again_opens_no_second_dialog_and_says_nothing(
    office: Office,
) -> None:
    payload = office.press(office.ana, Verb.RESOLVE)
    office.do(payload)
    office.do(payload)
    assert len(office.slack.views) == 1
    assert office.slack.told("U0ANA") == []


def test_who_presses_twice_is_told_the_second_time(office: Office) -> None:
    first, second = (office.press(office.ana, Verb.ACKNOWLEDGE) for _ in range(2))
    office.do(first)
    office.do(second)
    [said] = office.slack.told("U0ANA")
    assert "already acknowledged by ana" in said


def test_of_two_who_press_at_the_same_instant_one_does_it_and_the_other_is_told(
    office: Office,
) -> None:
    presses_ = [office.press(who, Verb.ACKNOWLEDGE) for who in (office.ana, office.ben)]
    start = threading.Barrier(2)

    def press(payload: dict[str, Any]) -> None:
        start.wait(10)
        office.do(payload)

    threads = [threading.Thread(target=press, args=[payload]) for payload in presses_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [one for one in office.history() if one.action == "acknowledged"]
    assert len(done) == 1
    loser = {"ana": "U0BEN", "ben": "U0ANA"}[done[0].actor]
    [said] = office.slack.told(loser)
    assert f"already acknowledged by {done[0].actor}" in said


def test_a_button_of_three_days_ago_on_a_closed_incident_says_what_happened(
    office: Office,
) -> None:
    stale = office.press(office.ana, Verb.ACKNOWLEDGE)
    live(office.app, reply("9", "1"))
    office.clock.at += 3 * DAY
    before = office.incident()
    office.do(stale)
    [said] = office.slack.told("U0ANA")
    assert "incident 1" in said
    assert "already" in said
    assert office.incident() == before


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("is_restricted", "Guests cannot do this"),
        ("is_ultra_restricted", "Guests cannot do this"),
        ("is_stranger", "Only people of the workspace"),
    ],
)
def test_guests_and_strangers_are_refused_told_and_noted_in_the_log(
    office: Office, flag: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    office.slack.users["U0EVE"] = person("eve", "Eve", **{flag: True})
    before = office.incident()
    eve = Presser(office.slack, "U0EVE")
    office.do(office.press(eve, Verb.ACKNOWLEDGE))
    office.do(eve.submit(Verb.RESOLVE, 1, before.version, how="no_answer"))
    office.do(eve.command("search awful"), "slash_commands")
    assert office.incident() == before
    said = office.slack.told("U0EVE")
    assert len(said) == 3
    assert all(one.startswith(told) for one in said)
    assert "slack press user=U0EVE verb=acknowledge incident=1 was refused" in caplog.text


@pytest.mark.parametrize(
    ("team", "app"), [("T0EVIL", "A0EARSHOT"), ("T0ACME", "A0EVIL")], ids=["workspace", "app"]
)
def test_another_workspace_or_app_is_refused(office: Office, team: str, app: str) -> None:
    before = office.incident()
    office.do(office.press(Presser(office.slack, team=team, app=app), Verb.ACKNOWLEDGE))
    assert office.incident() == before


def test_only_the_named_group_may(make_office: MakeOffice, slack: SlackDouble) -> None:
    slack.groups["S0CARE"] = ["U0BEN"]
    office = make_office('allow_group = "S0CARE"')
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    assert office.incident().state is State.OPEN
    assert slack.told("U0ANA") == ["Only members of the user group that may press can do this."]
    office.do(office.press(office.ben, Verb.ACKNOWLEDGE))
    assert office.incident().state is State.ACKNOWLEDGED


def test_a_button_of_another_message_or_channel_is_refused(make_office: MakeOffice) -> None:
    office = make_office(posts=2)
    for ref in (office.ref(2), "C0OTHER/1763600000.000100", "C0ALERTS/1.1"):
        office.do(office.press(office.ana, Verb.ACKNOWLEDGE, ref=ref))
        office.do(office.press(office.ana, Verb.RESOLVE, ref=ref))
    assert office.incident().state is State.OPEN
    assert office.slack.views == []
    assert set(office.slack.told("U0ANA")) == {
        "This button does not belong to the message it stands in."
    }


def test_an_incident_that_is_not_there_is_refused(office: Office) -> None:
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE, incident_id=99))
    assert len(office.slack.told("U0ANA")) == 1


def test_a_slack_that_does_not_say_who_it_is_lets_nobody_in(office: Office) -> None:
    office.slack.fail_next("internal_error", method="users.info")
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    assert office.incident().state is State.OPEN
    assert office.slack.told("U0ANA") == [slack_events.NO_ANSWER]


def test_a_database_that_is_out_of_reach_is_told_without_its_address(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    payload = office.press(office.ana, Verb.ACKNOWLEDGE)
    (tmp_path / "canary.db").write_bytes(b"this is no database " * 99)
    broken = Database(f"sqlite:///{tmp_path}/canary.db")
    monkeypatch.setitem(office.app.__dict__, "database", broken)
    office.do(payload)
    broken.close()
    assert office.slack.told("U0ANA") == [slack_events.NO_STORE]


def test_an_answer_that_slack_does_not_take_ends_nothing(office: Office) -> None:
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    office.slack.fail_next("user_not_in_channel", method="chat.postEphemeral")
    payload = office.press(office.ben, Verb.ACKNOWLEDGE)
    office.do(payload | {"response_url": "https://evil.example/x"})
    assert office.incident().state is State.ACKNOWLEDGED


def test_without_a_response_url_it_is_told_in_the_channel(office: Office) -> None:
    overtaken = office.press(office.ben, Verb.ACKNOWLEDGE) | {"response_url": ""}
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    office.do(overtaken)
    [said] = office.slack.told("U0BEN")
    assert "already acknowledged by ana" in said


# --- replies ------------------------------------------------------------------------------------


def test_a_reply_below_the_alert_becomes_a_note(office: Office) -> None:
    office.do(office.ana.reply("I called <@U0BEN|ben> &amp; her", office.ref()), "events_api")
    event = office.history()[-1]
    assert (event.action, event.actor, event.note) == ("noted", "ana", "I called @ben & her")


def test_of_a_long_reply_two_thousand_characters_are_kept(office: Office) -> None:
    office.do(office.ana.reply("a" * 30_000, office.ref()), "events_api")
    assert office.history()[-1].note == "a" * 2_000


def test_talk_below_another_message_is_nobodys_note_and_nobody_is_looked_up(
    office: Office,
) -> None:
    office.slack.calls.clear()
    office.do(office.ana.reply("lunch?", "C0ALERTS/1.1"), "events_api")
    assert office.slack.calls == []
    assert [one.action for one in office.history()] == ["opened"]


def test_a_guests_reply_is_no_note_and_the_guest_is_not_bothered(office: Office) -> None:
    office.slack.users["U0EVE"] = person("eve", "Eve", is_restricted=True)
    office.do(Presser(office.slack, "U0EVE").reply("hi", office.ref()), "events_api")
    assert [one.action for one in office.history()] == ["opened"]
    assert office.slack.told("U0EVE") == []


# --- /earshot -----------------------------------------------------------------------------------


def ask(office: Office, text: str, channel: str = "C0ALERTS") -> str:
    """What only the person who asked sees, as plain text."""
    before = len(office.slack.shown)
    office.do(office.ana.command(text, channel), "slash_commands")
    [shown] = office.slack.shown[before:]
    assert shown["response_type"] == "ephemeral"
    assert shown["user"] == "U0ANA"
    return "".join(_texts(shown["blocks"]))


def _texts(of: object) -> Iterator[str]:
    if isinstance(of, dict):
        if isinstance(of.get("text"), str):
            yield of["text"]
        for value in of.values():
            yield from _texts(value)
    elif isinstance(of, list):
        for one in of:
            yield from _texts(one)


def test_alone_it_lists_what_is_open_by_due_time(make_office: MakeOffice) -> None:
    office = make_office(posts=2)
    office.do(office.press(office.ana, Verb.ASSIGN, "U0BEN"))
    shown = ask(office, "")
    first, second = sorted((office.incident(1), office.incident(2)), key=lambda one: one.due_at)
    assert "Open incidents" in shown
    assert (
        0
        <= shown.index(f"{first.id} {first.severity}, due in ")
        < shown.index(f"{second.id} {second.severity}, due in ")
    )
    assert "Acme is awful" in shown
    assert "ben" in shown


def test_mine_are_those_of_who_asks(make_office: MakeOffice) -> None:
    office = make_office(posts=2)
    assert "Nothing." in ask(office, "mine")
    office.do(office.press(office.ben, Verb.ASSIGN, "U0ANA"))
    shown = ask(office, "mine")
    assert "1 normal, due in" in shown
    assert "2 normal" not in shown


def test_unanswered_and_search_list_mentions(make_office: MakeOffice) -> None:
    office = make_office(posts=2)
    live(office.app, reply("9", "1"))
    shown = ask(office, "unanswered")
    assert "@ben_brews" in shown
    assert "normal, due in " in shown
    assert "@ana_writes" not in shown
    assert "@ana_writes" in ask(office, "search awful acme")
    assert "Nothing." in ask(office, "search parcel")


def test_reputation_says_why_there_is_none_yet(office: Office) -> None:
    assert "Acme: no score yet: " in ask(office, "reputation")


@pytest.mark.parametrize("text", ["help", "nonsense", "search", "HELP me"])
def test_whatever_else_is_typed_gets_help(office: Office, text: str) -> None:
    assert "/earshot search WORDS" in ask(office, text)


def test_a_list_ends_after_twenty_lines(office: Office) -> None:
    for number in range(100, 130):
        live(office.app, mention(str(number), author=None, url=""))
    for text in ("", "search awful"):
        shown = ask(office, text)
        blocks = office.slack.shown[-1]["blocks"]
        [facts] = [one for one in blocks if one["type"] == "rich_text"]
        assert len(facts["elements"]) <= 19
        assert "more: earshot" in shown


def test_hostile_words_stay_words(office: Office) -> None:
    for number, text in enumerate(HOSTILE):
        words = text.replace("\0", "").encode("utf-8", "replace").decode()
        live(office.app, mention(str(200 + number), f"Acme is awful {words}", author=BEN))
    for text in ("", "search awful", "unanswered", f"search {HOSTILE[0]}"):
        ask(office, text)
    assert len(office.slack.shown) == 4
    for shown in office.slack.shown:
        assert slack_oracle.tokens(shown) == []
        assert slack_oracle.addresses(shown) == []
    assert office.slack.refused == []


def test_what_is_private_is_masked_before_it_is_cut(office: Office) -> None:
    words = "Acme is awful, " + "a" * 86 + " call me: ana.ruiz.canary@example.org"
    live(office.app, mention("77", words, author=BEN))
    shown = ask(office, "search awful call")
    assert "call me" in shown
    assert "ana.ruiz" not in shown


def test_elsewhere_it_answers_nobody(office: Office) -> None:
    assert "Earshot does not answer in this channel" in ask(office, "", "C0OTHER")


# --- nothing leaks ------------------------------------------------------------------------------


def test_no_log_holds_words_names_or_tokens(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "earshot")
    caplog.set_level(logging.DEBUG, "alerts")
    office.do(office.press(office.ana, Verb.ACKNOWLEDGE))
    office.do(office.press(office.ben, Verb.ACKNOWLEDGE))
    office.do(office.ana.reply("canary of a note", office.ref()), "events_api")
    office.do(office.ana.command("search canary"), "slash_commands")
    office.do(office.ana.submit(Verb.NOTE, 1, 1, text="canary"), "interactive")
    assert "slack press user=U0ANA verb=acknowledge incident=1 was done" in caplog.text
    for secret in ("canary", TOKEN, "Acme is awful", "ana_writes"):
        assert secret not in caplog.text


def test_who_is_given_it_back_is_told(office: Office) -> None:
    incoming = read("interactive", office.press(office.ana, Verb.ACKNOWLEDGE))
    assert not isinstance(incoming, str)
    office.events.give_back(incoming)
    assert office.slack.told("U0ANA") == [slack_events.STOPPED]
