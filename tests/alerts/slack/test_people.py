from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from alerts.slack.actions import Press, read
from alerts.slack.client import SlackClient
from alerts.slack.people import KEPT, People, Refusal, read_person
from alerts.slack.settings import SlackSettings
from domain.elements import Message
from domain.errors import RemoteError
from domain.press import Verb
from tests.alerts.slack_double import TOKEN, SlackDouble, person
from tests.alerts.slack_presses import Presser

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def press(**changed: str) -> Press:
    found = read("interactive", Presser().press(Verb.ACKNOWLEDGE, 3, 2, "C0ALERTS/1763600000.01"))
    assert isinstance(found, Press)
    return replace(found, **changed)  # type: ignore[arg-type]  # fields of text only


@pytest.fixture
def client(slack: SlackDouble) -> SlackClient:
    return SlackClient(SlackSettings(bot_token=SecretStr(TOKEN), base_url=slack.url))


@pytest.fixture
def people(client: SlackClient) -> People:
    return People(client)


def test_a_member_of_the_workspace_may(people: People) -> None:
    assert people.why_refused(press(), now=NOW) is None
    assert people.person("U0ANA", now=NOW).name == "ana"


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("is_restricted", Refusal.GUEST),
        ("is_ultra_restricted", Refusal.GUEST),
        ("is_stranger", Refusal.WORKSPACE),
        ("deleted", Refusal.WORKSPACE),
        ("is_bot", Refusal.BOT),
    ],
)
def test_guests_strangers_and_bots_may_not(
    people: People, slack: SlackDouble, flag: str, expected: Refusal
) -> None:
    slack.users["U0EVE"] = person("eve", "Eve", **{flag: True})
    assert people.why_refused(press(user_id="U0EVE"), now=NOW) is expected


def test_another_workspace_or_app_may_not_and_nobody_is_looked_up_for_it(
    people: People, slack: SlackDouble
) -> None:
    assert people.why_refused(press(team="T0EVIL"), now=NOW) is Refusal.WORKSPACE
    assert people.why_refused(press(app="A0EVIL"), now=NOW) is Refusal.APP
    assert "users.info" not in [call.method for call in slack.calls]


def test_who_slack_does_not_know_may_not(people: People) -> None:
    with pytest.raises(RemoteError, match=r"users\.info says user_not_found: Slack does not show"):
        people.why_refused(press(user_id="U0NOBODY"), now=NOW)


def test_only_the_group_may_where_one_is_named(client: SlackClient, slack: SlackDouble) -> None:
    slack.groups["S0CARE"] = ["U0ANA"]
    people = People(client, allow_group="S0CARE")
    assert people.why_refused(press(), now=NOW) is None
    assert people.why_refused(press(user_id="U0BEN"), now=NOW) is Refusal.GROUP


def test_a_group_that_slack_does_not_show_lets_nobody_in(client: SlackClient) -> None:
    with pytest.raises(RemoteError, match=r"says no_such_subteam: set .* allow_group"):
        People(client, allow_group="S0GONE").why_refused(press(), now=NOW)


def test_without_a_group_none_is_asked_for(people: People, slack: SlackDouble) -> None:
    people.why_refused(press(), now=NOW)
    assert [call.method for call in slack.calls] == ["auth.test", "bots.info", "users.info"]


def test_what_slack_says_holds_for_some_minutes(people: People, slack: SlackDouble) -> None:
    people.why_refused(press(), now=NOW)
    slack.users["U0ANA"] = person("ana", "Ana", is_restricted=True)
    assert people.why_refused(press(), now=NOW + KEPT - timedelta(seconds=1)) is None
    assert len(slack.calls) == 3
    assert people.why_refused(press(), now=NOW + KEPT) is Refusal.GUEST


@pytest.mark.parametrize("name", ["earshot", "Earshot", "rule:flood"])
def test_nobody_stands_in_the_audit_as_ourselves(name: str) -> None:
    assert read_person("U0EVE", {"name": name}, {}).name == "U0EVE"


def test_a_name_is_one_short_clean_line() -> None:
    found = read_person("U0EVE", {"name": "eve\n\u202eadmin" + "x" * 500}, {})
    assert found.name.startswith("eve admin")
    assert len(found.name) == 80


def test_somebody_without_a_name_has_an_id() -> None:
    assert read_person("U0EVE", {"name": "  "}, {"display_name": None}).name == "U0EVE"


# --- answers for one person ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com.evil.example/x",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com@evil.example/x",
        "https://evil.example/hooks.slack.com",
        "file:///etc/passwd",
        "http://[::1",
        "",
    ],
)
def test_an_answer_goes_to_slack_and_nowhere_else(client: SlackClient, url: str) -> None:
    with pytest.raises(RemoteError, match="leads elsewhere"):
        client.respond(url, Message("x"))
