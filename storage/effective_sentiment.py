"""The sentiment that counts: a person's correction, else the score of the model in use.

Everything that reads a sentiment reads it here, as SQL or as a Sentiment, so that corrections win
everywhere.
"""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.sentiment import UNSURE_BELOW, Asks, Emotion, Label, Sentiment
from storage.tables import CorrectionRow, MentionBrandRow, ScoreRow, SettingRow

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


def current_model(session: Session) -> str:
    """The model whose scores count; "" before the first pass."""
    setting = session.get(SettingRow, "model")
    return setting.value if setting else ""


def with_tone(session: Session, statement: S, model: str | None = None) -> S:
    """Join to each listing of the statement its score and its correction, where there are any.

    model: whose score; None: of the model in use.
    """
    return statement.outerjoin(
        ScoreRow,
        and_(
            ScoreRow.mention_id == MentionBrandRow.mention_id,
            ScoreRow.brand == MentionBrandRow.brand,
            ScoreRow.model == (current_model(session) if model is None else model),
        ),
    ).outerjoin(
        CorrectionRow,
        and_(
            CorrectionRow.mention_id == MentionBrandRow.mention_id,
            CorrectionRow.brand == MentionBrandRow.brand,
        ),
    )


# --- as SQL, in a statement that with_tone() has made ------------------------------------------


def _probability(label: Label, score: InstrumentedAttribute[float]) -> ColumnElement[float]:
    return case(
        (CorrectionRow.label == label, 1.0),
        (CorrectionRow.label.is_not(None), 0.0),
        else_=func.coalesce(score, 0.0),
    )


LABEL: ColumnElement[str | None] = func.coalesce(CorrectionRow.label, ScoreRow.label)
NEGATIVE = _probability(Label.NEGATIVE, ScoreRow.negative)  # all 0 when not scored
POSITIVE = _probability(Label.POSITIVE, ScoreRow.positive)
UNSURE = and_(  # as Sentiment.unsure
    CorrectionRow.label.is_(None),
    ScoreRow.label.is_not(None),
    ScoreRow.negative < UNSURE_BELOW,
    ScoreRow.neutral < UNSURE_BELOW,
    ScoreRow.positive < UNSURE_BELOW,
)
ASKS = ScoreRow.asks
REASON = ScoreRow.reason  # why there is no label; "" or NULL where there is one


# --- as a Sentiment ----------------------------------------------------------------------------


def sentiment_of(score: ScoreRow | None, correction: CorrectionRow | None) -> Sentiment | None:
    """The tone that counts; None when nobody has judged the listing yet."""
    scored = model_sentiment(score)
    if correction is None:
        return scored
    label = Label(correction.label)
    return Sentiment(
        label=label,
        negative=float(label is Label.NEGATIVE),
        neutral=float(label is Label.NEUTRAL),
        positive=float(label is Label.POSITIVE),
        model=scored.model if scored else "",
        truncated=scored.truncated if scored else False,
        lang=scored.lang if scored else None,
        toward=True,  # a person judges a listing, which is of one brand
        asks=scored.asks if scored else None,
        asks_probability=scored.asks_probability if scored else None,
        wants_answer=scored.wants_answer if scored else None,
        expects_answer=scored.expects_answer if scored else False,
        emotion=scored.emotion if scored else None,
        sarcastic=scored.sarcastic if scored else None,
        corrected_by=correction.by,
    )


def model_sentiment(score: ScoreRow | None) -> Sentiment | None:
    """The model's own opinion, whoever corrected it."""
    if score is None:
        return None
    return Sentiment(
        label=Label(score.label) if score.label else None,
        negative=score.negative,
        neutral=score.neutral,
        positive=score.positive,
        model=score.model,
        truncated=score.truncated,
        lang=score.lang,
        reason=score.reason,
        toward=score.toward,
        asks=Asks(score.asks) if score.asks else None,
        asks_probability=score.asks_probability,
        wants_answer=score.wants_answer,
        expects_answer=score.expects_answer,
        emotion=Emotion(score.emotion) if score.emotion else None,
        sarcastic=score.sarcastic,
    )
