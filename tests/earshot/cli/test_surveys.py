"""`surveys import` and `surveys list`."""

from pathlib import Path

import pytest

from tests.earshot.cli.conftest import Cli, MakeCli

EXPORTS = Path(__file__).parents[2] / "crm" / "fixtures" / "surveys"
SURVEYMONKEY = (EXPORTS / "surveymonkey.csv").read_text("utf-8")
DELIGHTED = (EXPORTS / "delighted.csv").read_text("utf-8")


def write(folder: Path, content: str) -> Path:
    path = folder / "answers.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_answers_are_imported_once_and_linked(cli: Cli, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("customer_id,name,email\nc-1,Ana,ana@mail.example\n", encoding="utf-8")
    cli("customers", "import", contacts)
    file = write(tmp_path, SURVEYMONKEY)

    ran = cli("surveys", "import", file, "--score", "How likely")

    assert ran.lines == [
        f"{file}: 3 answers, 3 new, 0 changed, 0 known; 1 of known customers; 0 refused",
        f"{file}: 1 rows without an answer",
    ]
    assert "read as surveymonkey; the score is 'How likely is it that" in ran.err
    again = cli("surveys", "import", file, "--score", "How likely", "--json").record
    assert (again["new"], again["known"], again["left_out"]) == (0, 3, {"without an answer": 1})
    assert cli("surveys", "list").lines[1].split() == [
        *("Acme", "surveymonkey", "3", "1", "2026-05-19", "2026-05-22"),
    ]
    assert cli("surveys", "list", "--json").record == {
        "brand": "Acme",
        "survey": "surveymonkey",
        "answers": 3,
        "linked": 1,
        "first_at": "2026-05-19T12:10:33Z",
        "last_at": "2026-05-22T06:01:00Z",
    }


def test_a_dry_run_stores_nothing(cli: Cli, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        DELIGHTED
        + "5438,9,,nps,12,,,1779192130,\n"
        + "".join(f"{n},9,,nps,9,,,1779192130,\n" for n in range(6000, 6020)),
    )

    ran = cli("surveys", "import", file, "--dry-run", code=1)

    assert ran.lines[0].startswith(f"{file}: would be: 22 answers, 22 new")
    assert f"{file}: line 5: '12' is no answer from 0 to 10" in ran.err
    assert sorted(one.name for one in tmp_path.glob("answers*")) == ["answers.csv"]
    assert "no survey was imported" in cli("surveys", "list").err


def test_refused_rows_are_shown_kept_beside_and_noticed(cli: Cli, tmp_path: Path) -> None:
    rows = "".join(f"{n},2026-05-19,9\n" for n in range(20))
    file = write(tmp_path, f"id,date,nps\n{rows}20,2999-01-01,9\n")

    ran = cli("surveys", "import", file, code=1)

    assert "line 22: its time is still to come" in ran.err
    assert "still to come" in (tmp_path / "answers.refused.csv").read_text("utf-8")
    assert cli("surveys", "list", "--json").record["answers"] == 20


def test_columns_and_zone_can_be_named(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path, 'Nr,"When, exactly",Mark\n1,2026-06-01 01:00,9\n')

    cli(
        *("surveys", "import", file, "--map", "id=Nr,at=When, exactly", "--score", "Mark"),
        *("--survey", "till", "--tz", "Europe/Berlin"),
    )

    found = cli("surveys", "list", "--json").record
    assert (found["survey"], found["first_at"]) == ("till", "2026-05-31T23:00:00Z")


def test_with_several_brands_one_must_be_named(make_cli: MakeCli, tmp_path: Path) -> None:
    cli = make_cli('[[brands]]\nname = "Globex"\nquery = "globex"')
    file = write(tmp_path, DELIGHTED)

    assert "say with --brand of which it was asked" in cli("surveys", "import", file, code=2).err
    cli("surveys", "import", file, "--brand", "globex")
    assert cli("surveys", "list", "--json").record["brand"] == "Globex"


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--map", "nr=Nr"], id="a field there is not"),
        pytest.param(["--map", "id="], id="no column"),
        pytest.param(["--tz", "Mars/Olympus"], id="no zone"),
        pytest.param(["--tz", "../etc"], id="no name of a zone"),
        pytest.param(["--system", "nope"], id="no system"),
    ],
)
def test_a_wrong_call_is_told(lone: Cli, tmp_path: Path, args: list[str]) -> None:
    lone("surveys", "import", write(tmp_path, DELIGHTED), *args, code=2)
