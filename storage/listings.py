"""How far each listing has come, and the scores that move it on. Nothing commits here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select, true, update
from sqlalchemy.orm import Session

from domain.listing import Role, Stage
from domain.sentiment import Sentiment
from storage import effective_sentiment
from storage.sql import among, batches, insert, pairs
from storage.tables import (
    SHOWN,
    UNFINISHED,
    WAITS,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
    SettingRow,
)


@dataclass(frozen=True, slots=True)
class Work:
    """One listing that waits for a step."""

    mention_id: int
    brand: str
    role: Role
    source: str
    text: str
    lang: str | None
    author_id: int | None
    quiet: bool  # history


def use_model(session: Session, model: str) -> None:
    """Make this model's scores the ones that count.

    Listings it has not scored yet go back to be scored, quietly: another opinion on last month's
    posts is no reason for an alert. Listings that were not triaged yet still are.
    """
    setting = session.get(SettingRow, "model")
    if setting is not None and setting.value == model:
        return
    session.execute(
        insert(session, SettingRow)
        .values(key="model", value=model)
        .on_conflict_do_update(index_elements=["key"], set_={"value": model})
    )
    scored = exists().where(
        ScoreRow.mention_id == MentionBrandRow.mention_id,
        ScoreRow.brand == MentionBrandRow.brand,
        ScoreRow.model == model,
    )
    session.execute(
        update(MentionBrandRow)
        .where(
            MentionBrandRow.role != Role.OWN,
            MentionBrandRow.stage != Stage.COLLECTED,
            MentionBrandRow.hidden == "",
            ~scored,
        )
        .values(
            stage=Stage.COLLECTED,
            quiet=case((MentionBrandRow.stage == Stage.DONE, true()), else_=MentionBrandRow.quiet),
        )
    )


def waiting(session: Session, stage: Stage, *, limit: int, quiet: bool | None = None) -> list[Work]:
    """Listings at this stage, oldest stored first. What is not shown to us waits until it is.

    quiet: history alone, newest published first, or all but history; None: both. To find the newest
    of history all that waits is looked at, 2 s for a million: ask for many at once.
    """
    newest = (MentionBrandRow.published_at.desc(), MentionBrandRow.mention_id.desc())
    first = (*(newest if quiet else (MentionBrandRow.mention_id,)), MentionBrandRow.brand)
    keys = (
        select(MentionBrandRow.mention_id, MentionBrandRow.brand)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(UNFINISHED, MentionBrandRow.stage == stage, MentionRow.standing.in_(SHOWN))
        .order_by(*first)
        .limit(limit)
    )
    if quiet is not None:
        keys = keys.where(MentionBrandRow.quiet.is_(quiet))
    chosen = keys.subquery()  # else texts would be sorted, too
    rows = session.execute(
        select(MentionBrandRow, MentionRow)
        .join(
            chosen,
            (MentionBrandRow.mention_id == chosen.c.mention_id)
            & (MentionBrandRow.brand == chosen.c.brand),
        )
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .order_by(*first)
    )
    return [
        Work(
            mention_id=mention.id,
            brand=listing.brand,
            role=Role(listing.role),
            source=mention.source,
            text=mention.text,
            lang=mention.lang,
            author_id=mention.author_id,
            quiet=listing.quiet,
        )
        for listing, mention in rows
    ]


def unchanged(session: Session, works: Sequence[Work]) -> list[Work]:
    """Those of these whose mention still has the text that they were read with."""
    stored = session.execute(
        select(MentionRow.id, MentionRow.text).where(
            among(MentionRow.id, {work.mention_id for work in works})
        )
    )
    texts = {row_id: text for row_id, text in stored.all()}  # noqa: C416  typed as Rows
    return [work for work in works if texts.get(work.mention_id) == work.text]


def add_scores(
    session: Session, scored: Sequence[tuple[Work, Sentiment]], *, now: datetime
) -> None:
    """Store scores and move their listings on: a brand's goes to triage, unless it is history.

    What was edited or deleted while it was being scored is left as it is.
    """
    same = {work.mention_id for work in unchanged(session, [work for work, _ in scored])}
    scored = [one for one in scored if one[0].mention_id in same]
    rows = [
        {
            "mention_id": work.mention_id,
            "brand": work.brand,
            "model": sentiment.model,
            "label": sentiment.label,
            "negative": sentiment.negative,
            "neutral": sentiment.neutral,
            "positive": sentiment.positive,
            "truncated": sentiment.truncated,
            "lang": sentiment.lang,
            "reason": sentiment.reason,
            "toward": sentiment.toward,
            "asks": sentiment.asks,
            "asks_probability": sentiment.asks_probability,
            "wants_answer": sentiment.wants_answer,
            "expects_answer": sentiment.expects_answer,
            "emotion": sentiment.emotion,
            "sarcastic": sentiment.sarcastic,
            "scored_at": now,
        }
        for work, sentiment in scored
    ]
    if rows:
        session.execute(insert(session, ScoreRow).on_conflict_do_nothing(), rows)
    for stage in (Stage.SCORED, Stage.DONE):
        move(session, [work for work, _ in scored if _once_scored(work) is stage], stage)


def _once_scored(work: Work) -> Stage:
    return Stage.SCORED if work.role is Role.BRAND else Stage.DONE


def decided(session: Session, asks: Mapping[tuple[int, str], bool]) -> None:
    """Keep whether these listings, by mention and brand, ask for an answer."""
    for answer in (True, False):
        keys = [(brand, mention_id) for (mention_id, brand), one in asks.items() if one is answer]
        for batch in batches(keys):
            session.execute(
                update(MentionBrandRow)
                .where(pairs(MentionBrandRow.brand, MentionBrandRow.mention_id, batch))
                .values(asks_for_answer=answer)
                .execution_options(synchronize_session=False)
            )


def waiting_of(session: Session, author_ids: Sequence[int]) -> dict[int, int]:
    """How many posts of each author ask for an answer and have none; none: left out."""
    rows = session.execute(
        select(MentionRow.author_id, func.count())
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.author_id, author_ids), WAITS, MentionBrandRow.hidden == "")
        .group_by(MentionRow.author_id)
    )
    return {author_id: count for author_id, count in rows if author_id is not None}


def judge_unread_again(
    session: Session, author_ids: Sequence[int], *, loud_since: datetime | None
) -> None:
    """Have what nobody could read of these authors judged once more: who they are may have changed.

    What was published before `loud_since` opens nothing; None: what it may open stays.
    """
    unread: Select[*tuple[Any, ...]] = (
        select(MentionRow.id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.author_id, author_ids), effective_sentiment.LABEL.is_(None))
    )
    session.execute(
        update(MentionBrandRow)
        .where(
            among(
                MentionBrandRow.mention_id,
                session.scalars(effective_sentiment.with_tone(session, unread)).all(),
            ),
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.stage == Stage.DONE,
            MentionBrandRow.hidden == "",
        )
        .values(
            stage=Stage.SCORED,
            quiet=MentionBrandRow.quiet
            if loud_since is None
            else case(
                (MentionBrandRow.published_at < loud_since, true()), else_=MentionBrandRow.quiet
            ),
        )
        .execution_options(synchronize_session=False)
    )


def move(session: Session, works: Sequence[Work], stage: Stage) -> None:
    """Set how far these listings have come."""
    for batch in batches(works):
        keys = [(work.brand, work.mention_id) for work in batch]
        session.execute(
            update(MentionBrandRow)
            .where(pairs(MentionBrandRow.brand, MentionBrandRow.mention_id, keys))
            .values(stage=stage)
            .execution_options(synchronize_session=False)
        )
