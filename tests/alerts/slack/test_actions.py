import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.slack.actions import (
    MOST_TEXT,
    Command,
    Press,
    Reply,
    Submission,
    Unread,
    from_http,
    plain,
    read,
)
from domain.press import Verb
from tests.alerts.slack_presses import Presser

REF = "C0ALERTS/1763600000.000100"
ANA = Presser()

PAYLOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "press": ("interactive", ANA.press(Verb.ACKNOWLEDGE, 3, 2, REF)),
    "menu": ("interactive", ANA.press("more", 3, 2, REF, "not_about_us")),
    "snooze": ("interactive", ANA.press(Verb.SNOOZE, 3, 2, REF, "4h")),
    "assign": ("interactive", ANA.press(Verb.ASSIGN, 3, 2, REF, "U0BEN")),
    "submission": ("interactive", ANA.submit(Verb.NOTE, 3, 2, text="She phoned")),
    "command": ("slash_commands", ANA.command("search late parcel")),
    "reply": ("events_api", ANA.reply("I take it", REF)),
}


def test_a_button_says_verb_incident_and_version() -> None:
    kind, payload = PAYLOADS["press"]
    found = read(kind, payload)
    assert isinstance(found, Press)
    assert (found.verb, found.incident_id, found.version) == (Verb.ACKNOWLEDGE, 3, 2)
    assert (found.user_id, found.team, found.app) == ("U0ANA", "T0ACME", "A0EARSHOT")
    assert (found.channel, found.message_ts) == ("C0ALERTS", "1763600000.000100")
    assert found.trigger_id == payload["trigger_id"]
    assert found.response_url == payload["response_url"]


@pytest.mark.parametrize(
    ("name", "verb", "chosen"),
    [
        ("menu", Verb.NOT_ABOUT_US, ""),
        ("snooze", Verb.SNOOZE, "4h"),
        ("assign", Verb.ASSIGN, "U0BEN"),
    ],
)
def test_menus_and_pickers_say_what_was_chosen(name: str, verb: Verb, chosen: str) -> None:
    found = read(*PAYLOADS[name])
    assert isinstance(found, Press)
    assert (found.verb, found.incident_id, found.version) == (verb, 3, 2)
    assert found.chosen == chosen


def test_a_dialog_says_what_was_filled_in_and_leaves_out_what_was_not() -> None:
    payload = ANA.submit(
        Verb.RESOLVE, 3, 2, how="elsewhere", channel=" by mail ", at=1_763_600_000, duplicate=None
    )
    found = read("interactive", payload)
    assert isinstance(found, Submission)
    assert (found.verb, found.incident_id, found.version) == (Verb.RESOLVE, 3, 2)
    assert found.answers == {"how": "elsewhere", "channel": "by mail", "at": "1763600000"}


def test_a_command_and_a_reply_keep_their_words() -> None:
    command, reply = read(*PAYLOADS["command"]), read(*PAYLOADS["reply"])
    assert isinstance(command, Command)
    assert isinstance(reply, Reply)
    assert command.text == "search late parcel"
    assert (reply.text, reply.thread_ts) == ("I take it", "1763600000.000100")


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"bot_id": "B0EARSHOT"}, id="a bot"),
        pytest.param({"subtype": "message_changed"}, id="an edit"),
        pytest.param({"subtype": "channel_join"}, id="somebody joined"),
        pytest.param({"subtype": "bot_message"}, id="a bot of old"),
        pytest.param({"hidden": True}, id="hidden"),
        pytest.param({"thread_ts": None}, id="no reply"),
        pytest.param({"text": ""}, id="a picture alone"),
        pytest.param({"type": "reaction_added"}, id="another event"),
    ],
)
def test_what_is_no_persons_reply_is_not_for_us(event: dict[str, Any]) -> None:
    payload = ANA.reply("talk", REF)
    payload["event"] |= event
    assert read("events_api", payload) is Unread.NOT_FOR_US


def test_a_message_is_no_reply_to_itself() -> None:
    payload = ANA.reply("talk", REF, ts=REF.partition("/")[2])
    assert read("events_api", payload) is Unread.NOT_FOR_US


