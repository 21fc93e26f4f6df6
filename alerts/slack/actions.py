"""What Slack brings: presses, dialogs that were filled in, commands and replies, read strictly.

Nothing here is trusted. Whatever has another shape than Slack documents is MALFORMED, whoever made
it; it is never quoted, not in an error and not in a log.
https://docs.slack.dev/reference/interaction-payloads
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from domain.press import MORE, SNOOZES, Said, Verb

MOST_TEXT = 2_000  # characters that are kept of what a person writes
_ID = re.compile(r"[A-Z0-9]{2,30}")  # of a user, a channel, a team, an app
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}")
_OF = re.compile(r"([1-9][0-9]{0,9}):([1-9][0-9]{0,8})")  # incident and version
_POST = re.compile(r"([1-9][0-9]{0,9}):([1-9][0-9]{0,9})")  # draw and mention
_BIGGEST_ID = 2**31 - 1  # of our tables
_MOST = 3_000  # characters of whatever has no shape of its own
_ENTITY = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


class Unread(StrEnum):
    """Why nothing follows from what came."""

    MALFORMED = "malformed"
    NOT_FOR_US = "not for us"  # a button that opens a page, talk in the channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Who sent it, from where."""

    team: str
    app: str
    user_id: str
    user_name: str = ""  # as the payload says it
    channel: str = ""  # "" where it does not say
    trigger_id: str = ""  # opens a dialog, for three seconds
    response_url: str = ""  # takes an answer that only this person sees


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Came):
    verb: Verb
    incident_id: int
    version: int  # of the incident when the button was drawn
    message_ts: str
    action_ts: str
    chosen: str = ""  # how long to snooze, whom to assign

    @property
    def once(self) -> tuple[str, str, str, str]:
        """What one press has for itself, however often it comes."""
        return self.user_id, self.message_ts, self.verb, self.action_ts


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPress(Came):
    """What somebody says of a post of the random sample."""

    said: Said
    draw_id: int
    mention_id: int
    message_ts: str
    action_ts: str

    @property
    def once(self) -> tuple[str, str, str, str]:
        return self.user_id, self.message_ts, self.said, self.action_ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Came):
    """A dialog that somebody filled in."""

    verb: Verb
    incident_id: int
    version: int
    view_id: str
    view_hash: str
    answers: Mapping[str, str]  # by field; what was left empty is not there

    @property
    def once(self) -> tuple[str, str, str, str]:
        return self.user_id, self.view_id, f"{self.verb} dialog", self.view_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Came):
    text: str  # behind /earshot
    channel_name: str = ""

    @property
    def once(self) -> tuple[str, str, str, str]:
        return self.user_id, self.channel, "/earshot", self.trigger_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Came):
    """What a person wrote below a message."""

    text: str
    thread_ts: str
    ts: str

    @property
    def once(self) -> tuple[str, str, str, str]:
        return self.user_id, self.thread_ts, "reply", self.ts


Incoming = Press | LabelPress | Submission | Command | Reply


class _MalformedError(Exception):
    """It has another shape than Slack documents."""


class _NotForUsError(Exception):
    """Nothing follows from it."""


def read(kind: str, payload: object) -> Incoming | Unread:
    """What came. kind: as Socket Mode names it: interactive, slash_commands, events_api."""
    try:
        return _READERS[kind](_object(payload))
    except _NotForUsError:
        return Unread.NOT_FOR_US
    except (_MalformedError, KeyError):
        return Unread.MALFORMED


def from_http(body: bytes, content_type: str) -> tuple[str, object]:
    """The kind and the payload of an HTTP request, for read(). ("", None) when it has none."""
    try:
        text = body.decode("utf-8")
        if content_type == "application/json":
            return "events_api", json.loads(text)
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=50, errors="strict")
        form = {name: values[0] for name, values in fields.items()}
        if "payload" in form:
            return "interactive", json.loads(form["payload"])
    except (ValueError, RecursionError):
        return "", None
    return "slash_commands", form


