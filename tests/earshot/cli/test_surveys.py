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


def test_each_month_stands_beside_the_proxy_and_below_thirty_is_no_number(
    cli: Cli, tmp_path: Path
) -> None:
    may = "".join(f"a{n},2026-05-{1 + n % 28},{9 if n % 2 else 3}\n" for n in range(40))
    june = "".join(f"b{n},2026-06-02,9\n" for n in range(5))
    cli("surveys", "import", write(tmp_path, f"id,date,nps\n{may}{june}"))

    ran = cli("surveys", "show")
    first, second = cli("surveys", "show", "--json").records

    assert ran.lines[0].startswith("Acme: the NPS of each month, and the NPS proxy of its last day")
    assert ran.lines[2].split() == ["2026-05", "40", "+0", "(-29", "to", "+29)", "0", "-", "-"]
    assert ran.lines[3].split() == ["2026-06", "5", "-", "0", "-", "-"]
    assert (first["brand"], first["month"], first["n"], first["nps"]) == ("Acme", "2026-05", 40, 0)
    assert (first["nps_low"], first["nps_high"]) == pytest.approx((-29.36, 29.36), abs=0.01)
    assert (first["proxy_date"], first["proxy"], first["difference"]) == (None, None, None)
    assert (second["n"], second["nps"], second["is_over"]) == (5, None, True)

    assert "  the NPS of May 2026 was +0 (-29 to +29), 40 answers" in cli("nps").lines
    assert cli("nps", "--json").record["survey"] == {
        key: value for key, value in first.items() if key != "brand"
    }


def test_what_was_imported_by_mistake_is_removed(lone: Cli, tmp_path: Path) -> None:
    lone("surveys", "import", write(tmp_path, DELIGHTED))

    said = lone("surveys", "remove", "typeform", code=1).err
    assert "Acme has no survey 'typeform'; there are: delighted" in said
    assert lone("surveys", "remove", "delighted").lines == ["removed 2 answers of delighted"]
    assert lone("surveys", "list").lines == []


def test_without_answers_it_says_what_to_do(cli: Cli) -> None:
    assert "earshot surveys import FILE" in cli("surveys", "show").err
    assert (cli("nps", "--json").record["survey"], cli("nps", "--json").record["line"]) == (
        None,
        None,
    )


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
