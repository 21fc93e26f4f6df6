"""Mentions, their authors, and what is decided about each of them."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.listing import NoAnswer
from domain.mention import Standing
from storage.tables.base import KEEPS_IDS, Base, Count

SHOWN = (Standing.THERE, Standing.ABSENT)
NOT_SHOWN = (Standing.HIDDEN, Standing.HIDDEN_ABSENT)  # at present


class UnlistedEditRow(Base):
    """An edited post that named nobody: by its seal, and not stored. See storage.unlisted_edits."""

    __tablename__ = "unlisted_edit"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    edited_at: Mapped[datetime]
    noted_at: Mapped[datetime]


class AuthorRow(Base):
    __tablename__ = "author"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        # storage.link_work.take: authors whose customer has not been looked for yet.
        Index(
            "ix_author_unchecked",
            "id",
            sqlite_where=text("link_checked_at IS NULL"),
        ),
        # storage.links.find_author: people write handles.
        Index("ix_author_handle_key", "handle_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    handle: Mapped[str]
    handle_key: Mapped[str]  # handle as it is compared: folded, without @
    name: Mapped[str]
    bio: Mapped[str]
    location: Mapped[str]
    url: Mapped[str]
    followers: Mapped[Count | None]
    created_at: Mapped[datetime | None]
    told_at: Mapped[datetime]  # published_at of the mention these details are from: the newest one
    link_checked_at: Mapped[datetime | None]


# Neither known to stand nor gone. SQLite reads a partial index only for a query that repeats its
# condition word for word, so the queries use these very texts.
DOUBTED = text("standing NOT IN ('there', 'gone')")


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
        # storage.deletions: what is asked after whatever its age; few rows.
        Index("ix_mention_doubted", "source", sqlite_where=DOUBTED),
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
    # The same for all copies of a story: the id of one of them; None: it has no copy. Which of them
    # is the head: see storage.stories.
    story_id: Mapped[int | None]
    # Of a post that was deleted: the opaque number of who wrote it; see storage.voices.
    voice: Mapped[Count | None]


UNFINISHED = text("stage != 'done'")
OWN = text("role = 'own'")
HIDDEN = text("hidden != ''")
# For queries with the name of the table: incidents have an answered_at, too.
WAITS = text("mention_brand.asks_for_answer AND mention_brand.answered_at IS NULL")
ANSWERED = text("answered_by IS NOT NULL")


class MentionBrandRow(Base):
    """One listing of a mention: a post that names two brands has two."""

    __tablename__ = "mention_brand"
    __table_args__ = (
        # figures, mentions --brand
        Index("ix_mention_brand_listing", "brand", "published_at", "mention_id"),
        Index("ix_mention_brand_newest", "published_at", "mention_id"),  # mentions
        # storage.listings.waiting: what is left to do; small, because finished rows are not in it.
        Index(
            "ix_mention_brand_work",
            "stage",
            "mention_id",
            sqlite_where=UNFINISHED,
        ),
        # storage.answers: own replies. With its role, or SQLite would choose the index above.
        Index(
            "ix_mention_brand_own",
            "role",
            "published_at",
            sqlite_where=OWN,
        ),
        # storage.noise: what was hidden; few rows.
        Index(
            "ix_mention_brand_hidden",
            "brand",
            "published_at",
            "mention_id",
            sqlite_where=HIDDEN,
        ),
        # unanswered: what asks and has no answer.
        Index(
            "ix_mention_brand_waits",
            "brand",
            "published_at",
            "mention_id",
            sqlite_where=text("asks_for_answer AND answered_at IS NULL"),
        ),
        # storage.answers: which mentions an own reply was taken for the answer to.
        Index("ix_mention_brand_answered_by", "answered_by", sqlite_where=ANSWERED),
    )

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    brand: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    stage: Mapped[str]
    published_at: Mapped[datetime]  # the mention's, again: one index serves brand and time
    answered_at: Mapped[datetime | None]  # of the first own reply that answers it
    answered_by: Mapped[int | None]  # our id of that reply; it may be kept for less long
    # Of an own post: why it answers nobody. "" it may answer.
    no_answer: Mapped[str] = mapped_column(server_default=NoAnswer.MAY.value)
    quiet: Mapped[bool]  # history: counted, but it opens no incident
    # Why nobody is shown it: it is noise, counted nowhere. "" shown.
    hidden: Mapped[str] = mapped_column(server_default="")
    sifted_by: Mapped[str | None]  # "" rules hid nothing, "rule:…" one did, a person; None: nobody
    naming: Mapped[str] = mapped_column(server_default="")
    # domain.asking said so when it was last judged; None: it was not yet.
    asks_for_answer: Mapped[bool | None]


BUYING = text("asks = 'buying'")


class ScoreRow(Base):
    """One model's opinion of one listing; a new model adds rows and rewrites none.

    Which tone counts is for storage.effective_sentiment to say: a person may know better.
    """

    __tablename__ = "mention_score"
    __table_args__ = (
        # storage.leads: which posts want to buy; some of a hundred rows.
        Index(
            "ix_mention_score_buying",
            *("model", "mention_id"),
            sqlite_where=BUYING,
        ),
    )

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
    asks_probability: Mapped[float | None]
    wants_answer: Mapped[float | None]  # probability that it asks for an answer
    expects_answer: Mapped[bool] = mapped_column(server_default=false())
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
