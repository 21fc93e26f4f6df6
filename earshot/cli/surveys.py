"""`surveys`: what customers answered when they were asked."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from crm.imports import SYSTEMS
from crm.surveys import FIELDS, Survey, read_answers
from domain.clock import iso
from domain.errors import ConfigError, InputError
from earshot.cli.base import (
    DAY,
    FILE,
    SHOWN_PROBLEMS,
    Session,
    as_json,
    brand_option,
    print_json,
    say,
    show,
)
from earshot.cli.beside import beside_json, interval, month_json
from earshot.cli.refused import tell_refused
from earshot.cli.tables import Column, show_table
from earshot.customers.refusals import Refusals
from earshot.customers.surveys import TakenAnswers, take_answers
from earshot.reporting import survey_months
from earshot.reporting.measure import last_whole_day
from earshot.reporting.survey_months import Beside, MonthBeside, SegmentBeside
from storage import surveys
from storage.surveys import Stored

_FIELD = re.compile(rf"(?:^|,)\s*({'|'.join(FIELDS)})=")


class Columns(click.ParamType[dict[str, str]]):
    """Our names with the columns that hold them: id=Respondent ID,at=End Date."""

    name = "columns"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        # A column's name may hold commas: only one before a name of ours ends it.
        before, *parts = _FIELD.split(str(value))
        found = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
        if before.strip() or not found or not all(found.values()):
            self.fail(
                f"{value!r} names no columns: write for example id=Respondent ID,at=End Date "
                f"({', '.join(FIELDS)})",
                param,
                ctx,
            )
        return found


class Zone(click.ParamType[ZoneInfo]):
    """A zone by its name: Europe/Berlin."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone: write for example Europe/Berlin", param, ctx)


@click.group("surveys")
def surveys_group() -> None:
    """What customers answered when they were asked; the NPS proxy is set by it.

    Example: earshot surveys import answers.csv --score "How likely"
    """


