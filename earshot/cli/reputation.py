"""`reputation`: what it all adds up to, and why."""

from datetime import date

import click

from domain.reputation import Reputation
from earshot.cli.base import DAY, Session, as_json, brand_option, print_json, show
from earshot.cli.reputation_explain import explain
from earshot.reporting import measure, published

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


reputation_group.add_command(explain)


COMMANDS = (reputation_group,)
