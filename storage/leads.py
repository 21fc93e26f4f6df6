"""Posts that want to buy, who wrote them, and whom of the CRM they are linked with.

Nothing of it is kept: a lead is worked out from what is stored, whenever somebody asks.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from domain.lead import LEAST_PROBABILITY, Account, BuyingPost
from domain.listing import Role
from storage import persons
from storage.effective_sentiment import current_model
from storage.link_ledger import CONFIRMED
from storage.sql import among, batches
from storage.tables import (
    BUYING,
    SHOWN,
    AuthorRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)

_AT_ONCE = 5_000


def buying_posts(
    session: Session, brands: Sequence[str], *, since: datetime, until: datetime
) -> list[BuyingPost]:
    """What wants to buy from these brands, published in [since, until), oldest first.

    Each mention once a brand. Left out is what is not shown, hidden as noise, a plain repost, or of
    nobody known.
    """
    # Of the listing neither brand nor time is asked: SQLite would begin with all of the brand's.
    wanted = (
        select(
            MentionRow.id,
            MentionRow.author_id,
            ScoreRow.brand,
            MentionRow.published_at,
            ScoreRow.asks_probability,
            MentionRow.story_id,
            or_(MentionBrandRow.answered_at.is_not(None), _is_said_answered()).label("answered"),
            MentionRow.text,
            MentionRow.url,
        )
        .join(
            MentionBrandRow,
            (MentionBrandRow.mention_id == ScoreRow.mention_id)
            & (MentionBrandRow.brand == ScoreRow.brand),
        )
        .join(MentionRow, MentionRow.id == ScoreRow.mention_id)
        .where(
            BUYING,
            ScoreRow.model == current_model(session),
            ScoreRow.asks_probability >= LEAST_PROBABILITY,
            ScoreRow.brand.in_(brands),
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.hidden == "",
            MentionRow.published_at >= since,
            MentionRow.published_at < until,
            MentionRow.author_id.is_not(None),
            MentionRow.is_repost.is_(False),
            MentionRow.standing.in_(SHOWN),
        )
        .order_by(MentionRow.published_at, ScoreRow.mention_id, ScoreRow.brand)
    )
    return [
        BuyingPost(
            mention_id=row.id,
            author_id=row.author_id,
            brand=row.brand,
            published_at=row.published_at,
            probability=row.asks_probability,
            story=row.story_id or row.id,
            answered=row.answered,
            text=row.text,
            url=row.url,
        )
        for row in session.execute(wanted)
    ]


def _is_said_answered() -> ColumnElement[bool]:
    """Whether its incident was answered, if only elsewhere, as a person says."""
    # The brand is asked for last: a join would let SQLite walk all the brand's incidents.
    answered_for = (
        select(IncidentRow.brand)
        .where(IncidentRow.id == IncidentMentionRow.incident_id)
        .where(IncidentRow.answered_at.is_not(None))
        .correlate(IncidentMentionRow)
        .scalar_subquery()
    )
    return (
        exists()
        .where(IncidentMentionRow.mention_id == ScoreRow.mention_id)
        .where(answered_for == ScoreRow.brand)
        .correlate(ScoreRow)
    )


def named(session: Session, mention_ids: Collection[int]) -> dict[int, list[str]]:
    """The brands and competitors that each of these mentions is about and not hidden under."""
    found: dict[int, list[str]] = defaultdict(list)
    for batch in batches(sorted(mention_ids), _AT_ONCE):
        rows = session.execute(
            select(MentionBrandRow.mention_id, MentionBrandRow.brand)
            .where(among(MentionBrandRow.mention_id, batch), MentionBrandRow.hidden == "")
            .order_by(MentionBrandRow.mention_id, MentionBrandRow.brand)
        )
        for mention_id, name in rows:
            found[mention_id].append(name)
    return found


def accounts(session: Session, author_ids: Iterable[int]) -> Iterator[Account]:
    """These authors, by our id."""
    columns = (AuthorRow.id, AuthorRow.source, AuthorRow.external_id, AuthorRow.handle)
    for batch in batches(sorted(set(author_ids)), _AT_ONCE):
        rows = session.execute(
            select(*columns, AuthorRow.name, AuthorRow.url, AuthorRow.followers)
            .where(among(AuthorRow.id, batch))
            .order_by(AuthorRow.id)
        )
        for row in rows:
            yield Account(*row)


def persons_of(session: Session, author_ids: Iterable[int]) -> dict[int, set[int]]:
    """Every person that each author is linked with for sure; who is not linked has none."""
    found: dict[int, set[int]] = defaultdict(set)
    for batch in batches(sorted(set(author_ids)), _AT_ONCE):
        rows = session.execute(
            select(LinkRow.author_id, persons.PERSON)
            .join(LinkJudgementRow, CONFIRMED)
            .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
            .where(among(LinkRow.author_id, batch))
        )
        for author_id, person_id in rows:
            found[author_id].add(person_id)
    return found
