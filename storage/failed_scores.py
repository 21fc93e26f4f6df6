"""Listings that the model failed to score: how many there are, and trying them again."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, func, select, true, update
from sqlalchemy.orm import Session

from domain.listing import Stage
from domain.sentiment import MODEL_FAILED
from storage.effective_sentiment import current_model
from storage.sql import batches, pairs
from storage.tables import (
    MentionBrandRow,
    ScoreRow,
)


def count(session: Session) -> int:
    """How many listings the model in use failed to score."""
    statement = select(func.count()).select_from(ScoreRow).where(_parked(session))
    return session.scalars(statement).one()


def send_back(session: Session, *, loud_since: datetime) -> int:
    """Let them be scored again; return how many. What was published before `loud_since` is quiet.

    Nobody has judged them yet, so a fresh one may still alert.
    """
    gone = session.execute(
        delete(ScoreRow)
        .where(_parked(session))
        .returning(ScoreRow.brand, ScoreRow.mention_id)
        .execution_options(synchronize_session=False)
    )
    keys = [(brand, mention_id) for brand, mention_id in gone]
    old = MentionBrandRow.published_at < loud_since
    for batch in batches(keys):
        session.execute(
            update(MentionBrandRow)
            .where(pairs(MentionBrandRow.brand, MentionBrandRow.mention_id, batch))
            .values(
                stage=Stage.COLLECTED,
                quiet=case((old, true()), else_=MentionBrandRow.quiet),
            )
            .execution_options(synchronize_session=False)
        )
    return len(keys)


def _parked(session: Session) -> ColumnElement[bool]:
    return and_(
        ScoreRow.model == current_model(session),
        ScoreRow.label.is_(None),
        ScoreRow.reason.startswith(MODEL_FAILED),
    )
