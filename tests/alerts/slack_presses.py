"""What Slack sends when people press, fill in, type and reply, as its reference shows it."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from domain.press import Said, Verb
from net.signed import SLACK, signature
from tests.alerts.slack_double import APP, FIRST_TS, TEAM, SlackDouble

SIGNING_SECRET = "canarySigningSecret7f3a"
_numbers = itertools.count(1)


@dataclass
class Presser:
    """A person in Slack. Every press is one of its own."""

    slack: SlackDouble | None = None  # where an answer for this person alone goes
    user: str = "U0ANA"
    team: str = TEAM
    app: str = APP
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def _response_url(self) -> str:
        if self.slack is None:
            return "https://hooks.slack.com/actions/T0ACME/1/x"
        return self.slack.response_url(self.user)

    def press(
        self, verb: Verb | Said | str, incident_id: int, version: int, ref: str, chosen: str = ""
    ) -> dict[str, Any]:
        """ref: C0ALERTS/1763600000.000100. chosen: of a menu, or a person."""
        channel, _, ts = ref.partition("/")
        return {
            "type": "block_actions",
            "user": {"id": self.user, "username": "not asked", "team_id": self.team},
            "team": {"id": self.team, "domain": "acme"},
            "api_app_id": self.app,
            "container": {"type": "message", "message_ts": ts, "channel_id": channel},
            "channel": {"id": channel, "name": "alerts"},
            "trigger_id": f"trigger.{next(_numbers)}",
            "response_url": self._response_url,
            "actions": [_action(verb, f"{incident_id}:{version}", chosen)],
            **self.more,
        }

    def label(self, said: Said | str, draw_id: int, mention_id: int, ref: str) -> dict[str, Any]:
        """Press what a post of the random sample says."""
        return self.press(said, draw_id, mention_id, ref)

    def submit(
        self, verb: Verb, incident_id: int, version: int, **fields: object
    ) -> dict[str, Any]:
        """Fill in the dialog of a verb. fields: text, or a number for an instant."""
        return {
            "type": "view_submission",
            "user": {"id": self.user, "name": "not asked", "team_id": self.team},
            "team": {"id": self.team, "domain": "acme"},
            "api_app_id": self.app,
            "trigger_id": f"trigger.{next(_numbers)}",
            "view": {
                "id": f"V{next(_numbers):05}",
                "hash": f"{FIRST_TS}.abc",
                "callback_id": str(verb),
                "private_metadata": f"{incident_id}:{version}",
                "state": {"values": {name: {name: _field(of)} for name, of in fields.items()}},
            },
            **self.more,
        }

    def command(self, text: str, channel: str = "C0ALERTS") -> dict[str, Any]:
        return {
            "command": "/earshot",
            "text": text,
            "team_id": self.team,
            "api_app_id": self.app,
            "user_id": self.user,
            "user_name": "not asked",
            "channel_id": channel,
            "channel_name": "talk",
            "trigger_id": f"trigger.{next(_numbers)}",
            "response_url": self._response_url,
            **self.more,
        }

    def reply(self, text: str, ref: str, **event: object) -> dict[str, Any]:
        """Write below the message of this reference."""
        channel, _, ts = ref.partition("/")
        written = {
            "type": "message",
            "user": self.user,
            "text": text,
            "channel": channel,
            "channel_type": "channel",
            "thread_ts": ts,
            "ts": f"{FIRST_TS + 500 + next(_numbers)}.000200",
        }
        return {
            "type": "event_callback",
            "team_id": self.team,
            "api_app_id": self.app,
            "event_id": f"Ev{next(_numbers)}",
            "event": written | event,
            **self.more,
        }


def _action(verb: Verb | Said | str, of: str, chosen: str) -> dict[str, Any]:
    base = {
        "action_id": str(verb),
        "block_id": f"incident:{of}",
        "action_ts": f"{FIRST_TS + 100 + next(_numbers)}.123456",
    }
    if verb == Verb.ASSIGN:
        return base | {"type": "users_select", "selected_user": chosen}
    if verb in (Verb.SNOOZE, "more"):
        option = {"text": {"type": "plain_text", "text": "…"}, "value": f"{chosen}:{of}"}
        return base | {"type": "static_select", "selected_option": option}
    return base | {"type": "button", "value": of}


def _field(given: object) -> dict[str, Any]:
    if isinstance(given, int):
        return {"type": "datetimepicker", "selected_date_time": given}
    if given in ("elsewhere", "no_answer", "duplicate", "negative", "neutral", "high", "normal"):
        return {"type": "radio_buttons", "selected_option": {"value": given}}
    return {"type": "plain_text_input", "value": given}


def signed(
    kind: str, payload: dict[str, Any], *, at: float, secret: str = SIGNING_SECRET
) -> tuple[bytes, dict[str, str]]:
    """The body and headers of the HTTP request that brings it."""
    if kind == "events_api":
        body, content_type = json.dumps(payload).encode(), "application/json"
    else:
        form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
        body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
    stamp = str(int(at))
    return body, {
        "Content-Type": content_type,
        SLACK.timestamp: stamp,
        SLACK.signature: signature(secret, stamp, body, SLACK),
    }
