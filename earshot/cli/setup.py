"""`demo`, `check-config`, `doctor` and `policy`: trying, checking, looking after it."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import which

import click

from domain.clock import iso, span
from domain.errors import ConfigError, EarshotError, RemoteError
from earshot.cli.base import FILE, Session, as_json, megabytes, print_json, say, show
from earshot.config.load import left_out
from earshot.core import budget, circuit_breaker
from earshot.core.app import App
from earshot.pipeline import webhook
from earshot.queries import examples
from listener.contracts import contract_of
from listener.sources import SOURCES
from storage import backups, failed_scores, outbox, schema, source_state
from storage.engine import shown


@click.command()
@click.option("--out", type=FILE, help="Where the results go.  [default: a new temporary folder]")
@click.pass_obj
def demo(session: Session, out: Path | None) -> None:
    """Show the whole way on bundled sample mentions, customers and orders: no network, no keys.

    The four weeks of the sample end today. Prints the alerts of the last day as Slack would show
    them, writes the digest as HTML.

    Example: earshot demo --out demo-out
    """
    from earshot import demo as sample  # noqa: PLC0415  the sample, for this alone

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


@click.command("check-config")
@click.pass_obj
def check_config(session: Session) -> None:
    """Load and check every setting, start nothing; all errors at once, no secret shown.

    Example: earshot --config config.toml check-config
    """
    config = session.config
    failed = examples.failures(examples.configured(config), config.listening)
    if failed:
        raise ConfigError(*(f"{session.path}: {example}" for example in failed))
    brands = ", ".join(brand.name for brand in config.brands)
    slack = config.top.alerts.slack
    show(f"{session.path}: all good")
    show(f"  brands    {brands}")
    show(f"  database  {shown(config.database)}")
    enabled = ", ".join(config.enabled) or "none enabled: mentions come by earshot import"
    show(f"  sources   {enabled}")
    for told in left_out(config):
        show(f"  left out  {told}")
    if config.top.intake.webhook.enabled:
        show(f"  webhook   {config.top.intake.webhook.listen}, while earshot run runs")
    to = "Slack" if slack is not None and slack.ready else _NO_SLACK
    show(f"  alerts    {len(config.top.alerts.rules)} rules, to {to}")


_NO_SLACK = "the console: set bot_token and channel in [alerts.slack] for Slack"


@click.command()
@click.pass_obj
def doctor(session: Session) -> None:
    """Try database, model, every enabled source and Slack; one line each, with what to do.

    Exit 1 if one fails.

    Example: earshot doctor
    """
    failed: set[str] = set()
    for name, check in _checks(session.app, session.now):
        if name in ("backlog", "copies") and "database" in failed:
            continue  # it is in there
        try:
            said = check()
            if not said:
                continue
            on_again = "" if "database" in failed else _switched_on(session.app, name)
            show(f"ok    {name}: {said}{on_again}")
        except EarshotError as error:
            failed.add(name)
            show(f"FAIL  {name}: {' '.join(str(error).split())}{_way_out(name, error)}")
    if failed:
        raise click.exceptions.Exit(1)


def _way_out(name: str, error: EarshotError) -> str:
    """What to do, where the error itself cannot know."""
    if name == "database":
        return "; see `database` in the configuration: is the file ours, does the server run?"
    if isinstance(error, RemoteError) and not error.permanent:
        return "; see whether the network and base_url are right, then try again"
    return ""


def _switched_on(app: App, name: str) -> str:
    """What works again after a refusal is not left alone any longer."""
    if name not in ("alerts", *app.config.enabled):
        return ""
    key = app.notifier.name if name == "alerts" else name
    return "; it was off and is on again" if circuit_breaker.switch_on(app.database, key) else ""


Check = Callable[[], str]  # its sentence; "" when there is nothing to say


def _checks(app: App, now: datetime) -> Iterator[tuple[str, Check]]:
    yield "database", lambda: _check_database(app)
    yield "model", lambda: _check_model(app)
    for name in app.config.enabled:
        yield name, lambda name=name: _check_source(app, name, now)  # type: ignore[misc]
    table = app.config.top.intake.webhook
    if table.enabled:
        yield "webhook", lambda: webhook.check(table)
    yield "alerts", lambda: app.notifier.check()  # noqa: PLW0108  made when it is checked
    yield "backlog", lambda: _check_backlog(app)
    yield "copies", lambda: _check_copies(app, now)


def _check_source(app: App, name: str, now: datetime) -> str:
    """Its own sentence, what is left of its budget, and how long it and what we know will last."""
    said = app.sources[name].check()
    left = budget.left_of(app, name, now=now)
    sunset = contract_of(name).sunset
    closes = _closes(sunset, now) if sunset is not None else ""
    seen = "" if SOURCES[name].recorded else "documented, not recorded"
    return "; ".join(filter(None, (said, left, closes, seen)))


def _closes(sunset: date, now: datetime) -> str:
    days = (sunset - now.date()).days
    return f"closes {sunset}, in {days} days" if days > 0 else f"was to close on {sunset}"


def _check_database(app: App) -> str:
    differences = schema.differences(app.database)
    if differences:
        raise EarshotError(
            f"the schema is not this release's ({differences[0]}): run earshot db upgrade"
        )
    return f"{shown(app.config.database)} at schema {schema.HEAD}"


def _check_model(app: App) -> str:
    scored = app.classifier.classify(["I love it", "I hate it"], ["en", "en"])
    labels = [one.label for one in scored]
    if labels != ["positive", "negative"]:
        raise EarshotError(
            f"{app.classifier.name} calls love and hate {labels}: choose another model"
        )
    return f"{app.classifier.name} scores"


def _check_backlog(app: App) -> str:
    used = {*app.config.enabled, app.notifier.name}
    with app.database.read() as session:
        count, oldest = outbox.backlog(session)
        told = [
            f"{name}: {state.trouble}"
            for name, state in source_state.states(session).items()
            if state.trouble and circuit_breaker.read_name(name)[0] in used
        ]
        refused = outbox.refused(session)
        failed = failed_scores.count(session)
    if told:
        raise EarshotError("; ".join(told))
    if refused:
        raise EarshotError(f"{refused} messages were refused for good: see earshot alerts list")
    said = f"{count} messages wait" + (f", the oldest since {iso(oldest)}" if oldest else "")
    unscored = f"; the model failed over {failed} mentions: earshot score --parked tries again"
    return said + (unscored if failed else "")


def _check_copies(app: App, now: datetime) -> str:
    """What upgrades have left beside the database, and until when."""
    copies = backups.beside(app.database)
    stay = [str(copy.path) for copy in copies if copy.overdue(now)]
    if stay:
        raise EarshotError(f"{', '.join(stay)} could not be removed in time: remove it by hand")
    return "; ".join(
        f"{copy.path}, {megabytes(copy.size)}, "
        f"{span(max(now - copy.made_at, timedelta()))} old, is removed after {iso(copy.kept_until)}"
        for copy in copies
    )


@click.group("policy")
def policy_group() -> None:
    """What the platforms' rules allow.

    Example: earshot policy show reddit
    """


@policy_group.command("show")
@click.argument("source")
@as_json
def show_policy(source: str, *, as_json: bool) -> None:
    """Show what may be stored, linked and replied, for how long, and where that is written.

    Example: earshot policy show x
    """
    contract = contract_of(source.strip().lower())
    if as_json:
        print_json(
            asdict(contract)
            | {
                "retention": contract.retention and f"{contract.retention.days}d",
                "delete_within": f"{int(contract.delete_within.total_seconds() // 3600)}h",
            }
        )
        return
    show(f"source         {source}")
    show(f"may link       {'yes' if contract.may_link else 'no'}: {contract.reason}")
    show(f"may reply      {contract.may_reply}")
    show(f"may derive     {'yes' if contract.may_derive else 'no: stored, but never scored'}")
    show(f"authors        {'kept' if contract.keep_authors else 'not kept'}")
    show(f"may export     {'yes' if contract.may_export else 'no'}")
    kept = f"{span(contract.retention)} at most" if contract.retention else "no period is written"
    show(f"kept for       {kept}")
    show(f"delete within  {span(contract.delete_within)} of a deletion on the platform")
    show(f"sunset         {contract.sunset or 'none known'}")
    show(f"written in     {contract.reference} (read {contract.read_on})")


COMMANDS = (demo, check_config, doctor, policy_group)
