"""What every command shares: how errors end, what it works with, and the types of its options."""

import getpass
import json
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alerts.escape import terminal
from domain.clock import midnight, parse_duration, parse_instant
from domain.errors import ConfigError, EarshotError, InputError
from earshot.core.jitter import jitter

if TYPE_CHECKING:
    from earshot.config.model import Config
    from earshot.core.app import App

E = TypeVar("E", bound=StrEnum)

INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT
# A date before has no midnight in every zone, one after no next day.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)

BIGGEST_ID = 2**31 - 1  # PostgreSQL refuses to compare its INTEGER with more


class OneLine(logging.Formatter):
    """One event is one line, whatever it tells of; only a traceback follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return " ".join(terminal(super().formatMessage(record)).split("\n"))


SHOWN_PROBLEMS = 20  # enough to see what is wrong with a file


def start_logging(level: int) -> None:
    """Log to stderr from this level on. Libraries get no say: their DEBUG lines hold secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger().setLevel(level)


class EarshotGroup(click.Group):
    """Shows our own errors as one line each and exits 2 for configuration, 1 for the rest."""

    def invoke(self, ctx: click.Context) -> object:
        # A command prints its errors itself; the service has only the log.
        start_logging(logging.ERROR)
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for problem in error.problems:
                complain(problem)
            ctx.exit(2)
        except EarshotError as error:
            complain(str(error))
            ctx.exit(1)
        except BrokenPipeError:
            # The reader has seen enough (`earshot mentions | head`); nothing is left to flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            complain("interrupted; every step may be repeated")
            ctx.exit(INTERRUPTED)


class Session:
    """What one call of the command line works with; made when first asked for."""

    def __init__(self, path: Path, *, named: bool = True, lists: bool = False) -> None:
        self.path = path
        self.named = named  # somebody asked for this very file
        self.lists = lists  # and reads only what lists need of it
        self.now = datetime.now(UTC)

    @cached_property
    def config(self) -> "Config":
        from earshot.config.load import load  # noqa: PLC0415  a third of a second that `score` has not

        return load(self.path, whole=not self.lists)

    @cached_property
    def app(self) -> "App":
        from earshot.core.app import App  # noqa: PLC0415  as above

        return App(self.config, tell=say, jitter=jitter)

    def close(self) -> None:
        if "app" in self.__dict__:
            self.app.close()

    def brands(self, name: str | None) -> list[str]:
        """The brand asked for, or all of them."""
        if name is not None:
            return [self.config.brand(name).name]
        return [brand.name for brand in self.config.brands]


class When(click.ParamType[datetime]):
    """A duration back from now (24h), a date (2026-11-21) or an instant (2026-11-21T09:00Z)."""

    name = "when"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        session = ctx.find_object(Session) if ctx is not None else None
        at = _when(str(value), session or Session(Path()))
        if at is None:
            self.fail(
                f"{value!r} is no time: write 90m, 24h, 7d, 2026-11-21 or 2026-11-21T09:00Z",
                param,
                ctx,
            )
        return at


def _when(text: str, session: "Session") -> datetime | None:
    """The instant meant; None when it is none. A date is the midnight of the configured zone."""
    day = _day(text)
    if day is not None:
        return midnight(day, session.config.tz)
    try:
        at = parse_instant(text)
    except (ValueError, OverflowError):
        try:
            at = session.now - parse_duration(text)
        except (ConfigError, OverflowError):
            return None
    return at if FIRST_DAY < at.date() <= LAST_DAY else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY < day < LAST_DAY else None


class Day(click.ParamType[date]):
    """A date: 2026-11-21."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        day = value if isinstance(value, date) else _day(str(value))
        if day is None:
            self.fail(f"{value!r} is no date: write for example 2026-11-21", param, ctx)
        return day


class Id(click.ParamType[int]):
    """An ID as our listings print it."""

    name = "id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        found = int(str(value)) if re.fullmatch(r"\d{1,10}", str(value), re.ASCII) else 0
        if not 0 < found <= BIGGEST_ID:
            self.fail(f"{value!r} is no ID", param, ctx)
        return found


class OneOf(click.Choice[E]):
    """One of an enum's values; click's own Choice takes their Python names, in capitals."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        del ctx
        return str(choice)


def one_of(kind: type[E]) -> OneOf[E]:
    """The choice of an enum's values."""
    return OneOf(list(kind))


WHEN, DAY, ID = When(), Day(), Id()
FILE = click.Path(path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
as_csv = click.option("--csv", "as_csv", is_flag=True, help="CSV with a header.")
brand_option = click.option("--brand", help="Only this brand.")


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Raises UsageError when both are asked for."""
    if as_json and as_csv:
        raise click.UsageError("choose --json or --csv, not both")


def print_json(values: Mapping[str, Any]) -> None:
    """One object on one line; what a terminal would obey or hide is escaped as JSON allows."""
    text = json.dumps(values, ensure_ascii=False, default=str)
    if not text.isprintable():  # control, bidi and other format characters, half surrogates
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    click.echo(text)


def complain_some(
    problems: Sequence[str], *, before: str = "", others: str = "like these", count: int = 0
) -> None:
    """The first of many problems, one line each, and how many there are besides.

    before: begins every line. others: what the rest is called. count: of all, where these are not.
    """
    for problem in problems[:SHOWN_PROBLEMS]:
        complain(f"{before}{problem}")
    more = max(count, len(problems)) - SHOWN_PROBLEMS
    if more > 0:
        complain(f"{before}and {more} more {others}")


def show(line: str) -> None:
    """A line of data for people: nothing in it reaches the terminal unescaped or ends the line."""
    click.echo(_one_line(line))


def say(line: str) -> None:
    """A message for people, on stderr."""
    click.echo(_one_line(line), err=True)


def complain(problem: str) -> None:
    """One line per trouble, on stderr, whatever the message holds."""
    say(f"earshot: {' '.join(problem.split())}")


def _one_line(line: str) -> str:
    return terminal(line).replace("\n", " ")


def megabytes(size: int) -> str:
    """A file's size for people: 12.3 MB."""
    return f"{size / 1_000_000:.1f} MB"


def must_be_some(file: Path, *, good: int, bad: int) -> None:
    """Raises InputError when every row was bad: a script must notice that."""
    if bad and not good:
        raise InputError(f"{file}: no row could be read; mend the file and import it again")


def me() -> str:
    """Who sits at the keyboard, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "cli"
