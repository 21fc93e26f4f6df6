"""Every table. Indexes say which query reads them; unique keys decide what may exist twice."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    MetaData,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from domain.incident import IncidentKind
from domain.mention import Standing
from storage.types import Json, Money, SmallMoney, UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Count = Annotated[int, mapped_column(BigInteger)]  # a viral post passes 2^31 views


# People type the ids of these tables: one that was deleted must never name something else later.
KEEPS_IDS = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """All texts are unbounded, all instants aware UTC."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: UtcDateTime(),
        Decimal: Money(),
        dict[str, Any]: Json,
        list[str]: Json,
        list[int]: Json,
    }


SHOWN = (Standing.THERE, Standing.ABSENT)


class AuthorRow(Base):
    __tablename__ = "author"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        # storage.links.to_check: authors whose customer has not been looked for yet.
        Index(
            "ix_author_unchecked",
            "id",
            sqlite_where=text("link_checked_at IS NULL"),
            postgresql_where=text("link_checked_at IS NULL"),
        ),
        # storage.links.recheck_handles: a CRM import looks these authors up again.
        Index("ix_author_handle_key", "handle_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    handle: Mapped[str]
    handle_key: Mapped[str]  # handle as it is compared: case-folded, without @
    name: Mapped[str]
    bio: Mapped[str]
    location: Mapped[str]
    url: Mapped[str]
    followers: Mapped[Count | None]
    created_at: Mapped[datetime | None]
    told_at: Mapped[datetime]  # published_at of the mention that told all this: the newest one does
    link_checked_at: Mapped[datetime | None]


class MentionRow(Base):
    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),  # read by storage.answers, too
        Index("ix_mention_kept", "source", "collected_at"),  # storage.mentions: retention
        # mentions --customer; storage.noise: what an author wrote before
        Index("ix_mention_author_id_published_at", "author_id", "published_at"),
        Index(
            "ix_mention_recheck", "source", "published_at"
        ),  # storage.deletions: what to ask after
        Index("ix_mention_story_id", "story_id"),  # storage.stories: copies
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    text: Mapped[str]
    url: Mapped[str]
    lang: Mapped[str | None]
    published_at: Mapped[datetime]
    collected_at: Mapped[datetime]
    parent_id: Mapped[str | None]
    conversation_id: Mapped[str | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    likes: Mapped[Count | None]
    reposts: Mapped[Count | None]
    replies: Mapped[Count | None]
    views: Mapped[Count | None]
    rating: Mapped[float | None]
    is_repost: Mapped[bool]
    edited_at: Mapped[datetime | None]
    dated_ahead: Mapped[bool] = mapped_column(server_default=false())  # it claimed to be from later
    standing: Mapped[str] = mapped_column(server_default=Standing.THERE.value)
    standing_at: Mapped[datetime | None]  # since when, None: it has always been there
    checked_at: Mapped[datetime | None]  # when its platform was last asked after it
    # The same number for all that tell the same, of one of them; None: nobody else does. Which of
    # them is the head storage.stories says.
    story_id: Mapped[int | None]


# SQLite reads a partial index only for a query that repeats its condition word for word, so the
# queries use these very texts.
UNFINISHED = text("stage != 'done'")
OWN = text("role = 'own'")
HIDDEN = text("hidden != ''")


class MentionBrandRow(Base):
    """One listing of a mention: a post that names two brands has two."""

    __tablename__ = "mention_brand"
    __table_args__ = (
        # figures, mentions --brand
        Index("ix_mention_brand_listing", "brand", "published_at", "mention_id"),
        Index("ix_mention_brand_newest", "published_at", "mention_id"),  # mentions
        # storage.mentions.waiting: what is left to do; small, because finished rows are not in it.
        Index(
            "ix_mention_brand_work",
            "stage",
            "mention_id",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
        # storage.answers: own replies. With its role, or SQLite would choose the index above.
        Index(
            "ix_mention_brand_own",
            "role",
            "published_at",
            sqlite_where=OWN,
            postgresql_where=OWN,
        ),
        # storage.noise: what was hidden; few rows.
        Index(
            "ix_mention_brand_hidden",
            "brand",
            "published_at",
            "mention_id",
            sqlite_where=HIDDEN,
            postgresql_where=HIDDEN,
        ),
    )

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    brand: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    stage: Mapped[str]
    published_at: Mapped[datetime]  # the mention's, again: one index serves brand and time
    answered_at: Mapped[datetime | None]  # of the first own reply that answers it
    quiet: Mapped[bool]  # history: counted, but it opens no incident
    # Why nobody is shown it: it is noise, counted nowhere. "" shown.
    hidden: Mapped[str] = mapped_column(server_default="")
    sifted_by: Mapped[str | None]  # "" rules hid nothing, "rule:…" one did, a person; None: nobody
    naming: Mapped[str] = mapped_column(server_default="")


class ScoreRow(Base):
    """One model's opinion of one listing; a new model adds rows and rewrites none.

    Which tone counts is for storage.effective_sentiment to say: a person may know better.
    """

    __tablename__ = "mention_score"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    brand: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str | None]
    negative: Mapped[float]
    neutral: Mapped[float]
    positive: Mapped[float]
    truncated: Mapped[bool]
    lang: Mapped[str | None]
    reason: Mapped[str]
    scored_at: Mapped[datetime]
    toward: Mapped[bool] = mapped_column(server_default=false())
    asks: Mapped[str | None]
    emotion: Mapped[str | None]
    sarcastic: Mapped[bool | None]


class CorrectionRow(Base):
    """What a person says a listing feels; it wins over every model's score, also later ones."""

    __tablename__ = "correction"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    brand: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class LessonRow(Base):
    """Whether a person says that a listing is about its brand: what relevance learns from."""

    __tablename__ = "lesson"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    brand: Mapped[str] = mapped_column(primary_key=True)
    relevant: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]


