"""How every command behaves towards terminals, pipes and the clock."""

import json
import logging
import re
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from domain.customer import CustomerRecord
from domain.errors import ConfigError, EarshotError
from domain.mention import Author
from earshot.cli.base import EarshotGroup, OneLine
from storage import customers
from tests.clock import EARSHOT
from tests.conftest import Furnish
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, take_in
from tests.earshot.world import store

# ESC[2J, an OSC 52 clipboard, an OSC 8 link, C1 bytes, BEL, CR over the line, bidi, own lines.
HOSTILE = (
    "Acme awful \x1b[2J\x1b]52;c;aGk=\x07 \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ "
    "\x9b31m\x90q\x9c \x07\x08\x7f ok\rforged \u202egnp.exe\u2066 \u200f\u061c\u2028new "
    "\x85next\x0b\x0c\n    99  !  2026-11-20 forged line"
)
# What a terminal obeys or what turns the direction of writing; a newline ends our own lines.
LIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(cli: Cli, furnish: Furnish, tmp_path: Path) -> Cli:
    """A world in which everything that may hold foreign text holds the worst there is."""
    furnish("hostile", lambda: poison(cli, tmp_path))
    return cli


def poison(cli: Cli, folder: Path) -> None:
    contacts = folder / "contacts.csv"
    name = HOSTILE.replace('"', "")
    contacts.write_bytes(
        f'customer_id,name,twitter,tier\nc-1,"{name}",ana,gold\n'.encode("utf-8", "replace")
    )
    cli("customers", "import", contacts)
    author = Author(
        id="99", handle="ana", name=HOSTILE, bio=HOSTILE, location=HOSTILE, followers=50_000
    )
    take_in(
        cli,
        replace(AWFUL, text=HOSTILE, author=author),
        replace(AWFUL, external_id="8", author=replace(author, id=HOSTILE, handle=HOSTILE)),
        replace(AWFUL, external_id=HOSTILE, source="forum", parent_id=HOSTILE, author=author),
    )
    cli("alerts", "resolve", 1, "--note", HOSTILE)
    cli("alerts", "assign", 2, HOSTILE)
    cli("links", "add", "x:ana", 1, "--basis", HOSTILE)


LISTINGS = [
    ["mentions"],
    ["mention", "1"],
    ["mention", "2"],
    ["mention", "3"],
    ["customers", "list"],
    ["customers", "show", "1"],
    ["links", "list"],
    ["alerts", "list"],
    ["alerts", "show", "1"],
    ["alerts", "show", "2"],
    ["rules", "test"],
    ["reputation"],
    ["reputation", "explain"],
    ["nps"],
]


@pytest.mark.parametrize("args", [*LISTINGS, ["digest"], ["digest", "--send"]], ids=" ".join)
def test_nothing_foreign_reaches_a_terminal(hostile: Cli, args: list[str]) -> None:
    ran = hostile(*args)

    assert ran.out
    assert not LIVE.search(ran.out + ran.err)
    assert "\u2028" not in ran.out
    assert "\x85" not in ran.out


@pytest.mark.parametrize("args", LISTINGS, ids=" ".join)
def test_json_escapes_what_a_terminal_would_obey_and_loses_nothing(
    hostile: Cli, args: list[str]
) -> None:
    ran = hostile(*args, "--json")

    assert ran.records
    assert not LIVE.search(ran.out)
    assert ran.out.replace("\n", "").isprintable()
    assert len(ran.lines) == len(ran.out.splitlines()) == ran.out.count("\n")


def test_json_gives_the_text_back_as_it_was(hostile: Cli) -> None:
    texts = [record["text"] for record in hostile("mentions", "--json").records]

    assert HOSTILE in texts


