"""What came from Slack waits here: taken at once, done one after the other, given back at the end.

Nothing is asked of the database or of Slack before something is accepted, so Slack is answered in
milliseconds whatever they do. Dialogs have a lane of their own: Slack opens one within three
seconds of the press, and a press before it may wait for the database.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Protocol

from alerts.slack.actions import Incoming, Press, Submission, Unread, read
from alerts.slack.dialogs import DIALOGS, answered
from alerts.slack.endpoint import Taken

log = logging.getLogger(__name__)

MOST = 200  # that wait in a lane: more than a minute of many people's presses
STOP_S = 5.0  # what waits at the end has so long
GIVE_BACK_S = 3.0
_POLL_S = 0.05  # how soon the end is noticed


class Handler(Protocol):
    def handle(self, incoming: Incoming) -> None:
        """Do it, and tell who sent it if it cannot be done. Raises nothing but bugs."""
        ...

    def give_back(self, incoming: Incoming) -> None:
        """Tell who sent it that it was not done. Raises nothing but bugs."""
        ...


class Desk:
    """Takes from start() to close(), and does what it has taken until stop()."""

    def __init__(
        self, handler: Handler, *, clock: Callable[[], datetime], most: int = MOST
    ) -> None:
        self._handler, self._clock = handler, clock
        self._closed = Event()
        self._dialogs, self._work = Queue[Incoming](most), Queue[Incoming](most)
        self._threads = [
            Thread(target=self._keep_doing, args=[lane], name=name, daemon=True)
            for name, lane in (("slack dialogs", self._dialogs), ("slack work", self._work))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def receive(self, kind: str, payload: object) -> Taken:
        """Take it, or say what is wrong in a dialog; what has no right shape is let go."""
        if self._closed.is_set():
            return Taken(accepted=False)
        incoming = read(kind, payload)
        if isinstance(incoming, Unread):
            if incoming is Unread.MALFORMED:
                log.warning("slack brought what nobody can read, and it was let go kind=%s", kind)
            return Taken()
        if isinstance(incoming, Submission):
            if incoming.verb not in DIALOGS:
                log.warning("slack brought a dialog that nobody opened, and it was let go")
                return Taken()
            found = answered(incoming, now=self._clock())
            if isinstance(found, dict):
                return Taken(body={"response_action": "errors", "errors": found})
        return self._queue(incoming)

    def _queue(self, incoming: Incoming) -> Taken:
        asks = isinstance(incoming, Press) and incoming.verb in DIALOGS
        lane = self._dialogs if asks else self._work
        try:
            lane.put_nowait(incoming)
        except Full:
            log.warning("slack brings more than can be done: it was not taken")
            return Taken(accepted=False)
        return Taken()

    def close(self) -> None:
        """Take nothing any more."""
        self._closed.set()

    def stop(self) -> None:
        """Finish what was taken, within STOP_S; tell those whose turn did not come."""
        self.close()
        for thread in self._threads:
            thread.join(STOP_S)
        left = [one for lane in (self._dialogs, self._work) for one in _taken_from(lane)]
        if left:
            log.warning("slack presses were given back count=%d", len(left))
            back = Thread(target=self._give_back, args=[left], daemon=True)
            back.start()
            back.join(GIVE_BACK_S)

    def _give_back(self, left: list[Incoming]) -> None:
        for one in left:
            self._handler.give_back(one)

    def _keep_doing(self, lane: "Queue[Incoming]") -> None:
        while True:
            try:
                incoming = lane.get(timeout=_POLL_S)
            except Empty:
                if self._closed.is_set():
                    return
                continue
            try:
                self._handler.handle(incoming)
            except Exception:
                # A bug: the next press must not wait for a restart.
                log.exception("slack press stumbled kind=%s", type(incoming).__name__)


def _taken_from(lane: "Queue[Incoming]") -> list[Incoming]:
    found: list[Incoming] = []
    while True:
        try:
            found.append(lane.get_nowait())
        except Empty:
            return found
