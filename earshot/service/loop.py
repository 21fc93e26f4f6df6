"""A job that begins every so often, and at once when it is prompted because there is work."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from domain.errors import EarshotError

log = logging.getLogger(__name__)

# Between two rounds: what comes in drops every few milliseconds is worked on together.
REST_S = 1.0


class Loop:
    """A thread of its own: nothing that takes long elsewhere delays it, and it polls nothing."""

    def __init__(
        self,
        name: str,
        every: timedelta,
        job: Callable[[Callable[[], bool]], object],
        stop: threading.Event,
    ) -> None:
        """job: is given a way to ask whether it was prompted again since it began."""
        self._name = name
        self._every_s = every.total_seconds()
        self._job = job
        self._stop = stop
        self._prompted = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def prompt(self) -> None:
        """Begin a round now; where one is going on, another one when it is done."""
        self._prompted.set()

    def end(self, within_s: float) -> bool:
        """Let the round that is going on finish, once `stop` is set; whether it did in time."""
        self.prompt()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._prompted.clear()  # before the look: what comes after it is not overlooked
            self._round()
            if not self._stop.wait(REST_S):
                self._prompted.wait(self._every_s - REST_S)

    def _round(self) -> None:
        """A deliberate error is one line in the log; whatever it is, the next round tries again."""
        try:
            self._job(self._prompted.is_set)
        except EarshotError as error:
            log.warning("job failed job=%s reason=%s", self._name, error)
        except Exception:
            log.exception("job broke job=%s", self._name)
