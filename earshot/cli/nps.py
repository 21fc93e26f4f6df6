"""`nps`: the NPS proxy, by what it was set right, and the labels it rests on."""

from datetime import date
from typing import Any

import click

from domain.reputation import BEFORE_ERRORS, NpsProxy
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, show
from earshot.cli.beside import interval, month_json
from earshot.reporting import published, survey_months
from earshot.reporting.measure import last_whole_day
from earshot.reporting.survey_months import MonthBeside
from reputation.nps_calibration import Line
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
            months = survey_months.by_month(db, name, session.config, now=session.now)
            line = survey_months.line_of(db, name, session.config, day=on, model=found.model)
        asked = [
            one
            for one in months
            if one.is_over and one.month <= on and one.beside.nps.value is not None
        ]
        survey = asked[-1] if asked else None
        if as_json:
            print_json(published.nps_json(found) | _survey_json(survey, line))
        else:
            _show(found)
            if survey is not None:
                _show_survey(survey)
            if line is not None:
                learnt = f"{line.a:+.0f} {line.b:+.2f} x what the classes say"
                show(f"  by {line.months} months an NPS is {learnt}")


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
        show(f"  {BEFORE_ERRORS}")


def _show_survey(one: MonthBeside) -> None:
    nps, proxy = one.beside.nps, one.beside.proxy
    show(
        f"  the NPS of {one.month:%B %Y} was {interval(nps.value, nps.low, nps.high)}, "
        f"{nps.n} answers"
    )
    if one.proxy_on is not None and proxy.value is not None:
        show(
            f"  less the NPS proxy of {one.proxy_on} before it was set right, {proxy.value:+.0f}: "
            f"{interval(one.beside.difference, one.beside.low, one.beside.high)}"
        )


def _survey_json(survey: MonthBeside | None, line: Line | None) -> dict[str, Any]:
    return {
        "survey": None if survey is None else month_json(survey),
        "line": None if line is None else {"months": line.months, "a": line.a, "b": line.b},
    }


COMMANDS = (nps,)
