"""A mention that comes again: the newest version stays, whatever the order they come in."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.mention import Author, Engagement, Mention
from storage.engine import Database
from storage.tables import AuthorRow, MentionBrandRow, MentionRow, ScoreRow, Stage
from tests.storage.made import ANA, DAY, HOUR, MINUTE, NOW, mention, row_of, score, store


def stages(session: Session) -> list[str]:
    return list(session.scalars(select(MentionBrandRow.stage)))


def test_an_edit_is_taken_over_and_scored_again(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "acme is fine"))
        score(session)
        edited = mention("1", "acme is broken", edited_at=NOW - MINUTE)
        assert store(session, edited) == 0
        row = row_of(session, "1")
        assert (row.text, row.edited_at) == ("acme is broken", NOW - MINUTE)
        assert stages(session) == [Stage.COLLECTED]
        assert session.scalars(select(ScoreRow)).all() == []


def test_an_older_version_that_comes_late_changes_nothing(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "second", edited_at=NOW - MINUTE))
        store(session, mention("1", "the first version"))
        store(session, mention("1", "the one between", edited_at=NOW - HOUR))
        assert row_of(session, "1").text == "second"


def test_of_two_undated_versions_the_longer_one_stays(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "acme is … "), mention("2", "acme is the worst of all"))
        store(session, mention("1", "acme is the worst of all"), mention("2", "acme is …"))
        assert row_of(session, "1").text == row_of(session, "2").text == "acme is the worst of all"


def test_what_comes_again_unchanged_is_not_scored_again(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session)
        store(session, mention("1", engagement=Engagement(likes=3), edited_at=NOW - MINUTE))
        assert row_of(session, "1").likes == 3
        assert stages(session) != [Stage.COLLECTED]
        assert len(session.scalars(select(ScoreRow)).all()) == 1


def test_counts_only_grow(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", engagement=Engagement(5, None, 1, None)))
        store(session, mention("1", engagement=Engagement(3, 2, None, None)))
        row = row_of(session, "1")
        assert (row.likes, row.reposts, row.replies, row.views) == (5, 2, 1, None)


def test_an_author_told_later_is_added_and_one_withheld_later_is_kept(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", author=None), mention("2"))
        store(session, mention("1"), mention("2", author=None))
        assert row_of(session, "1").author_id == row_of(session, "2").author_id is not None


@pytest.mark.parametrize(
    ("said", "flagged"),
    [
        pytest.param(NOW - HOUR, False, id="the past"),
        pytest.param(NOW + MINUTE, False, id="written while the pass was under way"),
        pytest.param(NOW + DAY, True, id="tomorrow"),
        pytest.param(NOW, True, id="put there by the source for a date it did not believe"),
    ],
)
def test_a_date_from_the_future_is_cut_and_flagged(
    database: Database, said: datetime, *, flagged: bool
) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=said))
        row = row_of(session, "1")
        assert (row.published_at, row.dated_ahead) == (min(said, NOW), flagged)


def test_the_right_date_of_one_dated_ahead_is_taken_when_it_comes(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=NOW + DAY))
        store(session, mention("1", published_at=NOW - HOUR))
        row = row_of(session, "1")
        assert (row.published_at, row.dated_ahead) == (NOW - HOUR, False)
        assert session.scalars(select(MentionBrandRow.published_at)).all() == [NOW - HOUR]


# --- whatever order they come in ---------------------------------------------------------------

COUNT = st.one_of(st.none(), st.integers(0, 9))
AHEAD_OR_PAST = st.sampled_from([-90 * DAY, -2 * DAY, -HOUR, MINUTE, DAY, 400 * DAY])


@st.composite
def version(draw: st.DrawFn) -> Mention:
    """One of few posts, in one of few states: late, edited, counted anew, dated ahead."""
    number = draw(st.integers(1, 4))
    edited = draw(st.sampled_from([None, NOW - 3 * HOUR, NOW - MINUTE, NOW + DAY]))
    return mention(
        str(number),
        draw(st.sampled_from(["acme", "acme is bad", "acme is mad"]))
        + (" again" if edited else ""),
        published_at=draw(
            st.just(NOW - number * HOUR)
            if draw(st.booleans())
            else AHEAD_OR_PAST.map(lambda by: NOW + by)
        ),
        edited_at=edited,
        engagement=Engagement(draw(COUNT), draw(COUNT), None, None),
        author=draw(st.sampled_from([None, ANA])),
    )


def everything(session: Session) -> list[Any]:
    """What is stored, without our own ids."""
    rows = session.execute(
        select(
            *(
                column
                for column in MentionRow.__table__.c
                if column.name not in ("id", "author_id")
            ),
            AuthorRow.external_id,
            MentionBrandRow.published_at,
            MentionBrandRow.stage,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
    )
    return sorted(map(str, rows))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(version(), min_size=1, max_size=8), st.data())
def test_the_same_versions_end_in_the_same_rows(
    database: Database, versions: list[Mention], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*versions, *versions]))
    pages = data.draw(st.integers(1, 4))
    ends = []
    with database.begin() as session:
        for order, cut in ((versions, 1), (shuffled, pages)):
            for table in (ScoreRow, MentionBrandRow, MentionRow, AuthorRow):
                session.execute(delete(table))
            for start in range(cut):
                store(session, *order[start::cut])
            session.expire_all()
            ends.append(everything(session))
    assert ends[0] == ends[1]


def test_an_author_of_one_instant_is_the_one_with_more_followers(database: Database) -> None:
    few, many = Author("a", "h", followers=1), Author("a", "h", followers=2)
    with database.begin() as session:
        store(session, mention("1", author=many), mention("2", author=few))
        store(session, mention("3", author=few))
        assert session.scalars(select(AuthorRow.followers)).all() == [2]
