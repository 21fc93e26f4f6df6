"""`reputation`: what it all adds up to, and why."""

from datetime import date, timedelta

import click

from domain.reputation import Reputation
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, show
from earshot.reporting import measure, published
from reputation.explain import explain as explain_change

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

    Below 30 persons in 28 days there is no number, on purpose.

    Example: earshot reputation --brand Acme --date 2026-11-20
    """
    session: Session = ctx.obj
    if ctx.invoked_subcommand is not None:
        if brand or day or as_json:
            raise click.UsageError(f"write the options after {ctx.invoked_subcommand}", ctx)
        return
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = published.reputation_on(
                db, name, _day(session, day), session.config, now=session.now
            )
        if as_json:
            print_json(published.reputation_json(found))
        else:
            _show_reputation(found)


def _show_reputation(found: Reputation) -> None:
    if found.score is None:
        show(f"{found.brand} {found.date}: insufficient ({found.n_persons} of 30 persons)")
    else:
        show(
            f"{found.brand} {found.date}: {found.score:.1f} of 100 "
            f"({found.low:.1f} to {found.high:.1f}, {found.n_persons} persons, {found.formula})"
        )
    for part in found.parts:
        if part.value is None:
            show(f"  {part.name:15} missing: {part.note}")
        else:
            show(
                f"  {part.name:15} {part.value:5.1f} x {part.weight:.3f} = "
                f"{part.contribution:5.2f}   n {part.n}{f'  {part.note}' if part.note else ''}"
            )


@reputation_group.command("explain")
@brand_option
@date_option
@click.option("--against", type=DAY, help="The day to compare with.  [default: seven days earlier]")
@as_json
@click.pass_obj
def explain(
    session: Session, brand: str | None, day: date | None, against: date | None, *, as_json: bool
) -> None:
    """Say what moved the score between two days; the parts add up exactly.

    Example: earshot reputation explain --date 2026-11-20
    """
    today = _day(session, day)
    then = against or today - timedelta(days=7)
    for name in session.brands(brand):
        with session.app.database.read() as db:
            before = published.reputation_on(db, name, then, session.config, now=session.now)
            after = published.reputation_on(db, name, today, session.config, now=session.now)
        deltas = explain_change(before, after)
        if as_json:
            print_json(
                {
                    "brand": name,
                    "before": published.reputation_json(before),
                    "after": published.reputation_json(after),
                    "parts": [
                        {
                            "name": one.name,
                            "delta": one.delta,
                            "before": one.before,
                            "after": one.after,
                        }
                        for one in deltas
                    ],
                }
            )
            continue
        _show_reputation(after)
        if before.score is None or after.score is None:
            show(f"  no comparison with {then}: a score is missing")
            continue
        show(f"  {after.score - before.score:+.2f} since {then} ({before.score:.1f}):")
        for one in deltas:
            show(f"    {one.delta:+6.2f}  {one.name}: {_from_to(one.before, one.after)}")


def _from_to(before: float | None, after: float | None) -> str:
    values = ["missing" if value is None else f"{value:.1f}" for value in (before, after)]
    return f"{values[0]} → {values[1]}"


COMMANDS = (reputation_group,)
