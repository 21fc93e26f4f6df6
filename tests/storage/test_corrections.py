import pytest

from domain.errors import ConfigError, EarshotError
from domain.listing import Role
from domain.sentiment import Label
from storage import corrections, mentions, views
from storage.engine import Database
from storage.tables import (
    CorrectionRow,
)
from storage.views import Filter
from tests.storage.made import BRAND, HOUR, NOW, OWN, mention, row_of, score, store

BOTH = {"Acme": Role.BRAND, "Globex": Role.COMPETITOR}


def labels(database: Database) -> list[Label | None]:
    """The tone of each listing, by brand."""
    with database.read() as session:
        found = views.search(session, Filter())
        return [view.sentiment.label if view.sentiment else None for view in found]


def test_a_correction_outlives_another_model_and_a_second_scoring(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session)
        mention_id = row_of(session, "1").id
        corrections.correct(session, mention_id, "Acme", Label.POSITIVE, by="ana", now=NOW)
        score(session, Label.NEGATIVE, "big@2")

    assert labels(database) == [Label.POSITIVE]
    with database.read() as session:
        [view] = views.search(session, Filter())
        assert view.model_sentiment is not None
        assert (view.model_sentiment.label, view.model_sentiment.model) == (Label.NEGATIVE, "big@2")


def test_the_last_correction_counts_until_it_is_undone(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session)
        mention_id = row_of(session, "1").id
        corrections.correct(session, mention_id, "Acme", Label.POSITIVE, by="ana", now=NOW)
        corrections.correct(session, mention_id, "Acme", Label.NEUTRAL, by="ben", now=NOW + HOUR)
        row = session.get(CorrectionRow, (mention_id, "Acme"))
        assert row is not None
        assert (row.label, row.by, row.at) == ("neutral", "ben", NOW + HOUR)

    with database.begin() as session:
        corrections.undo(session, mention_id, "Acme")
    assert labels(database) == [Label.NEGATIVE]
    with database.begin() as session, pytest.raises(EarshotError, match="has no correction for Ac"):
        corrections.undo(session, mention_id, "Acme")


def test_a_listing_of_two_brands_is_corrected_for_one(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), roles=BOTH)
        score(session)
        mention_id = row_of(session, "1").id
        corrections.correct(session, mention_id, "Globex", Label.POSITIVE, by="ana", now=NOW)
    assert labels(database) == [Label.NEGATIVE, Label.POSITIVE]


def test_a_correction_goes_with_its_mention(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        mention_id = row_of(session, "1").id
        corrections.correct(session, mention_id, "Acme", Label.POSITIVE, by="ana", now=NOW)
        mentions.forget_stored_before(session, "x", NOW + HOUR)
        assert session.get(CorrectionRow, (mention_id, "Acme")) is None


def test_the_brand_that_is_meant(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("one"), roles=BRAND)
        store(session, mention("two"), roles=BOTH)
        store(session, mention("own"), roles=OWN)
        one, two, own = (row_of(session, key).id for key in ("one", "two", "own"))
        assert corrections.brand_of(session, one, None) == "Acme"
        assert corrections.brand_of(session, one, "ACME") == "Acme"
        assert corrections.brand_of(session, two, "globex") == "Globex"
        with pytest.raises(
            ConfigError, match=r'Acme and Globex: add --brand "Acme" or --brand "Globex"$'
        ):
            corrections.brand_of(session, two, None)
        with pytest.raises(EarshotError, match="is not about Bolt, only Acme, Globex"):
            corrections.brand_of(session, two, "Bolt")
        with pytest.raises(EarshotError, match="the brand's own: its tone counts nowhere"):
            corrections.brand_of(session, own, None)
        with pytest.raises(EarshotError, match="there is no mention 4711: see earshot mentions"):
            corrections.brand_of(session, 4711, None)


def test_corrected_texts_are_what_to_learn_from(database: Database) -> None:
    with database.begin() as session:
        assert list(corrections.corrected_texts(session)) == []
        store(session, mention("2", "acme and globex"), roles=BOTH)
        store(session, mention("1", "killer acme"))
        for key, brand, label in (
            ("1", "Acme", Label.POSITIVE),
            ("2", "Globex", Label.NEUTRAL),
            ("2", "Acme", Label.NEGATIVE),
        ):
            mention_id = row_of(session, key).id
            corrections.correct(session, mention_id, brand, label, by="ana", now=NOW)
        assert list(corrections.corrected_texts(session)) == [
            ("acme and globex", "Acme", Label.NEGATIVE),
            ("acme and globex", "Globex", Label.NEUTRAL),
            ("killer acme", "Acme", Label.POSITIVE),
        ]


def test_the_model_in_use_is_held_against_the_corrections(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        score(session, Label.POSITIVE, "old@1")
        score(session, Label.NEGATIVE)
        store(session, mention("3"))
        for key in "123":
            mention_id = row_of(session, key).id
            corrections.correct(session, mention_id, "Acme", Label.NEUTRAL, by="ana", now=NOW)
        found = corrections.against_model(session)
    assert [(label, said.label, said.model) for label, said in found] == [
        (Label.NEUTRAL, Label.NEGATIVE, "tiny@1")
    ] * 2
