"""What is read from exports of survey tools, and what of them is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm.surveys import BadRow, LeftOut, Survey, read_answers
from domain.errors import InputError
from domain.survey import SurveyAnswer

EXPORTS = Path(__file__).parents[1] / "fixtures" / "surveys"
BERLIN = ZoneInfo("Europe/Berlin")
TYPEFORM = (EXPORTS / "typeform.csv").read_text("utf-8")
ANA = "ana@mail.example"
File = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(content: str) -> Path:
        path = tmp_path / "export.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, second, tzinfo=UTC)


def told(survey: Survey) -> list[tuple[str, datetime, int, str, str]]:
    return [
        (one.response_id, one.answered_at, one.score, one.email, one.customer)
        for one in survey
        if isinstance(one, SurveyAnswer)
    ]


def left_out(survey: Survey) -> list[str]:
    return [one.reason for one in survey if isinstance(one, LeftOut)]


def test_surveymonkey_has_a_second_row_of_headings_and_words_at_the_ends_of_its_scale() -> None:
    survey = read_answers(EXPORTS / "surveymonkey.csv", tz=BERLIN, score="how likely")

    assert (survey.tool, survey.zone, survey.is_short) == (
        "surveymonkey",
        "Europe/Berlin",
        False,
    )
    assert told(survey) == [
        ("118052219061", at(19, 12, 10, 33), 10, ANA, ""),
        ("118052219062", at(20, 22, 4), 6, "", ""),
        ("118052219064", at(22, 6, 1), 0, "", ""),
    ]
    assert left_out(survey) == ["without an answer"]


def test_typeforms_clocks_are_utc_by_the_name_of_their_column() -> None:
    survey = read_answers(EXPORTS / "typeform.csv", tz=BERLIN, score="How likely are you")

    assert (survey.tool, survey.zone) == ("typeform", "UTC")
    assert survey.question == "How likely are you to recommend Acme, on the whole?"
    assert told(survey) == [
        ("p0kx8f2a1c", at(19, 12, 1, 10), 9, ANA, ""),
        ("q1kx8f2a1c", at(31, 22, 30), 7, "", ""),
    ]


def test_qualtrics_has_three_rows_of_headings_a_zone_in_them_and_previews() -> None:
    survey = read_answers(EXPORTS / "qualtrics.csv", tz=BERLIN)

    assert (survey.tool, survey.zone) == ("qualtrics", "America/Denver")
    assert survey.question == "How likely are you to recommend Acme?"
    assert told(survey) == [
        ("R_1abc", at(19, 16, 2), 9, ANA, "c-1"),
        ("R_3abc", at(19, 18, 2), 3, "", ""),
    ]
    assert left_out(survey) == ["previews, tests or spam"]


def test_of_a_question_and_its_group_the_question_is_meant() -> None:
    by_its_words = read_answers(EXPORTS / "qualtrics.csv", tz=BERLIN, score="how likely are")
    by_its_name = read_answers(EXPORTS / "qualtrics.csv", tz=BERLIN, score="q1")

    assert told(by_its_words) == told(by_its_name)
    assert by_its_words.question == "How likely are you to recommend Acme?"


def test_the_zone_that_is_asked_for_is_taken_before_the_files() -> None:
    survey = read_answers(EXPORTS / "qualtrics.csv", tz=BERLIN, is_zone_given=True)

    assert told(survey)[0][1] == at(19, 8, 2)


def test_hubspots_other_surveys_are_left_out_and_times_are_milliseconds_or_iso() -> None:
    survey = read_answers(EXPORTS / "hubspot.csv", tz=BERLIN)

    assert (survey.tool, survey.system) == ("hubspot", "hubspot")
    assert told(survey) == [
        ("9001", at(19, 12, 2, 10), 8, ANA, "51"),
        ("9004", at(19, 12, 2, 30), 10, "", "52"),
    ]
    assert left_out(survey) == ["of another kind of question"] * 2


def test_asknicely_has_unix_seconds_and_rows_of_who_did_not_answer() -> None:
    survey = read_answers(EXPORTS / "asknicely.csv", tz=BERLIN)

    assert told(survey) == [("3301", at(19, 12, 2, 10), 10, ANA, "")]
    assert left_out(survey) == ["without an answer", "of another kind of question"]


def test_delighted_has_unix_seconds_or_clocks_with_their_offset() -> None:
    survey = read_answers(EXPORTS / "delighted.csv", tz=BERLIN)

    assert (survey.tool, survey.question) == ("delighted", "score")
    assert told(survey) == [
        ("5435", at(19, 12, 2, 10), 9, ANA, ""),
        ("5436", at(19, 12, 2, 10), 2, "", ""),
    ]


def test_any_csv_is_read_by_its_columns_or_those_that_are_named(file: File) -> None:
    plain = file("response_id,answered_at,nps,email\n1,2026-05-19T12:00Z,9,ana@mail.example\n")
    assert told(read_answers(plain, tz=BERLIN)) == [("1", at(19, 12, 0), 9, ANA, "")]

    named = file("Nr;Wann;Wer;Note\n1;19.05.2026 14:00;c-7;9\n2;2026-05-20;;3\n")
    columns = {"id": "nr", "at": "Wann", "customer": "Wer"}
    assert told(read_answers(named, tz=BERLIN, score="Note", columns=columns)) == [
        ("1", at(19, 12, 0), 9, "", "c-7"),
        ("2", at(19, 22, 0), 3, "", ""),
    ]


@pytest.mark.parametrize(
    ("content", "score", "said"),
    [
        pytest.param(
            TYPEFORM,
            "",
            "does not say which column is the answer from 0 to 10: name it with --score.*"
            "likely are: 'How likely are you to recommend Acme, on the whole",
            id="a tool that does not tell the column",
        ),
        pytest.param(TYPEFORM, "Would you", "has no column 'Would you'", id="no column"),
        pytest.param(
            "id,date,How likely A,How likely B\n1,2026-05-19,9,9\n",
            "how likely",
            "begins several columns: 'How likely A', 'How likely B'",
            id="the beginning of two",
        ),
        pytest.param(
            "id,date,nps\n" + "".join(f"{n},2026-05-19,{n}\n" for n in range(20)),
            "",
            "only 11 of 20 answers from 0 to 10",
            id="another question",
        ),
        pytest.param("id,date,nps\n1,2026-05-19,\n", "", "no answer from 0", id="no answer"),
        pytest.param("date,nps\n2026-05-19,9\n", "", "--map id=COLUMN", id="no response id"),
        pytest.param("id,nps\n1,9\n", "", "--map at=COLUMN", id="no time"),
        pytest.param(
            "id,date,nps\n1,02/03/2026,9\n2,04/05/2026,9\n",
            "",
            "column date: .* could be day/month or month/day",
            id="dates that could be two",
        ),
    ],
)
def test_a_file_of_which_it_is_not_plain_is_refused(
    file: File, content: str, score: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_answers(file(content), tz=BERLIN, score=score)


def test_nineteen_of_twenty_good_answers_are_enough_and_the_bad_one_is_named(file: File) -> None:
    rows = "".join(f"{n},2026-05-19 08:00,{11 if n == 7 else 9}\n" for n in range(1, 21))

    found = list(read_answers(file("id,date,nps\n" + rows), tz=BERLIN))

    assert [one for one in found if isinstance(one, BadRow)] == [
        BadRow(8, "'11' is no answer from 0 to 10")
    ]
    assert len(found) == 20


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(",2026-05-19,9", "has no response id", id="no id"),
        pytest.param("4,,9", "does not say when it was answered", id="no time"),
        pytest.param("4,2026-05-19 25:00,9", "'2026-05-19 25:00' shows no time of a day", id="25h"),
        pytest.param(
            "4,2026-05-19 08:00 PDT,9",
            "'2026-05-19 08:00 PDT' has a clock that cannot be read: write for example +02:00",
            id="a zone by letters",
        ),
        pytest.param(
            "1.2E+11,2026-05-19,9",
            "id '1.2E+11' was rounded by a spreadsheet: export the file again",
            id="an id that was rounded",
        ),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_kept(file: File, row: str, reason: str) -> None:
    found = list(read_answers(file(f"id,date,nps\n1,2026-05-19,9\n{row}\n"), tz=BERLIN))

    assert [type(one) for one in found] == [SurveyAnswer, BadRow]
    assert found[1] == BadRow(3, reason)


def test_a_clock_of_twelve_hours_is_of_where_the_month_comes_first(file: File) -> None:
    survey = read_answers(
        file("id,date,nps\n1,05/04/2026 12:30 AM,9\n2,05/06/2026 12:30 PM,9\n"), tz=BERLIN
    )
    assert [one[1] for one in told(survey)] == [at(3, 22, 30), at(6, 10, 30)]


def test_a_scale_on_which_nobody_is_above_seven_is_told(file: File) -> None:
    rows = "".join(f"{n},2026-05-19,{1 + n % 5}\n" for n in range(30))
    assert read_answers(file("id,date,nps\n" + rows), tz=BERLIN).is_short


def test_a_spreadsheet_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "answers.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(30))
    with pytest.raises(InputError, match="unpack it, or save it as CSV"):
        read_answers(path, tz=BERLIN)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_file_may_be_as_spreadsheets_save_it(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "answers.csv"
    text = "Id;Date;Wie sehr würden Sie uns empfehlen?\r\n1;19.05.2026 14:00;9,0\r\n;;\r\n"
    path.write_bytes(text.encode(codec))

    survey = read_answers(path, tz=BERLIN, score="wie sehr würden")

    assert told(survey) == [("1", at(19, 12, 0), 9, "", "")]
