from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.slack.actions import Submission, read
from alerts.slack.dialogs import DIALOGS, Asked, Errors, answered, dialog
from domain.incident import Severity
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded, Verb
from domain.sentiment import Label
from tests.alerts.slack_presses import Presser

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANA = Presser()


def filled(verb: Verb, **fields: object) -> Asked | Errors:
    submission = read("interactive", ANA.submit(verb, 3, 2, **fields))
    assert isinstance(submission, Submission)
    return answered(submission, now=NOW)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


@pytest.mark.parametrize("verb", DIALOGS)
def test_a_dialog_holds_number_and_version_and_keeps_slacks_limits(verb: Verb) -> None:
    shown = dialog(verb, 2**31 - 1, 99, now=NOW)
    assert shown["private_metadata"] == "2147483647:99"
    assert shown["callback_id"] == verb
    # https://docs.slack.dev/reference/views/modal-views
    assert len(shown["title"]["text"]) <= 24
    fields = [block["block_id"] for block in shown["blocks"]]
    assert len(fields) == len(set(fields))
    assert all(block["element"]["action_id"] == block["block_id"] for block in shown["blocks"])


@pytest.mark.parametrize(
    ("verb", "fields", "expected"),
    [
        pytest.param(Verb.RESOLVE, {"how": "no_answer"}, NoAnswerNeeded(), id="no answer"),
        pytest.param(
            Verb.RESOLVE, {"how": "duplicate", "duplicate": "7"}, DuplicateOf(7), id="duplicate"
        ),
        pytest.param(
            Verb.RESOLVE,
            {"how": "elsewhere", "channel": "phone", "at": seconds(NOW - MINUTE)},
            Elsewhere("phone", NOW - MINUTE),
            id="elsewhere",
        ),
        pytest.param(
            Verb.RESOLVE,
            {"how": "elsewhere", "channel": "phone", "at": seconds(NOW + MINUTE)},
            Elsewhere("phone", NOW),
            id="a clock that runs ahead",
        ),
        pytest.param(Verb.WRONG_TONE, {"tone": "neutral"}, Label.NEUTRAL, id="tone"),
        pytest.param(Verb.SEVERITY, {"severity": "high"}, Severity.HIGH, id="severity"),
        pytest.param(Verb.NOTE, {"text": "She phoned"}, "She phoned", id="note"),
    ],
)
def test_what_was_filled_in_becomes_what_the_verb_asks(
    verb: Verb, fields: dict[str, Any], expected: Asked
) -> None:
    assert filled(verb, **fields) == expected


@pytest.mark.parametrize(
    ("verb", "fields", "wrong"),
    [
        pytest.param(Verb.RESOLVE, {}, "how", id="nothing"),
        pytest.param(Verb.RESOLVE, {"how": "negative"}, "how", id="forged"),
        pytest.param(Verb.RESOLVE, {"how": "elsewhere", "at": 1}, "channel", id="not where"),
        pytest.param(Verb.RESOLVE, {"how": "elsewhere", "channel": "x"}, "at", id="not when"),
        pytest.param(
            Verb.RESOLVE,
            {"how": "elsewhere", "channel": "x", "at": seconds(NOW + 2 * MINUTE)},
            "at",
            id="in the future",
        ),
        pytest.param(
            Verb.RESOLVE,
            {"how": "elsewhere", "channel": "x", "at": 2**39},
            "at",
            id="beyond all years",
        ),
        pytest.param(Verb.RESOLVE, {"how": "duplicate"}, "duplicate", id="of what"),
        pytest.param(
            Verb.RESOLVE, {"how": "duplicate", "duplicate": "3"}, "duplicate", id="of itself"
        ),
        pytest.param(
            Verb.RESOLVE, {"how": "duplicate", "duplicate": "x"}, "duplicate", id="no number"
        ),
        pytest.param(Verb.WRONG_TONE, {"tone": "high"}, "tone", id="no tone"),
        pytest.param(Verb.SEVERITY, {"severity": "negative"}, "severity", id="no severity"),
        pytest.param(Verb.NOTE, {"text": "  "}, "text", id="no note"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(verb: Verb, fields: dict[str, Any], wrong: str) -> None:
    found = filled(verb, **fields)
    assert isinstance(found, dict)
    assert list(found) == [wrong]
