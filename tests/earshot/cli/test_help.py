import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from earshot.cli import COMMANDS, cli
from earshot.cli import cli as program
from tests.earshot.cli.conftest import Cli


def tree(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None, name
            yield from tree(inner, *path, name)


TREE = list(tree(program))
# Every command of the contract that exists so far, with what it takes.
ROOT = Path(__file__).parents[3]

CONTRACT = {
    "demo": {"--out"},
    "check-config": set(),
    "doctor": set(),
    "run": {"--once"},
    "collect": {"--source", "--since"},
    "import": {"FILE", "--brand"},
    "mentions": {
        *("--brand", "--source", "--since", "--until", "--sentiment", "--customer", "--search"),
        *(
            "--unanswered",
            "--limit",
            "--json",
            "--csv",
            "--mask",
            "--asks",
            "--hidden",
            "--stories",
        ),
    },
    "mention": {"ID"},
    "coverage": {"--source", "--since", "--hours", "--json"},
    "correct": {"ID", "[LABEL]", "--brand", "--by", "--undo"},
    "label": {"--brand", "--by", "--list", "--json"},
    "noise hide": {"ID", "--brand", "--by"},
    "noise restore": {"ID", "--brand", "--by"},
    "noise apply": {"--since"},
    "score": {"[FILE]", "--json"},
    "evaluate": {"[FILE]", "--corrections", "--json"},
    "train": {"[FILE]", "--corrections", "--out", "--data", "--quick"},
    "customers import": {"FILE", "--system", "--shop"},
    "customers list": {
        *("--segment", "--tier", "--currency", "--at-risk", "--sort", "--limit", "--json", "--csv"),
    },
    "customers value": {"--json", "--csv"},
    "customers segments": {"--brand", "--json", "--csv"},
    "customers loyalty": {"--brand", "--since", "--json", "--csv"},
    "customers show": {"ID|NAME|E-MAIL", "--limit", "--json"},
    "customers join": {"ID", "OTHER_ID", "--by"},
    "customers split": {"ID", "--by"},
    "customers ambassadors": {"--brand", "--limit", "--json", "--csv"},
    "customers at-risk": {"--brand", "--limit", "--json", "--csv"},
    "customers lost": {"--limit", "--json", "--csv"},
    "customers won-back": {"--limit", "--json", "--csv"},
    "customers sync": {"--system", "--full", "--json"},
    "orders import": {"FILE", "--system", "--shop"},
    "links list": {"--state", "--source", "--at", "--json"},
    "links show": {"ID", "--json"},
    "links confirm": {"ID", "--basis", "--note", "--by"},
    "links reject": {"ID", "--note", "--by"},
    "links withdraw": {"ID", "--why", "--by"},
    "links not-at": {"AUTHOR", "--by"},
    "links add": {"AUTHOR", "CUSTOMER", "--basis", "--told-on", "--note", "--until", "--by"},
    "alerts list": {"--open", "--json"},
    "alerts show": {"ID"},
    "alerts ack": {"ID...", "--by"},
    "alerts assign": {"ID...", "--by"},
    "alerts snooze": {"ID...", "FOR", "--by"},
    "alerts resolve": {
        *("ID...", "--answered-elsewhere", "--at", "--no-answer-needed", "--duplicate-of"),
        *("--note", "--by"),
    },
    "alerts dismiss": {"ID...", "--note", "--by"},
    "alerts wrong-tone": {"ID...", "--by"},
    "alerts not-customer": {"ID...", "--by"},
    "alerts not-about-us": {"ID...", "--by"},
    "alerts severity": {"ID...", "--by"},
    "alerts note": {"ID...", "--by"},
    "unanswered": {"--brand", "--since", "--limit", "--json"},
    "alerts draft": {"ID"},
    "leads list": {"--brand", "--since", "--source", "--limit", "--json", "--csv"},
    "leads conversion": {"--brand", "--within", "--since", "--json"},
    "mute add": {
        *("--source", "--author", "--rule", "--story", "--query"),
        *("--brand", "--for", "--reason", "--by"),
    },
    "mute list": {"--json"},
    "mute remove": {"ID"},
    "alerts times": {"--brand", "--since", "--by", "--json"},
    "rules test": {"--since"},
    "reputation": {"--brand", "--date", "--json"},
    "reputation history": {"--brand", "--since", "--until", "--json"},
    "reputation explain": {"--brand", "--from", "--to", "--date", "--against", "--all", "--json"},
    "nps": {"--json"},
    "voice": {"--brand", "--date", "--since", "--json"},
    "surveys import": {
        *("FILE", "--score", "--brand", "--survey", "--map", "--tz", "--system", "--dry-run"),
        "--json",
    },
    "surveys list": {"--brand", "--json"},
    "surveys remove": {"SURVEY", "--brand"},
    "surveys show": {"--brand", "--date", "--json"},
    "digest": {"--date", "--html", "--send"},
    "query test": {"[FILE]", "--brand", "--json"},
    "query price": {"--brand", "--json"},
    "policy show": {"SOURCE"},
    "db upgrade": {"--check"},
    "db check": set(),
}


def words(command: click.Command) -> set[str]:
    """Its options and the names of its arguments."""
    context = click.Context(command)
    return {
        name
        for one in command.params
        for name in (one.opts if isinstance(one, click.Option) else [one.make_metavar(context)])
    }


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*one, id=" ".join(one[0]) or "earshot") for one in TREE]
)
def test_every_command_has_help_with_an_example_of_itself(
    path: tuple[str, ...], command: click.Command
) -> None:
    del command
    done = CliRunner().invoke(program, [*path, "--help"], prog_name="earshot")
    example = re.search(r"^ *Example: (.+)$", done.stdout, re.MULTILINE)

    assert done.exit_code == 0
    assert example, done.stdout
    called = example[1].partition("earshot ")[2].split()
    assert called[: len(path)] == list(path) or called[2:][: len(path)] == list(path)
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("path", "command"),
    [
        pytest.param(path, command, id=" ".join(path))
        for path, command in TREE
        if path and not isinstance(command, click.Group)
    ],
)
def test_every_option_says_what_it_is_for(path: tuple[str, ...], command: click.Command) -> None:
    del path
    for one in command.params:
        if isinstance(one, click.Option) and one.name not in ("limit", "help"):
            assert one.help, one.opts


