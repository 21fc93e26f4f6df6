import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.listing import Naming, Role, Stage
from domain.mention import Author, Engagement, Mention
from domain.sentiment import Label
from storage import authors, deletions, link_work, links, listings, mentions, views
from storage.engine import Database
from storage.mentions import Listed
from storage.sql import BIGGEST
from storage.tables import (
    AuthorRow,
    IncidentMentionRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)
from tests.storage.made import (
    ANA,
    BEN,
    BRAND,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OWN,
    author_of,
    mention,
    open_incident,
    row_of,
    score,
    sentiment,
    store,
    unchecked,
)


def count(session: Session, table: type[Any]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def stages(session: Session) -> dict[tuple[str, str], tuple[str, bool]]:
    rows = session.execute(
        select(
            MentionRow.external_id,
            MentionBrandRow.brand,
            MentionBrandRow.stage,
            MentionBrandRow.quiet,
        ).join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
    )
    return {(key, brand): (stage, quiet) for key, brand, stage, quiet in rows}


def test_a_mention_comes_back_as_it_went_in(database: Database) -> None:
    whole = mention(
        "1",
        "Ünïcode 🙂 and\na second line \u202e",
        url="https://x.example/1",
        lang="en",
        parent_id="0",
        conversation_id="0",
        engagement=Engagement(1, 2, None, 4),
        rating=4.5,
        is_repost=True,
    )
    with database.begin() as session:
        assert store(session, whole) == 1
    with database.read() as session:
        row = row_of(session, "1")
        fields = ("source", "text", "url", "lang", "parent_id", "conversation_id", "published_at")
        for name in fields:
            assert getattr(row, name) == getattr(whole, name)
        assert (row.likes, row.reposts, row.replies, row.views) == (1, 2, None, 4)
        assert (row.rating, row.is_repost, row.collected_at) == (4.5, True, NOW)
        assert links.author_of(author_of(session, "501")) == ANA


def test_what_is_stored_is_not_stored_again(database: Database) -> None:
    with database.begin() as session:
        assert store(session, mention("1", "first")) == 1
        assert store(session, mention("1", "first"), mention("2")) == 1
        assert row_of(session, "1").text == "first"


def test_the_same_id_from_another_source_is_another_mention(database: Database) -> None:
    with database.begin() as session:
        assert store(session, mention("1"), mention("1", source="reddit")) == 2


def test_a_second_brand_adds_a_listing_and_no_mention(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        assert store(session, mention("1"), roles={"Globex": Role.COMPETITOR}) == 0
        assert set(stages(session)) == {("1", "Acme"), ("1", "Globex")}


def test_one_batch_may_bring_a_mention_once_for_each_brand(database: Database) -> None:
    """As an export does, which lists a mention once per brand."""
    with database.begin() as session:
        listed = [
            Listed(mention("1"), {"Acme": Role.BRAND}),
            Listed(mention("1"), {"Globex": Role.COMPETITOR}),
        ]
        assert mentions.add_new(session, listed, now=NOW) == 1
        assert set(stages(session)) == {("1", "Acme"), ("1", "Globex")}


def test_more_than_one_statement_holds_is_stored_whole(database: Database) -> None:
    many = [
        mention(str(n), author=Author(f"a{n}", f"h{n}"), source="x" if n % 2 else "reddit")
        for n in range(1203)
    ]
    with database.begin() as session:
        assert store(session, *many) == 1203
        assert store(session, *many) == 0
        assert count(session, AuthorRow) == 1203


def test_nothing_to_store_is_no_work(database: Database) -> None:
    with database.begin() as session:
        assert store(session) == 0


# --- whatever order they come in --------------------------------------------------------------

AUTHORS = st.sampled_from([None, "a", "b", "c"])


@st.composite
def posts(draw: st.DrawFn) -> list[Mention]:
    """A dozen posts; each author renames themselves as time goes by."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        at = NOW - number * MINUTE + draw(st.sampled_from([0, 0, 0, 2, 90])) * DAY
        author = draw(AUTHORS)
        details = draw(st.booleans())
        made.append(
            mention(
                str(number),
                published_at=draw(st.sampled_from([at, datetime(1970, 1, 1, tzinfo=UTC)])),
                author=author
                and Author(author, f"{author}{min(at, NOW):%H%M%d}" if details else ""),
            )
        )
    return made


def everything(session: Session) -> list[Any]:
    """What is stored, without our own ids."""
    rows = session.execute(
        select(
            MentionRow.external_id,
            MentionRow.published_at,
            AuthorRow.external_id,
            AuthorRow.handle,
            AuthorRow.told_at,
            MentionBrandRow.brand,
            MentionBrandRow.published_at,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
    )
    return sorted(map(str, rows))


def clear(session: Session) -> None:
    for table in (MentionBrandRow, MentionRow, AuthorRow):
        session.execute(delete(table))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=posts(), data=st.data())
def test_order_and_repetition_do_not_matter(
    database: Database, made: list[Mention], data: st.DataObject
) -> None:
    # The newest mention tells who an author is. Of two at one instant the later told one does, so
    # those that would differ are left to come in the same order.
    seen: set[tuple[str, datetime]] = set()
    unique = []
    for one in made:
        key = (one.author.id if one.author else one.external_id, min(one.published_at, NOW))
        if key not in seen:
            seen.add(key)
            unique.append(one)
    shuffled = data.draw(st.permutations([*unique, *unique]))
    pages = data.draw(st.integers(1, 5))
    with database.begin() as session:
        clear(session)
        store(session, *unique)
        plain = everything(session)
        clear(session)
        for start in range(pages):
            store(session, *shuffled[start::pages])
        assert everything(session) == plain


def test_two_collectors_at_once_store_each_mention_once(database: Database) -> None:
    many = [mention(str(n), author=Author(f"a{n % 40}", f"h{n % 40}")) for n in range(400)]

    def collect(order: Sequence[Mention]) -> int:
        new = 0
        for start in range(0, len(order), 50):
            with database.begin() as session:
                new += store(session, *order[start : start + 50])
        return new

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(collect, [many, many[::-1]])) == 400
    with database.read() as session:
        assert (count(session, MentionRow), count(session, AuthorRow)) == (400, 40)
        assert count(session, MentionBrandRow) == 400


# --- who wrote it -----------------------------------------------------------------------------


def test_the_newest_mention_tells_who_an_author_is(database: Database) -> None:
    renamed = dataclasses.replace(ANA, handle="ana_now", followers=300)
    with database.begin() as session:
        store(session, mention("new", author=renamed))
        store(session, mention("old", published_at=NOW - DAY))
        row = author_of(session, "501")
        assert (row.handle, row.handle_key, row.followers) == ("ana_now", "ana_now", 300)


def test_a_page_without_details_does_not_wipe_what_is_known(database: Database) -> None:
    bare = Author(id="501", handle="")
    with database.begin() as session:
        store(session, mention("1"))
        store(session, mention("2", author=bare, published_at=NOW))
        store(session, mention("3", author=bare), mention("4"), mention("5", author=bare))
        assert links.author_of(author_of(session, "501")) == ANA


def test_when_an_account_was_made_is_not_forgotten(database: Database) -> None:
    born = datetime(2020, 1, 1, tzinfo=UTC)
    with database.begin() as session:
        store(session, mention("1", author=dataclasses.replace(ANA, created_at=born)))
        store(session, mention("2", published_at=NOW))
        assert author_of(session, "501").created_at == born


def test_a_new_handle_is_looked_up_again_and_the_same_one_is_not(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        link_work.take(session, limit=9, now=NOW)
        store(session, mention("2", published_at=NOW - 2 * MINUTE))
        assert unchecked(session) == []
        renamed = dataclasses.replace(ANA, handle="somebody_else")
        store(session, mention("3", author=renamed, published_at=NOW - MINUTE))
        assert len(unchecked(session)) == 1


@pytest.mark.parametrize(
    "author",
    [
        pytest.param(None, id="deleted"),
        pytest.param(Author(id="", handle=""), id="without id and handle"),
        pytest.param(Author(id="", handle=" @ "), id="with an empty handle"),
    ],
)
def test_an_author_nobody_can_tell_is_none(database: Database, author: Author | None) -> None:
    with database.begin() as session:
        store(session, mention("1", author=author), mention("2", author=author))
        assert row_of(session, "1").author_id is None
        assert count(session, AuthorRow) == 0


def test_where_a_network_has_no_ids_the_handle_is_the_id(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", author=Author(id="", handle="@Ana")))
        store(session, mention("2", author=Author(id="", handle="ana")))
        assert author_of(session, "ana").handle_key == "ana"
        assert count(session, AuthorRow) == 1


# --- odd values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        pytest.param(10**30, BIGGEST, id="more than a column holds"),
        pytest.param(BIGGEST, BIGGEST, id="the most"),
        pytest.param(2**31, 2**31, id="viral"),
        pytest.param(-5, 0, id="negative"),
        pytest.param(None, None, id="unknown"),
    ],
)
def test_counts_are_kept_within_what_a_column_holds(
    database: Database, claimed: int | None, kept: int | None
) -> None:
    star = dataclasses.replace(ANA, followers=claimed)
    with database.begin() as session:
        store(session, mention("1", author=star, engagement=Engagement(likes=claimed)))
        assert row_of(session, "1").likes == kept
        assert author_of(session, "501").followers == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(NOW + 400 * DAY, NOW, id="the future is now"),
        pytest.param(NOW, NOW, id="now"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), id="0"),
        pytest.param(
            datetime(1912, 6, 23, tzinfo=UTC), datetime(1912, 6, 23, tzinfo=UTC), id="before 0"
        ),
    ],
)
def test_when_it_was_published(database: Database, said: datetime, kept: datetime) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=said))
        assert row_of(session, "1").published_at == kept
        assert session.scalars(select(MentionBrandRow.published_at)).one() == kept


def test_an_instant_of_another_zone_is_kept_as_the_same_instant(database: Database) -> None:
    there = datetime.fromisoformat("2026-11-20T03:00:00-08:00")
    with database.begin() as session:
        store(session, mention("1", published_at=there))
    with database.read() as session:
        kept = row_of(session, "1").published_at
        assert (kept, kept.tzinfo) == (there, UTC)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 200_000, id="very long"),
        pytest.param("'; DROP TABLE mention; --", id="SQL"),
        pytest.param("".join(f"w{n} " for n in range(20_000)), id="very many words"),
        pytest.param("\x1b[2J \x07 \x85 \u2028 \ufeff 👩‍👩‍👧 \U0010ffff", id="controls and emoji"),
        pytest.param("y" * 3000 + " z", id="a word no index takes"),
    ],
)
def test_any_text_is_kept_exactly(database: Database, text: str) -> None:
    with database.begin() as session:
        store(session, mention("1", text))
        assert row_of(session, "1").text == text


# --- how far each has come --------------------------------------------------------------------


def test_a_mention_goes_from_collected_to_scored_to_done(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), roles={"Acme": Role.BRAND, "Globex": Role.COMPETITOR})
        store(session, mention("2"), roles=OWN)
        assert stages(session) == {
            ("1", "Acme"): ("collected", False),
            ("1", "Globex"): ("collected", False),
            ("2", "Acme"): ("done", False),
        }
        assert score(session) == 2
        assert stages(session)["1", "Acme"] == ("scored", False)
        assert stages(session)["1", "Globex"] == ("done", False)  # counted, never triaged
        works = listings.waiting(session, Stage.SCORED, limit=10)
        listings.move(session, works, Stage.DONE)
        assert stages(session)["1", "Acme"] == ("done", False)
        assert listings.waiting(session, Stage.COLLECTED, limit=10) == []
        assert listings.waiting(session, Stage.SCORED, limit=10) == []


def test_what_waits_comes_in_the_order_it_was_stored(database: Database) -> None:
    with database.begin() as session:
        store(session, *[mention(str(n), lang="de") for n in range(7)])
        works = listings.waiting(session, Stage.COLLECTED, limit=5)
        assert [work.mention_id for work in works] == sorted(work.mention_id for work in works)
        assert len(works) == 5
        assert {(work.lang, work.brand, work.role) for work in works} == {
            ("de", "Acme", Role.BRAND)
        }


def test_what_wakes_nobody_waits_apart_newest_first_and_goes_the_same_way(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("a"), mention("b"), quiet=True)
        store(session, mention("c"))
        archive = mention("e", published_at=NOW - 900 * DAY)
        store(session, mention("d"), archive, quiet=True)
        ids = {row.external_id: row.id for row in session.scalars(select(MentionRow))}

        loud = listings.waiting(session, Stage.COLLECTED, limit=9, quiet=False)
        quiet = listings.waiting(session, Stage.COLLECTED, limit=2, quiet=True)
        assert [work.mention_id for work in loud] == [ids["c"]]
        assert [work.mention_id for work in quiet] == [ids["d"], ids["b"]]

        every = listings.waiting(session, Stage.COLLECTED, limit=9, quiet=True)
        assert [work.mention_id for work in every][2:] == [ids["a"], ids["e"]], "by their dates"

        assert score(session) == 5
        assert stages(session) == {
            ("a", "Acme"): ("scored", True),
            ("b", "Acme"): ("scored", True),
            ("c", "Acme"): ("scored", False),
            ("d", "Acme"): ("scored", True),
            ("e", "Acme"): ("scored", True),
        }


def test_scores_may_be_stored_twice(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        listings.use_model(session, "tiny@1")
        works = listings.waiting(session, Stage.COLLECTED, limit=5)
        for label in (Label.NEGATIVE, Label.POSITIVE):
            listings.add_scores(session, [(work, sentiment(label)) for work in works], now=NOW)
        assert session.scalars(select(ScoreRow.label)).all() == ["negative"]


def test_thousands_are_moved_at_once(database: Database) -> None:
    with database.begin() as session:
        store(session, *[mention(str(n)) for n in range(1100)])
        assert score(session) == 1100
        assert {stage for stage, _ in stages(session).values()} == {"scored"}


def test_another_model_scores_everything_again_and_wakes_nobody(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("judged"))
        score(session)
        listings.move(session, listings.waiting(session, Stage.SCORED, limit=9), Stage.DONE)
        store(session, mention("waiting to be judged"))
        score(session)
        store(session, mention("just collected"))
        store(session, mention("history"), quiet=True)
        store(session, mention("own"), roles=OWN)
        listings.use_model(session, "big@2")
        assert stages(session) == {
            ("judged", "Acme"): ("collected", True),
            ("waiting to be judged", "Acme"): ("collected", False),
            ("just collected", "Acme"): ("collected", False),
            ("history", "Acme"): ("collected", True),
            ("own", "Acme"): ("done", False),
        }


def test_going_back_to_an_earlier_model_needs_no_new_scores(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session, Label.NEGATIVE, "tiny@1")
        score(session, Label.POSITIVE, "big@2")
        assert views.search(session, views.Filter())[0].sentiment == sentiment(
            Label.POSITIVE, "big@2"
        )
        listings.use_model(session, "tiny@1")
        assert listings.waiting(session, Stage.COLLECTED, limit=9) == []
        assert views.search(session, views.Filter())[0].sentiment == sentiment(Label.NEGATIVE)


# --- what must not be kept --------------------------------------------------------------------


def test_forgetting_takes_all_of_a_mention_and_the_authors_nobody_needs(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("old"), mention("bens", author=BEN), now=NOW - 40 * DAY)
        store(session, mention("elsewhere", source="reddit"), now=NOW - 40 * DAY)
        store(session, mention("new", author=BEN))
        score(session)
        row = open_incident(session, row_of(session, "old").id)
        assert mentions.forget_stored_before(session, "x", NOW - 30 * DAY) == 2
        assert set(stages(session)) == {("elsewhere", "Acme"), ("new", "Acme")}
        assert count(session, ScoreRow) == 2
        assert count(session, IncidentMentionRow) == 0
        left = session.execute(select(AuthorRow.source, AuthorRow.external_id)).all()
        assert sorted(map(tuple, left)) == [("reddit", "501"), ("x", "502")]
        assert row.id  # the incident itself stays: it holds no text
        assert mentions.forget_stored_before(session, "x", NOW - 30 * DAY) == 0


def test_what_is_forgotten_is_found_no_more(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "canary"), now=NOW - 40 * DAY)
        mentions.forget_stored_before(session, "x", NOW)
        assert views.search(session, views.Filter(search="canary")) == []
        store(session, mention("2", "another"))
        assert views.search(session, views.Filter(search="canary")) == []


@pytest.mark.parametrize("how", ["purged", "forgotten"])
def test_no_word_of_what_is_gone_stays_in_the_file(database: Database, how: str) -> None:
    if database.file is None:
        pytest.skip("a server's files are its own")
    for name, text in (("1", "a canary7f3a broke"), ("2", "another kettle"), ("3", "a third")):
        with database.begin() as session:
            store(session, mention(name, text), now=NOW - (40 if name == "1" else 0) * DAY)
    with database.begin() as session:
        if how == "purged":
            deletions.purge(session, [row_of(session, "1").id], now=NOW)
        else:
            mentions.forget_stored_before(session, "x", NOW - DAY)
    with database.read() as session:
        assert views.search(session, views.Filter(search="kettle"))
    database.close()  # the log that is written ahead goes with the last connection
    assert b"canary7f3a" not in database.file.read_bytes()


@pytest.mark.parametrize("named", [True, False])
def test_of_what_was_deleted_nothing_is_stored_again(database: Database, *, named: bool) -> None:
    roles = BRAND if named else {}
    with database.begin() as session:
        store(session, mention("1"))
        deletions.purge(session, [row_of(session, "1").id], now=NOW)
        listings.move(session, listings.waiting(session, Stage.COLLECTED, limit=9), Stage.DONE)
        listed = Listed(mention("1", "acme is bad", edited_at=NOW), roles, named=roles.keys())
        assert mentions.add_new(session, [listed], now=NOW) == 0
        assert session.scalars(select(AuthorRow)).all() == []
        [listing] = session.scalars(select(MentionBrandRow))
        assert (listing.stage, listing.naming) == (Stage.DONE, Naming.OTHERWISE)


def test_the_time_of_storing_counts_not_that_of_publishing(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=NOW - 900 * DAY), now=NOW)
        assert mentions.forget_stored_before(session, "x", NOW) == 0
        assert mentions.forget_stored_before(session, "x", NOW + timedelta(seconds=1)) == 1


def test_the_sources_are_known(database: Database) -> None:
    with database.begin() as session:
        assert mentions.source_names(session) == []
        store(session, mention("1"), mention("2", source="reddit"), mention("3", source="rss"))
        assert mentions.source_names(session) == ["reddit", "rss", "x"]


@pytest.mark.parametrize(
    ("handle", "key"),
    [
        pytest.param("@Ana", "ana", id="at and case"),
        pytest.param("  ana ", "ana", id="blanks"),
        pytest.param("STRASSE", "strasse", id="letters"),
        pytest.param("Straße", "straße", id="no letters for others"),
        pytest.param("\u212aIM", "\u212aim", id="the Kelvin sign is no k"),
        pytest.param("@", "", id="nothing"),
    ],
)
def test_handles_are_compared_without_at_and_case(handle: str, key: str) -> None:
    assert authors.handle_key(handle) == key


def test_a_listing_of_an_hour_ago_is_no_history(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=NOW - HOUR), roles=BRAND)
        assert stages(session)["1", "Acme"] == ("collected", False)
