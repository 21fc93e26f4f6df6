"""Which incident a mention belongs to. Pure: the newest incident of its key comes in."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from domain.incident import (
    GRAVITY,
    LIVE,
    Candidate,
    Incident,
    Opening,
    State,
)

REOPEN_WITHIN = timedelta(hours=72)
# Whoever writes about a brand in so many conversations within so long of each other floods it: one
# incident takes all that would open one of its own.
FLOOD, FLOOD_WITHIN = 5, timedelta(hours=6)
_ALL = "*"  # in the place of the conversation: no network calls one so


class Placement(StrEnum):
    """Where a mention that needs an answer belongs, given the newest incident of its key."""

    NEW = "new"  # none that could take it: open_incident()
    JOIN = "join"  # a live one: join()
    REOPEN = "reopen"  # closed at most 72 hours ago: reopen()
    COVERED = "covered"  # written before the answer that closed it, seen after: join silently


def key_of(candidate: Candidate) -> str:
    """The key that groups mentions: one author's complaint about one brand in one conversation.

    Mentions by unknown authors are never grouped.
    """
    author = candidate.author_id or f"?{candidate.external_id}"
    root = candidate.conversation_id or candidate.external_id
    parts = (candidate.brand, candidate.source, author, root)
    return ":".join(("complaint", *(_without_colon(part) for part in parts)))


def flooding(candidate: Candidate) -> Candidate:
    """As key_of() and placement() see it in a flood: all conversations of its author are one."""
    return replace(candidate, conversation_id=_ALL)


def _without_colon(part: str) -> str:
    return part.replace("%", "%25").replace(":", "%3A")


def placement(newest: Incident | None, candidate: Candidate) -> Placement:
    """Decide by the newest incident of the mention's key; None when there never was one.

    The same mentions and answers lead to the same state in whatever order they are seen.
    """
    if newest is None or newest.state is State.DISMISSED:
        return Placement.NEW
    if newest.state in LIVE:
        return Placement.JOIN
    if newest.answered_at is not None and candidate.published_at <= newest.answered_at:
        return Placement.COVERED
    ended_at = newest.answered_at or newest.resolved_at or newest.opened_at
    in_time = candidate.published_at - ended_at <= REOPEN_WITHIN
    return Placement.REOPEN if in_time else Placement.NEW


def needs_own_incident(newest: Incident, candidate: Candidate, opening: Opening) -> bool:
    """Whether a copy of a story needs an incident of its own, besides the story's newest incident.

    Only when it is graver, or when the same author writes it again after that one was closed.
    """
    if GRAVITY[opening.severity] > GRAVITY[newest.severity]:
        return True
    same_author = newest.key.rpartition(":")[0] == key_of(candidate).rpartition(":")[0]
    ended_at = (
        (newest.answered_at or newest.resolved_at) if newest.state is State.RESOLVED else None
    )
    return same_author and ended_at is not None and candidate.published_at > ended_at