def test_a_button_that_opens_a_page_is_not_for_us() -> None:
    assert read("interactive", ANA.press("open_post_2", 3, 2, REF)) is Unread.NOT_FOR_US
    assert read("interactive", {"type": "view_closed"}) is Unread.NOT_FOR_US


@pytest.mark.parametrize(
    "value", ["", "3", "3:", ":2", "0:1", "3:0", "-3:2", "3:2:1", "٣:2", "3 :2", "9" * 10 + ":1"]
)
def test_a_value_that_is_not_ours_is_malformed(value: str) -> None:
    payload = copy.deepcopy(PAYLOADS["press"][1])
    payload["actions"][0]["value"] = value
    assert read("interactive", payload) is Unread.MALFORMED


@pytest.mark.parametrize("action", ["shutdown", "", "ACKNOWLEDGE", "x" * 300, "snooze", "assign"])
def test_an_action_that_nobody_drew_is_malformed(action: str) -> None:
    payload = copy.deepcopy(PAYLOADS["press"][1])
    payload["actions"][0]["action_id"] = action
    payload["actions"][0]["block_id"] = "x"
    assert read("interactive", payload) is Unread.MALFORMED


@pytest.mark.parametrize("chosen", ["2h", "", "snooze", "opening:4h"])
def test_a_length_that_nobody_offers_is_malformed(chosen: str) -> None:
    payload = ANA.press(Verb.SNOOZE, 3, 2, REF, chosen)
    assert read("interactive", payload) is Unread.MALFORMED


def _paths(of: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = of.items() if isinstance(of, dict) else enumerate(of) if isinstance(of, list) else ()
    for key, value in children:
        yield (*at, key)
        yield from _paths(value, (*at, key))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.data())
def test_no_shape_of_a_payload_makes_it_stumble(data: st.DataObject) -> None:
    kind, payload = data.draw(st.sampled_from(list(PAYLOADS.values())))
    forged = copy.deepcopy(payload)
    *way, last = data.draw(st.sampled_from(list(_paths(payload))))
    parent: Any = forged
    for key in way:
        parent = parent[key]
    if data.draw(st.booleans()) and isinstance(parent, dict):
        del parent[last]
    else:
        parent[last] = data.draw(ANYTHING)
    assert isinstance(read(kind, forged), Press | Submission | Command | Reply | Unread)


@given(st.sampled_from(["interactive", "slash_commands", "events_api", "hello", ""]), ANYTHING)
def test_nothing_that_comes_makes_it_stumble(kind: str, payload: object) -> None:
    assert read(kind, payload) is not None


@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/plain"]))
def test_no_body_makes_it_stumble(body: bytes, content_type: str) -> None:
    read(*from_http(body, content_type))


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"payload=%FF", b"payload={", b"payload=" + b"[" * 100_000, b""]
)
def test_a_body_that_cannot_be_read_is_malformed(body: bytes) -> None:
    assert read(*from_http(body, "application/x-www-form-urlencoded")) is Unread.MALFORMED
    assert read(*from_http(body, "application/json")) is Unread.MALFORMED


@pytest.mark.parametrize("name", PAYLOADS)
def test_http_brings_the_same_as_socket_mode(name: str) -> None:
    kind, payload = PAYLOADS[name]
    if kind == "events_api":
        found = from_http(json.dumps(payload).encode(), "application/json")
    else:
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        found = from_http(urlencode(form).encode(), "application/x-www-form-urlencoded")
    assert read(*found) == read(kind, payload)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U0BEN> please", "@U0BEN please"),
        ("<@U0BEN|ben> and <!subteam^S1|@support>", "@ben and @support"),
        ("<!here> look", "@here look"),
        ("<#C1|general>", "#general"),
        ("<https://a.example/x|here>", "here (https://a.example/x)"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
    ],
)
def test_slacks_text_is_kept_as_people_read_it(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_of_a_long_reply_the_beginning_is_kept() -> None:
    found = read("events_api", ANA.reply("a" * 39_000, REF))
    assert isinstance(found, Reply)
    assert found.text == "a" * MOST_TEXT
