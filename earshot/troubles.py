"""What happens after a source fails: how long it is left alone, and when it is given up."""

import hashlib
from datetime import datetime, timedelta

from pydantic import BaseModel

from domain.errors import ConfigError, RemoteError
from storage import sources
from storage.engine import Database

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)


def pause(failures: int, retry_after: timedelta | None) -> timedelta:
    """How long to leave a source alone after this many failures in a row.

    What it asks for counts, up to a day (a client that knows its service's windows bounds it
    further); without a wish 1, 2, 4, 8, then 15 minutes.
    """
    if retry_after is not None:
        return min(max(retry_after, timedelta()), LONGEST_ASKED)
    doubled: timedelta = FIRST_PAUSE * (1 << min(max(failures - 1, 0), 10))
    return min(doubled, LONGEST_PAUSE)


def note(
    database: Database,
    name: str,
    error: RemoteError | ConfigError,
    *,
    now: datetime,
    settings: BaseModel,
    alone: timedelta | None = None,
) -> None:
    """Store the trouble; a permanent one switches the source off until its settings change.

    alone: how long to leave it alone, where that is not for pause() to say.
    """
    with database.begin() as session:
        state = sources.state(session, name)
        state.failures += 1
        state.trouble, state.trouble_at = str(error), now
        # What is wrong with the configuration stays wrong until it changes.
        asked = error if isinstance(error, RemoteError) else RemoteError("", permanent=True)
        rest = pause(state.failures, asked.retry_after) if alone is None else alone
        state.next_at = now + rest
        state.off, state.fingerprint = asked.permanent, fingerprint(settings)


def clear(database: Database, name: str, *, now: datetime) -> None:
    """Store that all went well."""
    with database.begin() as session:
        state = sources.state(session, name)
        state.last_ok_at, state.trouble, state.failures = now, "", 0
        state.next_at, state.off = None, False


def may_call(database: Database, name: str, *, now: datetime, settings: BaseModel) -> bool:
    """Whether the service may be asked now: not while it pauses, not after a permanent refusal."""
    with database.read() as session:
        state = sources.states(session).get(name)
        if state is None:
            return True
        if state.off:
            return state.fingerprint != fingerprint(settings)
        return state.next_at is None or state.next_at <= now


def is_off(database: Database, name: str, *, settings: BaseModel) -> bool:
    """Whether the service has refused us for good and the configuration is still the same."""
    with database.read() as session:
        state = sources.states(session).get(name)
        return state is not None and state.off and state.fingerprint == fingerprint(settings)


def switch_on(database: Database, name: str) -> bool:
    """Forget old trouble: somebody has seen it work again. Returns whether it was off."""
    with database.begin() as session:
        state = sources.states(session).get(name)
        if state is None or not state.trouble:
            return False
        was_off = state.off
        state.off, state.trouble, state.next_at = False, "", None
        return was_off


def fingerprint(settings: BaseModel) -> str:
    """Equal for equal settings, secrets included, without giving any away."""
    values = {
        key: value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        for key, value in settings
    }
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]
