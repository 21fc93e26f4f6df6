"""Scores every listing that is not noise."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.listing import Stage
from domain.sentiment import Sentiment
from earshot.brands import matching
from earshot.core.app import App
from earshot.pipeline import phrases, screen
from listener.contracts import contract_of
from storage import listings
from storage.listings import Work

SCORE_BATCH = 256
HISTORY_BATCH = 1_024  # some seconds of work: to find the newest of a long history takes a while
NOT_DERIVED = "unscored: contract"


def score(app: App, *, now: datetime) -> int:
    """Give every listing that may alert its tone, unless it is noise; return how many were done.

    Raises EarshotError when the model cannot be used: then they go on waiting.
    """
    done = 0
    with app.database.begin() as session:
        listings.use_model(session, _model(app))
    while count := _score_some(app, quiet=False, now=now):
        done += count
    return done


def score_history(
    app: App,
    *,
    clock: Callable[[], datetime],
    most: timedelta = timedelta.max,
    is_wanted: Callable[[], bool] = lambda: False,
) -> int:
    """Score history, newest published first, for about as long as `most`; return how many.

    After a change of the model that is everything there is, so it comes last in a pass.
    is_wanted: whether other work has come, which may alert: then it stops after some.
    """
    done, started = 0, clock()
    while clock() - started < most and (count := _score_some(app, quiet=True, now=started)):
        done += count
        if is_wanted():
            break
    return done


def _score_some(app: App, *, quiet: bool, now: datetime) -> int:
    with app.database.read() as session:
        limit = HISTORY_BATCH if quiet else SCORE_BATCH
        works = listings.waiting(session, Stage.COLLECTED, limit=limit, quiet=quiet)
    left = screen.screen(app, works, now=now) if works else []
    allowed = [work for work in left if contract_of(work.source).may_derive]
    tones = [replace(tone, model=_model(app)) for tone in _tones(app, allowed)]
    scored = list(zip(allowed, tones, strict=True))
    scored += [(work, _not_derived(app)) for work in left if work not in allowed]
    with app.database.begin() as session:
        listings.add_scores(session, scored, now=now)
    return len(works)


def _not_derived(app: App) -> Sentiment:
    """Nothing is worked out of a post whose network forbids it."""
    return Sentiment(None, 0.0, 0.0, 0.0, model=_model(app), reason=NOT_DERIVED)


def _model(app: App) -> str:
    """What scores are stored under."""
    return phrases.model(app.classifier.name, app.config.top.sentiment.phrases)


def _tones(app: App, works: Sequence[Work]) -> list[Sentiment]:
    texts = [as_read(app, work.text, work.brand) for work in works]
    langs = [work.lang for work in works]
    targets = [
        matching.places(text, work.brand, app.config.tracked)
        for text, work in zip(texts, works, strict=True)
    ]
    return app.classifier.classify(texts, langs, targets)


def as_read(app: App, text: str, brand: str) -> str:
    """What the model reads: the part that is about the brand, with phrases as they are meant."""
    passage = matching.passage(text, brand, app.config.tracked)
    return phrases.read(passage, brand, app.config.top.sentiment.phrases)
