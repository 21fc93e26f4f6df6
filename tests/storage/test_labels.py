from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.listing import Stage
from domain.mention import Author
from domain.sentiment import Label, Sentiment
from storage import corrections, deletions, effective_sentiment, labels, listings, views
from storage.engine import Database
from storage.labels import Blind, Somebody
from storage.tables import LabelDrawRow, MentionBrandRow, MentionRow
from tests.storage.made import DAY, HOUR, NOW, mention, store

WEEK = date(2026, 11, 9)  # a Monday
SINCE, UNTIL = NOW - 7 * DAY, NOW
BAD = Sentiment(label=Label.NEGATIVE, negative=0.8, neutral=0.1, positive=0.1, model="tiny@1")


def write(session: Session, *names: str, author: str = "", score: bool = True) -> None:
    """A post each, of an author of the same name where none is given."""
    for name in names:
        who = author or name
        store(session, mention(name, author=Author(who, f"@{who}")))
    if score:
        listings.use_model(session, "tiny@1")
        works = listings.waiting(session, Stage.COLLECTED, limit=99)
        listings.add_scores(session, [(work, BAD) for work in works], now=NOW)


def who(session: Session, week: date = WEEK) -> list[Somebody]:
    return labels.who_wrote(session, "Acme", week, since=SINCE, until=UNTIL)


def drawn(session: Session) -> list[Blind]:
    """All who wrote are drawn; what is to be labelled of theirs."""
    labels.draw(session, "Acme", WEEK, who(session), probability=1.0, now=NOW)
    return labels.waiting(session, "Acme", since=WEEK)


def test_the_order_is_the_same_again_and_another_in_another_week(database: Database) -> None:
    with database.begin() as session:
        write(session, *(str(one) for one in range(12)))
        first = who(session)
        assert first == who(session)
        other = who(session, WEEK + timedelta(weeks=1))
        assert {one.person for one in other} == {one.person for one in first}
        assert [one.person for one in other] != [one.person for one in first]


def test_writing_more_moves_nobody_forward(database: Database) -> None:
    with database.begin() as session:
        write(session, "1", "2", "3", "4")
        before = [one.person for one in who(session)]
        write(session, *(f"more {n}" for n in range(30)), author="3")
        found = who(session)
        assert [one.person for one in found] == before
        assert sorted(len(one.mention_ids) for one in found) == [1, 1, 1, labels.MOST_POSTS]


def test_of_many_posts_the_newest_are_asked_for(database: Database) -> None:
    with database.begin() as session:
        for hours in range(1, 9):
            store(session, mention(f"{hours} ago", published_at=NOW - hours * HOUR))
        write(session)
        [one] = who(session)
        names = dict(session.execute(select(MentionRow.id, MentionRow.external_id)).all())
        assert [names[post] for post in one.mention_ids] == [f"{n} ago" for n in range(1, 6)]


def test_who_is_hidden_deleted_unscored_or_unknown_is_not_drawn(database: Database) -> None:
    with database.begin() as session:
        write(session, "gone", "noise", "stays")
        store(session, mention("nobody", author=None))
        store(session, mention("unread", author=Author("9", "@nine")))
        ids = {
            name: one
            for one, name in session.execute(select(MentionRow.id, MentionRow.external_id))
        }
        deletions.purge(session, [ids["gone"]], now=NOW)
        session.get_one(MentionBrandRow, (ids["noise"], "Acme")).hidden = "noise"
        session.flush()
        assert [one.mention_ids for one in who(session)] == [(ids["stays"],)]


def test_a_draw_is_stored_once_with_its_chance(database: Database) -> None:
    with database.begin() as session:
        write(session, "1", "2", "3")
        assert not labels.is_drawn(session, "Acme", WEEK)
        for _ in range(2):
            labels.draw(session, "Acme", WEEK, who(session)[:2], probability=2 / 3, now=NOW)
        assert labels.is_drawn(session, "Acme", WEEK)
        assert session.scalars(select(LabelDrawRow.probability)).all() == [2 / 3] * 2
        assert len(labels.waiting(session, "Acme", since=WEEK)) == 2
        assert labels.waiting(session, "Acme", since=WEEK + DAY) == []
        assert labels.waiting(session, "Globex", since=WEEK) == []