# --- each kind ----------------------------------------------------------------------------------


def _interactive(payload: Mapping[str, Any]) -> Incoming:
    match _text(payload, "type", most=40):
        case "block_actions":
            return _press(payload)
        case "view_submission":
            return _submission(payload)
        case _:
            raise _NotForUsError


def _press(payload: Mapping[str, Any]) -> Press | LabelPress:
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1:
        raise _MalformedError
    action = _object(actions[0])
    if action.get("action_id") in tuple(Said):
        return _said(payload, action)
    verb, of, chosen = _pressed(action)
    container = _object(payload.get("container"))
    incident_id, version = _of(of)
    return Press(
        verb=verb,
        incident_id=incident_id,
        version=version,
        chosen=chosen,
        message_ts=_like(_TS, container, "message_ts"),
        action_ts=_like(_TS, action, "action_ts"),
        channel=_like(_ID, container, "channel_id"),
        trigger_id=_text(payload, "trigger_id", most=300),
        response_url=_optional(payload, "response_url"),
        **_sender(payload),
    )


def _said(payload: Mapping[str, Any], action: Mapping[str, Any]) -> LabelPress:
    container = _object(payload.get("container"))
    draw_id, mention_id = _of(_text(action, "value", most=40), _POST)
    return LabelPress(
        said=Said(_text(action, "action_id", most=255)),
        draw_id=draw_id,
        mention_id=mention_id,
        message_ts=_like(_TS, container, "message_ts"),
        action_ts=_like(_TS, action, "action_ts"),
        channel=_like(_ID, container, "channel_id"),
        trigger_id=_text(payload, "trigger_id", most=300),
        response_url=_optional(payload, "response_url"),
        **_sender(payload),
    )


def _pressed(action: Mapping[str, Any]) -> tuple[Verb, str, str]:
    """The verb, of which incident and version, and what was chosen with it."""
    name = _text(action, "action_id", most=255)
    if name.startswith("open_"):  # Slack tells of these, too
        raise _NotForUsError
    if name == MORE:
        verb, _, of = _option(action).partition(":")
        return _verb(verb, without=(Verb.SNOOZE, Verb.ASSIGN)), of, ""
    if name == Verb.SNOOZE:
        length, _, of = _option(action).partition(":")
        if length not in SNOOZES:
            raise _MalformedError
        return Verb.SNOOZE, of, length
    if name == Verb.ASSIGN:
        block = _text(action, "block_id", most=255)
        if not block.startswith("incident:"):
            raise _MalformedError
        return Verb.ASSIGN, block.removeprefix("incident:"), _like(_ID, action, "selected_user")
    return _verb(name, without=()), _text(action, "value", most=40), ""


def _option(action: Mapping[str, Any]) -> str:
    return _text(_object(action.get("selected_option")), "value", most=75)


def _verb(name: str, *, without: tuple[Verb, ...]) -> Verb:
    try:
        verb = Verb(name)
    except ValueError as error:
        raise _MalformedError from error
    if verb in without:
        raise _MalformedError
    return verb


def _submission(payload: Mapping[str, Any]) -> Submission:
    view = _object(payload.get("view"))
    incident_id, version = _of(_text(view, "private_metadata", most=40))
    values = _object(_object(view.get("state")).get("values"))
    answers = {name: _filled(_object(field)) for name, field in values.items()}
    return Submission(
        verb=_verb(_text(view, "callback_id", most=255), without=()),
        incident_id=incident_id,
        version=version,
        view_id=_like(_ID, view, "id"),
        view_hash=_text(view, "hash", most=100),
        answers={name: text for name, text in answers.items() if text},
        **_sender(payload),
    )


def _filled(field: Mapping[str, Any]) -> str:
    """What one field of a dialog holds, "" when it was left empty."""
    if len(field) != 1:
        raise _MalformedError
    [element] = field.values()
    element = _object(element)
    option = element.get("selected_option")
    at = element.get("selected_date_time")
    if option is not None:
        return _text(_object(option), "value", most=75)
    if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < 2**40:
        return str(at)
    return _optional(element, "value", most=MOST_TEXT * 2).strip()[:MOST_TEXT]


