import pytest
from sqlalchemy import select

from earshot import jobs, morning, numbers
from earshot.wiring import App
from sentiment.backend import Tokens
from sentiment.loading import BUNDLED_FOLDER
from sentiment.onnx_backend import OnnxBackend
from storage.tables import (
    IncidentRow,
    MentionBrandRow,
    MentionRow,
    OutboxRow,
    Role,
    ScoreRow,
    Stage,
)
from tests.conftest import MakeApp
from tests.earshot.world import NOW, Words, live, mention, store, with_words

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

    assert jobs.score(app, now=NOW) == 3
    assert jobs.score(app, now=NOW) == 0

    assert scores(app) == {
        ("1", "Acme"): ("negative", ""),
        ("2", "Acme"): ("positive", ""),
        ("3", "Acme"): ("neutral", ""),
    }
    assert stages(app) == {Stage.SCORED}


def test_many_are_scored_in_batches(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SCORE_BATCH", 4)
    words = Words()
    app = with_words(make_app().app, words)
    store(app, *(mention(str(n), f"Acme {n}") for n in range(10)))

    assert jobs.score(app, now=NOW) == 10
    assert words.batches == [4, 4, 2]


def test_a_poisonous_text_is_parked_with_its_reason_and_the_others_are_scored(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    store(app, mention("1"), mention("2", "Acme poison awful"), mention("3", "Acme is lovely"))

    assert jobs.score(app, now=NOW) == 3

    assert scores(app) == {
        ("1", "Acme"): ("negative", ""),
        ("2", "Acme"): (None, "the model failed: ModelCrashedError"),
        ("3", "Acme"): ("positive", ""),
    }


def test_the_shipped_models_runtime_fails_in_a_way_the_batch_survives() -> None:
    backend = OnnxBackend(BUNDLED_FOLDER)
    with pytest.raises(RuntimeError, match="ONNX Runtime failed"):
        backend.probabilities([Tokens([10**9], truncated=False, known=True)])  # no such token


def test_a_model_that_gives_no_number_gives_no_label(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1", "Acme nan"))
    jobs.score(app, now=NOW)
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
        today = numbers.last_whole_day(NOW, app.config)
        made = numbers.reputation_of(session, "Acme", today, app.config)
        told = morning.digest(session, app.config.brands[0], today, app.config, now=NOW)
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
    jobs.score(app, now=NOW)
    assert sorted(words.targets) == [[], ["Acme", "acme"], ["Bolt"]]


def test_a_competitors_listing_is_scored_and_done(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    store(app, mention("1", "Globex is awful"))
    jobs.score(app, now=NOW)
    with app.database.read() as session:
        row = session.scalars(select(MentionBrandRow)).one()
    assert (row.role, row.stage) == (Role.COMPETITOR, Stage.DONE)
    assert jobs.triage(app, now=NOW) == 0


def test_another_model_scores_anew_and_wakes_nobody(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", "Acme"))
    with_words(app, Words("words@2"))

    assert jobs.score(app, now=NOW) == 1
    assert jobs.triage(app, now=NOW) == 0

    with app.database.read() as session:
        models = set(session.scalars(select(ScoreRow.model)))
    assert models == {"words@1", "words@2"}


def test_a_model_that_comes_back_needs_no_second_scoring(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1"))
    live(with_words(app, Words("words@2")))
    assert jobs.score(with_words(app, Words("words@1")), now=NOW) == 0
