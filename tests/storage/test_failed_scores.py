from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.listing import Stage
from domain.sentiment import Sentiment
from storage import failed_scores, listings
from storage.engine import Database
from storage.tables import (
    MentionBrandRow,
    ScoreRow,
)
from tests.storage.made import DAY, HOUR, NOW, mention, sentiment, store

FAILED = Sentiment(None, 0.0, 0.0, 0.0, model="tiny@1", reason="the model failed: MemoryError")
NO_NUMBER = replace(FAILED, reason="the model gave no valid number")
EMPTY = sentiment(None)


def scored(session: Session, *tones: Sentiment) -> None:
    """Store a mention for each tone, a day apart, newest first."""
    listings.use_model(session, "tiny@1")
    found = [mention(str(n), published_at=NOW - n * DAY) for n in range(len(tones))]
    store(session, *found)
    works = listings.waiting(session, Stage.COLLECTED, limit=99)
    listings.add_scores(session, list(zip(works, tones, strict=True)), now=NOW)
    listings.move(session, works, Stage.DONE)


def stages(session: Session) -> list[tuple[str, bool]]:
    rows = session.scalars(select(MentionBrandRow).order_by(MentionBrandRow.mention_id))
    return [(row.stage, row.quiet) for row in rows.all()]


def test_what_the_model_failed_over_is_tried_again(database: Database) -> None:
    with database.begin() as session:
        scored(session, FAILED, NO_NUMBER, EMPTY, sentiment())
        assert failed_scores.count(session) == 2

        assert failed_scores.send_back(session, loud_since=NOW - 7 * DAY) == 2

        assert stages(session) == [("collected", False)] * 2 + [("done", False)] * 2
        assert failed_scores.count(session) == 0
        assert failed_scores.send_back(session, loud_since=NOW) == 0
        assert len(session.scalars(select(ScoreRow)).all()) == 2


def test_an_old_one_is_tried_again_quietly(database: Database) -> None:
    with database.begin() as session:
        scored(session, FAILED, FAILED, FAILED)
        failed_scores.send_back(session, loud_since=NOW - DAY - HOUR)
        assert [quiet for _, quiet in stages(session)] == [False, False, True]


def test_what_another_model_failed_over_is_left_alone(database: Database) -> None:
    with database.begin() as session:
        scored(session, FAILED)
        listings.use_model(session, "big@2")
        assert failed_scores.count(session) == 0
        assert failed_scores.send_back(session, loud_since=NOW) == 0
