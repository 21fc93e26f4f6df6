from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.listing import Role, Stage
from domain.noise import Noise, Why
from domain.sentiment import Label
from storage import deletions, links, listings, mentions, metrics, noise, views
from storage.engine import Database
from storage.listings import Work
from storage.tables import (
    LessonRow,
    MentionBrandRow,
)
from storage.views import Filter
from tests.storage.made import BEN, DAY, HOUR, MINUTE, NOW, mention, row_of, score, store

BOTH = {"Acme": Role.BRAND, "Globex": Role.COMPETITOR}
TAGS = Noise(Why.TAGS, "it has 9 hashtags")


def waiting(session: Session) -> list[Work]:
    return listings.waiting(session, Stage.COLLECTED, limit=99)


def settle(session: Session, *hidden: str, why: Noise = TAGS) -> None:
    """Let the rules hide these mentions, for every brand, and none of the others."""
    ids = {row_of(session, key).id for key in hidden}
    works = waiting(session)
    found = {(work.mention_id, work.brand): why for work in works if work.mention_id in ids}
    noise.settle(session, works, found)


def listing(session: Session, key: str, brand: str = "Acme") -> MentionBrandRow:
    row = session.get(MentionBrandRow, (row_of(session, key).id, brand), populate_existing=True)
    assert row is not None
    return row


def shown(session: Session, *, hidden: bool | None = False) -> set[str]:
    return {view.mention.external_id for view in views.search(session, Filter(hidden=hidden))}


