"""What numbers rest on: who is one person, what is an opinion, what was owed an answer."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts import lifecycle
from domain.customer import Basis, Judgement, LinkState
from domain.incident import DISMISSED, Change, Clock, Incident, Resolution, Severity
from domain.listing import Role
from domain.mention import Author, Mention, Standing
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded
from domain.reputation import Asked, Opinion
from domain.sentiment import Label
from storage import (
    clocks,
    corrections,
    crm_removal,
    customers,
    deletions,
    incidents,
    link_rules,
    listings,
    persons,
    voices,
)
from storage.engine import Database
from storage.opinions import asked, opinions
from storage.tables import AuthorRow, MentionBrandRow, MentionRow
from tests.storage.made import (
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OWN,
    author_of,
    customer,
    mention,
    open_incident,
    row_of,
    score,
    store,
)

SINCE = NOW - 28 * DAY
CARLA = Author(id="503", handle="carla")
GLOBEX = {"Globex": Role.COMPETITOR}


def read(session: Session, **more: Any) -> list[Opinion]:  # noqa: ANN401 -- any option
    return opinions(session, "Acme", since=SINCE, until=NOW, **more)


def heads(session: Session, **more: Any) -> int:  # noqa: ANN401 -- any option
    """How many persons wrote."""
    return len({one.person for one in read(session, **more)})


def link(
    session: Session, account: str, record: int, state: LinkState = LinkState.CONFIRMED
) -> None:
    verdict = Judgement(record, state, 0.9, Basis.HANDLE_ON_FILE, ())
    link_rules.judge(session, {author_of(session, account).id: [verdict]}, now=NOW)


def purge(session: Session, *names: str) -> None:
    deletions.purge(session, [row_of(session, one).id for one in names], now=NOW)
    session.expire_all()


def tell(session: Session, *names: str) -> None:
    """Make one story of these mentions, as if the first name were the one it is found by."""
    rows = [row_of(session, one) for one in names]
    for row in rows:
        row.story_id = rows[0].id
    session.flush()


# --- who is one person ---------------------------------------------------------------------------


def test_who_deletes_posts_stays_one_person(database: Database) -> None:
    names = [str(one) for one in range(40)]
    with database.begin() as session:
        store(session, *[mention(one) for one in names], mention("left"), mention("b", author=BEN))
        before = {one.external_id: one.person for one in read(session)}
        assert heads(session) == 2
        purge(session, *names)
        found = read(session)
        assert len(found) == 42, "what was said is still counted"
        assert {one.person for one in found} == {before["left"], before["b"]}
        assert {one.account for one in found if one.person == before["left"]} == {before["left"]}


def test_who_deletes_everything_and_writes_again_is_the_same_person(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        [before] = {one.person for one in read(session)}
        purge(session, "1", "2")
        assert session.scalar(select(func.count()).select_from(AuthorRow)) == 0
        store(session, mention("3"))
        assert {one.person for one in read(session)} == {before}


def test_a_deleted_post_keeps_nothing_of_its_author_but_a_number(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        purge(session, "1")
        [row] = session.scalars(select(MentionRow))
        assert (row.author_id, row.text, row.url) == (None, "", "")
        assert row.voice is not None
        assert str(row.voice) not in {"501", "Ana_Writes"}
    other = hash(voices.account_key("x", "501"))
    assert row.voice != other, "it cannot be worked out without the database's key"


def test_a_deleted_customer_stays_the_customer(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        store(session, mention("1"), mention("2"))
        link(session, "501", 1)
        [before] = {one.person for one in read(session)}
        purge(session, "1", "2")
        found = read(session)
        assert {(one.person, one.is_customer) for one in found} == {(before, True)}
        store(session, mention("3", author=BEN))
        link(session, "502", 1)
        assert {one.person for one in read(session)} == {before}, "their other account"


def test_what_was_deleted_before_the_account_was_linked_is_the_customers_too(
    database: Database,
) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        store(session, mention("gone"), mention("old", published_at=NOW - 60 * DAY))
        purge(session, "gone")
        [unlinked] = read(session)
        assert not unlinked.is_customer
        link(session, "501", 1)
        store(session, mention("b", author=BEN))
        link(session, "502", 1)
        found = read(session)
        assert len({one.person for one in found}) == 1, "its account is here, if not in the window"
        assert [one.is_customer for one in found] == [True, True]


def test_records_that_became_one_person_later_are_one_with_what_was_deleted(
    database: Database,
) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        store(session, mention("1"), mention("2", author=BEN))
        link(session, "501", 1)
        link(session, "502", 2)
        assert heads(session) == 2
        purge(session, "1", "2")
        assert heads(session) == 2
        persons.join_by_hand(session, 1, 2, by="mia", now=NOW)
        assert heads(session) == 1


def test_a_customer_who_was_erased_is_nobody_we_know_and_still_one_person(
    database: Database,
) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        store(session, mention("1"), mention("2"))
        link(session, "501", 1)
        purge(session, "1", "2")
        crm_removal.remove_customers(session, "hubspot", ["C1"], now=NOW)
        assert {one.is_customer for one in read(session)} == {False}
        assert heads(session) == 1


@pytest.mark.parametrize("state", [LinkState.PROPOSED, LinkState.REJECTED])
def test_only_a_confirmed_link_makes_a_customer(database: Database, state: LinkState) -> None:
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        store(session, mention("1"), mention("2", author=BEN))
        link(session, "501", 1, state)
        purge(session, "1")
        assert [one.is_customer for one in read(session)] == [False, False]


def test_a_customer_on_three_accounts_is_one_person(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        persons.join_by_hand(session, 1, 2, by="mia", now=NOW)
        for number, author in enumerate((ANA, BEN, CARLA)):
            store(session, mention(str(number), source=("x", "reddit", "x")[number], author=author))
            link(session, author.id, 1 + number % 2)
        found = read(session)
        assert len({one.person for one in found}) == 1
        assert len({one.account for one in found}) == 3
        assert all(one.is_customer for one in found)


def test_a_deleted_post_is_of_the_account_as_it_is_now(database: Database) -> None:
    born = NOW - 9 * DAY
    with database.begin() as session:
        customers.save(session, [customer()], now=NOW)
        young = [
            Author(id=one, handle=f"young{one}", followers=7, created_at=born) for one in ("7", "8")
        ]
        store(session, *[mention(f"{one.id} stays", author=one) for one in young])
        store(session, *[mention(f"{one.id} goes", author=one) for one in young])
        link(session, "8", 1)
        purge(session, "7 goes", "8 goes")
        found = read(session)
        assert len({(one.person, one.account, one.is_customer) for one in found}) == 2
        assert {(one.followers, one.account_created_at) for one in found} == {(7, born)}


def test_what_was_deleted_before_numbers_were_kept_is_nobodys(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("feed", author=None))
        purge(session, "1")
        [row] = session.scalars(select(MentionRow).where(MentionRow.standing == Standing.GONE))
        row.voice = None
        session.flush()
        assert [(one.person, one.account) for one in read(session)] == [(None, None)] * 2


def test_what_is_purged_twice_keeps_its_number(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        first = row_of(session, "1").id
        for _ in range(2):
            deletions.purge(session, [first], now=NOW)
        session.expire_all()
        assert heads(session) == 1


# --- what is an opinion --------------------------------------------------------------------------


def test_opinions_are_of_others_shown_and_no_reposts(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", is_repost=True), mention("noise"))
        store(session, mention("own", author=BEN), roles=OWN)
        store(session, mention("other"), roles=GLOBEX)
        store(
            session, mention("before", published_at=SINCE - MINUTE), mention("at", published_at=NOW)
        )
        store(session, mention("first", published_at=SINCE))
        noise = select(MentionBrandRow).where(
            MentionBrandRow.mention_id == row_of(session, "noise").id
        )
        session.scalars(noise).one().hidden = "rule:spam"
        session.flush()
        assert [one.external_id for one in read(session)] == ["first", "1"]


def test_an_opinion_is_what_is_known_of_the_post_and_its_author(database: Database) -> None:
    born = NOW - 9 * DAY
    with database.begin() as session:
        author = Author(id="504", handle="dora", followers=7, created_at=born)
        store(session, mention("1", author=author))
        score(session, Label.POSITIVE)
        store(session, mention("2", author=author, published_at=NOW - MINUTE))
        one, other = read(session)
        assert one.polarity == pytest.approx(0.85)
        assert (one.source, one.published_at, one.label) == ("x", NOW - HOUR, "positive")
        assert (one.followers, one.account_created_at, one.is_customer) == (7, born, False)
        assert (other.polarity, other.label, other.story) == (None, None, None)


def test_the_scores_of_a_model_that_is_not_in_use_can_be_asked_for(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"))
        score(session, Label.NEGATIVE, "old@1")
        corrections.correct(
            session, row_of(session, "2").id, "Acme", Label.POSITIVE, by="mia", now=NOW
        )
        listings.use_model(session, "new@2")
        assert [one.label for one in read(session)] == [None, "positive"]
        old = read(session, model="old@1")
        assert [one.label for one in old] == ["negative", "positive"], "a person's word wins"
        assert [one.polarity for one in old] == pytest.approx([-0.85, 1.0])
        assert [one.label for one in read(session, model="")] == [None, "positive"]


def test_authors_can_be_left_out_with_what_they_deleted(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"), mention("3", author=BEN))
        store(session, mention("nobody's", author=None))
        purge(session, "2")
        ana = author_of(session, "501").id
        found = read(session, left_out=[ana, 999])
        assert [one.external_id for one in found] == ["3", "nobody's"]


def test_a_story_that_somebody_left_out_told_first_is_told_by_the_next(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("own", published_at=NOW - 40 * DAY))
        store(session, mention("own again", published_at=NOW - 3 * DAY))
        store(session, mention("1", author=BEN), mention("2", author=CARLA))
        tell(session, "own", "own again", "1", "2")
        left_out = [author_of(session, "501").id]
        assert read(session) == []
        assert [one.external_id for one in read(session, left_out=left_out)] == ["1"]


NEWS = [f"site{one}" for one in range(50)]


def test_one_article_on_fifty_sites_speaks_once(database: Database) -> None:
    with database.begin() as session:
        told = [
            mention(one, source="rss", author=None, published_at=NOW - HOUR + number * MINUTE)
            for number, one in enumerate(NEWS)
        ]
        store(session, *told)
        tell(session, *NEWS[::-1])
        assert [one.external_id for one in read(session)] == ["site0"]
        assert opinions(session, "Acme", since=NOW - 30 * MINUTE, until=NOW) == []


def tellers() -> list[Mention]:
    """Of one instant, of two sources: what a machine's order of texts could change."""
    return [
        mention("b", source="reddit", author=BEN),
        mention("A", author=ANA),
        mention("a", author=CARLA),
    ]


