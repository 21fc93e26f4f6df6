"""How a mention was answered, or that it waits: by what the brand wrote and what people say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.incident import LIVE, Incident, Resolution, State
from domain.listing import Role
from storage.views import MentionView


class How(StrEnum):
    ANSWERED = "answered"  # where everybody can see it
    ELSEWHERE = "elsewhere"  # as a person says
    WAITING = "waiting"
    NO_ANSWER_NEEDED = "no_answer_needed"  # as a person says
    DUPLICATE = "duplicate"  # another incident is about the same
    DISMISSED = "dismissed"  # as a person says
    CLOSED = "closed"  # without an answer seen
    ASKS_NOTHING = "asks_nothing"
    UNKNOWN = "unknown"  # not read yet
    NOT_OURS = "not_ours"  # it is about a competitor


@dataclass(frozen=True, slots=True)
class Answering:
    """What became of one listing of a mention."""

    mention_id: int
    brand: str
    how: How
    at: datetime | None = None  # of the answer
    took: timedelta | None = None  # from the mention to it
    by: str = ""  # the account that answered, or the channel in which it was elsewhere
    waits_since: datetime | None = None
    due_at: datetime | None = None  # of what waits, where it was promised
    incident_id: int | None = None


def answering(view: MentionView, replies: Mapping[int, str]) -> Answering:
    """replies: which account wrote each reply, by our id of that."""
    found = Answering(
        view.mention.id,
        view.listing.brand,
        How.NOT_OURS,
        incident_id=view.incident.id if view.incident is not None else None,
    )
    if view.listing.role != Role.BRAND:
        return found
    if view.listing.answered_at is not None:
        by = replies.get(view.listing.answered_by or 0, "")
        return _answered(view, How.ANSWERED, view.listing.answered_at, by and f"@{by}")
    if view.incident is not None and view.incident.state not in LIVE:
        return _closed(view, view.incident)
    return _open(view)


def _answered(view: MentionView, how: How, at: datetime, by: str) -> Answering:
    return Answering(
        view.mention.id,
        view.listing.brand,
        how,
        at=at,
        took=max(at - view.mention.published_at, timedelta()),
        by=by,
        incident_id=view.incident.id if view.incident is not None else None,
    )


def _closed(view: MentionView, incident: Incident) -> Answering:
    """By what ended its incident."""
    at = incident.answered_at
    if at is not None and at >= view.mention.published_at:
        is_elsewhere = incident.resolution == Resolution.ELSEWHERE
        how = How.ELSEWHERE if is_elsewhere else How.ANSWERED
        return _answered(view, how, at, incident.answered_in)
    return Answering(view.mention.id, view.listing.brand, _end(incident), incident_id=incident.id)


def _end(incident: Incident) -> How:
    if incident.state is State.DISMISSED:
        return How.DISMISSED
    if incident.resolution == Resolution.DUPLICATE:
        return How.DUPLICATE
    is_fine = incident.resolution == Resolution.NO_ANSWER_NEEDED
    return How.NO_ANSWER_NEEDED if is_fine else How.CLOSED


def _open(view: MentionView) -> Answering:
    incident, asks = view.incident, view.listing.asks_for_answer
    waits = incident is not None or asks
    idle = How.UNKNOWN if asks is None else How.ASKS_NOTHING
    return Answering(
        view.mention.id,
        view.listing.brand,
        How.WAITING if waits else idle,
        waits_since=view.mention.published_at if waits else None,
        due_at=incident.due_at if incident is not None else None,
        incident_id=incident.id if incident is not None else None,
    )