def test_what_is_hidden_keeps_its_reason_and_is_neither_listed_nor_scored(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        settle(session, "2")
        row = listing(session, "2")
        assert (row.hidden, row.sifted_by) == ("it has 9 hashtags", "rule:hashtags")
        assert (listing(session, "1").hidden, listing(session, "1").sifted_by) == ("", "")
        assert score(session) == 1
        assert shown(session) == {"1"}
        assert shown(session, hidden=True) == {"2"}
        assert shown(session, hidden=None) == {"1", "2"}


def test_another_model_does_not_score_what_is_hidden(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        settle(session, "2")
        score(session)
        assert score(session, Label.NEGATIVE, "big@2") == 1


def test_no_number_counts_what_is_hidden(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", author=BEN))
        settle(session, "2")
        since, until = NOW - DAY, NOW
        [left] = metrics.posts(session, "Acme", since=since, until=until)
        assert left.mention_id == row_of(session, "1").id
        assert metrics.by_source(session, "Acme", since=since, until=until) == {"x": 1}
        assert links.linkable_share(session, "Acme", since=since, may_not=())[2] == 1


def test_the_day_says_by_which_rules_how_many_were_hidden(database: Database) -> None:
    with database.begin() as session:
        store(session, *(mention(str(n)) for n in range(6)))
        store(session, mention("old", published_at=NOW - 3 * DAY))
        settle(session, "1", "2", "old")
        noise.hide(session, row_of(session, "3").id, "Acme", by="kim", now=NOW)
        noise.hide(session, row_of(session, "4").id, "Acme", by="lee", now=NOW)
        noise.hide(session, row_of(session, "5").id, "Acme", by="lee", now=NOW)
        found = noise.hidden_between(session, "Acme", since=NOW - DAY, until=NOW)
        assert found == [("by hand", 3), ("hashtags", 2)]
        assert noise.hidden_between(session, "Globex", since=NOW - DAY, until=NOW) == []


def test_a_person_hides_for_one_brand_and_it_is_a_lesson(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "acme, globex"), roles=BOTH)
        noise.hide(session, row_of(session, "1").id, "Acme", by="kim", now=NOW)
        assert listing(session, "1").hidden == "hidden by kim"
        assert listing(session, "1").stage == Stage.DONE
        assert listing(session, "1", "Globex").hidden == ""
        assert noise.lessons(session, "Acme", relevant=False) == ["acme, globex"]
        assert noise.lessons(session, "Acme", relevant=True) == []
        assert noise.lessons(session, "Globex", relevant=False) == []


def test_what_is_put_back_waits_for_its_score_and_is_a_lesson(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        settle(session, "1")
        mention_id = row_of(session, "1").id
        noise.restore(session, mention_id, "Acme", by="kim", now=NOW, loud_since=NOW - DAY)
        assert [work.quiet for work in waiting(session)] == [False]
        assert noise.lessons(session, "Acme", relevant=True) == ["acme is awful"]
        with pytest.raises(EarshotError, match="mention 1 is not hidden for Acme"):
            noise.restore(session, mention_id, "Acme", by="kim", now=NOW, loud_since=NOW)


def test_the_last_word_is_the_lesson(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        mention_id = row_of(session, "1").id
        noise.hide(session, mention_id, "Acme", by="kim", now=NOW)
        noise.restore(session, mention_id, "Acme", by="lee", now=NOW, loud_since=NOW - DAY)
        row = session.get(LessonRow, (mention_id, "Acme"), populate_existing=True)
        assert row is not None
        assert (row.relevant, row.by) == (True, "lee")


@pytest.mark.parametrize(
    ("judged", "age"),
    [
        pytest.param(True, HOUR, id="judged before a person hid it"),
        pytest.param(False, 8 * DAY, id="old"),
    ],
)
def test_what_is_put_back_late_wakes_nobody(
    database: Database,
    judged: bool,  # noqa: FBT001 -- a parameter of the cases
    age: timedelta,
) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=NOW - age))
        if judged:
            listings.move(session, waiting(session), Stage.DONE)
        mention_id = row_of(session, "1").id
        noise.hide(session, mention_id, "Acme", by="kim", now=NOW)
        noise.hide(session, mention_id, "Acme", by="kim", now=NOW)
        noise.restore(session, mention_id, "Acme", by="kim", now=NOW, loud_since=NOW - 7 * DAY)
        assert [work.quiet for work in waiting(session)] == [True]


def test_a_person_who_decides_while_the_rules_are_at_it_wins(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        works = waiting(session)
        noise.hide(session, row_of(session, "1").id, "Acme", by="kim", now=NOW)
        found = {(row_of(session, "1").id, "Acme"): TAGS}
        noise.settle(session, works, found)
        noise.settle(session, works, {})
        assert (listing(session, "1").hidden, listing(session, "1").sifted_by) == (
            "hidden by kim",
            "kim",
        )


def test_what_is_edited_while_the_rules_are_at_it_is_judged_by_its_new_words(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        works = waiting(session)
        store(session, *(mention(key, "acme is fine now", edited_at=NOW) for key in ("1", "2")))
        noise.settle(session, works, {(row_of(session, "1").id, "Acme"): TAGS})
        assert [one.fresh for one in noise.screened(session, waiting(session))] == [True, True]


def test_a_mention_of_another_brand_cannot_be_hidden_here(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        mention_id = row_of(session, "1").id
        with pytest.raises(EarshotError, match=r"mention \d+ is not about Globex"):
            noise.hide(session, mention_id, "Globex", by="kim", now=NOW)


def test_an_edited_mention_is_judged_anew_unless_a_person_decided(database: Database) -> None:
    with database.begin() as session:
        store(session, *(mention(key) for key in ("rule", "person", "shown")))
        settle(session, "rule")
        noise.hide(session, row_of(session, "person").id, "Acme", by="kim", now=NOW)
        store(
            session,
            *(mention(key, "acme is really awful", edited_at=NOW) for key in ("rule", "person")),
        )
        store(session, mention("shown", "acme is really awful", edited_at=NOW))
        screened = {
            one.mention.external_id: one for one in noise.screened(session, waiting(session))
        }
        assert {key: (one.fresh, one.hidden) for key, one in screened.items()} == {
            "rule": (True, False),
            "person": (False, True),
            "shown": (True, False),
        }


def test_the_mentions_come_with_what_lists_and_signs_look_at(database: Database) -> None:
    told = mention("1", url="https://x.com/1", lang="en", parent_id="0", is_repost=True)
    with database.begin() as session:
        store(session, told, mention("2", author=None))
        known, unknown = noise.screened(session, waiting(session))
        assert known.mention.author is not None
        assert (known.mention.author.id, known.mention.author.handle) == ("501", "Ana_Writes")
        assert (known.mention.url, known.mention.lang) == ("https://x.com/1", "en")
        assert (known.mention.parent_id, known.mention.is_repost) == ("0", True)
        assert unknown.mention.author is None
        assert noise.screened(session, []) == []


def earlier(session: Session, authors: Sequence[int]) -> dict[int, list[str]]:
    found = noise.earlier(session, authors, since=NOW - HOUR, until=NOW)
    return {author: sorted(post.text for post in posts) for author, posts in found.items()}


def test_what_authors_wrote_lately_is_theirs_alone(database: Database) -> None:
    with database.begin() as session:
        store(
            session,
            mention("1", "one", published_at=NOW - MINUTE),
            mention("2", "two", published_at=NOW - HOUR),
            mention("3", "long ago", published_at=NOW - 2 * HOUR),
            mention("4", "by ben", author=BEN, published_at=NOW - MINUTE),
        )
        ana, ben = row_of(session, "1").author_id, row_of(session, "4").author_id
        assert ana is not None
        assert ben is not None
        assert earlier(session, [ana, ben]) == {ana: ["one", "two"], ben: ["by ben"]}
        assert earlier(session, []) == {}


def test_a_lesson_goes_with_its_mention(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        noise.hide(session, row_of(session, "1").id, "Acme", by="kim", now=NOW)
        mentions.forget_stored_before(session, "x", NOW + HOUR)
        assert noise.lessons(session, "Acme", relevant=False) == []


def test_what_was_deleted_teaches_nothing(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        mention_id = row_of(session, "1").id
        noise.hide(session, mention_id, "Acme", by="kim", now=NOW)
        deletions.purge(session, [mention_id], now=NOW)
        assert noise.lessons(session, "Acme", relevant=False) == []