class StoryMarkRow(Base):
    """What a story may be found by; kept for days, so it may outlive its mention."""

    __tablename__ = "story_mark"
    __table_args__ = ({"sqlite_with_rowid": False},)

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    mention_id: Mapped[int] = mapped_column(primary_key=True)
    stored_at: Mapped[datetime]


class CustomerRow(Base):
    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("system", "external_id"),
        Index("ix_customer_email", "email"),  # orders import by e-mail
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    tier: Mapped[str]  # as the CRM says; "" lets the value decide
    imported_at: Mapped[datetime]


class HandleRow(Base):
    __tablename__ = "customer_handle"
    __table_args__ = (Index("ix_customer_handle_lookup", "network", "handle"),)  # linking

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    network: Mapped[str] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True)
    on_file_at: Mapped[datetime]  # it was on file then: an account made later is somebody else's


class OrderRow(Base):
    __tablename__ = "customer_order"
    __table_args__ = (
        UniqueConstraint("system", "key"),
        Index("ix_customer_order_customer_id", "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    system: Mapped[str]
    key: Mapped[str]  # the shop's order id, or what makes the row the same row in a second import
    ordered_on: Mapped[date]
    amount: Mapped[Decimal]
    currency: Mapped[str]


class LinkRow(Base):
    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("author_id", "customer_id"),
        Index("ix_link_customer_id", "customer_id"),
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    state: Mapped[str]
    probability: Mapped[float]
    basis: Mapped[str]
    evidence: Mapped[list[str]]
    decided_by: Mapped[str]
    at: Mapped[datetime]


LIVE = text("state IN ('open', 'acknowledged', 'snoozed')")


class IncidentRow(Base):
    __tablename__ = "incident"
    __table_args__ = (
        # At most one live incident per key, whoever opens it and however often a step repeats.
        Index("uq_incident_live_key", "key", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_incident_key", "key"),  # triage: what is known of this complaint
        Index("ix_incident_brand_opened_at", "brand", "opened_at"),  # figures, alerts list
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(server_default=IncidentKind.COMPLAINT.value)
    key: Mapped[str]
    brand: Mapped[str]
    rule: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    reasons: Mapped[list[str]]
    posted_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str]
    assignee: Mapped[str]
    snoozed_until: Mapped[datetime | None]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    version: Mapped[int]


class IncidentMentionRow(Base):
    __tablename__ = "incident_mention"
    __table_args__ = (Index("ix_incident_mention_mention_id", "mention_id"),)

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )


class IncidentEventRow(Base):
    """The audit: what happened to an incident, who did it, never the text of a mention."""

    __tablename__ = "incident_event"
    __table_args__ = (Index("ix_incident_event_incident_id", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    note: Mapped[str]


_ENDED = "('sent', 'dead', 'skipped', 'removed')"


def _waiting(of: str = "") -> TextClause:
    return text(f"({of}ref IS NULL AND {of}state NOT IN {_ENDED})")


def _stale(of: str = "") -> TextClause:
    drawn_anew = f"({of}state NOT IN {_ENDED} OR ({of}state = 'sent' AND {of}stale != ''))"
    return text(f"({of}ref IS NOT NULL AND {drawn_anew})")


def _doubt(of: str = "") -> TextClause:
    return text(f"({of}ref IS NULL AND {of}state IN ('sending', 'ambiguous'))")


# What may have arrived; what has not left; what stands in a channel and does not show the truth
# any more. Written as the indexes say it, else these would not be used.
DOUBT, WAITING, STALE = _doubt("outbox."), _waiting("outbox."), _stale("outbox.")


class WorkerRow(Base):
    """The one row that says which worker is at work: whoever has an older number writes no more."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    tenure: Mapped[int]  # how often the worker's lock was taken


class OutboxRow(Base):
    """A message that must leave, written in the transaction of what it tells.

    It holds no words: whoever sends it draws it then, from what is stored then.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        # storage.deliveries.waiting: the first that is due, however many wait. Small, because
        # settled rows are not in.
        *(
            Index(
                name,
                *("next_at", "created_at", "incident_id", "key"),
                sqlite_where=where,
                postgresql_where=where,
            )
            for name, where in (
                ("ix_outbox_doubt", _doubt()),
                ("ix_outbox_waiting", _waiting()),
                ("ix_outbox_stale", _stale()),
            )
        ),
        Index("ix_outbox_incident_id", "incident_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # uuid, travels in the message's metadata
    key: Mapped[str]  # incident:3:post:1, digest:Acme:2026-11-21 – what must not be said twice
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    kind: Mapped[str]  # domain.notification.Kind; update, redact: of releases before schema 0012
    channel: Mapped[str]
    notifier: Mapped[str]  # slack or console: whose `ref` this is
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # empty: it held words once
    subject: Mapped[str] = mapped_column(
        server_default="incident"
    )  # or mention, digest, storm, removal
    about: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}"
    )  # the rest of the subject: which mention, brand, day, incidents
    as_of: Mapped[datetime | None]  # None: written by a release before schema 0012
    numbers: Mapped[dict[str, Any] | None]  # of a digest, as of then
    # Our ids of the mentions it shows. None: unknown, or those of its incident.
    quotes: Mapped[list[int] | None]
    state: Mapped[str]  # domain.notification.DeliveryState
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]  # of the last try
    absent_at: Mapped[datetime | None]  # an ambiguous message was looked for and not found then
    ref: Mapped[str | None]  # the notifier's id of the message (Slack: ts)
    sent_at: Mapped[datetime | None]
    reason: Mapped[str]  # why it is where it is
    stale: Mapped[str] = mapped_column(server_default="")  # domain.notification.Stale
    marks: Mapped[int] = mapped_column(server_default=text("0"))  # how often it was marked stale
    drawn: Mapped[int] = mapped_column(server_default=text("0"))  # marks when it was last drawn
    redrawn_at: Mapped[datetime | None]  # the newest truth was put in its place then
    printed_at: Mapped[datetime | None]  # it could not leave and was printed then


class CursorRow(Base):
    __tablename__ = "cursor"

    source: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(primary_key=True)  # or the competitor
    query: Mapped[str]  # the cursor of another query is worth nothing
    state: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class GapRow(Base):
    __tablename__ = "coverage_gap"
    __table_args__ = (Index("ix_coverage_gap_noted_at", "noted_at"),)  # digest

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    brand: Mapped[str]
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    reason: Mapped[str]
    noted_at: Mapped[datetime]


class CoverageRow(Base):
    """What one source did in one hour; an hour without a row was not listened to."""

    __tablename__ = "coverage"

    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)  # its beginning
    passes: Mapped[int]  # that went well
    failed: Mapped[int]
    limited: Mapped[int]  # of the failed ones: the service asked us to wait
    fetched: Mapped[Count]  # things it sent, repetitions included
    matched: Mapped[Count]
    new: Mapped[Count]  # mentions that were not stored before, those of a backfill left out
    # What the network itself had counted for the walks that ended in this hour, and what came.
    counted: Mapped[Count] = mapped_column(server_default=text("0"))
    came: Mapped[Count] = mapped_column(server_default=text("0"))


class SpendRow(Base):
    """What one source has bought of one kind on one day, at the price of that day."""

    __tablename__ = "spend"

    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # UTC, as the networks bill
    kind: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[Count]
    amount: Mapped[Decimal] = mapped_column(SmallMoney)


class PaidReadRow(Base):
    """A thing that was paid for: reading it again on that day is free. Kept for that day alone."""

    __tablename__ = "paid_read"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)


class SourceStateRow(Base):
    """How a source or the notifier is doing: for doctor, the digest and the pause after trouble."""

    __tablename__ = "source_state"

    source: Mapped[str] = mapped_column(primary_key=True)
    last_ok_at: Mapped[datetime | None]
    trouble: Mapped[str]  # one sentence, "" when the last pass went well
    trouble_at: Mapped[datetime | None]
    failures: Mapped[int]  # in a row
    next_at: Mapped[datetime | None]  # do not call it before this
    off: Mapped[bool]  # refused for good: asked once a day until that or the configuration changes
    fingerprint: Mapped[str]  # of the configuration that was refused, "" after other trouble


class SnapshotRow(Base):
    """A published number; never overwritten, late data add a revision."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("brand", "day", "kind", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str]
    day: Mapped[date]
    kind: Mapped[str]  # reputation, nps
    revision: Mapped[int]
    timezone: Mapped[str]
    formula: Mapped[str]
    payload: Mapped[dict[str, Any]]
    watermark: Mapped[str]  # what it was computed from: mentions, scores, links, incidents
    computed_at: Mapped[datetime]


class SettingRow(Base):
    """Small facts about this database: which model's scores count."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
