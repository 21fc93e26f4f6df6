"""Stack Exchange's API: what each of its answers asks for beside giving items.

Its key can only be sent in the address. It asks for rests ("backoff") in good answers, and its
errors have names of their own.
"""

import logging
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.errors import RemoteError
from listener.clean import words
from net.json_api import Api

_SHORT_REST_S = 10.0  # slept out; a longer one ends the pass, so that a stop need not wait for it
_MOST_WAIT_S = 86_400  # a day's quota: who asks before it is over is locked out for longer


class StackExchangeApi:
    def __init__(self, base_url: str, key: str) -> None:
        """key: "" for none."""
        self._key = {"key": key} if key else {}
        self._resting_until = 0.0  # on the monotonic clock
        _silence_addresses()
        self._api = Api("stackexchange", base_url, headers={}, translate_error=_said)

    def get(self, path: str, asked: Mapping[str, Any], now: datetime | None) -> Mapping[str, Any]:
        """One answer with items, once the rest that the service asked for is over.

        Raises RemoteError when the service refuses, fails, or wants a longer rest.
        """
        self._rest()
        answer = self._api.get(f"2.3/{path}", {**asked, **self._key}, now=now)
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise RemoteError("stackexchange: the answer holds no items; will be tried again")
        rest = answer.get("backoff")
        if isinstance(rest, int) and rest > 0:
            self._resting_until = time.monotonic() + min(rest, _MOST_WAIT_S)
        return answer

    def _rest(self) -> None:
        left = self._resting_until - time.monotonic()
        if left > _SHORT_REST_S:
            told = f"stackexchange: asks to be left alone for {left:.0f} s"
            raise RemoteError(told, retry_after=timedelta(seconds=left))
        if left > 0:
            time.sleep(left)


def items(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All that came; what is no object is an empty one, so that a full page stays full."""
    return [item if isinstance(item, dict) else {} for item in answer.get("items", ())]


def _said(status: int, body: Any, _wait: timedelta | None) -> RemoteError | None:  # noqa: ANN401
    """Its errors come with 400 or 502 and a name; what it says may hold the key, so only that."""
    name = words(body.get("error_name")) if isinstance(body, dict) else ""
    if name == "throttle_violation":
        # A day's quota may be used up: it says so itself, and to ask earlier makes it longer.
        found = re.search(r"available in ([0-9]{1,6}) seconds", words(body.get("error_message")))
        wait = timedelta(seconds=min(int(found[1]), _MOST_WAIT_S)) if found else None
        return RemoteError(f"stackexchange: rate limited ({status})", retry_after=wait)
    if name in ("internal_error", "temporarily_unavailable"):
        return RemoteError(f"stackexchange: the service fails ({status})")
    if name:
        told = f"stackexchange: refused ({status} {name[:40]}); check sources.stackexchange"
        return RemoteError(f"{told}.sites and api_key", permanent=True)
    return None


def _silence_addresses() -> None:
    """Keep the key, which can only be sent in the address, out of urllib3's debug log."""
    log = logging.getLogger("urllib3.connectionpool")
    if _without_key not in log.filters:
        log.addFilter(_without_key)


def _without_key(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG or "key=" not in record.getMessage()
