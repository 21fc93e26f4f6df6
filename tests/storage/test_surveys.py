"""Answers of surveys: once, brought up to date, and of whom."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from domain.survey import SurveyAnswer, Tally
from storage import crm_removal, customers, persons, surveys
from storage.engine import Database
from storage.surveys import Answer, Refused, Saved
from storage.tables import CustomerRow, SurveyAnswerRow
from tests.storage.made import DAY, HOUR, NOW

MIRA = CustomerRecord("shop", "C1", "Mira Sol", "mira@x.example")
MIRA_TOO = CustomerRecord("crm", "77", "Mira Sol", "mira@x.example")
JON = CustomerRecord("shop", "C2", "Jon", "jon@x.example")


def answer(number: int, score: int = 9, email: str = "", customer: str = "") -> SurveyAnswer:
    """The answer of so many days ago."""
    at = NOW - number * DAY
    return SurveyAnswer(f"r{number}", at, score, email, customer, line=number + 1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.begin() as session:
        yield session


def save(session: Session, *answers: SurveyAnswer, system: str = "") -> Saved:
    return surveys.save(session, "Acme", "typeform", answers, system=system, now=NOW)


def owners(session: Session) -> list[str | None]:
    rows = session.scalars(
        select(CustomerRow.external_id)
        .select_from(SurveyAnswerRow)
        .outerjoin(CustomerRow, CustomerRow.id == SurveyAnswerRow.customer_id)
        .order_by(SurveyAnswerRow.response_id)
    )
    return list(rows)


def everybody(session: Session, *records: CustomerRecord) -> None:
    customers.save(session, records, now=NOW)
    persons.join(session)


def test_what_is_imported_twice_is_there_once_and_a_corrected_row_is_brought_up_to_date(
    session: Session,
) -> None:
    assert save(session, answer(1), answer(2, 3)) == Saved(2, 0, 0, 0)
    assert save(session, answer(1), answer(2, 3)) == Saved(0, 0, 2, 0)

    corrected = replace(answer(2, 4), answered_at=NOW - 2 * DAY + HOUR)
    assert save(session, answer(1), corrected) == Saved(0, 1, 1, 0)

    assert surveys.stored(session) == [("Acme", "typeform", 2, 0, NOW - 2 * DAY + HOUR, NOW - DAY)]
    assert surveys.tally(session, "Acme", since=NOW - 9 * DAY, until=NOW) == Tally(1, 0, 1)


def test_another_surveys_answer_of_the_same_id_is_refused_and_nothing_lost(
    session: Session,
) -> None:
    save(session, answer(1))
    other = replace(answer(1, 0), answered_at=NOW - 40 * DAY, line=7)

    assert save(session, other).refused == (Refused(7, surveys.ANOTHER),)
    surveys.save(session, "Acme", "may", [other], now=NOW)
    surveys.save(session, "Globex", "typeform", [other], now=NOW)

    assert [one[:3] for one in surveys.stored(session)] == [
        ("Acme", "may", 1),
        ("Acme", "typeform", 1),
        ("Globex", "typeform", 1),
    ]


def test_two_rows_of_one_id_are_one_when_they_say_the_same(session: Session) -> None:
    same, differs = replace(answer(1), line=5), replace(answer(1, 2), line=6)

    assert save(session, answer(1), same, differs) == Saved(
        1, 0, 0, 0, (Refused(6, surveys.TWICE),)
    )


def test_whose_it_is_the_email_tells_or_the_id_unless_they_name_two(session: Session) -> None:
    everybody(session, MIRA, MIRA_TOO, JON)
    found = [
        answer(1, email="mira@x.example"),
        answer(2, customer="C2"),
        answer(3, customer="C2", email="mira@x.example"),
        answer(4, customer="C2", email="nobody@x.example"),
        answer(5, email="nobody@x.example"),
        answer(6, customer="77"),
    ]

    done = save(session, *found, system="shop")

    assert owners(session) == ["C1", "C2", None, "C2", None, None]
    assert done.linked == 3


def test_an_id_of_no_named_system_counts_where_there_is_one_alone(session: Session) -> None:
    everybody(session, JON)
    save(session, answer(1, customer="C2"))
    everybody(session, MIRA_TOO)
    save(session, answer(2, customer="C2"))

    assert owners(session) == ["C2", None]


def test_whose_it_was_stays_known_when_a_later_file_does_not_say(session: Session) -> None:
    everybody(session, MIRA)
    save(session, answer(1))
    assert save(session, answer(1, email="mira@x.example")) == Saved(0, 1, 0, 1)
    assert save(session, answer(1)) == Saved(0, 0, 1, 1)
    assert owners(session) == ["C1"]


def test_no_address_is_kept(session: Session) -> None:
    save(session, answer(1, email="canary@x.example"))
    row = session.scalars(select(SurveyAnswerRow)).one()
    assert "canary" not in str(vars(row))


def test_what_would_be_done_is_told_and_not_done(session: Session) -> None:
    done = surveys.save(session, "Acme", "typeform", [answer(1)], now=NOW, writes=False)

    assert done == Saved(1, 0, 0, 0)
    assert surveys.stored(session) == []
    assert surveys.span(session, "Acme") is None


def test_a_deleted_customers_answer_stays_and_is_nobodys(session: Session) -> None:
    everybody(session, MIRA, JON)
    save(session, answer(1, email="mira@x.example"), answer(2, email="jon@x.example"))

    crm_removal.remove_customers(session, "shop", ["C1"], now=NOW)

    assert owners(session) == [None, "C2"]
    assert surveys.tally(session, "Acme", since=NOW - 9 * DAY, until=NOW).n == 2


def test_where_another_record_of_the_person_stays_it_takes_the_answers(session: Session) -> None:
    everybody(session, MIRA, MIRA_TOO)
    save(session, answer(1, email="mira@x.example"), system="shop")
    assert owners(session) == ["C1"]

    crm_removal.remove_customers(session, "shop", ["C1"], now=NOW)

    assert owners(session) == ["77"]


def test_the_newest_answer_of_each_person_is_theirs(session: Session) -> None:
    everybody(session, MIRA, MIRA_TOO, JON)
    save(session, answer(1, 3, customer="C1"), answer(2, customer="C2"), system="shop")
    save(session, answer(3, 9, customer="77"), system="crm")
    jon, mira = (
        session.scalars(
            select(persons.PERSON).where(CustomerRow.external_id == one.external_id)
        ).one()
        for one in (JON, MIRA)
    )

    found = surveys.of_customers(session, "Acme", since=NOW - 9 * DAY, until=NOW)

    assert {one.person_id: one for one in found} == {
        mira: Answer(mira, NOW - DAY, 3),
        jon: Answer(jon, NOW - 2 * DAY, 9),
    }


@pytest.mark.parametrize(
    ("score", "tally"),
    [
        (0, (0, 0, 1)),
        (6, (0, 0, 1)),
        (7, (0, 1, 0)),
        (8, (0, 1, 0)),
        (9, (1, 0, 0)),
        (10, (1, 0, 0)),
    ],
)
def test_groups_are_cut_as_nps_cuts_them(
    session: Session, score: int, tally: tuple[int, int, int]
) -> None:
    save(session, answer(1, score))
    since = NOW - DAY
    assert surveys.tally(session, "Acme", since=since, until=NOW) == tally
    assert surveys.tally(session, "Acme", since=since - DAY, until=since) == (0, 0, 0)
    after = since + timedelta.resolution
    assert surveys.tally(session, "Acme", since=after, until=NOW).n == 0


def test_a_survey_that_was_a_mistake_can_be_removed(session: Session) -> None:
    save(session, answer(1), answer(2))
    surveys.save(session, "Acme", "till", [answer(1)], now=NOW)

    assert surveys.remove(session, "Acme", "typeform") == 2
    assert surveys.remove(session, "Globex", "till") == 0
    assert [one[:3] for one in surveys.stored(session)] == [("Acme", "till", 1)]
