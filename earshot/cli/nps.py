"""`nps`: the NPS proxy, by what it was set right, and the labels it rests on."""

from datetime import date

import click

from domain.reputation import NpsProxy
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, show
from earshot.reporting import published
from earshot.reporting.measure import last_whole_day
from reputation.nps_proxy import MIN_PERSONS


@click.command("nps")
@brand_option
@click.option(
    "--date",
    "day",
    type=DAY,
    help="The local day whose end the window looks back from.  [default: yesterday]",
)
@as_json
@click.pass_obj
def nps(session: Session, brand: str | None, day: date | None, *, as_json: bool) -> None:
    """The NPS proxy, -100 to 100, from public mentions of 90 days. Not NPS: nobody was asked.

    Each person is one voice. Beside it stands by what it was set right: by nothing, by a sample
    that was labelled by hand, or by what customers answered (earshot surveys import).

    Example: earshot nps --json
    """
    on = day or last_whole_day(session.now, session.config)
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = published.nps_on(db, name, on, session.config, now=session.now)
        if as_json:
            print_json(published.nps_json(found))
        else:
            _show(found)


def _show(found: NpsProxy) -> None:
    if found.value is None or found.low is None or found.high is None:
        of = f"{found.n_persons} of {MIN_PERSONS} persons"
        show(f"{found.brand} {found.date}: NPS proxy insufficient ({of}; {found.calibration})")
    else:
        show(
            f"{found.brand} {found.date}: NPS proxy {found.value:+.0f} ({found.low:+.0f} to "
            f"{found.high:+.0f}, {found.n_persons} persons; {found.calibration})"
        )
    raw = "" if found.raw in (None, found.value) else f": {found.raw:+.0f} before it was set right"
    show(
        f"  {found.promoters} promoters, {found.passives} passives, {found.detractors} detractors"
        f"{raw}"
    )
    mix = found.labels
    show(f"  their posts: {mix.negative} negative, {mix.neutral} neutral, {mix.positive} positive")
    if found.before_errors:
        show("  before the model's own errors")


COMMANDS = (nps,)
