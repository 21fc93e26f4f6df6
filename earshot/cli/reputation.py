"""`reputation`: what it all adds up to, and what was published of each day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import click

from domain.clock import wall
from domain.reputation import BEFORE_ERRORS, Part, Reputation
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, say, show
from earshot.cli.reputation_explain import explain
from earshot.cli.tables import NONE, Column, many, show_table
from earshot.reporting import measure, published
from earshot.reporting.published import Revision

HISTORY = timedelta(days=28)
_PARTS = (
    *(Column("part"), Column("value", right=True), Column("95 %"), Column("weight", right=True)),
    *(Column("points", right=True), Column("n", right=True), Column("")),
)
_SOURCES = (
    *(Column("source"), Column("alone", right=True), Column("n", right=True)),
    Column("heard", right=True),
)

date_option = click.option(
    "--date",
    "day",
    type=DAY,
    help="The local day whose end the window looks back from.  [default: yesterday]",
)


def _day(session: Session, day: date | None) -> date:
    return day or measure.last_whole_day(session.now, session.config)


@click.group("reputation", invoke_without_command=True)
@brand_option
@date_option
@as_json
@click.pass_context
def reputation_group(
    ctx: click.Context, brand: str | None, day: date | None, *, as_json: bool
) -> None:
    """The online reputation score, 0 to 100, with its interval and parts.

    It is the one that was published, in its newest revision; a day that is not published is
    computed as it is now, and marked "not final". Below 30 persons in 28 days there is no number,
    on purpose.

    Example: earshot reputation --brand Acme --date 2026-11-20
    """
    session: Session = ctx.obj
    if ctx.invoked_subcommand is not None:
        if brand or day or as_json:
            raise click.UsageError(f"write the options after {ctx.invoked_subcommand}", ctx)
        return
    wanted = _day(session, day)
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = published.reputation_on(db, name, wanted, session.config, now=session.now)
            revised = published.revised_on(db, name, wanted)
        if as_json:
            print_json(published.reputation_json(found))
        else:
            _show(found, revised)


def _show(found: Reputation, revised: str) -> None:
    show(_headline(found))
    for line in filter(None, (revised, *found.marks)):
        show(f"  {line}")
    show_table(_PARTS, [_part(part) for part in found.parts])
    if found.sources:
        show_table(
            _SOURCES,
            [
                (one.source, _number(one.value), str(one.n), _percent(one.heard))
                for one in found.sources
            ],
        )
    for line in _beside(found):
        show(line)


def _headline(found: Reputation) -> str:
    persons = _voices(found)
    if found.score is None:
        return f"{found.brand} {found.date}: insufficient ({persons} of 30)"
    errors = f"corrected by {found.labelled} labels" if found.labelled else BEFORE_ERRORS
    told = [f"{found.low:.1f} to {found.high:.1f}", persons, found.formula, errors]
    return f"{found.brand} {found.date}: {found.score:.1f} of 100 ({', '.join(told)})"


def _voices(found: Reputation) -> str:
    """Persons; of a day by the former formula, which counted authors, those."""
    if found.formula.endswith("v1"):
        return f"{found.n_authors} authors"
    return many(found.n_persons, "person")


def _part(part: Part) -> tuple[str, ...]:
    if part.value is None:
        return (part.name, NONE, "", "", "", str(part.n), f"missing: {part.note}")
    interval = "" if part.low is None else f"{part.low:.1f} to {part.high:.1f}"
    weight, points = f"{part.weight:.3f}", f"{part.contribution:.2f}"
    return (part.name, f"{part.value:.1f}", interval, weight, points, str(part.n), part.note)


def _beside(found: Reputation) -> Iterator[str]:
    """What is in no number, and what a number does not say."""
    nobody = found.without_author
    if nobody.n:
        share = nobody.negative / nobody.n
        yield f"{many(nobody.n, 'post')} without author, {_percent(share)} negative"
    young = found.young
    if young.n:
        moves = "" if young.points is None else f": they move the score by {young.points:+.1f}"
        share_of = f"{many(young.n, 'person')} ({_percent(young.share)})"
        yield f"{share_of} with accounts younger than 30 days{moves}"
    if found.negative_reach:
        yield f"negative voices reach {found.negative_reach:,} followers"
    for stars in found.stars:
        yield f"{stars.source}: {stars.mean:.1f} of 5 stars ({many(stars.n, 'rating')})"
    if found.heard is not None:
        yield f"{_percent(found.heard)} of the 28 days was heard"
    for count, what in ((found.waiting, "still to be scored"), (found.unscored, "not scored")):
        if count:
            yield f"{many(count, 'post')} {what}"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.0f} %"


@reputation_group.command("history")
@brand_option
@click.option("--since", type=DAY, help="The first day.  [default: 28 days before the last one]")
@click.option("--until", type=DAY, help="The last day.  [default: yesterday]")
@as_json
@click.pass_obj
def history(
    session: Session, brand: str | None, since: date | None, until: date | None, *, as_json: bool
) -> None:
    """What was published of each day, each revision of it, and why there is one.

    Nothing that was published is ever overwritten.

    Example: earshot reputation history --brand Acme --since 2026-11-01
    """
    last = _day(session, until)
    first = since or last - HISTORY
    if first > last:
        raise click.UsageError(f"--since {first} is later than --until {last}: change them over")
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = published.history(db, name, since=first, until=last + timedelta(days=1))
        if not found:
            say(f"{name}: no day from {first} to {last} was published: see earshot reputation")
        for revisions in found:
            if as_json:
                print_json(published.history_json(revisions))
                continue
            for line in _told(revisions, session):
                show(line)


def _told(revisions: Sequence[Revision], session: Session) -> Iterator[str]:
    """A day with its revisions, the newest last."""
    newest = revisions[-1].score
    day = f"{newest.brand} {newest.date}"
    if len(revisions) == 1:
        yield f"{day}: {_revision(revisions[0], session)}"
        yield from (f"  {mark}" for mark in newest.marks)
        return
    yield f"{day}: {published.revised(revisions)}"
    for one in revisions:
        why = f": {one.reason}" if one.reason else ""
        yield f"  {one.score.revision}. {_revision(one, session)}{why}"
        yield from (f"     {mark}" for mark in one.score.marks)


def _revision(one: Revision, session: Session) -> str:
    found = one.score
    score = "insufficient" if found.score is None else f"{found.score:.1f}"
    interval = "" if found.low is None else f" ({found.low:.1f} to {found.high:.1f})"
    at = wall(one.computed_at, session.now, session.config.tz)
    return f"{score}{interval}, {_voices(found)}, {found.formula}, {at}"


reputation_group.add_command(explain)


COMMANDS = (reputation_group,)
