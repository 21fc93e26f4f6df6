"""`voice`: how many speak of a brand, and how many of its competitors."""

from datetime import date, datetime
from typing import Any

import click

from alerts.digest.voices import counted
from domain.clock import iso, local_day
from domain.network import Networks
from domain.reputation import BEFORE_ERRORS, Status
from domain.share_of_voice import ShareOfVoice, Side
from earshot.cli.base import DAY, WHEN, Session, as_json, brand_option, print_json, say, show
from earshot.cli.tables import NONE, Column, share, show_table
from earshot.reporting import share_of_voice as voices
from earshot.reporting.measure import end_of, last_whole_day
from reputation.share_of_voice import MIN_PERSONS

COLUMNS = (
    Column("name"),
    Column("share", right=True),
    Column("95 % interval", right=True),
    Column("persons", right=True),
    Column("mentions", right=True),
    Column("stories", right=True),
    Column("negative", right=True),
    Column("scored", right=True),
)


@click.command()
@brand_option
@click.option(
    "--date", "day", type=DAY, help="The local day that ends the window.  [default: yesterday]"
)
@click.option("--since", type=WHEN, help="The window's beginning.  [default: 28 days before]")
@as_json
@click.pass_obj
def voice(
    session: Session,
    brand: str | None,
    day: date | None,
    since: datetime | None,
    *,
    as_json: bool,
) -> None:
    """The share of voice: how many persons speak of a brand and of its competitors.

    Like with like: on the sources that hear all of them alone, in the brand's languages, a story
    told once, and without what one of them writes itself. Below 30 persons there is no share.

    Example: earshot voice --brand Acme --date 2026-11-20
    """
    config = session.config
    day = day or last_whole_day(session.now, config)
    until = end_of(day, config)
    begin = since or end_of(day - voices.WINDOW, config)
    if begin >= until:
        raise click.UsageError(f"--since is not before the end of {day}")
    for name in session.brands(brand):
        with session.app.database.read() as db:
            found = voices.share_of_voice(db, config, config.brand(name), since=begin, until=until)
        if as_json:
            print_json(voice_json(found))
        elif len(found.sides) == 1:
            say(f"{name}: no competitor is watched: name some in competitors of its [[brands]]")
        else:
            _show(found, local_day(begin, config.tz), config.networks)


def _show(found: ShareOfVoice, since: date, networks: Networks) -> None:
    many = f"{found.persons:,} person{'s' * (found.persons != 1)}"
    if found.status is Status.INSUFFICIENT:
        many += f", insufficient: a share takes {MIN_PERSONS}"
    show(f"{found.brand}, {since} to {found.date}: {many}")
    show_table(COLUMNS, list(map(_row, found.sides)))
    show(f"compared: {', '.join(found.compared) or 'no source'}")
    for name, at in found.later:
        show(f"{name}: only what is from {iso(at)} on, when it came to hear all of them")
    for one in found.left_out:
        show(f"left out: {one.source}: {one.reason}")
    for line in counted(found.counts, networks):
        show(line)
    say("negative: of the persons scored, each with the share of theirs; " + BEFORE_ERRORS)


def _row(side: Side) -> tuple[str, ...]:
    ends = (side.low, side.high)
    return (
        side.name,
        share(side.share),
        NONE if side.share is None else " to ".join(map(share, ends)),
        f"{side.persons:,}",
        f"{side.mentions:,}",
        f"{side.stories:,}",
        share(side.negative),
        f"{side.scored:,}",
    )


def voice_json(found: ShareOfVoice) -> dict[str, Any]:
    return {
        "brand": found.brand,
        "date": found.date.isoformat(),
        "since": iso(found.since),
        "until": iso(found.until),
        "status": found.status,
        "persons": found.persons,
        "sides": [
            {
                "name": one.name,
                "persons": one.persons,
                "mentions": one.mentions,
                "stories": one.stories,
                "share": one.share,
                "low": one.low,
                "high": one.high,
                "scored_persons": one.scored,
                "negative_share": one.negative,
                "scored_mentions": one.scored_mentions,
                "negative_mentions": one.negative_mentions,
            }
            for one in found.sides
        ],
        "negative_share_is": BEFORE_ERRORS,
        "compared": list(found.compared),
        "compared_since": {name: iso(at) for name, at in found.later},
        "left_out": [{"source": one.source, "reason": one.reason} for one in found.left_out],
        "network_counts": [
            {
                "source": one.source,
                "name": one.name,
                "posts": one.posts,
                "since": one.since.isoformat(),
                "until": one.until.isoformat(),
            }
            for one in found.counts
        ],
    }


COMMANDS = (voice,)
