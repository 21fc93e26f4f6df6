"""What the model is given to read, and what its scores are stored under."""

import pytest
from sqlalchemy import select

from earshot.config.tables import PhraseSettings
from earshot.pipeline import phrases
from earshot.pipeline import score as scoring
from storage.tables import IncidentRow, MentionBrandRow, MentionRow, ScoreRow
from tests.conftest import MakeApp
from tests.earshot.world import NOW, live, mention, store, with_words

SICK = PhraseSettings(phrase="sick", means="great")
OURS = PhraseSettings(phrase="SICK", means="ill", brand="acme")
RULES = """
[[sentiment.phrases]]
phrase = "awful chocolate"
means = "the chocolate"

[[sentiment.phrases]]
phrase = "sick"
means = "lovely"
brand = "Acme"
"""


def test_a_rule_of_the_brand_wins_over_one_for_all() -> None:
    assert phrases.read("so sick", "Acme", [OURS, SICK]) == "so ill"
    assert phrases.read("so sick", "Globex", [OURS, SICK]) == "so great"


def test_without_rules_the_model_keeps_its_name() -> None:
    assert phrases.model("words@1", ()) == "words@1"


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param((SICK,), id="a rule less"),
        pytest.param((SICK, PhraseSettings(phrase="sick", means="bad", brand="acme")), id="means"),
        pytest.param((SICK, PhraseSettings(phrase="SICK", means="ill", brand="bolt")), id="brand"),
        pytest.param((SICK, PhraseSettings(phrase="ill", means="ill", brand="acme")), id="phrase"),
    ],
)
def test_other_rules_are_another_model(rules: tuple[PhraseSettings, ...]) -> None:
    name = phrases.model("words@1", (SICK, OURS))

    assert name.startswith("words@1+")
    assert len(name) == len("words@1+12345678")
    assert phrases.model("words@1", (OURS, SICK)) == name, "their order changes nothing"
    assert phrases.model("words@1", rules) != name


def scores(made: MakeApp, extra: str = "") -> dict[str, str | None]:
    """Score what waits with these rules; every label there is, by the name of its model."""
    app = with_words(made(extra).app)
    scoring.score(app, now=NOW)
    with app.database.read() as session:
        return dict(session.execute(select(ScoreRow.model, ScoreRow.label)).all())


def test_the_model_reads_what_is_meant_and_the_store_keeps_what_was_written(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app(RULES).app)
    live(
        app,
        mention("1", "Acme's AWFUL chocolate"),
        mention("2", "Acme's awful chocolate is awful"),
        mention("3", "Acme is sick"),
        mention("4", "Globex is sick"),
    )

    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, ScoreRow.label)
            .join(ScoreRow, ScoreRow.mention_id == MentionRow.id)
            .order_by(MentionRow.id)
        )
        assert dict(rows.all()) == {
            "1": "neutral",
            "2": "negative",
            "3": "positive",
            "4": "neutral",
        }
        texts = session.scalars(select(MentionRow.text).order_by(MentionRow.id)).all()
        assert texts[0] == "Acme's AWFUL chocolate"


def test_a_change_of_rules_scores_anew_and_keeps_the_old_scores(make_app: MakeApp) -> None:
    store(with_words(make_app().app), mention("1", "Acme's awful chocolate"))

    assert set(scores(make_app)) == {"words@1"}
    with_rules = scores(make_app, RULES)

    assert with_rules.pop("words@1") == "negative"
    [(name, label)] = with_rules.items()
    assert name.startswith("words@1+")
    assert label == "neutral"
    assert scores(make_app) == {"words@1": "negative", name: "neutral"}


def test_a_change_of_rules_wakes_nobody(make_app: MakeApp) -> None:
    live(with_words(make_app(RULES).app), mention("1", "Acme's awful chocolate"))
    app = with_words(make_app().app)
    live(app)
    with app.database.read() as session:
        assert session.scalars(select(IncidentRow)).all() == []
        assert [row.quiet for row in session.scalars(select(MentionBrandRow))] == [True]
