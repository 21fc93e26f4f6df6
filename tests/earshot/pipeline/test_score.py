import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.errors import EarshotError
from domain.listing import Role, Stage
from earshot.alerting import triage as triaging
from earshot.core.app import App
from earshot.pipeline import score as scoring
from earshot.reporting import measure
from earshot.reporting.digest_facts import digest_of
from earshot.service import steps
from sentiment.backend import Answers, Tokens
from sentiment.loading import ENGLISH_FOLDER
from sentiment.onnx_backend import OnnxBackend
from storage.tables import (
    IncidentRow,
    MentionBrandRow,
    MentionRow,
    OutboxRow,
    ScoreRow,
)
from tests.conftest import MakeApp
from tests.earshot.world import (
    DAY,
    NOW,
    ModelCrashedError,
    Words,
    live,
    mention,
    reply,
    store,
    with_words,
    work,
)

BOLT = """
[[brands]]
name = "Bolt"
query = "bolt"
"""


def scores(app: App) -> dict[tuple[str, str], tuple[str | None, str]]:
    """Label and reason of each listing."""
    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, ScoreRow.brand, ScoreRow.label, ScoreRow.reason).join(
                ScoreRow, ScoreRow.mention_id == MentionRow.id
            )
        )
        return {(one, brand): (label, reason) for one, brand, label, reason in rows}


def stages(app: App) -> set[str]:
    with app.database.read() as session:
        return set(session.scalars(select(MentionBrandRow.stage)))


