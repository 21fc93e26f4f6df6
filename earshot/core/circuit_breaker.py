"""The circuit breaker: how long a failing service is not called, and when it counts as off."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import BaseModel

from domain.errors import ConfigError, RemoteError
from domain.source_state import SourceState
from storage import source_state
from storage.engine import Database

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)
# The error page of a gateway looks like a refusal, too, so one alone decides nothing. And calling
# every minute with a revoked key may cost the account.
REFUSALS = 3  # in a row, each after its pause
AFTER_REFUSAL = timedelta(hours=1)
WHILE_OFF = timedelta(days=1)


def beside(source: str, what: str) -> str:
    """The key for another job of a source than its passes: its stream, its deletions."""
    return f"{source} ({what})"


def read_name(name: str) -> tuple[str, str]:
    """The source and the job of a key; "" for the passes themselves."""
    source, _, what = name.partition(" (")
    return source, what.removesuffix(")")


def pause(failures: int, retry_after: timedelta | None) -> timedelta:
    """How long a service is not called after this many failures in a row.

    Its Retry-After counts, up to a day (a client that knows its service's windows bounds it
    further); without one 1, 2, 4, 8, then 15 minutes.
    """
    if retry_after is not None:
        return min(max(retry_after, timedelta()), LONGEST_ASKED)
    doubled: timedelta = FIRST_PAUSE * (1 << min(max(failures - 1, 0), 10))
    return min(doubled, LONGEST_PAUSE)


def failed(
    database: Database,
    name: str,
    error: RemoteError | ConfigError,
    *,
    now: datetime,
    settings: BaseModel,
    alone: timedelta | None = None,
    sure: bool = False,
    jitter: float = 0.0,
) -> None:
    """Store the failure; after REFUSALS permanent ones the service is off, and tried once a day.

    alone: the pause after a passing failure, where pause() shall not decide it.
    jitter: a share of the pause by which it is longer; see earshot.core.jitter.
    sure: the refusal certainly comes from the service itself, so one is enough.
    """
    # What is wrong with the configuration stays wrong until that changes.
    sure = sure or isinstance(error, ConfigError)
    asked = error if isinstance(error, RemoteError) else RemoteError("", permanent=True)
    refused_with = fingerprint(settings) if asked.permanent else ""
    with database.begin() as session:
        state = _tried(source_state.state(session, name), now)
        state = replace(state, trouble=str(error), trouble_at=now)
        again = state.fingerprint == refused_with
        if asked.permanent and again and state.next_at is not None and now < state.next_at:
            # Called by hand, in spite of the pause: that is no further refusal.
            source_state.save_state(session, state)
            return
        failures = state.failures + 1 if again else 1
        off = asked.permanent and (sure or failures >= REFUSALS)
        if asked.permanent:
            rest = WHILE_OFF if off else AFTER_REFUSAL
        else:
            rest = pause(failures, asked.retry_after) if alone is None else alone
        after = replace(
            state,
            failures=failures,
            fingerprint=refused_with,
            off=off,
            next_at=now + rest * (1 + jitter),
        )
        source_state.save_state(session, after)


def succeeded(database: Database, name: str, *, now: datetime) -> None:
    """Store that the call succeeded."""
    with database.begin() as session:
        state = replace(_tried(source_state.state(session, name), now), last_ok_at=now)
        source_state.save_state(session, _well(state))


def allows(database: Database, name: str, *, now: datetime, settings: BaseModel) -> bool:
    """Whether the service may be called now: not during a pause, unless its settings changed."""
    with database.read() as session:
        state = source_state.states(session).get(name)
        if state is None or state.next_at is None or state.next_at <= now:
            return True
        # Only a refusal has a fingerprint: with other settings the service may accept.
        return state.fingerprint not in ("", fingerprint(settings))


def is_off(database: Database, name: str, *, settings: BaseModel) -> bool:
    """Whether the service is off, and its settings are still those that were refused."""
    with database.read() as session:
        state = source_state.states(session).get(name)
        return state is not None and state.off and state.fingerprint == fingerprint(settings)


def reset(database: Database, name: str) -> bool:
    """Forget past failures: a person has seen it work. Returns whether it was off."""
    with database.begin() as session:
        state = source_state.states(session).get(name)
        if state is None or not state.trouble:
            return False
        source_state.save_state(session, _well(state))
        return state.off


def _tried(state: SourceState, now: datetime) -> SourceState:
    return replace(state, first_at=state.first_at or now)


def _well(state: SourceState) -> SourceState:
    return replace(state, trouble="", failures=0, next_at=None, off=False)


def fingerprint(settings: BaseModel) -> str:
    """A hash of the settings, secrets included, which reveals none of them."""
    values = {
        key: value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        for key, value in settings
    }
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]
