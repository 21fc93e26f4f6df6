import pytest

from domain.listing import Role
from domain.sentiment import Label
from storage import effective_sentiment, listings, metrics
from storage.engine import Database
from tests.storage.made import (
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OWN,
    mention,
    row_of,
    score,
    store,
)


def test_the_posts_of_a_brand_are_what_the_numbers_rest_on(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("late", "a", published_at=NOW - HOUR, author=None))
        store(session, mention("early", "b", published_at=NOW - DAY, author=BEN))
        score(session)
        store(session, mention("unscored", "c", published_at=NOW - 2 * HOUR))
        store(
            session,
            mention("repost", is_repost=True),
            mention("before", published_at=NOW - 9 * DAY),
        )
        store(session, mention("at the end", published_at=NOW))
        store(session, mention("own"), roles=OWN)
        store(session, mention("rival"), roles={"Globex": Role.COMPETITOR})
        found = metrics.posts(session, "Acme", since=NOW - DAY, until=NOW)
        expected = [row_of(session, one).id for one in ("early", "unscored", "late")]
        assert [post.mention_id for post in found] == expected
        early, unscored, late = found
        assert (early.label, early.source) == ("negative", "x")
        assert early.negative == pytest.approx(0.9)
        assert early.positive == pytest.approx(0.05)
        assert early.published_at == NOW - DAY
        assert (unscored.label, unscored.negative, unscored.positive) == (None, 0.0, 0.0)
        assert late.author_id is None


def test_only_the_scores_of_the_model_in_use_count(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session, Label.NEGATIVE, "tiny@1")
        assert effective_sentiment.current_model(session) == "tiny@1"
        score(session, Label.POSITIVE, "big@2")
        [post] = metrics.posts(session, "Acme", since=NOW - DAY, until=NOW)
        assert post.label == "positive"
        listings.use_model(session, "unheard@3")
        [post] = metrics.posts(session, "Acme", since=NOW - DAY, until=NOW)
        assert post.label is None


def test_many_posts_come_oldest_first(database: Database) -> None:
    with database.begin() as session:
        store(session, *[mention(str(n), published_at=NOW - n * MINUTE) for n in range(1, 1202)])
    with database.read() as session:
        found = [
            post.published_at for post in metrics.posts(session, "Acme", since=NOW - DAY, until=NOW)
        ]
    assert len(found) == 1201
    assert found == sorted(found)


def test_listings_are_counted_by_source(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"), mention("3", source="reddit"))
        store(session, mention("own"), roles=OWN)
        store(session, mention("old", published_at=NOW - 9 * DAY))
        assert metrics.by_source(session, "Acme", since=NOW - DAY, until=NOW) == {
            "reddit": 1,
            "x": 2,
        }
        assert metrics.by_source(session, "Globex", since=NOW - DAY, until=NOW) == {}