@pytest.mark.parametrize("args", [["mentions"], ["customers", "list"]], ids=" ".join)
def test_csv_holds_no_control_characters(hostile: Cli, args: list[str]) -> None:
    ran = hostile(*args, "--csv")

    assert not LIVE.search(ran.out.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    "args", [["mentions"], ["customers", "list"], ["alerts", "list"], ["links", "list"]]
)
def test_a_line_of_a_list_stays_one_line(hostile: Cli, args: list[str]) -> None:
    """A name or a text with a newline in it cannot forge a line of its own."""
    shown, listed = hostile(*args), hostile(*args, "--json")
    heads = 1 if args == ["customers", "list"] else 0

    assert len(shown.lines) == shown.out.count("\n") == heads + len(listed.lines)


def test_foreign_text_in_a_file_to_score_reaches_no_terminal(lone: Cli, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text(HOSTILE, encoding="utf-8")

    for args in (["score", file], ["score", file, "--json"]):
        ran = lone(*args)
        assert not LIVE.search(ran.out + ran.err)


def test_foreign_text_in_a_bad_row_reaches_no_terminal(cli: Cli, tmp_path: Path) -> None:
    for command, content in (
        (["import"], f"source,external_id,text,published_at,{HOSTILE}\nx,1,a,soon,b\n"),
        (["import"], f"{HOSTILE}\nx\n"),
        (["orders", "import"], f"customer_id,date,amount\nc-1,\x1b[2J{HOSTILE[:9]},5\n"),
        (["evaluate"], "text,label\na,\x1b[2J\x9b\u202e\n"),
    ):
        file = tmp_path / "rows.csv"
        file.write_text(content, encoding="utf-8")
        ran = cli(*command, file, code=1)
        assert ran.err.startswith(("earshot: ", "ignored, "))
        assert not LIVE.search(ran.out + ran.err)


# --- how it ends -------------------------------------------------------------------------------


def ending(error: BaseException) -> tuple[int, str, str]:
    """What a command that ends in this error leaves behind."""

    @click.command()
    def boom() -> None:
        raise error

    group = EarshotGroup(commands={"boom": boom})
    done = CliRunner().invoke(group, ["boom"])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(EarshotError("no\nway"), 1, "earshot: no way\n", id="ours"),
        pytest.param(ConfigError("one", "two"), 2, "earshot: one\nearshot: two\n", id="config"),
        pytest.param(EarshotError("\x1b[2J"), 1, "earshot: ␛[2J\n", id="hostile"),
        pytest.param(
            KeyboardInterrupt(),
            130,
            "earshot: interrupted; every step may be repeated\n",
            id="Ctrl-C",
        ),
    ],
)
def test_an_error_is_a_line_and_a_code(error: BaseException, code: int, said: str) -> None:
    assert ending(error) == (code, "", said)


def test_a_bug_is_not_hidden() -> None:
    code, _, _ = ending(ZeroDivisionError())

    assert code == 1


def test_an_event_is_one_line_of_the_log() -> None:
    record = logging.LogRecord(
        "a", logging.INFO, "", 0, "x\nINFO forged \x1b[2J%s", ("\r\u2028",), None
    )

    assert OneLine("%(levelname)s %(message)s").format(record).splitlines() == [
        "INFO x INFO forged ␛[2J␍ "
    ]


# --- pipes and speed ---------------------------------------------------------------------------