@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
def test_who_told_a_story_first_does_not_depend_on_the_order_of_import(
    database: Database, order: tuple[int, ...]
) -> None:
    told = tellers()
    with database.begin() as session:
        for number in order:
            store(session, told[number])
        tell(session, *(told[number].external_id for number in order))
        assert [(one.source, one.external_id) for one in read(session)] == [("reddit", "b")]
        purge(session, "b")
        assert [one.source for one in read(session)] == ["reddit"], "it was told all the same"


def test_opinions_come_oldest_first_and_in_one_order_in_every_database(database: Database) -> None:
    with database.begin() as session:
        store(session, *tellers(), mention("z", published_at=NOW - 2 * HOUR))
        found = [(one.source, one.external_id) for one in read(session)]
        assert found == [("x", "z"), ("reddit", "b"), ("x", "A"), ("x", "a")]


# --- what was owed an answer ---------------------------------------------------------------------


def ask(
    session: Session, *names: str, author: Author = ANA, ago: timedelta = 3 * HOUR
) -> list[int]:
    """Store posts that ask for an answer; our ids."""
    store(session, *[mention(one, author=author, published_at=NOW - ago) for one in names])
    ids = [row_of(session, one).id for one in names]
    listings.decided(session, {(one, "Acme"): True for one in ids})
    return ids


