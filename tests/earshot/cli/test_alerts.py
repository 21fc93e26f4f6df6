import re
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import iso
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, MakeCli, take_in
from tests.earshot.world import ACME

# The contract, word for word.
INCIDENT = (
    *("id", "kind", "brand", "rule", "severity", "state", "opened_at", "due_at"),
    *(
        "acknowledged_at",
        "answered_at",
        "resolved_at",
        "assignee",
        "customer",
        "mention_ids",
        "clocks",
        "deliveries",
    ),
)
CLOCK = ("posted_at", "due_at", "answered_at", "how")
DELIVERY = ("channel", "state", "sent_at")


def incident(cli: Cli) -> dict[str, object]:
    return cli("alerts", "list", "--json").record


def test_json_has_the_keys_of_the_contract_in_their_order(stocked: Cli) -> None:
    record = stocked("alerts", "list", "--json").record

    assert tuple(record) == INCIDENT
    assert [tuple(one) for one in record["clocks"]] == [CLOCK]
    assert [tuple(one) for one in record["deliveries"]] == [DELIVERY]


def test_json_says_what_is_stored(stocked: Cli) -> None:
    record = stocked("alerts", "list", "--json").record
    mention_id = stocked("mentions", "--json", "--search", "awful").record["id"]
    customer_id = stocked("customers", "list", "--json").records[0]["id"]

    assert record == {
        "id": record["id"],
        "kind": "complaint",
        "brand": "Acme",
        "rule": "vip",
        "severity": "critical",
        "state": "open",
        "opened_at": iso(NOW),
        "due_at": iso(AWFUL.published_at + timedelta(minutes=15)),
        "acknowledged_at": None,
        "answered_at": None,
        "resolved_at": None,
        "assignee": None,
        "customer": customer_id,
        "mention_ids": [mention_id],
        "clocks": [
            {
                "posted_at": iso(AWFUL.published_at),
                "due_at": iso(AWFUL.published_at + timedelta(minutes=15)),
                "answered_at": None,
                "how": "",
            }
        ],
        "deliveries": [{"channel": "console", "state": "sent", "sent_at": iso(NOW)}],
    }
    assert stocked("alerts", "show", record["id"], "--json").record == record


def test_the_list_for_people_says_how_late_it_is(stocked: Cli) -> None:
    (line,) = stocked("alerts", "list", "--open").lines

    # Due 15 minutes after a post of three hours ago: 2 h 45 min, and as long as the run has taken.
    assert re.search("critical  open          overdue by [23] h", line)
    assert "1 mention" in line


def test_one_incident_with_its_reasons_and_history(stocked: Cli) -> None:
    shown = stocked("alerts", "show", 1).out

    for said in (
        "because negative, 90% sure",
        "because gold customer",
        "@ana, customer 1 Ana Ruiz: Acme is awful",
        "message to console: sent",
        "opened by",
    ):
        assert said in shown


def test_an_incident_tells_who_is_reminded_when_and_why_not(stocked: Cli) -> None:
    def reminders() -> list[str]:
        lines = stocked("alerts", "show", 1).lines
        return [line.strip() for line in lines if line.startswith("  reminder")]

    first, *_, last = reminders()
    assert first.startswith("reminder 1.1 after 50% to thread, due ")
    assert first.endswith("Z: skipped_late (its time was over when the first message was written)")
    assert last.endswith("Z: pending")
    stocked("alerts", "snooze", 1, "4h")
    assert re.search(r"Z: pending \(not before \S+Z\)$", reminders()[-1])
    stocked("alerts", "resolve", 1)
    assert reminders()[-1].endswith("Z: cancelled (manual)")


def test_a_persons_way_with_an_incident(stocked: Cli) -> None:
    assert stocked("alerts", "ack", 1).err == "incident 1 is acknowledged\n"
    assert str(incident(stocked)["acknowledged_at"]).endswith("Z")
    assert stocked("alerts", "assign", 1, "ana").err == "incident 1 is assigned to ana\n"
    assert incident(stocked)["assignee"] == "ana"
    until = iso(NOW + timedelta(hours=4))
    assert until
    snoozed = stocked("alerts", "snooze", 1, "4h").err
    assert snoozed.startswith(f"incident 1 is snoozed until {until[:11]}")
    assert stocked("alerts", "resolve", 1, "--note", "phoned her").err == (
        "incident 1 is resolved\n"
    )
    assert str(incident(stocked)["resolved_at"]).endswith("Z")
    assert incident(stocked)["answered_at"] is None
    assert stocked("alerts", "list", "--open").out == ""
    assert "closed without a reply" in stocked("alerts", "list").out
    history = stocked("alerts", "show", 1).out
    assert "phoned her" in history


def test_what_needs_no_answer_is_dismissed(stocked: Cli) -> None:
    assert stocked("alerts", "dismiss", 1, "--note", "not us").err == "incident 1 is dismissed\n"
    assert "dismissed" in stocked("alerts", "list").out


@pytest.mark.parametrize("verb", [["ack"], ["assign", "ana"], ["snooze", "1h"], ["resolve"]])
def test_a_closed_incident_takes_no_more(stocked: Cli, verb: list[str]) -> None:
    stocked("alerts", "resolve", 1)

    ran = stocked("alerts", verb[0], 1, *verb[1:], code=1)

    assert ran.err.startswith("earshot: incident 1 is already resolved")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("verb", [["ack"], ["assign", "ana"], ["snooze", "1h"], ["show"]])
