"""`demo`: the whole way on the bundled sample."""

import os
import sys
from pathlib import Path
from shutil import which

import click

from domain.errors import EarshotError
from earshot.cli.base import FILE, Session, say, show


@click.command()
@click.option("--out", type=FILE, help="Where the results go.  [default: a new temporary folder]")
@click.pass_obj
def demo(session: Session, out: Path | None) -> None:
    """Show the whole way on bundled sample mentions, customers and orders: no network, no keys.

    The four weeks of the sample end today. Prints the alerts of the last day as Slack would show
    them, writes the digest as HTML.

    Example: earshot demo --out demo-out
    """
    from earshot.demo import run as sample  # noqa: PLC0415  the sample, for this alone

    say("Living through four weeks of an invented espresso brand; this takes some seconds.")
    try:
        results = sample.run(out, sample.DemoNotifier(sys.stdout), now=session.now)
    except OSError as error:
        raise EarshotError(f"the results cannot be written to {out}: {error.strerror}") from error
    show("")
    show(
        f"{results.mentions} posts read, {results.customers} customers known; "
        f"{results.unseen} earlier messages are not printed."
    )
    show(f"The morning digest:  {results.digest}")
    # On a fresh checkout earshot lies in .venv and is not on the path.
    nearby = os.path.relpath(sys.argv[0])
    program = "earshot" if which("earshot") else min(nearby, sys.argv[0], key=len)
    show("Look around:")
    reputation = f"reputation explain --date {results.day}"
    for words in ("mentions --sentiment negative", "alerts list --open", reputation):
        show(f"  {program} --config {results.config} {words}")


COMMANDS = (demo,)
