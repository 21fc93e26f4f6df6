"""The person wins, everywhere alike: in SQL and as a Sentiment."""

import re
from pathlib import Path

import pytest

from domain.listing import Stage
from domain.sentiment import UNSURE_BELOW, Asks, Emotion, Label, Sentiment
from storage import corrections, listings, mentions, metrics, views
from storage.engine import Database
from storage.views import Filter
from tests.storage.made import DAY, NOW, mention, row_of, sentiment, store

STORAGE = Path(mentions.__file__).parent
FULL = Sentiment(
    Label.NEGATIVE,
    0.7,
    0.2,
    0.1,
    model="tiny@1",
    truncated=True,
    lang="en",
    toward=True,
    asks=Asks.COMPLAINT,
    emotion=Emotion.ANGER,
    sarcastic=True,
)


def guess(p: float) -> Sentiment:
    """The rest leaves no other class the most probable."""
    return Sentiment(Label.NEUTRAL, (1 - p) / 2, p, (1 - p) / 2, model="tiny@1")


SAID = [
    pytest.param(None, id="not scored yet"),
    pytest.param(sentiment(None), id="no label"),
    pytest.param(sentiment(Label.NEGATIVE), id="sure"),
    pytest.param(FULL, id="all there is"),
    pytest.param(guess(0.4), id="unsure"),
    pytest.param(guess(UNSURE_BELOW), id="just sure"),
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("corrected", [None, *Label], ids=str)
def test_sql_and_sentiment_agree_on_the_tone_that_counts(
    database: Database, said: Sentiment | None, corrected: Label | None
) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        listings.use_model(session, "tiny@1")
        if said is not None:
            [work] = listings.waiting(session, Stage.COLLECTED, limit=9)
            listings.add_scores(session, [(work, said)], now=NOW)
        mention_id = row_of(session, "1").id
        if corrected is not None:
            corrections.correct(session, mention_id, "Acme", corrected, by="ana", now=NOW)
    with database.read() as session:
        [view] = views.search(session, Filter())
        [post] = metrics.posts(session, "Acme", since=NOW - DAY, until=NOW)
        listed = [one for one in Label if views.search(session, Filter(label=one))]
    tone = view.sentiment
    assert view.model_sentiment == said
    if tone is None:
        assert (post.label, post.negative, post.positive, post.unsure) == (None, 0, 0, False)
        assert listed == []
        return
    assert (post.label, post.unsure) == (tone.label, tone.unsure)
    assert (post.negative, post.positive) == pytest.approx((tone.negative, tone.positive))
    assert listed == [one for one in Label if one is tone.label]
    if corrected is None:
        assert tone == said
        return
    assert (tone.label, tone.corrected_by, tone.confidence) == (corrected, "ana", 1)
    assert tone.polarity == {"negative": -1, "neutral": 0, "positive": 1}[corrected]
    assert not tone.unsure


def test_what_a_model_says_beside_the_tone_stays_with_a_correction(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        listings.use_model(session, "tiny@1")
        [work] = listings.waiting(session, Stage.COLLECTED, limit=9)
        listings.add_scores(session, [(work, FULL)], now=NOW)
        corrections.correct(session, work.mention_id, "Acme", Label.POSITIVE, by="ana", now=NOW)
        [view] = views.search(session, Filter(asks=Asks.COMPLAINT))
        assert views.search(session, Filter(asks=Asks.PRAISE)) == []
    tone = view.sentiment
    assert tone is not None
    assert (tone.asks, tone.emotion, tone.sarcastic) == (Asks.COMPLAINT, Emotion.ANGER, True)
    assert (tone.model, tone.lang, tone.truncated) == ("tiny@1", "en", True)


def test_nobody_reads_a_score_past_the_person() -> None:
    """Outside these modules no column of the table stands in a query."""
    may = {
        "storage/effective_sentiment.py",
        "storage/tables/mentions.py",
        "storage/listings.py",
        "storage/corrections.py",
        "storage/edits.py",
        "storage/failed_scores.py",
        "storage/labels.py",  # how far the model's own word is from a person's
        "storage/leads.py",  # what a post asks, of which no person says otherwise
    }
    rooms = (STORAGE, STORAGE.parent / "earshot")
    readers = {
        str(path.relative_to(STORAGE.parent))
        for room in rooms
        for path in room.rglob("*.py")
        if "migrations" not in path.parts
        and re.search(r"\bScoreRow\.\w|\bmention_score\b", path.read_text(encoding="utf-8"))
    }
    assert readers == may
