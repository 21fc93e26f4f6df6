"""`surveys`: what customers answered when they were asked."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from crm.imports import SYSTEMS
from crm.surveys import FIELDS, Survey, read_answers
from domain.clock import iso
from domain.errors import ConfigError
from earshot.cli.base import (
    FILE,
    SHOWN_PROBLEMS,
    Session,
    as_json,
    brand_option,
    print_json,
    say,
    show,
)
from earshot.cli.refused import tell_refused
from earshot.cli.tables import Column, show_table
from earshot.customers.refusals import Refusals
from earshot.customers.surveys import TakenAnswers, take_answers
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


COMMANDS = (surveys_group,)
