"""Who is reminded of an incident that nobody answers, and when."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.clock import parse_duration
from domain.errors import ConfigError

THREAD = "thread"  # told in the incident's own thread, to nobody by name
PERSON, GROUP = re.compile("[UW][A-Z0-9]{2,30}"), re.compile("S[A-Z0-9]{2,30}")
CHANNEL = re.compile("[CG][A-Z0-9]{2,30}")
_SHARE = re.compile(r"([1-9]\d{0,3})%", re.ASCII)
WHOLE = 100  # per cent of the time from a post to its promised answer
MOST = 1_000  # per cent
LONGEST = timedelta(days=366)


def is_id(whom: str) -> bool:
    """Whether it looks like the id of a person or of a user group in Slack."""
    return bool(PERSON.fullmatch(whom) or GROUP.fullmatch(whom))


class StepState(StrEnum):
    PENDING = "pending"
    FIRED = "fired"
    SKIPPED_LATE = "skipped_late"  # a later step was due as well, and that one fired
    CANCELLED = "cancelled"  # the incident was closed first


@dataclass(frozen=True, slots=True)
class Telling:
    """One step of a policy, as config.toml has it."""

    after: str  # read by share_and_length(): "50%", "30m", "100%+60m"
    tell: str  # THREAD, or the id of a person or of a user group
    channel: str = ""  # where they are told; "" in the incident's thread


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the policy that was copied into an incident."""

    incident_id: int
    clock: int  # the incident's first clock is 1; each reopening starts another
    number: int
    telling: Telling
    due_at: datetime
    promised_at: datetime  # the promised answer time from which due_at was counted
    state: StepState = StepState.PENDING
    fired_at: datetime | None = None
    reason: str = ""  # why it is no longer pending, where the state does not say it


def share_and_length(after: str) -> tuple[int, timedelta]:
    """The share in per cent, and what comes on top of it. Raises ConfigError."""
    head, plus, tail = after.partition("+")
    found = _SHARE.fullmatch(head)
    share = int(found[1]) if found else 0
    length = tail if found else after
    try:
        more = timedelta() if found and not plus else parse_duration(length)
    except ConfigError as error:
        raise ConfigError(
            f"{after!r} is not a time of an escalation: write for example 50%, 30m or 100%+60m"
        ) from error
    if share > MOST or more > LONGEST:
        raise ConfigError(f"{after!r} is too late: at most {MOST}% and a year")
    return share, more
