"""`digest`: the daily digest, as text, as HTML, or sent."""

from datetime import date
from pathlib import Path

import click

from alerts.escape import terminal
from domain.clock import local_day
from domain.errors import EarshotError
from earshot.alerting import delivery
from earshot.cli.base import DAY, FILE, Session, brand_option, say
from earshot.reporting import digest_schedule
from earshot.reporting.digest_facts import digest_of


@click.command()
@brand_option
@click.option("--date", "day", type=DAY, help="The morning it is for.  [default: today]")
@click.option("--html", "html", type=FILE, help="Write it as one HTML file instead.")
@click.option("--send", is_flag=True, help="Send it now, where alerts go.")
@click.pass_obj
def digest(
    session: Session, brand: str | None, day: date | None, html: Path | None, *, send: bool
) -> None:
    """The daily digest, as text, as one self-contained HTML file, or sent to Slack.

    Example: earshot digest --html digest.html
    """
    from alerts.digest import digest_html, digest_text  # noqa: PLC0415  Jinja, for this alone

    names = session.brands(brand)
    if html is not None and len(names) > 1:
        raise click.UsageError("one HTML file holds one brand: choose it with --brand")
    morning_of = day or local_day(session.now, session.config.tz)
    for name in names:
        with session.app.database.read() as db:
            made = digest_of(
                db, session.config.brand(name), morning_of, session.config, now=session.now
            )
        if html is not None:
            _write(html, digest_html(made, session.config.networks, session.config.masking))
            say(f"wrote {html}")
        if send:
            delivery.send_now(
                session.app, digest_schedule.manual(session.app, made), now=session.now
            )
            say(f"sent the digest of {name} to {session.app.notifier.name}")
        if html is None and not send:
            shown = digest_text(made, session.config.networks, session.config.masking)
            click.echo(terminal(shown))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EarshotError(f"{file} cannot be written: {error.strerror}") from error


COMMANDS = (digest,)
