"""Corrections of sentiment by people. storage.effective_sentiment says which one counts."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.errors import ConfigError, EarshotError
from domain.listing import Role
from domain.sentiment import Label, Sentiment
from storage.effective_sentiment import current_model, model_sentiment
from storage.sql import insert
from storage.tables import (
    SHOWN,
    CorrectionRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)


def brand_of(session: Session, mention_id: int, brand: str | None) -> str:
    """The brand of the listing that is meant; None: the only one it has.

    Raises EarshotError when the mention is not there or not about that brand, ConfigError when the
    mention is about several brands.
    """
    if session.get(MentionRow, mention_id) is None:
        raise EarshotError(f"there is no mention {mention_id}: see earshot mentions")
    brands = session.scalars(
        select(MentionBrandRow.brand)
        .where(MentionBrandRow.mention_id == mention_id, MentionBrandRow.role != Role.OWN)
        .order_by(MentionBrandRow.brand)
    ).all()
    if not brands:
        raise EarshotError(f"mention {mention_id} is the brand's own: its tone counts nowhere")
    wanted = [one for one in brands if brand is None or one.casefold() == brand.casefold()]
    if not wanted:
        raise EarshotError(f"mention {mention_id} is not about {brand}, only {', '.join(brands)}")
    if len(wanted) > 1:
        named = " or ".join(f'--brand "{one}"' for one in wanted)
        raise ConfigError(f"mention {mention_id} is about {' and '.join(wanted)}: add {named}")
    return wanted[0]


def correct(
    session: Session, mention_id: int, brand: str, label: Label, *, by: str, now: datetime
) -> None:
    """Let a person's label count for a listing, in place of an earlier one."""
    values = {"label": label, "by": by, "at": now}
    session.execute(
        insert(session, CorrectionRow)
        .values(mention_id=mention_id, brand=brand, **values)
        .on_conflict_do_update(index_elements=["mention_id", "brand"], set_=values)
    )


def undo(session: Session, mention_id: int, brand: str) -> None:
    """Let the model's label count again. Raises EarshotError when nobody corrected it."""
    gone = session.execute(
        delete(CorrectionRow)
        .where(CorrectionRow.mention_id == mention_id, CorrectionRow.brand == brand)
        .returning(CorrectionRow.mention_id)
    ).first()
    if gone is None:
        raise EarshotError(f"mention {mention_id} has no correction for {brand}")


def corrected_texts(session: Session) -> Iterator[tuple[str, str, Label]]:
    """(text, brand, label) of every corrected listing that is shown, oldest stored first."""
    rows = session.execute(
        select(MentionRow.text, CorrectionRow.brand, CorrectionRow.label)
        .join(MentionRow, MentionRow.id == CorrectionRow.mention_id)
        .where(MentionRow.standing.in_(SHOWN))
        .order_by(CorrectionRow.mention_id, CorrectionRow.brand)
    )
    for text, brand, label in rows:
        yield text, brand, Label(label)


def against_model(session: Session) -> list[tuple[Label, Sentiment]]:
    """Each correction with what the model in use says of that listing, where it has been asked."""
    rows = session.execute(
        select(CorrectionRow.label, ScoreRow)
        .join(
            ScoreRow,
            (ScoreRow.mention_id == CorrectionRow.mention_id)
            & (ScoreRow.brand == CorrectionRow.brand),
        )
        .where(ScoreRow.model == current_model(session))
        .order_by(CorrectionRow.mention_id, CorrectionRow.brand)
    )
    return [(Label(label), scored) for label, score in rows if (scored := model_sentiment(score))]