def _command(form: Mapping[str, Any]) -> Command:
    return Command(
        text=_optional(form, "text", most=MOST_TEXT * 2).strip()[:MOST_TEXT],
        team=_like(_ID, form, "team_id"),
        app=_like(_ID, form, "api_app_id"),
        user_id=_like(_ID, form, "user_id"),
        user_name=_optional(form, "user_name", most=100),
        channel=_like(_ID, form, "channel_id"),
        channel_name=_optional(form, "channel_name", most=100),
        trigger_id=_text(form, "trigger_id", most=300),
        response_url=_text(form, "response_url"),
    )


def _event(payload: Mapping[str, Any]) -> Reply:
    if payload.get("type") != "event_callback":
        raise _NotForUsError
    event = _object(payload.get("event"))
    if event.get("type") != "message" or not _is_a_reply(event):
        raise _NotForUsError
    return Reply(
        text=plain(_text(event, "text", most=40_000)),
        thread_ts=_like(_TS, event, "thread_ts"),
        ts=_like(_TS, event, "ts"),
        team=_like(_ID, payload, "team_id"),
        app=_like(_ID, payload, "api_app_id"),
        user_id=_like(_ID, event, "user"),
        channel=_like(_ID, event, "channel"),
    )


def _is_a_reply(event: Mapping[str, Any]) -> bool:
    """Whether a person wrote it below a message: no bot, no edit, nobody who joined."""
    by_hand = event.get("subtype") in (None, "thread_broadcast", "file_share")
    machine = event.get("bot_id") or event.get("app_id") or event.get("hidden")
    below = event.get("thread_ts") not in (None, event.get("ts"))
    return by_hand and below and not machine and bool(event.get("text"))


_READERS: dict[str, Callable[[Mapping[str, Any]], Incoming]] = {
    "interactive": _interactive,
    "slash_commands": _command,
    "events_api": _event,
}


def plain(text: str) -> str:
    """Slack's text as people read it, at most MOST_TEXT characters: <@U1|ana> is @ana."""
    return html.unescape(_ENTITY.sub(_entity, text)).strip()[:MOST_TEXT]


def _entity(found: re.Match[str]) -> str:
    sign, what, shown = found[1], found[2], found[3]
    if not sign:
        return f"{shown} ({what})" if shown and shown != what else what
    name = shown or what.removeprefix("subteam^")
    return name if name.startswith(("@", "#")) else f"{'#' if sign == '#' else '@'}{name}"


# --- strictly -----------------------------------------------------------------------------------


def _sender(payload: Mapping[str, Any]) -> dict[str, str]:
    user = _object(payload.get("user"))
    name = _optional(user, "username", most=100) or _optional(user, "name", most=100)
    return {
        "team": _like(_ID, _object(payload.get("team")), "id"),
        "app": _like(_ID, payload, "api_app_id"),
        "user_id": _like(_ID, user, "id"),
        "user_name": name,
    }


def _of(text: str, shape: re.Pattern[str] = _OF) -> tuple[int, int]:
    found = shape.fullmatch(text)
    if found is None or max(int(found[1]), int(found[2])) > _BIGGEST_ID:
        raise _MalformedError
    return int(found[1]), int(found[2])


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _MalformedError
    return value


def _text(of: Mapping[str, Any], key: str, *, most: int = _MOST) -> str:
    value = of.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise _MalformedError
    return value


def _optional(of: Mapping[str, Any], key: str, *, most: int = _MOST) -> str:
    return _text(of, key, most=most) if of.get(key) else ""


def _like(pattern: re.Pattern[str], of: Mapping[str, Any], key: str) -> str:
    value = _text(of, key)
    if not pattern.fullmatch(value):
        raise _MalformedError
    return value
