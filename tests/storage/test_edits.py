"""A mention that comes again: the newest version stays, whatever the order they come in."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.listing import Naming, Stage
from domain.mention import Author, Engagement, Mention
from storage import mentions, sealing, unlisted_edits
from storage.engine import Database
from storage.mentions import Listed
from storage.tables import (
    AuthorRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
    UnlistedEditRow,
)
from tests.storage.made import BRAND, DAY, HOUR, MINUTE, NOW, mention, row_of, score, store
from tests.storage.orders import ROLES, ends, store_named, version


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


# --- whom it names ------------------------------------------------------------------------------


def namings(session: Session) -> dict[str, str]:
    rows = session.execute(select(MentionBrandRow.brand, MentionBrandRow.naming))
    return dict(rows.all())


def test_an_edit_names_whom_it_names_now(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "acme is bad"))
        store_named(session, mention("1", "globex is bad", edited_at=NOW - MINUTE))
        assert namings(session) == {"Acme": Naming.FORMERLY, "Globex": Naming.NAMED}


def test_an_edit_that_names_nobody_is_taken_in_all_the_same(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "acme is bad"))
        store_named(session, mention("1", "it is bad", edited_at=NOW - MINUTE))
        assert row_of(session, "1").text == "it is bad"
        assert namings(session) == {"Acme": Naming.FORMERLY}


def test_what_names_nobody_and_is_not_stored_leaves_no_trace(database: Database) -> None:
    with database.begin() as session:
        assert store_named(session, mention("1", "it is bad")) == 0
        assert session.scalars(select(MentionRow.id)).all() == []
        assert session.scalars(select(AuthorRow.id)).all() == []


def test_after_an_edit_that_names_nobody_an_older_version_is_not_stored(
    database: Database,
) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "it is bad", edited_at=NOW - MINUTE))
        for old in (None, NOW - HOUR):
            assert store_named(session, mention("1", "acme is bad", edited_at=old)) == 0
        assert session.scalars(select(AuthorRow.id)).all() == []
        assert store_named(session, mention("1", "acme again", edited_at=NOW)) == 1
        assert namings(session) == {"Acme": Naming.NAMED}


def test_of_an_edit_that_names_nobody_no_name_is_kept(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("post-of-ana", "it is bad", edited_at=NOW - MINUTE))
        kept = session.scalars(select(UnlistedEditRow.external_id)).all()
        assert kept == [sealing.seal(session, "post-of-ana")]


def test_the_newest_of_several_edits_that_name_nobody_counts(database: Database) -> None:
    with database.begin() as session:
        for at in (NOW - MINUTE, NOW - 3 * HOUR):
            store_named(session, mention("1", "it is bad", edited_at=at))
        assert store_named(session, mention("1", "acme", edited_at=NOW - HOUR)) == 0


def test_an_edit_that_names_nobody_is_forgotten_in_time(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "it is bad", edited_at=NOW - MINUTE))
        unlisted_edits.forget_before(session, NOW)
        assert store_named(session, mention("1", "acme is bad")) == 0
        unlisted_edits.forget_before(session, NOW + MINUTE)
        assert store_named(session, mention("1", "acme is bad")) == 1


def test_an_old_version_that_comes_late_lists_nobody_anew(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "globex is bad", edited_at=NOW - MINUTE))
        store_named(session, mention("1", "acme is bad"))
        assert namings(session) == {"Acme": Naming.FORMERLY, "Globex": Naming.NAMED}


def test_who_is_named_again_is_judged_again(database: Database) -> None:
    with database.begin() as session:
        store_named(session, mention("1", "acme is bad"))
        store_named(session, mention("1", "it is bad", edited_at=NOW - HOUR))
        score(session)
        store_named(session, mention("1", "acme is awful", edited_at=NOW - MINUTE))
        assert namings(session) == {"Acme": Naming.NAMED}
        assert stages(session) == [Stage.COLLECTED]


def test_what_was_not_listed_for_its_words_stays_listed_when_they_change(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("1", "it broke"))  # below a post of the brand's
        store_named(session, mention("1", "it broke down", edited_at=NOW - MINUTE))
        assert namings(session) == {"Acme": Naming.OTHERWISE}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("pages", [1, 2])
def test_what_belongs_to_a_conversation_needs_no_name(
    database: Database, order: tuple[int, int], pages: int
) -> None:
    first = Listed(mention("1", "acme is bad"), BRAND, named=BRAND.keys())
    below = Listed(mention("1", "it is bad", edited_at=NOW - MINUTE), BRAND)
    came = [(first, below)[number] for number in order]
    with database.begin() as session:
        for listed in [came] if pages == 1 else [[one] for one in came]:
            mentions.add_new(session, listed, now=NOW)
        assert namings(session) == {"Acme": Naming.OTHERWISE}
        assert stages(session) == [Stage.COLLECTED]


def test_who_was_found_to_be_named_stays_so(database: Database) -> None:
    """A network may find a name where we do not see it: in a link's target."""
    found = mention("1", "it is bad")
    with database.begin() as session:
        mentions.add_new(session, [Listed(found, BRAND, named=BRAND.keys())], now=NOW)
        mentions.add_new(session, [Listed(found, BRAND)], now=NOW)
        assert namings(session) == {"Acme": Naming.NAMED}


def test_both_versions_of_one_page_are_told_apart(database: Database) -> None:
    edited = mention("1", "globex is bad", edited_at=NOW - MINUTE)
    with database.begin() as session:
        store_named(session, edited, mention("1", "acme is bad"))
        assert namings(session) == {"Acme": Naming.FORMERLY, "Globex": Naming.NAMED}


# --- whatever order they come in ---------------------------------------------------------------


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(version(), min_size=1, max_size=8), st.data())
def test_the_same_versions_end_in_the_same_rows(
    database: Database, versions: list[Mention], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*versions, *versions]))
    first, other = ends(database, versions, shuffled, pages=data.draw(st.integers(1, 4)))
    assert first == other


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([*ROLES, "nobody"]), min_size=1, max_size=5), st.data())
def test_the_newest_edit_decides_who_is_named_in_whatever_order_they_come(
    database: Database, names: list[str], data: st.DataObject
) -> None:
    versions = [
        mention("1", f"{name.casefold()} is bad", edited_at=NOW - DAY + number * MINUTE)
        for number, name in enumerate(names)
    ]
    with database.begin() as session:
        for table in (MentionBrandRow, MentionRow, UnlistedEditRow):
            session.execute(delete(table))
        for one in data.draw(st.permutations(versions)):
            store_named(session, one)
        session.expire_all()
        named = {brand for brand, naming in namings(session).items() if naming == Naming.NAMED}
        assert named == {names[-1]} - {"nobody"}


def test_an_author_of_one_instant_is_the_one_with_more_followers(database: Database) -> None:
    few, many = Author("a", "h", followers=1), Author("a", "h", followers=2)
    with database.begin() as session:
        store(session, mention("1", author=many), mention("2", author=few))
        store(session, mention("3", author=few))
        assert session.scalars(select(AuthorRow.followers)).all() == [2]