@pytest.mark.parametrize(
    ("name", "wanted"), [pytest.param(*one, id=one[0]) for one in CONTRACT.items()]
)
def test_the_contract_is_kept(name: str, wanted: set[str]) -> None:
    command = dict(TREE)[tuple(name.split())]

    assert wanted <= words(command)


def test_every_command_stands_in_the_contract() -> None:
    groups = {path for path, command in TREE if isinstance(command, click.Group)}
    assert {" ".join(path) for path, _ in TREE if path not in groups} <= set(CONTRACT)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_it_is_said_to_be(name: str) -> None:
    assert program.get_command(click.Context(program), name) is not None


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["nope"], id="an unknown command"),
        pytest.param(["alerts", "nope"], id="an unknown verb"),
        pytest.param(["mentions", "--nope"], id="an unknown option"),
        pytest.param(["mention"], id="a missing argument"),
        pytest.param(["mention", "seven"], id="an ID that is no number"),
        pytest.param(["mention", "0"], id="an ID that is none"),
        pytest.param(["mention", "99999999999999999999"], id="an ID no database holds"),
        pytest.param(["mentions", "--customer", "2147483648"], id="a customer's likewise"),
        pytest.param(["mentions", "--limit", "0"], id="no lines"),
        pytest.param(["mentions", "--limit", "many"], id="a limit that is no number"),
        pytest.param(["mentions", "--sentiment", "furious"], id="an unknown tone"),
        pytest.param(["mentions", "--asks", "money"], id="an unknown request"),
        pytest.param(["correct", "7"], id="a correction without a label"),
        pytest.param(["correct", "7", "positive", "--undo"], id="a correction and its undoing"),
        pytest.param(["correct", "7", "great"], id="a correction to an unknown tone"),
        pytest.param(["correct", "7", "positive", "--by", " "], id="a correction by nobody"),
        pytest.param(["evaluate"], id="nothing to evaluate on"),
        pytest.param(["train", "--out", "o"], id="nothing to learn from"),
        pytest.param(["train", "f", "--data", "d", "--out", "o"], id="two things to train"),
        pytest.param(["train", "--quick", "--data", "d", "--out", "o"], id="quick needs no sets"),
        pytest.param(["evaluate", "f", "--corrections"], id="two things to evaluate on"),
        pytest.param(["mentions", "--json", "--csv"], id="two forms at once"),
        pytest.param(["mentions", "--brand", "Nobody"], id="an unknown brand"),
        pytest.param(["mentions", "--since", "yesterday"], id="no time"),
        pytest.param(["mentions", "--since", "0h"], id="no length"),
        pytest.param(["mentions", "--since", "99999999999999d"], id="longer than time"),
        pytest.param(["mentions", "--since", "9999999d"], id="before the calendar"),
        pytest.param(["mentions", "--until", "0001-01-01"], id="the first day there is"),
        pytest.param(["mentions", "--until", "9999-12-31"], id="the last day there is"),
        pytest.param(["mentions", "--since", "0001-01-01T00:00+05:00"], id="before the first"),
        pytest.param(["mentions", "--since", "2026-02-30"], id="a day of no calendar"),
        pytest.param(["nps", "--date", "tomorrow"], id="no date"),
        pytest.param(["nps", "--date", "9999-12-31"], id="a date without a next day"),
        pytest.param(["digest", "--date", "0001-01-01"], id="a date without a month before"),
        pytest.param(["reputation", "--brand", "Acme", "explain"], id="options before the verb"),
        pytest.param(["alerts", "snooze", "1", "soon"], id="a snooze without a length"),
        pytest.param(["alerts", "snooze", "1", "99999999999999d"], id="a snooze for ever"),
        pytest.param(["alerts", "snooze", "1", "367d"], id="a snooze of a year"),
        pytest.param(["alerts", "ack"], id="no incident"),
        pytest.param(["alerts", "resolve", "1", "--at", "1h"], id="a time of no answer"),
        pytest.param(
            ["alerts", "resolve", "1", "--no-answer-needed", "--duplicate-of", "2"], id="two ways"
        ),
        pytest.param(["alerts", "severity", "1", "dire"], id="no severity"),
        pytest.param(["alerts", "ack", "1", "--by", " "], id="by nobody"),
        pytest.param(["links", "add", "ana", "1", "--basis", "b"], id="an author of no source"),
        pytest.param(["links", "not-at", "ana"], id="a company of an author of no source"),
        pytest.param(["links", "add", "x:ana", "1", "--basis", " "], id="a blank basis"),
        pytest.param(["links", "add", "x:ana", "1"], id="no basis"),
        pytest.param(["links", "list", "--state", "maybe"], id="an unknown state"),
        pytest.param(["collect", "--source", "x"], id="a source that is not enabled"),
        pytest.param(["customers", "import", "f", "--system", "sap"], id="an unknown system"),
    ],
)
def test_a_wrong_call_exits_2_and_prints_nothing_on_stdout(lone: Cli, args: list[str]) -> None:
    ran = lone(*args, code=2)

    assert ran.out == ""
    assert ran.err


def test_without_a_command_help_is_shown() -> None:
    done = CliRunner().invoke(program, [], prog_name="earshot")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Commands:" in done.stderr


def test_the_version_is_told(lone: Cli) -> None:
    assert re.fullmatch(r"earshot, version \d+\.\d+\.\d+\n", lone("--version").out)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "CHANGELOG.md"]
)
def test_every_command_that_a_page_shows_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    code = "\n".join(
        [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^ {4}(.+)$", text, re.MULTILINE)]
    )
    named = re.findall(r"\bearshot(?: --config \S+)? ([a-z][a-z-]+)(?: ([a-z][a-z-]*))?", code)
    groups = {path[0] for path, _ in TREE if len(path) > 1}
    known = {path for path, _ in TREE}
    for command, second in named:
        assert (command,) in known
        if command in groups and second:
            assert (command, second) in known


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_their_help_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert " ".join((command.help or "").split("\n\n")[0].split()) == COMMANDS[name].help
