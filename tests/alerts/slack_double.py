"""A Slack on loopback: takes messages, checks their blocks, and fails on demand.

with SlackDouble() as slack:
    slack.fail_next("drop")
    SlackNotifier(SlackSettings(bot_token=…, channel="C0ALERTS", base_url=slack.url))
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.alerts import slack_oracle

TOKEN = "xoxb-canary-1234567890"
APP_TOKEN = "xapp-1-canary-0987654321"
TEAM, APP = "T0ACME", "A0EARSHOT"
FIRST_TS = 1_763_600_000


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    arguments: dict[str, Any]
    token: str


@dataclass(slots=True)
class Failure:
    how: str  # drop, refuse, hang, 429, 500, html, truncated, list, bytes, or any code of Slack's
    method: str  # "" for any
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


class SlackDouble:
    """Messages stay in order of arrival; an update changes its message in place."""

    def __init__(self, *, channels: tuple[str, ...] = ("C0ALERTS",), names: bool = True) -> None:
        self.messages: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.refused: list[str] = []  # why a payload broke Slack's limits
        self.base = FIRST_TS  # the first message's second
        self.users = {"U0ANA": person("ana", "Ana Ruiz"), "U0BEN": person("ben", "Ben")}
        self.groups: dict[str, list[str]] = {}
        self.views: list[dict[str, Any]] = []  # dialogs that were opened
        self.shown: list[dict[str, Any]] = []  # what only one person sees: user, text, blocks
        self.socket_url = ""  # of the next Socket Mode connection
        self._triggers: set[str] = set()
        self._sent = 0
        self._ids = {channel: channel for channel in channels}
        if names:
            self._ids |= {"#alerts": channels[0], "alerts": channels[0]}
        self._failures: deque[Failure] = deque()
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (Handler,), {"double": self})
        )
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.001}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/"

    @property
    def roots(self) -> list[dict[str, Any]]:
        """Messages that stand in the channel itself."""
        return [
            message
            for message in self.messages
            if not message.get("thread_ts") and message.get("subtype") != "tombstone"
        ]

    @property
    def live(self) -> list[str]:
        """Everything live in any message: tokens and addresses Slack would link by itself."""
        return [
            live
            for message in self.messages
            for live in (*slack_oracle.tokens(message), *slack_oracle.addresses(message))
        ]

    def fail_next(
        self, how: str, *, times: int = 1, method: str = "", retry_after: str | None = None
    ) -> None:
        """The next calls (of that method) go wrong.

        drop: done, but the answer is lost · cut: the same in the middle of it · hang: done, no
        answer · refuse: not done, closed · 429 · 500 · 503 · html · truncated · list · bytes:
        done, with an answer nobody can read · anything else: ok false with that code, not done.
        """
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        status = int(how) if how.isdigit() else 200
        self._failures.extend(Failure(how, method, headers, status) for _ in range(times))

    def recover(self) -> None:
        """Nothing goes wrong any longer."""
        self._failures.clear()

    def answer(self, call: Call) -> tuple[Failure | None, dict[str, Any]]:
        with self._lock:
            self.calls.append(call)
            failure = self._take(call.method)
            if failure and failure.how in ("429", "refuse"):
                return failure, {"ok": False, "error": "ratelimited"}
            if failure and failure.how not in DONE_ANYWAY:
                return None, {"ok": False, "error": failure.how}
            return failure, self._perform(call)

    def _take(self, method: str) -> Failure | None:
        for failure in self._failures:
            if failure.method in ("", method):
                self._failures.remove(failure)
                return failure
        return None

    def _perform(self, call: Call) -> dict[str, Any]:
        perform: Callable[[dict[str, Any]], dict[str, Any]] | None = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
            "conversations.replies": self._history,
            "bots.info": self._bots_info,
            "users.info": self._users_info,
            "usergroups.users.list": self._members,
            "views.open": self._open,
            "chat.postEphemeral": self._show,
            "apps.connections.open": self._connect,
        }.get(call.method)
        if perform is None:
            return {"ok": False, "error": "unknown_method"}
        if not call.token.startswith("xapp-" if call.method.startswith("apps.") else "xoxb-"):
            return {"ok": False, "error": "not_authed" if not call.token else "invalid_auth"}
        return perform(call.arguments)

    def _auth_test(self, _arguments: dict[str, Any]) -> dict[str, Any]:
        who = {"user": "earshot", "user_id": "U0EARSHOT", "bot_id": "B0EARSHOT"}
        return {"ok": True, "team": "Acme Ltd", "team_id": TEAM, **who}

    def _bots_info(self, _arguments: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "bot": {"id": "B0EARSHOT", "app_id": APP, "name": "earshot"}}

    def _users_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = self.users.get(arguments.get("user", ""))
        if found is None:
            return {"ok": False, "error": "user_not_found"}
        return {"ok": True, "user": found | {"id": arguments["user"]}}

    def _members(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = self.groups.get(arguments.get("usergroup", ""))
        if found is None:
            return {"ok": False, "error": "no_such_subteam"}
        return {"ok": True, "users": found}

    def _open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A trigger opens one dialog."""
        if arguments["trigger_id"] in self._triggers:
            return {"ok": False, "error": "exchanged_trigger_id"}
        self._triggers.add(arguments["trigger_id"])
        self.views.append(arguments["view"])
        return {"ok": True, "view": {"id": f"V{len(self.views):04}", "hash": "1.a"}}

    def _show(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("channel") not in self._ids.values():
            return {"ok": False, "error": "channel_not_found"}
        return self.answer_privately(arguments["user"], arguments)

    def answer_privately(self, user: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What only this person sees, from a response_url or a method."""
        shown_nowhere_else = {"unfurl_links": False, "unfurl_media": False}  # not to be asked for
        self.refused += slack_oracle.violations(shown_nowhere_else | arguments)
        self.shown.append({**arguments, "user": user})
        return {"ok": True, "message_ts": "1.000100"}

    def told(self, user: str) -> list[str]:
        """What this person alone was told, in order."""
        return [one["text"] for one in self.shown if one["user"] == user]

    def response_url(self, user: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/response/{user}"

    def _connect(self, _arguments: dict[str, Any]) -> dict[str, Any]:
        if not self.socket_url:
            return {"ok": False, "error": "internal_error"}
        return {"ok": True, "url": self.socket_url}

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._ids.get(arguments.get("channel", ""))
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        broken = slack_oracle.violations(arguments)
        if broken:
            self.refused += broken
            return {"ok": False, "error": "invalid_blocks", "errors": broken}
        ts = f"{self.base + self._sent}.000100"
        self._sent += 1
        self.messages.append({**arguments, "channel": channel, "ts": ts})
        return {"ok": True, "channel": channel, "ts": ts, "message": {"text": arguments["text"]}}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("channel") not in self._ids.values():  # a #name will not do
            return {"ok": False, "error": "channel_not_found"}
        for message in self.messages:
            if message["ts"] == arguments.get("ts"):
                if message.get("subtype") == "tombstone":
                    return {"ok": False, "error": "cant_update_message"}
                changed = {**message, **arguments, "edits": message.get("edits", 0) + 1}
                broken = slack_oracle.violations(changed)
                if broken:
                    self.refused += broken
                    return {"ok": False, "error": "invalid_blocks", "errors": broken}
                message.update(changed)
                return {"ok": True, "channel": arguments["channel"], "ts": message["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Of a message with replies a tombstone stays, which can be neither changed nor deleted."""
        if arguments.get("channel") not in self._ids.values():
            return {"ok": False, "error": "channel_not_found"}
        found = [one for one in self.messages if one["ts"] == arguments.get("ts")]
        if not found:
            return {"ok": False, "error": "message_not_found"}
        [message] = found
        if message.get("subtype") == "tombstone":
            return {"ok": False, "error": "cant_delete_message"}
        if any(one.get("thread_ts") == message["ts"] for one in self.messages):
            kept = {"channel": message["channel"], "ts": message["ts"]}
            message.clear()
            message.update(
                kept, subtype="tombstone", text="This message was deleted.", user="USLACKBOT"
            )
        else:
            self.messages.remove(message)
        return {"ok": True, **arguments}

    def by_hand(self, ref: str) -> None:
        """A person deletes the message of this reference."""
        channel, _, ts = ref.rpartition("/")
        assert self._delete({"channel": channel, "ts": ts})["ok"]

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("channel") not in self._ids.values():
            return {"ok": False, "error": "channel_not_found"}
        root = arguments.get("ts")
        oldest = float(arguments.get("oldest", 0))
        found = [
            message
            for message in self.messages
            if float(message["ts"]) >= oldest
            and message["channel"] == arguments["channel"]
            and (
                root in (message["ts"], message.get("thread_ts"))
                if root
                else not message.get("thread_ts")
            )
        ]
        if not root:
            found.reverse()  # newest first
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        rest = str(start + limit) if start + limit < len(found) else ""
        with_metadata = str(arguments.get("include_all_metadata")) in ("1", "True", "true")
        kept = [_seen(message, with_metadata=with_metadata) for message in found]
        if root and not found and not oldest:
            return {"ok": False, "error": "thread_not_found"}
        return {
            "ok": True,
            "messages": kept[start : start + limit],
            "has_more": bool(rest),
            "response_metadata": {"next_cursor": rest},
        }


def person(name: str, real_name: str, **more: bool) -> dict[str, Any]:
    """Somebody as users.info tells. more: is_restricted, is_stranger, is_bot, deleted."""
    profile = {"display_name": name, "real_name": real_name}
    return {"name": name, "real_name": real_name, "profile": profile, **more}


DONE_ANYWAY = {"drop", "cut", "hang", "500", "503", "html", "truncated", "list", "bytes"}


def _seen(message: dict[str, Any], *, with_metadata: bool) -> dict[str, Any]:
    hidden = set() if with_metadata else {"metadata"}
    return {key: value for key, value in message.items() if key not in hidden}


class Handler(BaseHTTPRequestHandler):
    double: SlackDouble

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        method = self.path.rpartition("/")[2]
        if self.path.startswith("/response/"):
            self.double.answer_privately(method, self._arguments(body))
            self._send(200, b"ok")
            return
        failure, answer = self.double.answer(Call(method, self._arguments(body), token))
        text = json.dumps(answer).encode()
        if failure is None:
            self._send(200, text)
        elif failure.how in ("drop", "refuse", "hang"):
            if failure.how == "hang":
                self.double.closing.wait(30)
            self.close_connection = True
        else:
            self._send_broken(failure, text)

    def _arguments(self, body: bytes) -> dict[str, Any]:
        if "json" in (self.headers.get("Content-Type") or ""):
            return dict(json.loads(body or b"{}"))
        return dict(parse_qsl(body.decode()))

    def _send_broken(self, failure: Failure, text: bytes) -> None:
        body = {
            "html": b"<!doctype html><title>Bad gateway</title>",
            "truncated": text[: len(text) // 2],
            "list": b'["not", "an", "object"]',
            "bytes": b"\xff\xfe\xfa",
            "cut": text,
            "429": text,
        }.get(failure.how, b"upstream connect error")
        more = 100 if failure.how == "cut" else 0  # promised and never sent
        self._send(failure.status, body, failure.headers, more=more)

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, more: int = 0
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body) + more))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: tests read double.calls."""
