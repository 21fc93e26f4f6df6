"""`coverage`: how much of the time each source was read, and what is missing."""

from datetime import datetime, timedelta
from typing import Any

import click

from domain.clock import iso, span
from domain.errors import ConfigError
from earshot.cli.base import WHEN, Session, as_json, print_json, say, show
from earshot.reporting.coverage import Heard, read, report
from storage.tables import CoverageRow, GapRow

DEFAULT = timedelta(hours=24)


@click.command()
@click.option("--source", help="Only this source.")
@click.option("--since", type=WHEN, help="Back to here.  [default: 24h]")
@click.option("--hours", is_flag=True, help="A line for each hour, too.")
@as_json
@click.pass_obj
def coverage(
    session: Session, source: str | None, since: datetime | None, *, hours: bool, as_json: bool
) -> None:
    """Per source: how much of the time was heard, what came, what was to be expected, what is lost.

    The share counts gaps, the time before the first pass, the time since the last good one and a
    silence that is no chance.

    Example: earshot coverage --since 7d
    """
    enabled = session.config.enabled
    if source is not None and source not in enabled:
        known = ", ".join(enabled) or "none"
        raise ConfigError(f"source {source!r} is not enabled in {session.path} (enabled: {known})")
    if not enabled:
        say(f"no source is enabled in {session.path}: set enabled = true in a [sources.*] table")
    with session.app.database.read() as db:
        ledger = read(db, session.config, since=since or session.now - DEFAULT, now=session.now)
        for found in report(ledger):
            if source in (None, found.source):
                _print(found, hours=hours, as_json=as_json)


def _print(found: Heard, *, hours: bool, as_json: bool) -> None:
    if as_json:
        print_json(_json(found) | ({"hours": list(map(_hour_json, found.hours))} if hours else {}))
        return
    due = "" if found.expected is None else f" of about {found.expected:.0f} expected"
    show(
        f"{found.source}: {found.verdict.health}, heard {_percent(found.share)}; "
        f"new {found.new}{due}, matched {found.matched}, fetched {found.fetched}; "
        f"passes {found.passes}, failed {found.failed}"
        + (f" ({found.limited} told to wait)" if found.limited else "")
        + (f"; it counted {found.counted}, {found.came} of these came" if found.counted else "")
        + f"; last good pass {iso(found.last_ok_at) or 'never'}"
    )
    if found.verdict.reason:
        show(f"  {found.verdict.reason}")
    for what, trouble in found.troubles.items():
        show(f"  {what}: {trouble}")
    for gap in found.gaps:
        show(f"  missed {_stretch(gap)}{f' for {gap.brand}' if gap.brand else ''}: {gap.reason}")
    for row in found.hours if hours else ():
        show(
            f"  {iso(row.hour)}  new {row.new}, matched {row.matched}, fetched {row.fetched}; "
            f"passes {row.passes}, failed {row.failed}"
        )


def _percent(share: float) -> str:
    """Never rounded up to all of it."""
    return f"{int(share * 1000) / 10:g} %"


def _stretch(gap: GapRow) -> str:
    if gap.since is None:
        return f"all before {iso(gap.until)}"
    return f"{iso(gap.since)} to {iso(gap.until)} ({span(gap.until - gap.since)})"


def _json(found: Heard) -> dict[str, Any]:
    return {
        "source": found.source,
        "hearing": found.verdict.health,
        "since": iso(found.verdict.since),
        "said": found.verdict.reason,
        "heard": round(found.share, 4),
        "new": found.new,
        "expected": None if found.expected is None else round(found.expected, 1),
        "counted": found.counted,
        "came": found.came,
        "matched": found.matched,
        "fetched": found.fetched,
        "passes": found.passes,
        "failed": found.failed,
        "limited": found.limited,
        "last_ok_at": iso(found.last_ok_at),
        "troubles": dict(found.troubles),
        "gaps": [
            {
                "brand": gap.brand,
                "since": iso(gap.since),
                "until": iso(gap.until),
                "reason": gap.reason,
            }
            for gap in found.gaps
        ],
    }


def _hour_json(row: CoverageRow) -> dict[str, Any]:
    return {
        "hour": iso(row.hour),
        "new": row.new,
        "counted": row.counted,
        "came": row.came,
        "matched": row.matched,
        "fetched": row.fetched,
        "passes": row.passes,
        "failed": row.failed,
        "limited": row.limited,
    }


COMMANDS = (coverage,)
