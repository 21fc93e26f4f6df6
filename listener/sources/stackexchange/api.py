"""Stack Exchange's API: what each of its answers asks for beside giving items.

Its key can only be sent in the address. It asks for rests ("backoff") in good answers, and its
errors have names of their own.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import RemoteError
from listener.clean import words
from net.json_api import Api
from net.refusals import Refusal

_SHORT_REST_S = 10.0  # slept out; a longer one ends the pass, so that a stop need not wait for it
_MOST_WAIT_S = 86_400  # a day's quota: who asks before it is over is locked out for longer
# https://api.stackexchange.com/docs/error-handling; what is not among them may pass
_REFUSALS = (
    *("bad_parameter", "access_token_required", "invalid_access_token", "access_denied"),
    *("no_method", "key_required", "access_token_compromised", "write_failed"),
)


class StackExchangeApi:
    def __init__(self, base_url: str, key: str) -> None:
        """key: "" for none."""
        self._key = {"key": key} if key else {}
        self._resting_until = 0.0  # on the monotonic clock
        _silence_addresses()
        self._api = Api("stackexchange", base_url, headers={}, translate_error=_translate_error)

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


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """Its errors come with 400 or 502 and a name; its words may hold the key and are not shown."""
    if refusal.name == "throttle_violation":
        # A day's quota may be used up: it says so itself, and to ask earlier makes it longer.
        message = words(refusal.body.get("error_message"))
        found = re.search(r"available in ([0-9]{1,6}) seconds", message)
        wait = timedelta(seconds=min(int(found[1]), _MOST_WAIT_S)) if found else None
        return replace(refusal, headers={}).rate_limited(wait=wait)
    if refusal.name in _REFUSALS:
        return refusal.refused(advice="check sources.stackexchange.sites and api_key")
    return replace(refusal, headers={}).fails() if refusal.name else None


def _silence_addresses() -> None:
    """Keep the key, which can only be sent in the address, out of urllib3's debug log."""
    log = logging.getLogger("urllib3.connectionpool")
    if _without_key not in log.filters:
        log.addFilter(_without_key)


def _without_key(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG or "key=" not in record.getMessage()
