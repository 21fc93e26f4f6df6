"""`run`, `collect` and `import`: how mentions come in."""

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from domain.errors import ConfigError
from earshot.brands.tracked import name_of
from earshot.cli.base import (
    FILE,
    SHOWN_PROBLEMS,
    WHEN,
    Session,
    complain,
    complain_some,
    must_be_some,
    say,
    show,
    start_logging,
)
from earshot.pipeline import collect as collecting
from earshot.pipeline.pages import Collected
from earshot.service import scheduler
from listener.imports import BadRow, Imported, read_mentions

IMPORT_BATCH = 1000


@click.command()
@click.option("--once", is_flag=True, help="One full pass, then exit.")
@click.pass_obj
def run(session: Session, *, once: bool) -> None:
    """Keep everything going: collect, score, link, alert, answer, digest.

    Stops within 10 seconds on SIGTERM or Ctrl-C. With --once one full pass, for cron.

    Example: earshot run
    """
    start_logging(logging.WARNING)
    if once:
        # What the sources brought is reported below, their troubles with it.
        logging.getLogger("earshot.alerting.delivery").setLevel(logging.ERROR)
        passed = scheduler.run_once(session.app)
        _report(passed.collected, passed.delivered.trouble)
        return
    stop = scheduler.stop_on_signals()
    hook = ["webhook"] * session.config.top.intake.webhook.enabled
    enabled = ", ".join([*session.config.enabled, *hook]) or "no source is enabled"
    to = session.app.notifier.name
    say(f"earshot is listening ({enabled}); alerts go to {to}; Ctrl-C stops it")
    finished = scheduler.run_until_stopped(session.app, stop=stop)
    say("earshot has stopped")
    if not finished:
        os._exit(0)  # a job hangs in a call to a service; every step may be repeated


@click.command()
@click.option("--source", "names", multiple=True, help="Only this source; may be repeated.")
@click.option(
    "--since", type=WHEN, help="Go back to here instead of to where the last pass stopped."
)
@click.pass_obj
def collect(session: Session, names: tuple[str, ...], since: datetime | None) -> None:
    """Read every enabled source once; per source: fetched, matched, new, gaps.

    With --since it says after every page how far it has come; stopped, the next pass goes on there.
    A source that fails does not stop the others; the exit code is 1 then.

    Example: earshot collect --source x --since 24h
    """
    enabled = session.config.enabled
    for name in names:
        if name not in enabled:
            known = ", ".join(enabled) or "none"
            raise ConfigError(
                f"source {name!r} is not enabled in {session.path} (enabled: {known})"
            )
    if not enabled:
        say(f"no source is enabled in {session.path}: set enabled = true in a [sources.*] table")
    wanted = dict.fromkeys(names or enabled)
    # A backfill takes long; what it has read is kept, so it may be stopped and goes on later.
    progress = say if since is not None else None
    _report(
        collecting.collect_all(session.app, wanted, now=session.now, since=since, progress=progress)
    )


def _report(results: Sequence[Collected], undelivered: str = "") -> None:
    """A line per source on stdout, a line per trouble on stderr. Exits 1 when anything failed."""
    for one in results:
        show(
            f"{one.source}: fetched {one.fetched}, matched {one.matched}, new {one.new}, "
            f"gaps {len(one.gaps)}"
        )
        for gap in one.gaps:
            complain(f"gap: {_by(one.source, gap)}")
        for problem in one.broken[:SHOWN_PROBLEMS]:
            complain(_by(one.source, problem))
        if one.unreadable > SHOWN_PROBLEMS:
            complain(f"{one.source}: and {one.unreadable - SHOWN_PROBLEMS} more like these")
        if one.trouble:
            complain(_by(one.source, one.trouble))
    if undelivered:
        complain(undelivered)
    if undelivered or any(one.trouble for one in results):
        raise click.exceptions.Exit(1)


def _by(source: str, sentence: str) -> str:
    """A sentence of a source, its name said once."""
    return sentence if sentence.startswith(source) else f"{source}: {sentence}"


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--brand", help="All rows are about this brand, whatever they say.")
@click.pass_obj
def import_mentions(session: Session, file: Path, brand: str | None) -> None:
    """Import mentions from CSV or JSONL: any export, any network.

    Needs the columns source, external_id, text and published_at. Without --brand a row belongs to
    the brand it names in `brand`, else to those whose query matches its text. What is already
    stored is not doubled; what is older than 7 days opens no incident.

    Example: earshot import export.csv --brand Acme
    """
    # A competitor may be named too, as in the file's own column; else the error lists the brands.
    chosen = (_listened(session, brand) or session.config.brand(brand).name) if brand else None
    counts = {"read": 0, "new": 0}
    problems: list[str] = []
    nameless: list[int] = []
    batch: list[Imported] = []

    def store() -> None:
        pairs = [(row.mention, chosen or _listened(session, row.brand)) for row in batch]
        new, unmatched = collecting.store_imported(session.app, pairs, now=session.now)
        counts["new"] += new
        nameless.extend(batch[position].line for position in unmatched)
        batch.clear()

    for row in read_mentions(file, now=session.now):
        if isinstance(row, Imported):
            batch.append(row)
            counts["read"] += 1
            if len(batch) >= IMPORT_BATCH:
                store()
        elif isinstance(row, BadRow):
            problems.append(f"{file}: line {row.line}: {row.reason}")
        else:
            say(row.text)
    store()
    complain_some(problems)
    show(
        f"{file}: {counts['read']} good rows, {counts['new']} new, "
        f"{counts['read'] - counts['new'] - len(nameless)} known, {len(nameless)} name no brand, "
        f"{len(problems)} bad"
    )
    if nameless:
        lines = ", ".join(map(str, nameless[:SHOWN_PROBLEMS])) + (
            ", …" if len(nameless) > SHOWN_PROBLEMS else ""
        )
        say(f"not stored, they match no brand's query: line {lines} (--brand B takes every row)")
    must_be_some(file, good=counts["read"], bad=len(problems))


def _listened(session: Session, name: str | None) -> str | None:
    """The brand or competitor a row names, as we write it; None for one we do not know."""
    return name_of(session.app.config.tracked, name)


COMMANDS = (run, collect, import_mentions)
