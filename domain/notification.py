"""Messages to a channel: what each is about, and how far its delivery has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.incident import Severity


class Kind(StrEnum):
    POST = "post"
    THREAD = "thread"  # below the first message of its incident
    ELSEWHERE = "elsewhere"  # about an incident, in another channel than its first message


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"  # it may have arrived
    DEAD = "dead"  # refused for good; shown by doctor
    SKIPPED = "skipped"  # nobody needs it any more
    WITHDRAWING = "withdrawing"  # words in it were taken back, and it may not be changed; by doctor
    REMOVED = "removed"  # it stood there and was deleted: it is not sent again


ENDED = (
    DeliveryState.SENT,
    DeliveryState.DEAD,
    DeliveryState.SKIPPED,
    DeliveryState.REMOVED,
)


class Stale(StrEnum):
    """Why a message that was sent has to be drawn anew."""

    NO = ""
    CHANGED = "changed"  # its subject has changed
    WITHDRAWN = "withdrawn"  # words in it were taken back: they have to go


@dataclass(frozen=True, slots=True)
class IncidentOf:
    """The incident as it stands: its first message."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class MentionOf:
    """One more mention of an incident, for its thread."""

    incident_id: int
    mention_id: int | None  # None: unknown, of a message before schema 0012
    before: int = 0  # further ones that came since the thread was last told, before this one


@dataclass(frozen=True, slots=True)
class DraftOf:
    """A draft of an answer to a mention, for the thread of its incident."""

    incident_id: int
    mention_id: int


@dataclass(frozen=True, slots=True)
class AnswerOf:
    """The brand's answer to an incident has been seen, for its thread."""

    incident_id: int
    mention_id: int  # the brand's own reply


@dataclass(frozen=True, slots=True)
class DecisionOf:
    """What a person decided or corrected, for the incident's thread."""

    incident_id: int
    version: int  # of the incident after it


class Edition(StrEnum):
    MORNING = "morning"
    MANUAL = "manual"  # somebody asked for it, whether or not the day's own has gone out


@dataclass(frozen=True, slots=True)
class DigestOf:
    brand: str
    day: date  # the local day it is sent; it reports on the day before
    edition: Edition = Edition.MORNING


@dataclass(frozen=True, slots=True)
class StormOf:
    """Many incidents of a brand that would have flooded the channel, as one message."""

    brand: str
    incident_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RemovalOf:
    """A message that a person has to delete, told in its thread."""

    thread: str  # the notifier's reference of the message at the thread's head


@dataclass(frozen=True, slots=True)
class EscalationOf:
    """A reminder of an incident: one step of its policy."""

    incident_id: int
    clock: int
    step: int


@dataclass(frozen=True, slots=True)
class EscalationsOf:
    """A reminder of many incidents of a brand at once, which one by one would flood the channel."""

    brand: str
    tell: str  # domain.escalation.THREAD, or an id that stood in config.toml
    incident_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LabelOf:
    """A post of somebody who was drawn at random, to be labelled without the model's score."""

    draw_id: int
    mention_id: int


# What hangs on one incident.
Hanging = IncidentOf | MentionOf | DraftOf | AnswerOf | DecisionOf | EscalationOf
Subject = Hanging | DigestOf | StormOf | RemovalOf | EscalationsOf | LabelOf


@dataclass(frozen=True, slots=True)
class Mark:
    """What goes with a message so that it can be found again."""

    outbox_id: str  # of the row
    key: str = ""  # of what it tells, the same in every copy of the database; "": it has none


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message that is owed. What it says is decided when it is sent."""

    key: str  # unique: one message per key
    subject: Subject
    kind: Kind
    channel: str
    notifier: str  # "slack", "console": whose references it gets
    as_of: datetime  # its numbers are those of this instant, its words those of when it is sent
    numbers: Mapping[str, Any] | None = None  # as_of, where they are kept: a digest's; as JSON


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one message has come."""

    id: str  # travels in the message's metadata
    incident_id: int | None  # None: the digest and other news
    kind: Kind
    channel: str
    thread_ref: str | None = None  # THREAD: the message it goes under
    attempts: int = 0  # tries that count: not those that were asked to wait
    state: DeliveryState = DeliveryState.PENDING
    next_at: datetime | None = None  # nothing is done before; None: at once
    lease_until: datetime | None = None  # while SENDING
    sent_ref: str | None = None  # the notifier's reference: once it has one, it is only redrawn
    claimed_at: datetime | None = None  # of the first try: history is searched from here
    absent_at: datetime | None = None  # of the first look-up of this try that found nothing
    reason: str = "new"  # why it is where it is
    stale: Stale = Stale.NO


@dataclass(frozen=True, slots=True)
class Fresh:
    """An incident that is due to be told and that the channel has not heard of."""

    incident_id: int
    brand: str
    severity: Severity
    due_at: datetime  # its answer


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the outbox."""

    message: OutgoingMessage
    delivery: Delivery
    marks: int  # how often it has been marked stale so far
    quotes: Sequence[int] | None  # our ids of the mentions it shows; None: nobody knows
    owed_at: datetime