def test_an_incident_that_is_not_there_is_one_line(cli: Cli, verb: list[str]) -> None:
    ran = cli("alerts", verb[0], 7, *verb[1:], code=1)

    assert ran.err == "earshot: there is no incident 7: see earshot alerts list\n"


def test_an_answered_incident_says_when(stocked: Cli) -> None:
    answer = replace(
        AWFUL,
        external_id="1999",
        text="So sorry!",
        author=ACME,
        parent_id="1849",
        published_at=NOW - timedelta(minutes=90),
    )

    take_in(stocked, answer)

    record = incident(stocked)
    assert record["answered_at"] == iso(answer.published_at)
    assert record["state"] == "resolved"
    assert "answered 1 h 15 m late" in stocked("alerts", "list").out


def test_rules_are_replayed_over_what_is_stored(stocked: Cli) -> None:
    (fired,) = stocked("rules", "test", "--since", "7d", "--json").records

    assert fired == {
        "at": iso(AWFUL.published_at),
        "brand": "Acme",
        "rule": "vip",
        "severity": "critical",
        "mention_id": fired["mention_id"],
        "due_at": iso(AWFUL.published_at + timedelta(minutes=15)),
        "reasons": ["negative, 90% sure", "gold customer"],
    }
    ran = stocked("rules", "test")
    assert "vip" in ran.out
    assert ran.err.startswith("1 incident since ")
    assert stocked("rules", "test", "--since", "1h").out == ""
    assert len(stocked("alerts", "list").lines) == 1, "nothing is stored by it"


TEMPLATE = '[[alerts.templates]]\nname = "sorry"\ntext = "Hi @{handle}, {brand} is sorry."\n'


def test_a_draft_is_printed_to_be_copied_and_what_to_know_beside_it(make_cli: MakeCli) -> None:
    cli = make_cli(TEMPLATE)
    take_in(cli, AWFUL)

    ran = cli("alerts", "draft", 1)

    assert ran.out == "Hi @ana, Acme is sorry.\n"
    assert ran.err == "Draft “sorry” for X: copy it and make it yours.\n"


def test_without_a_template_that_fits_a_draft_says_where_they_stand(stocked: Cli) -> None:
    ran = stocked("alerts", "draft", 1, code=1)

    assert ran.out == ""
    assert "no template fits incident 1: see [[alerts.templates]] in" in ran.err


# --- each verb says what was done -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "done"),
    [
        pytest.param(["ack"], "is acknowledged", id="ack"),
        pytest.param(["resolve"], "is resolved", id="resolve"),
        pytest.param(
            ["resolve", "--no-answer-needed"], "is resolved, no answer needed", id="no answer"
        ),
        pytest.param(
            ["resolve", "--answered-elsewhere", "phone", "--at", iso(NOW - timedelta(hours=2))],
            f"is resolved, answered elsewhere {iso(NOW - timedelta(hours=2))}: phone",
            id="elsewhere",
        ),
        pytest.param(["dismiss"], "is dismissed", id="dismiss"),
        pytest.param(
            ["wrong-tone", "positive"],
            "is positive: dismissed, nothing in it asks for an answer",
            id="wrong tone",
        ),
        pytest.param(
            ["not-customer"],
            "is not that customer's: it stays open, normal, due "
            f"{iso(AWFUL.published_at + timedelta(hours=4))}",
            id="not the customer",
        ),
        pytest.param(
            ["not-about-us"], "is dismissed and its mentions are hidden", id="not about us"
        ),
        pytest.param(
            ["severity", "high"],
            f"is high, due {iso(AWFUL.published_at + timedelta(minutes=15))}",
            id="severity, and no later than before",
        ),
        pytest.param(["note", "she sent photos"], "has a note more", id="note"),
    ],
)
def test_each_verb_says_what_was_done_and_by_whom(stocked: Cli, verb: list[str], done: str) -> None:
    name, *given = verb
    assert stocked("alerts", name, 1, *given, "--by", "kim").err == f"incident 1 {done}\n"
    assert " by kim " in stocked("alerts", "show", 1).lines[-1]


def test_a_note_is_kept_in_the_history(stocked: Cli) -> None:
    stocked("alerts", "note", 1, "she sent \x1b[2J photos", "--by", "kim")
    assert "noted by kim  she sent ␛[2J photos" in stocked("alerts", "show", 1).out


def test_several_at_once_and_what_fails_stops_no_other(stocked: Cli) -> None:
    take_in(stocked, replace(AWFUL, external_id="1850", conversation_id="1850"))

    ran = stocked("alerts", "ack", 1, 77, 2, 1, code=1)

    assert ran.err.splitlines() == [
        "incident 1 is acknowledged",
        "earshot: there is no incident 77: see earshot alerts list",
        "incident 2 is acknowledged",
        "earshot: 1 of 3 incidents stay as they were",
    ]


def test_a_duplicate_names_the_other_incident(stocked: Cli) -> None:
    take_in(stocked, replace(AWFUL, external_id="1850", conversation_id="1850"))

    ran = stocked("alerts", "resolve", 1, "--duplicate-of", 2)

    assert ran.err == "incident 1 is resolved, a duplicate of incident 2\n"