@surveys_group.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--score", default="", metavar="COLUMN", help="The column of the score, or how it begins."
)
@click.option("--brand", help="Of which brand was asked; needed where there are several.")
@click.option("--survey", "name", metavar="NAME", help="Which survey it is.  [default: the tool]")
@click.option(
    "--map",
    "columns",
    type=Columns(),
    metavar="id=…,at=…,email=…,customer=…",
    help="The columns of response id, time, e-mail, customer's id.",
)
@click.option("--tz", type=Zone(), metavar="ZONE", help="Of clocks that do not say it.")
@click.option(
    "--system",
    type=click.Choice(list(SYSTEMS)),
    metavar="NAME",
    help="Whose ids the customers have; needed where there are several systems.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@as_json
@click.pass_obj
def import_answers(
    session: Session,
    *,
    file: Path,
    score: str,
    brand: str | None,
    name: str | None,
    columns: Mapping[str, str] | None,
    tz: ZoneInfo | None,
    system: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import answers from 0 to 10 from a CSV export of a survey tool, or any other CSV.

    Known are SurveyMonkey, Typeform, Qualtrics, HubSpot, AskNicely and Delighted; of those that do
    not say which question it is, --score does. Kept are the response's id, when it was answered,
    the score, and which customer it is, by e-mail or id; no address and no comment. An answer that
    was imported before is brought up to date, not doubled.
    Refused rows go into FILE's name with .refused.csv, and the command ends with 1.

    Example: earshot surveys import answers.csv --score "How likely" --tz Europe/Berlin
    """
    asked = _brand(session, brand)
    zone = tz or session.config.tz
    survey = read_answers(file, tz=zone, score=score, columns=columns, is_zone_given=tz is not None)
    _tell_how(file, survey)
    with Refusals(file, shown=SHOWN_PROBLEMS, is_kept=not dry_run) as refused:
        taken = take_answers(
            session.app.database,
            survey,
            brand=asked,
            name=name or survey.tool,
            system=system or survey.system,
            now=session.now,
            refuse=refused.add,
            writes=not dry_run,
        )
    if not dry_run:
        survey_months.measure_months(session.app, asked, now=session.now, tell=_measuring)
        _revise(session, asked)
    if as_json:
        print_json(
            _taken_json(file, asked, name or survey.tool, survey, taken) | {"dry_run": dry_run}
        )
    else:
        _show_taken(file, taken, dry_run=dry_run)
    tell_refused(file, refused, good=taken.good)


def _brand(session: Session, name: str | None) -> str:
    """Raises ConfigError where it is not plain which brand was asked about."""
    brands = session.brands(name)
    if len(brands) > 1:
        raise ConfigError(
            f"{session.path} has several brands ({', '.join(brands)}): say with --brand of which "
            "it was asked"
        )
    return brands[0]


def _revise(session: Session, brand: str) -> None:
    revised = survey_months.set_right(session.app, brand, now=session.now)
    if revised:
        days = "day" if revised == 1 else "days"
        say(f"{brand}: the NPS proxy of the last {revised} {days} was revised by these answers")


def _measuring(month: date) -> None:
    say(f"measuring the NPS proxy of {month:%B %Y}, of which no day is published")


def _tell_how(file: Path, survey: Survey) -> None:
    say(
        f"{file}: read as {survey.tool}; the score is {survey.question!r}; clocks are of "
        f"{survey.zone} where they do not say"
    )
    if survey.encoding == "Windows-1252":
        say(f"{file} is not UTF-8: read as {survey.encoding}")
    if survey.is_short:
        say(f"{file}: no answer is above 7: is it a scale to 10?")


def _show_taken(file: Path, taken: TakenAnswers, *, dry_run: bool) -> None:
    would = "would be: " if dry_run else ""
    show(
        f"{file}: {would}{taken.good} answers, {taken.new} new, {taken.changed} changed, "
        f"{taken.known} known; {taken.linked} of known customers; {taken.refused} refused"
    )
    for why, count in sorted(taken.left_out.items()):
        show(f"{file}: {count} rows {why}")


def _taken_json(
    file: Path, brand: str, name: str, survey: Survey, taken: TakenAnswers
) -> dict[str, Any]:
    return {
        "file": str(file),
        "brand": brand,
        "survey": name,
        "tool": survey.tool,
        "question": survey.question,
        "timezone": survey.zone,
        "answers": taken.good,
        "new": taken.new,
        "changed": taken.changed,
        "known": taken.known,
        "linked": taken.linked,
        "refused": taken.refused,
        "left_out": dict(sorted(taken.left_out.items())),
    }


@surveys_group.command("list")
@brand_option
@as_json
@click.pass_obj
def list_surveys(session: Session, brand: str | None, *, as_json: bool) -> None:
    """List the surveys that were imported: how many answers, since when, of how many customers.

    Example: earshot surveys list
    """
    with session.app.database.read() as db:
        found = [one for name in session.brands(brand) for one in surveys.stored(db, name)]
    if as_json:
        for one in found:
            print_json(_stored_json(one))
        return
    if not found:
        say("no survey was imported: earshot surveys import FILE --score COLUMN")
        return
    heads = (
        *(Column("brand"), Column("survey"), Column("answers", right=True)),
        *(Column("of customers", right=True), Column("first"), Column("last")),
    )
    tz = session.config.tz
    show_table(
        heads,
        [
            (
                *(one.brand, one.survey, f"{one.answers}", f"{one.linked}"),
                *(f"{at.astimezone(tz):%Y-%m-%d}" for at in (one.first_at, one.last_at)),
            )
            for one in found
        ],
    )


def _stored_json(one: Stored) -> dict[str, Any]:
    return {
        "brand": one.brand,
        "survey": one.survey,
        "answers": one.answers,
        "linked": one.linked,
        "first_at": iso(one.first_at),
        "last_at": iso(one.last_at),
    }


@surveys_group.command("remove")
@click.argument("name", metavar="SURVEY")
@click.option("--brand", help="Of which brand was asked; needed where there are several.")
@click.pass_obj
def remove_survey(session: Session, name: str, brand: str | None) -> None:
    """Remove all answers of a survey, as when the wrong column was imported.

    Numbers that were published before stay as they are.

    Example: earshot surveys remove typeform
    """
    of = _brand(session, brand)
    with session.app.database.begin() as db:
        count = surveys.remove(db, of, name)
        names = [one.survey for one in surveys.stored(db, of)]
    if not count:
        raise InputError(f"{of} has no survey {name!r}; there are: {', '.join(names) or 'none'}")
    show(f"removed {count} answers of {name}")


@surveys_group.command("show")
@brand_option
@click.option(
    "--date",
    "day",
    type=DAY,
    help="The day that the 90 days of the segments end with.  [default: yesterday]",
)
@as_json
@click.pass_obj
def show_answers(session: Session, brand: str | None, day: date | None, *, as_json: bool) -> None:
    """Show the real NPS of each month beside the NPS proxy of its last day, and each segment's.

    The proxy is what is said in public before it is set right by the answers; the difference tells
    how far off it is. Each with its interval of 95 %; below 30 there is no number. What months and
    pairs make of it, `earshot nps` shows.

    Example: earshot surveys show
    """
    on = day or last_whole_day(session.now, session.config)
    for name in session.brands(brand):
        with session.app.database.read() as db:
            months = survey_months.by_month(db, name, session.config, now=session.now)
            segments = survey_months.by_segment(db, name, session.config, day=on)
        if as_json:
            for month in months:
                print_json({"brand": name} | month_json(month))
            for one in segments:
                shown = {"brand": name, "segment": one.segment, "date": f"{on}"}
                print_json(shown | beside_json(one.beside))
        elif not months:
            say(f"{name}: no survey was imported: earshot surveys import FILE --score COLUMN")
        else:
            _show_months(name, months)
            if segments:
                _show_segments(name, segments, on)


def _show_months(brand: str, months: Sequence[MonthBeside]) -> None:
    show(
        f"{brand}: the NPS of each month, and the NPS proxy of its last day before it is set right"
    )
    rows = [
        (f"{one.month:%Y-%m}{'' if one.is_over else ' (so far)'}", *_cells(one.beside))
        for one in months
    ]
    show_table((Column("month"), *_HEADS), rows)


def _show_segments(brand: str, segments: Sequence[SegmentBeside], on: date) -> None:
    show(f"{brand}: by segment, the newest answer of each customer in the 90 days to {on}")
    rows = [(one.segment, *_cells(one.beside)) for one in segments]
    show_table((Column("segment"), *_HEADS), rows)


_HEADS = (
    *(Column("answers", right=True), Column("NPS")),
    *(Column("persons", right=True), Column("NPS proxy"), Column("difference")),
)


def _cells(one: Beside) -> tuple[str, ...]:
    return (
        *(f"{one.nps.n}", interval(one.nps.value, one.nps.low, one.nps.high)),
        *(f"{one.proxy.n}", interval(one.proxy.value, one.proxy.low, one.proxy.high)),
        interval(one.difference, one.low, one.high),
    )


COMMANDS = (surveys_group,)
