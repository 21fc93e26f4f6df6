"""The other end of Socket Mode on loopback: sends envelopes and waits until they are taken."""

import itertools
import json
import threading
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.alerts.slack_double import SlackDouble

PATIENCE_S = 10.0


class SocketDouble:
    """Takes connections, one after the other."""

    def __init__(self, slack: SlackDouble) -> None:
        self._slack = slack
        self._changed = threading.Condition()
        self._lines: list[ServerConnection] = []
        self._acknowledged: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self.connected = 0  # how often somebody connected
        self._server = serve(self._hold, "127.0.0.1", 0, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        port = self._server.socket.getsockname()[1]
        self._slack.socket_url = f"ws://127.0.0.1:{port}/link/?ticket=canary-ticket"
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._slack.socket_url = ""
        self.cut()
        self._server.shutdown()
        self._thread.join()

    def _hold(self, line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self._changed:
            self._lines.append(line)
            self.connected += 1
            self._changed.notify_all()
        try:
            for raw in line:
                answer = json.loads(raw)
                with self._changed:
                    self._acknowledged[answer["envelope_id"]] = answer
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        with self._changed:
            self._lines.remove(line)
            self._changed.notify_all()

    def wait_for(self, times: int = 1) -> None:
        """Until somebody has connected so many times."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.connected >= times and bool(self._lines), PATIENCE_S
            )

    def send(
        self, kind: str, payload: object, *, patience_s: float = PATIENCE_S
    ) -> dict[str, Any] | None:
        """What was acknowledged; None: nothing was, within this time."""
        name = f"envelope-{next(self._numbers)}"
        self.send_raw(json.dumps({"envelope_id": name, "type": kind, "payload": payload}))
        with self._changed:
            self._changed.wait_for(lambda: name in self._acknowledged, patience_s)
            return self._acknowledged.get(name)

    def send_raw(self, text: str) -> None:
        self._lines[-1].send(text)

    def ask_to_leave(self) -> None:
        """Slack renews its connections every few hours."""
        self.send_raw(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def cut(self) -> None:
        """Every line breaks."""
        for line in list(self._lines):
            line.close()
