"""`alerts times`: how fast the brand answers, and how many alerts were worth it."""

from datetime import datetime, timedelta
from functools import partial

import click

from domain.clock import span
from domain.reputation import Precision, ResponseTimes
from earshot import serializers
from earshot.cli.base import WHEN, Session, as_json, brand_option, print_json, show
from earshot.reporting.answer_times import GROUPS, clocked_of, precision_of
from reputation.response import MIN_PERCENTILE, response_by, response_times


@click.command("times")
@brand_option
@click.option("--since", type=WHEN, default="28d", show_default=True, help="Posts from when on.")
@click.option("--by", type=click.Choice(list(GROUPS)), help="A line for each of these.")
@as_json
@click.pass_obj
def times(
    session: Session, brand: str | None, since: datetime, by: str | None, *, as_json: bool
) -> None:
    """How fast the brand answers: promises kept, and how long answers take.

    A promise counts once its time is over, whatever happened before. Percentiles are told of 10 or
    more: among the answered, and with those still waiting (Kaplan-Meier). By hour: when the post
    was written, on the clock of `timezone`. Last, how many alerts were worth it: of the incidents
    that somebody handled, those that were not dismissed.

    Example: earshot alerts times --since 7d --by source
    """
    until = session.now
    for name in session.brands(brand):
        with session.app.database.read() as db:
            clocked = clocked_of(db, name, since=since, until=until)
            worth = precision_of(db, name, since=since, until=until)
        if by is None:
            found = response_times(clocked, since=since, until=until, now=until)
            _show(name, "", found, worth, as_json=as_json)
            continue
        group = partial(GROUPS[by], session.config.tz)
        groups = response_by(clocked, group, since=since, until=until, now=until)
        for (_, _, said), found in sorted(groups.items()):
            if as_json:
                print_json(serializers.response_json(name, found) | {"by": by, "group": said})
            else:
                _show(name, said, found, None, as_json=False)


def _show(
    brand: str, group: str, found: ResponseTimes, worth: Precision | None, *, as_json: bool
) -> None:
    if as_json:
        alerts = {"alerts": serializers.precision_json(worth)} if worth is not None else {}
        print_json(serializers.response_json(brand, found) | alerts)
        return
    show(f"{brand}{f' {group}' if group else ''}: {_in_time(found)}")
    show(f"  {_counts(found)}")
    show(f"  {_lengths(found)}")
    if worth is not None:
        show(f"  {_precision(worth)}")


def _in_time(found: ResponseTimes) -> str:
    if found.attainment is None:
        return "nothing was due, so there is no share in time"
    return (
        f"{found.in_time} of {found.due} due in time, {found.attainment:.0%} "
        f"({found.attainment_low:.0%} to {found.attainment_high:.0%})"
    )


def _counts(found: ResponseTimes) -> str:
    elsewhere = f"{found.elsewhere} of these elsewhere, {found.elsewhere_in_time} due in time"
    return (
        f"{found.needed} needed an answer, {found.answered} got one ({elsewhere}); "
        f"pending {found.pending}, overdue {found.overdue}"
        + (f", the oldest waits {span(found.oldest_open)}" if found.oldest_open else "")
    )


def _lengths(found: ResponseTimes) -> str:
    few = f"fewer than {MIN_PERCENTILE}: no percentiles"
    answered = few
    if found.answered >= MIN_PERCENTILE:
        answered = _pair(found.answered_p50, found.answered_p90)
    everyone = few
    if found.needed >= MIN_PERCENTILE:
        everyone = _pair(found.km_p50, found.km_p90)
    return (
        f"among the answered (n {found.answered}): {answered}; "
        f"with those still waiting (n {found.needed}): {everyone}"
    )


def _pair(p50: timedelta | None, p90: timedelta | None) -> str:
    said = ["not reached" if one is None else span(one) for one in (p50, p90)]
    return f"p50 {said[0]}, p90 {said[1]}"


def _precision(found: Precision) -> str:
    if found.share is None:
        return "alerts: nobody has handled any yet"
    return (
        f"alerts worth it: {found.handled - found.dismissed} of {found.handled} handled, "
        f"{found.share:.0%} ({found.low:.0%} to {found.high:.0%})"
    )
