from pathlib import Path

import pytest

from tests.earshot.cli.conftest import Cli, MakeCli

HEADER = "source,external_id,text,published_at\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mentions.csv"


# --- import ------------------------------------------------------------------------------------


def test_good_rows_are_kept_and_bad_ones_told_with_their_lines(cli: Cli, file: Path) -> None:
    file.write_bytes(
        b"\xef\xbb\xbfsource,external_id,text,published_at,mood\r\n"
        b"forum,1,Acme is fine,2026-11-20T09:12:00Z,x\r\n"
        b"forum,2,Acme is fine,soon,x\r\n"
        b"forum,,Acme is fine,2026-11-20,x\r\n"
        b'forum,4,"Acme, in\r\ntwo lines",2026-11-20,x\r\n'
        b"forum,5,Ac\xffme,2026-11-20,x\r\n"
        b"forum,6,somebody else,2026-11-20,x\r\n"
        b"forum,1,Acme is fine,2026-11-20T09:12:00Z,x\r\n"
    )

    ran = cli("import", file)

    assert ran.out == f"{file}: 4 good rows, 2 new, 1 known, 1 name no brand, 3 bad\n"
    told = ran.err.splitlines()
    assert told[0] == "ignored, not known here: 'mood'"
    assert [line.partition(": line ")[2].partition(":")[0] for line in told[1:4]] == ["3", "4", "7"]
    assert all(line.startswith(f"earshot: {file}: line ") for line in told[1:4])
    assert told[4].startswith("not stored, they match no brand's query: line 8 ")
    texts = [record["text"] for record in cli("mentions", "--json").records]
    assert sorted(texts) == ["Acme is fine", "Acme, in\r\ntwo lines"]


def test_importing_again_doubles_nothing(cli: Cli, file: Path) -> None:
    file.write_text(f"{HEADER}forum,1,Acme,2026-11-20\n", encoding="utf-8")
    cli("import", file)

    assert cli("import", file).out == (
        f"{file}: 1 good rows, 0 new, 1 known, 0 name no brand, 0 bad\n"
    )


def test_rows_belong_to_the_brand_that_is_said(cli: Cli, file: Path) -> None:
    file.write_text(f"{HEADER}forum,1,they are awful,2026-11-20\n", encoding="utf-8")
    assert "1 name no brand" in cli("import", file).out

    assert "1 new" in cli("import", file, "--brand", "acme").out
    assert cli("mentions", "--json").record["brand"] == "Acme"


def test_rows_belong_to_the_brand_they_name(cli: Cli, file: Path) -> None:
    file.write_text(
        "source,external_id,text,published_at,brand\n"
        "forum,1,they are awful,2026-11-20,GLOBEX\n"
        "forum,2,Acme is awful,2026-11-20,Nobody\n",
        encoding="utf-8",
    )
    cli("import", file)

    brands = [record["brand"] for record in cli("mentions", "--json").records]
    assert sorted(brands) == ["Acme", "Globex"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.csv", b"", "is empty; the first line must name the columns", id="empty"),
        pytest.param("a.csv", b"source,text\nx,1\n", "column external_id", id="missing columns"),
        pytest.param("a.csv", HEADER.encode("utf-16"), "is UTF-16", id="UTF-16"),
        pytest.param("a.json", b"[{}]", "is one JSON array", id="a JSON array"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_one_line(
    cli: Cli, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    ran = cli("import", path, code=1)

    assert ran.out == ""
    assert ran.err.startswith(f"earshot: {path}: {said}")
    assert ran.err.count("\n") == 1


def test_a_folder_and_a_missing_file_are_one_line(cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"

    assert cli("import", tmp_path, code=1).err == (
        f"earshot: {tmp_path}: cannot be read (Is a directory)\n"
    )
    assert cli("import", missing, code=1).err == (
        f"earshot: {missing}: cannot be read (No such file or directory)\n"
    )


def test_an_unknown_brand_is_a_wrong_call(cli: Cli, file: Path) -> None:
    file.write_text(HEADER, encoding="utf-8")

    ran = cli("import", file, "--brand", "Zed", code=2)

    assert ran.err.startswith("earshot: there is no brand 'Zed' in ")


def test_a_file_may_be_about_a_competitor(cli: Cli, file: Path) -> None:
    file.write_text(f"{HEADER}x,1,nothing named,2026-11-20T09:00:00Z\n", encoding="utf-8")

    cli("import", file, "--brand", "globex")

    assert [one["brand"] for one in cli("mentions", "--json").records] == ["Globex"]


def test_a_header_alone_is_no_error(cli: Cli, file: Path) -> None:
    file.write_text(HEADER, encoding="utf-8")

    assert "0 good rows, 0 new, 0 known, 0 name no brand, 0 bad" in cli("import", file).out


def test_a_file_of_bad_rows_alone_is_an_error(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mentions.jsonl"
    file.write_text("{}\nnonsense\n[1]\n" + "7\n" * 20, encoding="utf-8")

    ran = cli("import", file, code=1)

    assert "0 good rows" in ran.out
    assert "23 bad" in ran.out
    told = ran.err.splitlines()
    assert told[20] == "earshot: and 3 more like these"
    assert told[21] == f"earshot: {file}: no row could be read; mend the file and import it again"
    assert len(told) == 22


def test_more_rows_than_a_batch_are_all_stored(cli: Cli, file: Path) -> None:
    rows = "".join(f"forum,{number},Acme,2026-11-20\n" for number in range(2500))
    file.write_text(HEADER + rows, encoding="utf-8")

    assert "2500 good rows, 2500 new, 0 known" in cli("import", file).out


# --- collect and run ---------------------------------------------------------------------------

X = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"
base_url = "http://127.0.0.1:{port}"
"""


@pytest.fixture
def refused(make_cli: MakeCli, port: int, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """X behind a port that nobody listens on."""
    monkeypatch.setenv("X_TOKEN", "CANARY")
    return make_cli(X.format(port=port))


@pytest.mark.parametrize("command", [["collect"], ["collect", "--source", "x"], ["run", "--once"]])
def test_a_source_that_fails_is_one_line_and_exit_1(refused: Cli, command: list[str]) -> None:
    ran = refused(*command, code=1)

    assert ran.out == "x: fetched 0, matched 0, new 0, gaps 0\n"
    assert ran.err.startswith("earshot: x: ")
    assert ran.err.count("\n") == 1
    assert "CANARY" not in ran.err


def test_a_source_named_twice_is_read_once(refused: Cli) -> None:
    assert len(refused("collect", "--source", "x", "--source", "x", code=1).lines) == 1


def test_nothing_to_collect_is_said(cli: Cli) -> None:
    ran = cli("collect")

    assert ran.out == ""
    assert ran.err.startswith("no source is enabled in ")


def test_one_pass_without_sources_works(stocked: Cli) -> None:
    assert stocked("run", "--once").err == ""