def owed(session: Session, until: datetime = NOW) -> list[Asked]:
    return asked(session, "Acme", since=SINCE, until=until)


def listing_of(session: Session, name: str) -> MentionBrandRow:
    return session.scalars(
        select(MentionBrandRow).where(MentionBrandRow.mention_id == row_of(session, name).id)
    ).one()


def save(session: Session, change: Change) -> Incident:
    incidents.save(session, *change)
    return change.incident


def settle(session: Session, incident: Incident, how: object) -> Incident:
    return save(session, lifecycle.settle(incident, how, by="mia", now=NOW))  # type: ignore[arg-type]


def test_who_asks_and_was_answered_on_the_platform(database: Database) -> None:
    with database.begin() as session:
        ask(session, "1")
        ask(session, "2", author=BEN, ago=2 * HOUR)
        listing_of(session, "1").answered_at = NOW - HOUR
        session.flush()
        first, second = owed(session)
        assert [first.person, second.person] == [one.person for one in read(session)]
        assert first[1:] == (NOW - 3 * HOUR, NOW - HOUR)
        assert second[1:] == (NOW - 2 * HOUR, None)


def test_nobody_is_owed_an_answer_to_what_does_not_count(database: Database) -> None:
    with database.begin() as session:
        ask(session, "own", "noise", "rival", "repost", "deleted", "silent", "unjudged")
        ask(session, "nobody's", author=None)  # type: ignore[arg-type]
        listing_of(session, "own").role = Role.OWN
        listing_of(session, "rival").role = Role.COMPETITOR
        listing_of(session, "noise").hidden = "rule:spam"
        row_of(session, "repost").is_repost = True
        listing_of(session, "silent").asks_for_answer = False
        listing_of(session, "unjudged").asks_for_answer = None
        purge(session, "deleted")
        assert owed(session) == []