def many(lone: Cli) -> None:
    store(
        lone.app,
        *(replace(AWFUL, external_id=str(number), text="Acme " * 80) for number in range(900)),
        now=NOW,
    )


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]], ids=" ".join)
def test_a_reader_that_has_seen_enough_is_no_error(lone: Cli, form: list[str]) -> None:
    many(lone)
    with subprocess.Popen(
        [*EARSHOT, "--config", lone.config, "mentions", "--limit", "900", *form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        assert started.stdout.readline()
        started.stdout.close()
        said = started.stderr.read()

    assert (said, started.returncode) == (b"", 0)


def test_an_interrupted_command_leaves_no_traceback(
    lone: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("earshot.pipeline.collect.store_imported", interrupted)
    file = tmp_path / "mentions.csv"
    file.write_text("source,external_id,text,published_at\nx,1,Acme is fine,2026-11-20T09:12:00Z\n")

    ran = lone("import", file, code=130)

    assert (ran.out, ran.err) == ("", "earshot: interrupted; every step may be repeated\n")


HEAVY = {
    *("torch", "transformers", "onnxruntime", "tokenizers", "py3langid"),
    *("tweepy", "praw", "slack_sdk", "jinja2", "apscheduler", "numpy", "alembic", "requests"),
    "scipy",
}
WATCHED = """
import sys
sys.argv = ["earshot", *sys.argv[1:]]
from earshot.cli import main
try:
    main()
finally:
    loaded = {name.partition(".")[0] for name in sys.modules}
    print("LOADED", *sorted(loaded), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["mentions"], id="mentions"),
        pytest.param(["mentions", "--csv"], id="mentions as CSV"),
        pytest.param(["mention", "1"], id="mention"),
        pytest.param(["customers", "show", "1"], id="a customer"),
        pytest.param(["alerts", "list"], id="alerts"),
        pytest.param(["links", "list"], id="links"),
        pytest.param(["check-config"], id="check-config"),
        pytest.param(["policy", "show", "x"], id="policy"),
    ],
)
def test_what_only_reads_loads_no_heavy_library(lone: Cli, args: list[str]) -> None:
    take_in_ana(lone)

    assert loaded_by(lone, *args) & HEAVY == set()


def test_customers_that_were_valued_today_are_listed_without_what_values_them(lone: Cli) -> None:
    take_in_ana(lone)

    assert "scipy" in loaded_by(lone, "customers", "list")
    assert loaded_by(lone, "customers", "list") & HEAVY == set()


def take_in_ana(lone: Cli) -> None:
    store(lone.app, AWFUL, now=NOW)
    with lone.app.database.begin() as session:
        customers.save(session, [CustomerRecord("shop", "1", "Ana Ruiz")], now=NOW)


def loaded_by(lone: Cli, *args: str) -> set[str]:
    """The libraries that a command of its own process has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "--config", lone.config, *args],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.partition("LOADED ")[2].split())
    assert "click" in loaded, "what was loaded is told"
    return loaded


def test_a_list_answers_at_once(lone: Cli) -> None:
    """In processor time, so that it counts nothing else that is running."""
    many(lone)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime

    done = subprocess.run(
        [*EARSHOT, "--config", lone.config, "mentions", "--json"], capture_output=True, check=True
    )

    assert len(done.stdout.splitlines()) == 100
    assert json.loads(done.stdout.splitlines()[0])["source"] == "x"
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert took < 4, "about 1 second on a slow machine; the libraries above take 3 more"


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["mentions", "--json", "--limit", "5"], id="mentions"),
        pytest.param(["mention", "1"], id="mention"),
        pytest.param(["alerts", "list"], id="alerts"),
        pytest.param(["customers", "list"], id="customers"),
        pytest.param(["links", "list"], id="links"),
    ],
)
def test_a_list_reads_no_query_and_no_source(lone: Cli, args: list[str]) -> None:
    store(lone.app, AWFUL, now=NOW)
    watched = WATCHED.replace('name.partition(".")[0]', "name")

    done = subprocess.run(
        [sys.executable, "-c", watched, "--config", lone.config, *args],
        capture_output=True,
        text=True,
        check=True,
    )

    unneeded = {"lark", "listener.query", "listener.sources", "sqlalchemy.dialects.postgresql"}
    assert not unneeded & set(done.stderr.split())


def test_a_query_that_cannot_be_read_stops_what_uses_it_and_no_list(lone: Cli) -> None:
    lone.config.write_text(f"{lone.config.read_text()}[noise]\nblock_words = ['acme OR']\n")
    wrong = "noise.block_words[1]: at character 6: a word is missing beside OR or within ( )"

    assert lone("mentions").err == "0 mentions\n"
    for command in ("check-config", "doctor", "collect", "run --once", "noise apply"):
        assert wrong in lone(*command.split(), code=2).err


def test_a_list_still_refuses_what_it_uses(lone: Cli) -> None:
    lone.config.write_text(f"timezone = 'Nowhere'\n{lone.config.read_text()}")

    assert "timezone: is not a time zone" in lone("mentions", code=2).err
