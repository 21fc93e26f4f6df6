"""`doctor`: tries everything, and says what to do."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

import click
from sqlalchemy.orm import Session as Database

from alerts import delivery_policy
from alerts.slack import endpoint
from alerts.slack.settings import SlackSettings
from domain.clock import iso, span
from domain.errors import EarshotError, RemoteError
from domain.source_state import SourceState
from earshot.alerting import slack_doors
from earshot.cli.base import Session, megabytes, show
from earshot.core import budget, circuit_breaker
from earshot.core.app import App
from earshot.core.circuit_breaker import fingerprint
from earshot.customers import sync
from earshot.pipeline import webhook
from earshot.service.steps import STEPS
from listener.contracts import contract_of
from listener.sources import SOURCES
from storage import backups, failed_scores, schema, source_state, undelivered
from storage.engine import shown


@click.command()
@click.option(
    "--retry", is_flag=True, help="End the pauses of what is found well: it is asked again at once."
)
@click.pass_obj
def doctor(session: Session, *, retry: bool) -> None:
    """Try database, model, every enabled source, CRM and Slack; one line each, with what to do.

    Exit 1 if one fails. It changes nothing; with --retry it ends pauses.

    Example: earshot doctor
    """
    failed: set[str] = set()
    for name, check in _checks(session.app, session.now, retry=retry):
        if name in ("backlog", "copies") and "database" in failed:
            continue  # it is in there
        try:
            result = check()
            if not result:
                continue
            rest = "" if "database" in failed else _rest(session.app, name, session.now, retry)
            show(f"ok    {name}: {result}{rest}")
        except EarshotError as error:
            failed.add(name)
            result = f"{' '.join(str(error).split())}{_way_out(name, error)}{_waiting(name)}"
            show(f"FAIL  {name}: {result}")
    if failed:
        raise click.exceptions.Exit(1)


def _way_out(name: str, error: EarshotError) -> str:
    """What to do, where the error itself cannot know."""
    if name == "database":
        return "; see `database` in the configuration: is the file ours, does the server run?"
    if isinstance(error, RemoteError) and not error.permanent:
        return "; see whether the network and base_url are right, then try again"
    return ""


def _waiting(name: str) -> str:
    """Which steps can not go on before it is mended."""
    names = [step.name for step in STEPS if step.needs == name]
    return f"; until then waits: {', '.join(names)}" if names else ""


def _rest(app: App, name: str, now: datetime, retry: bool) -> str:  # noqa: FBT001  the flag itself
    """What works again after trouble is left alone still, or with --retry not any longer."""
    if name not in ("alerts", *app.config.enabled, *app.config.top.crm.enabled):
        return ""
    key = app.notifier.name if name == "alerts" else name
    if retry:
        was_off = circuit_breaker.reset(app.database, key)
        return "; it was off and is on again" if was_off else ""
    with app.database.read() as session:
        until = source_state.state(session, key).next_at
    if until is None or until <= now:
        return ""
    return f"; it is left alone until {iso(until)}: earshot doctor --retry ends that"


Check = Callable[[], str]  # its sentence; "" when there is nothing to say


def _checks(app: App, now: datetime, *, retry: bool) -> Iterator[tuple[str, Check]]:
    yield "database", lambda: _check_database(app)
    yield "model", lambda: _check_model(app)
    for name in app.config.enabled:
        yield name, lambda name=name: _check_source(app, name, now)  # type: ignore[misc]
    for name in app.config.top.crm.enabled:
        yield name, lambda name=name: sync.check(app, name)  # type: ignore[misc]
    table = app.config.top.intake.webhook
    if table.enabled:
        yield "webhook", lambda: webhook.check(table)
    yield "alerts", lambda: _check_alerts(app, now, retry=retry)
    slack = app.config.top.alerts.slack
    if slack is not None and slack.ready:
        yield "slack buttons", lambda: _check_buttons(app, slack)
    yield "backlog", lambda: _check_backlog(app, now)
    yield "copies", lambda: _check_copies(app, now)


def _check_source(app: App, name: str, now: datetime) -> str:
    """What its check says, its budget, when its network closes, whether it was ever recorded."""
    works = app.sources[name].check()
    left = budget.left_of(app.database, name, app.config.sources[name], now=now)
    sunset = contract_of(name).sunset
    closes = _closes(sunset, now) if sunset is not None else ""
    seen = "" if SOURCES[name].recorded else "documented, not recorded"
    return "; ".join(filter(None, (works, left, closes, seen)))


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


def _check_alerts(app: App, now: datetime, *, retry: bool) -> str:
    """Whether alerts can leave. Who asked us to wait is not asked before the time is up."""
    state = SourceState("")
    # The database has a line of its own.
    with suppress(EarshotError), app.database.read() as session:
        state = source_state.state(session, app.notifier.name)
    waits = state.next_at is not None and state.next_at > now
    if waits and not state.off and not retry:
        raise EarshotError(f"{state.trouble}; it waits until {iso(state.next_at)}")
    said = app.notifier.check()
    settings = app.channel.settings
    if not retry and state.off and settings and state.fingerprint == fingerprint(settings):
        raise EarshotError(
            f"{state.trouble}; nothing is sent until {iso(state.next_at)}. The channel answers "
            "now: if it is mended, earshot doctor --retry sends at once"
        )
    return said


def _check_buttons(app: App, slack: SlackSettings) -> str:
    """Whether presses can come in, and at which address."""
    said = slack_doors.check(slack)
    if slack.signing_secret is None:
        return said
    return f"{said}; {webhook.check(app.config.top.intake.webhook, endpoint.PATH, 'presses')}"


def _check_backlog(app: App, now: datetime) -> str:
    used = {*app.config.enabled, *app.config.top.crm.enabled, app.notifier.name}
    with app.database.read() as session:
        count, oldest = undelivered.backlog(session, now=now)
        quiet = undelivered.quiet(session, now=now)
        troubles = [
            f"{name}: {state.trouble}"
            for name, state in source_state.states(session).items()
            if state.trouble and circuit_breaker.read_name(name)[0] in used
        ]
        troubles += _undelivered(session, now)
        deleted = undelivered.deleted_roots(session)
        failed = failed_scores.count(session)
    if troubles:
        raise EarshotError("; ".join(troubles))
    backlog = f"{count} messages wait" + (f", the oldest since {iso(oldest)}" if oldest else "")
    backlog += f"; {quiet} are kept quiet by a mute or quiet hours" if quiet else ""
    numbers = ", ".join(map(str, deleted))
    gone = f"; their first message was deleted in the channel: incidents {numbers}"
    unscored = f"; the model failed over {failed} mentions: earshot score --parked tries again"
    return backlog + (gone if deleted else "") + (unscored if failed else "")


def _undelivered(session: Database, now: datetime) -> Iterator[str]:
    """What needs somebody because messages do not leave, or stand where they must not."""
    refused = undelivered.refused(session)
    if refused:
        yield f"{refused} messages were refused for good: see earshot alerts list"
    before = now - delivery_policy.UNSEEN_FOR
    stuck = undelivered.overdue(
        session, before=before, tries=delivery_policy.UNKNOWN_TRIES, now=now
    )
    if stuck:
        first = stuck[0]
        yield (
            f"{len(stuck)} messages could not be delivered since {iso(first.owed_at)} "
            f"({first.delivery.reason})"
        )
    standing = undelivered.withdrawing(session)
    if standing:
        where = ", ".join(sorted({str(one.delivery.sent_ref) for one in standing}))
        yield (
            f"{len(standing)} messages show words that were taken back and can be neither changed "
            f"nor deleted by the app: delete them by hand ({where})"
        )


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


COMMANDS = (doctor,)