def test_of_a_story_only_who_told_it_first_is_owed_an_answer(database: Database) -> None:
    with database.begin() as session:
        ask(session, "first", ago=5 * HOUR)
        ask(session, "copy", author=BEN)
        ask(session, "teller asks nothing", author=CARLA, ago=40 * DAY)
        ask(session, "copies it")
        listing_of(session, "teller asks nothing").asks_for_answer = False
        tell(session, "first", "copy")
        tell(session, "copies it", "teller asks nothing")
        assert [one.posted_at for one in owed(session)] == [NOW - 5 * HOUR]


def test_a_dismissed_incident_is_no_promise(database: Database) -> None:
    with database.begin() as session:
        ids = ask(session, "1", "2")
        opened = open_incident(session, *ids)
        save(session, lifecycle.dismiss(opened, by="mia", now=NOW))
        assert owed(session) == []


@pytest.mark.parametrize("how", [NoAnswerNeeded(), DuplicateOf(77)], ids=str)
def test_what_needs_no_answer_by_a_persons_word_is_owed_none(
    database: Database, how: object
) -> None:
    with database.begin() as session:
        opened = open_incident(session, *ask(session, "1"))
        settle(session, opened, how)
        assert owed(session) == []


def test_an_acknowledgement_or_a_closing_without_a_word_is_no_answer(database: Database) -> None:
    with database.begin() as session:
        opened = open_incident(session, *ask(session, "1"))
        acked = save(session, lifecycle.acknowledge(opened, by="mia", now=NOW - HOUR))
        assert [one.answered_at for one in owed(session)] == [None]
        save(session, lifecycle.resolve(acked, by="mia", now=NOW, resolution=Resolution.MANUAL))
        assert [one.answered_at for one in owed(session)] == [None]


def test_an_answer_elsewhere_counts_from_when_it_was_given(database: Database) -> None:
    with database.begin() as session:
        opened = open_incident(session, *ask(session, "1"), posted_at=NOW - 3 * HOUR)
        settle(session, opened, Elsewhere("phone", NOW - HOUR))
        assert [one.answered_at for one in owed(session)] == [NOW - HOUR]
        listing_of(session, "1").answered_at = NOW - 2 * HOUR
        session.flush()
        assert [one.answered_at for one in owed(session)] == [NOW - 2 * HOUR], "the first one"


