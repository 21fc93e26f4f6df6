"""The dialogs behind buttons that ask something first, and what was answered in them.

A dialog holds the incident's number and version and nothing else of it.
https://docs.slack.dev/reference/views/modal-views
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from alerts.slack.actions import MOST_TEXT, Submission
from domain.incident import Severity
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded, Settled, Verb
from domain.sentiment import Label

Block = dict[str, Any]
Asked = Settled | Label | Severity | str  # what was answered
Errors = Mapping[str, str]  # a sentence by field

HOW = {
    "elsewhere": "Answered elsewhere",
    "no_answer": "No answer needed",
    "duplicate": "Duplicate of another incident",
}
MOST_CHANNEL = 80
_SKEW = timedelta(minutes=1)  # clocks may differ, and the picker tells whole minutes
_SAY_WHERE = "Say where it was answered: by mail, on the phone …"
_SAY_WHEN = "Say when it was answered"
_FUTURE = "That is in the future"
_SAY_WHICH = "Say the number of the other incident"
_ITSELF = "That is this incident itself"


class Dialog(NamedTuple):
    title: str
    fields: Callable[[datetime], list[Block]]
    read: Callable[[Submission, datetime], Asked | Errors]


def dialog(verb: Verb, incident_id: int, version: int, *, now: datetime) -> dict[str, Any]:
    """The dialog of a verb in DIALOGS, as Slack draws it."""
    title, fields, _ = DIALOGS[verb]
    return {
        "type": "modal",
        "callback_id": verb.value,
        "private_metadata": f"{incident_id}:{version}",
        "title": _plain(f"{title} {incident_id}"),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": fields(now),
    }


def answered(submission: Submission, *, now: datetime) -> Asked | Errors:
    """What was answered, or what is wrong with it, by field."""
    return DIALOGS[submission.verb].read(submission, now)


# --- resolve ------------------------------------------------------------------------------------


def _resolve_fields(now: datetime) -> list[Block]:
    minute = int(now.timestamp()) // 60 * 60
    return [
        _field("how", "How?", _radio(HOW)),
        _field("channel", "Answered where", _line(MOST_CHANNEL), optional=True),
        _field(
            "at",
            "Answered when",
            {"type": "datetimepicker", "action_id": "at", "initial_date_time": minute},
            optional=True,
        ),
        _field("duplicate", "Duplicate of incident", _number(), optional=True),
    ]


def _read_resolve(submission: Submission, now: datetime) -> Asked | Errors:
    answers = submission.answers
    match answers.get("how"):
        case "elsewhere":
            return _elsewhere(answers, now)
        case "no_answer":
            return NoAnswerNeeded()
        case "duplicate":
            number = answers.get("duplicate", "")
            if not re.fullmatch(r"[1-9][0-9]{0,8}", number):
                return {"duplicate": _SAY_WHICH}
            if int(number) == submission.incident_id:
                return {"duplicate": _ITSELF}
            return DuplicateOf(int(number))
        case _:
            return {"how": "Choose one"}


def _elsewhere(answers: Mapping[str, str], now: datetime) -> Asked | Errors:
    channel, given = answers.get("channel", ""), answers.get("at", "")
    if not channel:
        return {"channel": _SAY_WHERE}
    if not given.isdigit():
        return {"at": _SAY_WHEN}
    try:
        at = datetime.fromtimestamp(int(given), UTC)
    except (OverflowError, OSError, ValueError):
        return {"at": _SAY_WHEN}
    if at > now + _SKEW:
        return {"at": _FUTURE}
    return Elsewhere(channel[:MOST_CHANNEL], min(at, now))


# --- the others ---------------------------------------------------------------------------------


def _read_label(submission: Submission, _now: datetime) -> Asked | Errors:
    given = submission.answers.get("tone", "")
    return Label(given) if given in list(Label) else {"tone": "Choose one"}


def _read_severity(submission: Submission, _now: datetime) -> Asked | Errors:
    given = submission.answers.get("severity", "")
    return Severity(given) if given in list(Severity) else {"severity": "Choose one"}


def _read_note(submission: Submission, _now: datetime) -> Asked | Errors:
    return submission.answers.get("text") or {"text": "Write something"}


DIALOGS: Mapping[Verb, Dialog] = {
    Verb.RESOLVE: Dialog("Resolve", _resolve_fields, _read_resolve),
    Verb.WRONG_TONE: Dialog(
        "Tone of",
        lambda _: [_field("tone", "What is its tone really?", _radio(_same(Label)))],
        _read_label,
    ),
    Verb.SEVERITY: Dialog(
        "Severity of",
        lambda _: [_field("severity", "How urgent is it?", _radio(_same(Severity)))],
        _read_severity,
    ),
    Verb.NOTE: Dialog(
        "Note on",
        lambda _: [_field("text", "Note", _line(MOST_TEXT) | {"multiline": True})],
        _read_note,
    ),
}


def _same(values: Sequence[str] | type[Label] | type[Severity]) -> dict[str, str]:
    return {str(one): str(one).capitalize() for one in values}


def _field(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    element = {"action_id": name, **element}
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }


def _radio(options: Mapping[str, str]) -> Block:
    made = [{"text": _plain(text), "value": value} for value, text in options.items()]
    return {"type": "radio_buttons", "options": made}


def _line(most: int) -> Block:
    return {"type": "plain_text_input", "max_length": most}


def _number() -> Block:
    return {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
