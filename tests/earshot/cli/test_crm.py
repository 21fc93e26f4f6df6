"""`customers sync` and what `doctor` and `check-config` say of a CRM with an API."""

import json
import os

import pytest

from tests.crm.conftest import portal
from tests.crm.hubspot_double import TOKEN, HubSpotDouble
from tests.earshot.cli.conftest import Cli, MakeCli
from tests.net.conftest import replay
from tests.net.replay import Answer, Replay

__all__ = ["portal", "replay"]


@pytest.fixture
def cli(
    make_cli: MakeCli, portal: HubSpotDouble, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> Cli:
    del portal
    monkeypatch.setitem(os.environ, "HUBSPOT_TOKEN", TOKEN)
    return make_cli(
        '[crm.hubspot]\nenabled = true\naccess_token = "env:HUBSPOT_TOKEN"\n'
        f'base_url = "{replay.url}"\n'
    )


def test_a_line_for_each_object(cli: Cli, portal: HubSpotDouble) -> None:
    portal.contact(51, firstname="Ana")
    portal.deal(901, 51)
    portal.deal(902, 51, amount="a lot")

    ran = cli("customers", "sync")

    contacts, deals, *deleted = ran.lines
    assert contacts.startswith(
        "hubspot contacts: read 1, new 1, changed 0, deleted 0, refused 0; read up to "
    )
    assert deals.startswith("hubspot deals: read 2, new 1, changed 0, deleted 0, refused 1;")
    assert [line.split(":")[0] for line in deleted] == [
        "hubspot deleted contacts",
        "hubspot deleted deals",
    ]
    assert ran.err == "earshot: hubspot: deals 902: 'a lot' is not an amount\n"


def test_it_can_be_read_by_a_program(cli: Cli, portal: HubSpotDouble) -> None:
    portal.contact(51, firstname="Ana")

    ran = cli("customers", "sync", "--system", "hubspot", "--full", "--json")

    first = json.loads(ran.lines[0])
    assert first.pop("stands_at")
    assert first == {
        "system": "hubspot",
        "object": "contacts",
        "read": 1,
        "new": 1,
        "changed": 0,
        "deleted": 0,
        "refused": 0,
        "guests": 0,
        "problems": [],
        "trouble": None,
    }
    assert "hubspot: contacts: 1 read\n" in ran.err


def test_a_token_that_has_ended_says_what_to_do(cli: Cli, portal: HubSpotDouble) -> None:
    portal.token = "another"

    ran = cli("customers", "sync", code=1)
    doctor = cli("doctor", code=1)

    assert ran.lines == [
        "hubspot contacts: read 0, new 0, changed 0, deleted 0, refused 0; not read to its end"
    ]
    says = "hubspot: refused (401 EXPIRED_AUTHENTICATION); make a new token in the private app"
    assert says in ran.err
    (line,) = [one for one in doctor.lines if one.startswith("FAIL  hubspot")]
    assert says in line
    (backlog,) = [one for one in doctor.lines if one.startswith("FAIL  backlog")]
    assert says in backlog
    assert TOKEN not in ran.out + ran.err + doctor.out


def test_doctor_ends_its_pause(cli: Cli, portal: HubSpotDouble) -> None:
    portal.faults = [Answer({"policyName": "DAILY"}, 429)]
    cli("customers", "sync", code=1)

    waits = cli("doctor", code=1)
    cli("doctor", "--retry")
    again = cli("customers", "sync")

    assert "it is left alone until" in next(
        one for one in waits.lines if one.startswith("ok    hubspot")
    )
    assert again.err == ""


def test_check_config_names_it(cli: Cli) -> None:
    assert "  crm       hubspot" in cli("check-config").lines


def test_a_system_that_is_not_enabled(lone: Cli) -> None:
    ran = lone("customers", "sync", "--system", "hubspot", code=2)

    assert "system 'hubspot' is not enabled" in ran.err
    assert "set enabled = true in [crm.hubspot]" in ran.err
    assert "no system is enabled" in lone("customers", "sync").err
