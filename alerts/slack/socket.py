"""Socket Mode: presses come over a connection that we open, so no public address is needed.

By slack_sdk's own client. What it lacks is added here: a first connection that fails is tried
again, a refused token is not asked for every five seconds, and the client logs nothing, because its
lines hold texts and the tickets of connections.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any

from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient

from alerts.slack.client import SlackClient, silent
from alerts.slack.endpoint import Take, envelope
from alerts.slack.settings import SlackSettings
from domain.errors import RemoteError

log = logging.getLogger(__name__)

FIX_APP_TOKEN = (
    "set [alerts.slack] app_token to an app-level xapp- token with connections:write "  # noqa: S105
    "(docs/slack.md, step 5)"
)
LOOK_EVERY_S = 1.0  # whether the connection is up
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
AFTER_REFUSAL_S = 900.0
PING_EVERY_S = 5.0  # the client's; after four without an answer it takes the line for dead
STOP_S = 5.0
_POLL_S = 0.05
# The client reads a message by a call within a call for each piece: small ones end in an error.
_PIECE = 64 * 1024


def open_connection(settings: SlackSettings) -> str:
    """The address of a new connection, good for once and secret. Raises RemoteError."""
    if settings.app_token is None:
        raise RemoteError(f"slack: no app token; {FIX_APP_TOKEN}", permanent=True)
    token = settings.app_token.get_secret_value()
    try:
        answer = SlackClient(settings).call("apps.connections.open", token=token)
    except RemoteError as error:
        if not error.permanent:
            raise
        said = str(error).rpartition(": ")[0]  # its way out is the bot's
        raise RemoteError(f"{said}: {FIX_APP_TOKEN}", permanent=True) from error
    url = answer.get("url")
    if not isinstance(url, str) or not url.startswith(("wss://", "ws://")):
        raise RemoteError("slack: apps.connections.open gave no address back")
    return url


class _Client(SocketModeClient):
    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        super().__init__(
            app_token="",  # it is asked for by ourselves
            logger=silent(),
            web_client=SlackClient(settings).web,
            auto_reconnect_enabled=False,  # Socket does it, at its pace
            ping_interval=PING_EVERY_S,
            receive_buffer_size=_PIECE,
        )

    def issue_new_wss_url(self) -> str:
        return open_connection(self._settings)


class Socket:
    """The connection, kept up from start() to stop()."""

    def __init__(self, settings: SlackSettings, take: Take) -> None:
        self._settings, self._take = settings, take
        self._client = _Client(settings)
        self._client.message_listeners.append(self._on_message)
        self._stopping = Event()
        self._keeper = Thread(target=self._keep_up, name="slack socket", daemon=True)

    @property
    def is_up(self) -> bool:
        return bool(self._client.is_connected())

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """Hang up, within STOP_S; what is not acknowledged yet is Slack's to tell the person."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        ends = time.monotonic() + STOP_S
        if self._keeper.ident is not None:
            self._keeper.join(STOP_S)
        self._cut()
        closing = Thread(target=self._close, daemon=True)
        closing.start()
        while closing.is_alive() and time.monotonic() < ends:
            # A reader that only begins now takes the end back, and would be waited for for ever.
            self._client.current_session_state.terminated = True
            closing.join(_POLL_S)

    def _cut(self) -> None:
        """End the reader's wait for the next bytes, three seconds long, before it is closed."""
        session = self._client.current_session
        line = session.sock if session is not None else None
        with suppress(OSError):
            if line is not None:
                line.shutdown(SHUT_RDWR)

    def _close(self) -> None:
        try:
            self._client.close()
        except AttributeError:  # the client's reader has hung up at the same instant
            self._client.close()

    def _on_message(
        self, _client: BaseSocketModeClient, _message: Mapping[str, Any], raw: str | None
    ) -> None:
        """Hand over and acknowledge, whatever shape it has."""
        found = envelope(raw or "")
        if found is None:
            return  # hello, or what nobody knows
        envelope_id, kind, payload = found
        taken = self._take(kind, payload)
        if not taken.accepted:
            return  # Slack tells the person, or sends it again
        answer = {"envelope_id": envelope_id}
        given = {} if taken.body is None else {"payload": taken.body}
        try:
            self._client.send_message(json.dumps(answer | given))
        except (SlackClientError, OSError):
            log.warning("slack socket was cut before an acknowledgement kind=%s", kind)

    def _keep_up(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if self.is_up:
                pause, failures = LOOK_EVERY_S, 0
            else:
                pause = self._connect(failures)
                failures += 1
            self._stopping.wait(pause)

    def _connect(self, failures: int) -> float:
        """Try once; return after how many seconds to look again."""
        pause = min(FIRST_PAUSE_S * (1 << min(failures, 10)), LONGEST_PAUSE_S)
        try:
            self._client.connect_to_new_endpoint()
        except RemoteError as error:
            log.warning("slack socket is down reason=%s", error)
            if error.permanent:
                return AFTER_REFUSAL_S
            return max(pause, (error.retry_after or timedelta()).total_seconds())
        except Exception as error:  # noqa: BLE001  the client's own bug: the next try may pass
            # Its text may hold the connection's ticket.
            log.error("slack socket stumbled kind=%s", type(error).__name__)  # noqa: TRY400
            return LONGEST_PAUSE_S
        if self.is_up:
            log.info("slack socket is up")
        else:
            log.warning("slack socket is down reason=no connection")
        return pause