def test_an_answer_elsewhere_is_none_to_what_was_written_after_it(database: Database) -> None:
    with database.begin() as session:
        ids = [*ask(session, "1"), *ask(session, "2", ago=MINUTE)]
        opened = open_incident(session, *ids, posted_at=NOW - 3 * HOUR)
        settle(session, opened, Elsewhere("phone", NOW - HOUR))
        assert [one.answered_at for one in owed(session)] == [NOW - HOUR, None]


FIRST, SECOND = NOW - 10 * HOUR, NOW - 4 * HOUR  # when two posts of one incident were written


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        pytest.param(("", ""), [(FIRST, None), (SECOND, None)], id="both wait"),
        pytest.param(
            (Resolution.NO_ANSWER_NEEDED, ""),
            [(SECOND, None)],
            id="no answer needed, then reopened",
        ),
        pytest.param((DISMISSED, ""), [(SECOND, None)], id="dismissed, then reopened"),
        pytest.param(
            (Resolution.MANUAL, Resolution.DUPLICATE), [(FIRST, None)], id="then a duplicate"
        ),
        pytest.param(
            (Resolution.MANUAL, Resolution.ELSEWHERE),
            [(FIRST, SECOND + HOUR), (SECOND, SECOND + HOUR)],
            id="answered elsewhere later",
        ),
        pytest.param(
            (Resolution.ELSEWHERE, ""),
            [(FIRST, FIRST + HOUR), (SECOND, None)],
            id="answered elsewhere, then reopened",
        ),
    ],
)
def test_what_was_decided_of_one_clock_says_nothing_of_the_next(
    database: Database, ways: tuple[str, str], expected: list[tuple[datetime, datetime | None]]
) -> None:
    with database.begin() as session:
        ids = [*ask(session, "1", ago=NOW - FIRST), *ask(session, "2", ago=NOW - SECOND)]
        opened = open_incident(session, *ids)
        made = [
            Clock(
                at,
                at + DAY,
                Severity.HIGH,
                answered_at=at + HOUR if how == Resolution.ELSEWHERE else None,
                how=how,
            )
            for at, how in zip((FIRST, SECOND), ways, strict=True)
        ]
        clocks.replace(session, opened.id, made)
        assert [(one.posted_at, one.answered_at) for one in owed(session)] == expected


def test_a_late_post_from_before_the_first_clock_is_of_that_clock(database: Database) -> None:
    with database.begin() as session:
        opened = open_incident(session, *ask(session, "late", ago=11 * HOUR))
        dismissed = Clock(FIRST, FIRST + DAY, Severity.HIGH, how=DISMISSED)
        clocks.replace(session, opened.id, [dismissed, Clock(SECOND, NOW, Severity.HIGH)])
        assert owed(session) == []


def test_another_brands_incident_decides_nothing(database: Database) -> None:
    with database.begin() as session:
        opened = open_incident(session, *ask(session, "1"), brand="Globex", key="other")
        save(session, lifecycle.dismiss(opened, by="mia", now=NOW))
        assert len(owed(session)) == 1


def test_an_edited_post_is_owed_what_its_words_ask_now(database: Database) -> None:
    with database.begin() as session:
        [one] = ask(session, "1")
        opened = open_incident(session, one)
        save(
            session, lifecycle.resolve(opened, by="earshot", now=NOW, resolution=Resolution.EDITED)
        )
        assert len(owed(session)) == 1, "its words ask again"
        listings.decided(session, {(one, "Acme"): False})
        assert owed(session) == []


def test_two_incidents_of_a_post_excuse_it_when_either_does(database: Database) -> None:
    with database.begin() as session:
        ids = ask(session, "1")
        open_incident(session, *ids)
        other = open_incident(session, *ids, key="another")
        save(session, lifecycle.dismiss(other, by="mia", now=NOW))
        assert owed(session) == []
