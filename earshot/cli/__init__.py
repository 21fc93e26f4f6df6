"""The command line: nouns and verbs, data on stdout, everything else on stderr."""

import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from earshot import __version__
from earshot.cli.base import EarshotGroup, Session


class Command(NamedTuple):
    """Where a command is, and what its help begins with; a test holds the two together."""

    module: str
    help: str
    lists: bool = False  # what is stored: neither the sources' tables nor queries are read for it

    def short(self, room: int = 45) -> str:
        return click.Command(None, help=self.help).get_short_help_str(room)


# Only the module that is asked for is imported: `mentions` must not wait for what only the digest
# needs, and to list them takes none.
COMMANDS = {
    "demo": Command(
        "demo",
        "Show the whole way on bundled sample mentions, customers and orders: no network, no keys.",
    ),
    "check-config": Command(
        "config",
        "Load and check every setting, start nothing; all errors at once, no secret shown.",
    ),
    "doctor": Command(
        "doctor",
        "Try database, model, every enabled source, CRM and Slack; one line each, with what to do.",
    ),
    "run": Command(
        "collect", "Keep everything going: collect, score, link, alert, answer, digest."
    ),
    "collect": Command(
        "collect", "Read every enabled source once; per source: fetched, matched, new, gaps."
    ),
    "import": Command("collect", "Import mentions from CSV or JSONL: any export, any network."),
    "coverage": Command(
        "coverage",
        "Per source: how much of the time was heard, what came, what was to be expected, what is"
        " lost.",
    ),
    "mentions": Command(
        "mentions",
        "List mentions, newest first, each once per brand it is about.",
        lists=True,
    ),
    "mention": Command(
        "mentions",
        "Show one mention with author, customer, evidence, tone, incident and history.",
        lists=True,
    ),
    "correct": Command(
        "corrections", "Say that a mention is really negative, neutral or positive."
    ),
    "label": Command(
        "label",
        "Label the posts of a random sample, without seeing what the model says of them.",
    ),
    "noise": Command(
        "noise", "What is not about a brand: hide it, or put back what was hidden wrongly."
    ),
    "score": Command(
        "score",
        "Score any texts: one per line, JSONL objects with `text`, or the `text` column of tables.",
    ),
    "evaluate": Command(
        "score",
        "Measure the model on a labelled FILE (`text`, `label` columns; TSV, CSV or JSONL).",
    ),
    "train": Command(
        "train",
        "Go on teaching the bundled model your own labelled texts (at least 20 of each label).",
    ),
    "customers": Command(
        "customers", "Your customers: import them, list them, look at one.", lists=True
    ),
    "orders": Command("customers", "What customers bought."),
    "links": Command(
        "links", "Which author is which customer, why, and who decided it.", lists=True
    ),
    "alerts": Command(
        "alerts", "Incidents: what needs an answer, by when, and what became of it.", lists=True
    ),
    "unanswered": Command(
        "unanswered", "List what asks for an answer and has none, by due time.", lists=True
    ),
    "leads": Command(
        "leads", "Who wants to buy and is no customer, and how many ordered later.", lists=True
    ),
    "mute": Command("mute", "What the channel shall not hear of for a while, and why."),
    "rules": Command("alerts", "The alert rules of the configuration."),
    "reputation": Command(
        "reputation", "The online reputation score, 0 to 100, with its interval and parts."
    ),
    "nps": Command(
        "nps",
        "The NPS proxy, -100 to 100, from public mentions of 90 days. Not NPS: nobody was asked.",
    ),
    "voice": Command(
        "voice", "The share of voice: how many persons speak of a brand and of its competitors."
    ),
    "surveys": Command(
        "surveys", "What customers answered when they were asked; the NPS proxy is set by it."
    ),
    "digest": Command(
        "digest", "The daily digest, as text, as one self-contained HTML file, or sent to Slack."
    ),
    "query": Command("queries", "The brands' queries."),
    "policy": Command("policy", "What the platforms' rules allow."),
    "db": Command("database", "The database's schema."),
}


class Commands(EarshotGroup):
    """Every command by name, in the order a person meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"earshot.cli.{COMMANDS[cmd_name].module}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        room = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.short(room)) for name, one in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(name, help=one.short())
            for name, one in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    envvar="EARSHOT_CONFIG",
    help="Where the settings are.",
)
@click.version_option(__version__, prog_name="earshot")
@click.pass_context
def cli(ctx: click.Context, path: Path) -> None:
    """Listen for your brand, answer in time, watch your reputation.

    Example: earshot demo
    """
    named = ctx.get_parameter_source("path") is not ParameterSource.DEFAULT
    lists = COMMANDS[ctx.invoked_subcommand or ""].lists
    ctx.obj = Session(path, named=named, lists=lists)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """Run the command line; the exit code is 0 done, 1 our error, 2 configuration or usage."""
    # Starting makes a hundred thousand objects that stay: to look for garbage after each 700 of
    # them, as is the default, is a tenth of what a list costs.
    gc.set_threshold(50_000)
    # A pipe in another encoding, or half a surrogate in a name, must not end in a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli(prog_name="earshot")
