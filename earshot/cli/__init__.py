"""The command line: nouns and verbs, data on stdout, everything else on stderr."""

import sys
from importlib import import_module
from pathlib import Path

import click
from click.core import ParameterSource

from earshot import __version__
from earshot.cli.base import EarshotGroup, Session

# Which module holds a command. Only the module that is asked for is imported: `mentions` must not
# wait for what only the digest needs. `--help` imports them all.
MODULES = {
    "demo": "demo",
    "check-config": "config",
    "doctor": "doctor",
    "run": "collect",
    "collect": "collect",
    "import": "collect",
    "coverage": "coverage",
    "mentions": "mentions",
    "mention": "mentions",
    "correct": "corrections",
    "noise": "noise",
    "score": "score",
    "evaluate": "score",
    "train": "train",
    "customers": "customers",
    "orders": "customers",
    "links": "links",
    "alerts": "alerts",
    "rules": "alerts",
    "reputation": "reputation",
    "nps": "reputation",
    "digest": "digest",
    "query": "queries",
    "policy": "policy",
    "db": "database",
}


class Commands(EarshotGroup):
    """Every command by name, in the order a person meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in MODULES:
            return None
        module = import_module(f"earshot.cli.{MODULES[cmd_name]}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


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
    ctx.obj = Session(path, named=named)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """Run the command line; the exit code is 0 done, 1 our error, 2 configuration or usage."""
    # A pipe in another encoding, or half a surrogate in a name, must not end in a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    cli(prog_name="earshot")