def test_every_listing_is_scored_once_and_moves_on(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1"), mention("2", "Acme is lovely"), mention("3", "Acme"))

    assert scoring.score(app, now=NOW) == 3
    assert scoring.score(app, now=NOW) == 0

    assert scores(app) == {
        ("1", "Acme"): ("negative", ""),
        ("2", "Acme"): ("positive", ""),
        ("3", "Acme"): ("neutral", ""),
    }
    assert stages(app) == {Stage.SCORED}


def test_many_are_scored_in_batches(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "SCORE_BATCH", 4)
    words = Words()
    app = with_words(make_app().app, words)
    store(app, *(mention(str(n), f"Acme {n}") for n in range(10)))

    assert scoring.score(app, now=NOW) == 10
    assert words.batches == [4, 4, 2]


def test_a_poisonous_text_is_parked_with_its_reason_and_the_others_are_scored(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    store(app, mention("1"), mention("2", "Acme poison awful"), mention("3", "Acme is lovely"))

    assert scoring.score(app, now=NOW) == 3

    assert scores(app) == {
        ("1", "Acme"): ("negative", ""),
        ("2", "Acme"): (None, "the model failed: ModelCrashedError"),
        ("3", "Acme"): ("positive", ""),
    }


def test_the_shipped_models_runtime_fails_in_a_way_the_batch_survives() -> None:
    backend = OnnxBackend(ENGLISH_FOLDER)
    with pytest.raises(RuntimeError, match="ONNX Runtime failed"):
        backend.probabilities([Tokens([10**9], truncated=False, known=True)])  # no such token


def test_a_model_that_gives_no_number_gives_no_label(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1", "Acme nan"))
    scoring.score(app, now=NOW)
    assert scores(app) == {("1", "Acme"): (None, "the model gave no valid number")}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Acme poison awful", id="the model fails"),
        pytest.param("Acme nan awful", id="no number"),
    ],
)
def test_what_was_not_scored_never_alerts_nor_counts(make_app: MakeApp, text: str) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", text))

    with app.database.read() as session:
        assert session.scalars(select(IncidentRow)).all() == []
        assert session.scalars(select(OutboxRow)).all() == []
        today = measure.last_whole_day(NOW, app.config)
        made = measure.measure(session, "Acme", today, app.config).reputation
        told = digest_of(session, app.config.brands[0], today, app.config, now=NOW)
    assert made.n_authors == 0
    assert told.worst == told.best == ()
    assert stages(app) == {Stage.DONE}


def test_two_brands_in_one_post_get_each_its_own_tone(make_app: MakeApp) -> None:
    app = with_words(make_app(BOLT).app)
    live(app, mention("1", "Acme is awful. But Bolt is lovely!"))

    assert {brand: label for (_, brand), (label, _) in scores(app).items()} == {
        "Acme": "negative",
        "Bolt": "positive",
    }
    with app.database.read() as session:
        assert [row.brand for row in session.scalars(select(IncidentRow))] == ["Acme"]


def test_the_tone_is_asked_toward_the_brand_wherever_its_words_stand(make_app: MakeApp) -> None:
    words = Words()
    app = with_words(make_app(BOLT).app, words)
    store(app, mention("1", "Acme is awful, #acme! But Bolt is lovely!"))
    store(app, mention("2", "see the link"), brand="Acme")
    scoring.score(app, now=NOW)
    assert sorted(words.targets) == [[], ["Acme", "acme"], ["Bolt"]]


def test_a_competitors_listing_is_scored_and_done(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1", "Globex is awful"))
    scoring.score(app, now=NOW)
    with app.database.read() as session:
        row = session.scalars(select(MentionBrandRow)).one()
    assert (row.role, row.stage) == (Role.COMPETITOR, Stage.DONE)
    assert triaging.triage(app, now=NOW) == 0


def test_another_model_scores_anew_and_wakes_nobody(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", "Acme"))
    with_words(app, Words("words@2"))

    assert scoring.score(app, now=NOW) == 0
    assert scoring.score_history(app, clock=lambda: NOW) == 1
    assert triaging.triage(app, now=NOW) == 0

    with app.database.read() as session:
        models = set(session.scalars(select(ScoreRow.model)))
    assert models == {"words@1", "words@2"}


def test_a_model_that_comes_back_needs_no_second_scoring(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    live(with_words(app, Words("words@2")))
    with_words(app, Words("words@1"))
    assert scoring.score(app, now=NOW) == 0
    assert scoring.score_history(app, clock=lambda: NOW) == 0


# --- a model in trouble -----------------------------------------------------------------------


class Broken(Words):
    """Fails over everything."""

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        raise ModelCrashedError(f"no memory for {len(batch)}")


def test_a_model_in_trouble_is_one_error_and_loses_no_text(make_app: MakeApp) -> None:
    app = with_words(make_app().app, Broken())
    store(app, mention("1"), mention("2", "Acme is lovely"))

    with pytest.raises(EarshotError, match="model words@1 fails even over plain sentences"):
        scoring.score(app, now=NOW)
    assert scores(app) == {}
    assert stages(app) == {Stage.COLLECTED}

    assert scoring.score(with_words(app), now=NOW) == 2


def test_a_model_in_trouble_stops_no_other_step(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    store(with_words(app, Broken()), mention("2"), reply("3", "1"))

    with pytest.raises(EarshotError, match="model words@1 fails"):
        work(app)

    with app.database.read() as session:
        assert [row.state for row in session.scalars(select(IncidentRow))] == ["resolved"]


# --- history ----------------------------------------------------------------------------------


def seconds() -> Callable[[], datetime]:
    """A clock that moves on by one each time it is looked at."""
    ticks = itertools.count()
    return lambda: NOW + timedelta(seconds=next(ticks))


def test_history_waits_for_what_may_alert(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("old", published_at=NOW - 30 * DAY), mention("new"))

    assert scoring.score(app, now=NOW) == 1
    assert set(scores(app)) == {("new", "Acme")}
    assert scoring.score_history(app, clock=lambda: NOW) == 1
    assert set(scores(app)) == {("new", "Acme"), ("old", "Acme")}


def test_history_takes_no_more_than_its_time_and_comes_newest_first(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "HISTORY_BATCH", 2)
    app = with_words(make_app().app)
    days = {"5": 30, "4": 31, "3": 32, "2": 33, "archive": 900, "1": 34}
    store(app, *(mention(n, f"Acme {n}", published_at=NOW - days[n] * DAY) for n in sorted(days)))
    scoring.score(app, now=NOW)

    assert scoring.score_history(app, clock=seconds(), most=timedelta(seconds=3)) == 4
    assert {external_id for external_id, _ in scores(app)} == {"5", "4", "3", "2"}
    assert scoring.score_history(app, clock=seconds(), most=timedelta(seconds=3)) == 2


def test_after_a_change_of_the_model_a_new_complaint_alerts_before_history_is_scored(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    live(app, *(mention(str(n), "Acme") for n in range(9)))
    store(with_words(app, Words("words@2")), mention("new"))

    steps.work(app, clock=lambda: NOW, history=timedelta())

    with app.database.read() as session:
        assert len(session.scalars(select(IncidentRow)).all()) == 1
        again = session.scalars(select(ScoreRow).where(ScoreRow.model == "words@2")).all()
        assert len(again) == 1

    work(app)
    assert stages(app) == {Stage.DONE}
