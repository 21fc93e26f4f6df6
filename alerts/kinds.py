"""What kinds of incident there are, and what follows from each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from alerts.incident_messages import incident_message
from alerts.source_alarm import alarm_message
from domain.elements import Message
from domain.incident import Candidate, Incident, IncidentKind
from domain.network import Networks


class Draw(Protocol):
    def __call__(
        self,
        incident: Incident,
        mentions: Sequence[Candidate],
        /,
        *,
        now: datetime,
        tz: tzinfo,
        networks: Networks,
        pressable: bool,
    ) -> Message:
        """The incident as it stands. mentions: those in it that are still there, oldest first.

        pressable: whether there are hands behind its buttons.
        """
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """The properties of a kind of incident."""

    message: Draw
    identifies: bool  # its author's customer is shown, and may shorten the deadline
    asks: bool  # it waits for the brand's reply; a reply, or the deletion of its posts, closes it
    tells_story: bool  # a copy of the same story opens no second one


def _complaint(
    incident: Incident,
    mentions: Sequence[Candidate],
    *,
    now: datetime,
    tz: tzinfo,
    networks: Networks,
    pressable: bool,
) -> Message:
    return incident_message(
        incident,
        mentions,
        incident.reasons,
        now=now,
        tz=tz,
        networks=networks,
        pressable=pressable,
    )


def _source_alarm(
    incident: Incident,
    _mentions: Sequence[Candidate],
    *,
    now: datetime,
    tz: tzinfo,
    networks: Networks,  # noqa: ARG001  a source has no post to open
    pressable: bool,
) -> Message:
    return alarm_message(incident, incident.reasons, now=now, tz=tz, pressable=pressable)


KINDS: dict[str, Kind] = {
    IncidentKind.COMPLAINT: Kind(_complaint, identifies=True, asks=True, tells_story=True),
    IncidentKind.SOURCE_ALARM: Kind(_source_alarm, identifies=False, asks=False, tells_story=False),
}


def named(has: Callable[[Kind], bool]) -> list[str]:
    """The names of all kinds that satisfy the condition."""
    return [name for name, kind in KINDS.items() if has(kind)]