def test_what_goes_after_the_draw_is_not_asked_for(database: Database) -> None:
    with database.begin() as session:
        write(session, "1", "2", "3")
        first, second, third = drawn(session)
        deletions.purge(session, [first.mention_id], now=NOW)
        session.get_one(MentionBrandRow, (second.mention_id, "Acme")).hidden = "noise"
        session.flush()
        assert labels.waiting(session, "Acme", since=WEEK) == [third]
        assert labels.post(session, first.draw_id, first.mention_id) is None


def test_a_label_is_given_once_and_by_its_giver_taken_back(database: Database) -> None:
    with database.begin() as session:
        write(session, "1")
        [one] = drawn(session)
        labels.give(session, one.draw_id, one.mention_id, Label.POSITIVE, by="ana", now=NOW)
        assert labels.waiting(session, "Acme", since=WEEK) == []
        with pytest.raises(EarshotError, match="labelled already, by ana"):
            labels.give(session, one.draw_id, one.mention_id, Label.NEUTRAL, by="ben", now=NOW)
        labels.take_back(session, one.draw_id, one.mention_id, by="ben")
        assert labels.given(session, one.draw_id, one.mention_id) is not None
        labels.take_back(session, one.draw_id, one.mention_id, by="ana")
        assert labels.given(session, one.draw_id, one.mention_id) is None
        assert labels.waiting(session, "Acme", since=WEEK) == [one]


def test_a_post_that_was_never_drawn_takes_no_label(database: Database) -> None:
    with database.begin() as session, pytest.raises(EarshotError, match="not to be labelled"):
        labels.give(session, 7, 7, Label.NEUTRAL, by="ana", now=NOW)


def test_a_skipped_post_is_asked_for_no_more_and_judges_nothing(database: Database) -> None:
    with database.begin() as session:
        write(session, "1")
        [one] = drawn(session)
        labels.give(session, one.draw_id, one.mention_id, None, by="ana", now=NOW)
        assert labels.waiting(session, "Acme", since=WEEK) == []
        assert labels.judged(session, "Acme", since=NOW - DAY, until=NOW + DAY) == []


def test_a_label_moves_no_tone_and_a_correction_is_not_the_model(database: Database) -> None:
    with database.begin() as session:
        write(session, "1")
        [one] = drawn(session)
        labels.give(session, one.draw_id, one.mention_id, Label.POSITIVE, by="ana", now=NOW)
        [view] = views.search(session, views.Filter())
        assert view.sentiment is not None
        assert view.sentiment.label is Label.NEGATIVE
        corrections.correct(session, one.mention_id, "Acme", Label.NEUTRAL, by="ben", now=NOW)
        [found] = labels.judged(session, "Acme", since=NOW, until=NOW + HOUR)
        assert (found.label, found.week) == (Label.POSITIVE, WEEK)
        assert found.polarity == pytest.approx(-0.7)


def test_labels_count_for_the_model_in_use_and_for_their_time(database: Database) -> None:
    with database.begin() as session:
        write(session, "1", "2")
        one, other = drawn(session)
        labels.give(session, one.draw_id, one.mention_id, Label.POSITIVE, by="ana", now=NOW - DAY)
        labels.give(session, other.draw_id, other.mention_id, Label.NEUTRAL, by="ana", now=NOW)
        assert len(labels.judged(session, "Acme", since=NOW - DAY, until=NOW + HOUR)) == 2
        [newer] = labels.judged(session, "Acme", since=NOW, until=NOW + HOUR)
        assert newer.label is Label.NEUTRAL
        assert len(labels.judged(session, "Acme", since=NOW - DAY, until=NOW)) == 1
        [week] = labels.weeks(session, "Acme", since=NOW, until=NOW + HOUR)
        assert (week.week, week.probability, week.drawn, week.labelled) == (WEEK, 1.0, 2, 1)
        listings.use_model(session, "tiny@2")
        assert labels.judged(session, "Acme", since=NOW - DAY, until=NOW + HOUR) == []
        assert labels.persons(session, "Acme", since=NOW - DAY, until=NOW + HOUR) == 2
        assert effective_sentiment.current_model(session) == "tiny@2"


def test_what_waits_for_its_score_is_known(database: Database) -> None:
    with database.begin() as session:
        write(session, "1")
        assert not labels.waits_for_scores(session, "Acme", since=SINCE, until=UNTIL)
        store(session, replace(mention("2"), published_at=NOW - HOUR))
        assert labels.waits_for_scores(session, "Acme", since=SINCE, until=UNTIL)
        assert not labels.waits_for_scores(session, "Acme", since=NOW, until=NOW + DAY)
