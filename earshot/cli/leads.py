"""`leads`: who wants to buy and is no customer, and how many of those ordered later."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from textwrap import wrap
from typing import Any

import click

from domain.clock import iso, local_day, parse_duration
from domain.errors import ConfigError
from domain.lead import FEWEST, Conversion, Lead, Period, Share
from earshot import serializers
from earshot.cli.base import (
    WHEN,
    Session,
    as_csv,
    as_json,
    brand_option,
    one_format,
    print_json,
    say,
    show,
)
from earshot.cli.tables import Column, show_table
from earshot.reporting import leads
from earshot.reporting.leads import Found, Window
from listener.contracts import contract_of

_LISTED = 100
_DAY, _MOST_DAYS = timedelta(days=1), timedelta(days=3650)
_WIDTH, _INDENT = 80, " " * 7
_CUT = 240  # characters of a post in a table
_TOGETHER = "\xa0"  # a blank at which no line ends
_COLUMNS = (
    *("score", "author.source", "author.handle", "author.name", "author.url", "author.followers"),
    *("brands", "posts", "first_at", "last_at", "asked", "question", "probability"),
    *("compares_with", "answered", "may_answer", "customers", "mention_id", "url"),
    *(f"parts.{name}" for name in ("recency", "probability", "posts", "question")),
    *("parts.comparison", "parts.unanswered"),
)
_HEADER = f"{'score':>5}  {'last':10}  {'network':11}  {'posts':>5}  {'answered':8}  who"
_NUMBERS = ("wanted", "days over", "linked", "ordered")
_MONTHS = (
    Column("month"),
    *(Column(name, right=True) for name in _NUMBERS),
    Column("ordered, of those whose days are over"),
)


@click.group("leads")
def leads_group() -> None:
    """Who wants to buy and is no customer, and how many ordered later.

    Example: earshot leads list
    """


@leads_group.command("list")
@brand_option
@click.option("--since", type=WHEN, default="90d", show_default=True, help="Posts from when on.")
@click.option("--source", help="Only this network, e.g. x.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"How many at most.  [default: {_LISTED}, with --json and --csv all]",
)
@as_json
@as_csv
@click.pass_obj
def list_leads(
    session: Session,
    *,
    brand: str | None,
    since: datetime,
    source: str | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List who wants to buy and has not ordered, as far as is known, the best first.

    The score, 0 to 100, is the sum of its parts: recency (30, half of it after 14 days),
    probability (25, that they want to buy, as the model says), posts (5 each, 15 at most),
    question, comparison with a competitor, unanswered (10 each).

    Left out: whoever is linked with a customer who has an order, or with somebody in the CRM who is
    not to be written to; from files those of networks whose posts may not leave in one.

    Example: earshot leads list --since 30d --csv
    """
    one_format(as_json=as_json, as_csv=as_csv)
    name = None if brand is None else session.config.brand(brand).name
    with session.app.database.read() as db:
        found = leads.find(db, session.config, Window(since, session.now, name, source))
    in_a_file = as_json or as_csv
    listed = _exportable(found.leads) if in_a_file else found.leads
    shown = listed[: limit or (None if in_a_file else _LISTED)]
    if as_json:
        for one in shown:
            print_json(_lead_json(one))
    elif as_csv:
        serializers.write_csv(map(_csv_row, shown), sys.stdout, _COLUMNS)
    else:
        _show_all(shown)
    _tell_left_out(found)
    if not in_a_file:
        more = f", the best {len(shown)} are shown (--limit)" if len(listed) > len(shown) else ""
        say(f"{len(listed)} {'lead' if len(listed) == 1 else 'leads'}{more}")


def _exportable(found: Sequence[Lead]) -> list[Lead]:
    """Those whose posts may leave in a file; how many may not is told, network by network."""
    sources = Counter(one.known.account.source for one in found)
    refused = {source for source in sources if not contract_of(source).may_export}
    for source in sorted(refused):
        say(
            f"left out: {sources[source]} of {source}, not to be exported "
            f"(earshot policy show {source})"
        )
    return [one for one in found if one.known.account.source not in refused]


def _tell_left_out(found: Found) -> None:
    if found.ordered:
        say(f"left out: {found.ordered} linked with a customer who has ordered, perhaps only since")
    if found.refused:
        say(
            f"left out: {found.refused} linked with somebody in the CRM who is not to be written to"
        )


def _lead_json(one: Lead) -> dict[str, Any]:
    account, newest = one.known.account, one.newest
    return {
        "score": one.score,
        "parts": {part.name: part.points for part in one.parts},
        "author": {
            "source": account.source,
            "id": account.external_id,
            "handle": account.handle,
            "name": account.name,
            "url": account.url,
            "followers": account.followers,
        },
        "brands": list(one.brands),
        "posts": one.posts,
        "first_at": iso(one.first_at),
        "last_at": iso(newest.published_at),
        "asked": newest.text,
        "question": one.is_question,
        "probability": round(one.probability, 3),
        "compares_with": list(one.known.compares_with),
        "answered": one.answered,
        "may_answer": one.known.may_answer,
        "customers": list(one.known.customer_ids),
        "mention_id": newest.mention_id,
        "url": newest.url,
    }


def _csv_row(one: Lead) -> dict[str, Any]:
    """The same, with lists in one cell."""
    return {
        name: "; ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in _lead_json(one).items()
    }


# --- as a table -----------------------------------------------------------------------------------


def _show_all(found: Sequence[Lead]) -> None:
    if found:
        show(_HEADER)
    for one in found:
        for line in _lines(one):
            show(line)


def _lines(one: Lead) -> Iterator[str]:
    account, newest = one.known.account, one.newest
    who = f"@{account.handle}" if account.handle else account.name or account.external_id
    yield (
        f"{one.score:>5}  {newest.published_at:%Y-%m-%d}  {account.source[:11]:11}  "
        f"{one.posts:>5}  {'yes' if one.answered else 'no':8}  {who[:30]}"
    )
    text = " ".join(newest.text.split())
    cut = text if len(text) <= _CUT else f"{text[: _CUT - 1]}…"
    yield from _wrapped(f"{', '.join(one.brands)}: {cut}")
    yield from _wrapped(" + ".join(f"{part.points}{_TOGETHER}{part.name}" for part in one.parts))
    yield from _wrapped("; ".join(said.replace(" ", _TOGETHER) for said in _beside(one)))
    if newest.url:
        yield f"{_INDENT}{newest.url}"


def _wrapped(text: str) -> list[str]:
    lines = wrap(
        text,
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_TOGETHER, " ") for line in lines]


def _beside(one: Lead) -> Iterator[str]:
    known = one.known
    yield f"mention {one.newest.mention_id}"
    yield f"wants to buy, {one.probability:.0%} sure"
    if known.compares_with:
        yield f"compares with {', '.join(known.compares_with)}"
    if known.account.followers is not None:
        yield f"{known.account.followers:,} followers"
    yield f"may be answered: {known.may_answer}"
    if known.customer_ids:
        yield f"in the CRM without an order: customer {', '.join(map(str, known.customer_ids))}"


# --- conversion -----------------------------------------------------------------------------------


@leads_group.command("conversion")
@brand_option
@click.option("--within", default="90d", show_default=True, help="Ordered in how many days: 30d.")
@click.option("--since", type=WHEN, default="365d", show_default=True, help="Posts from when on.")
@as_json
@click.pass_obj
def show_conversion(
    session: Session, *, brand: str | None, within: str, since: datetime, as_json: bool
) -> None:
    """How many who wanted to buy and had no order yet have ordered since.

    Counted are those whose days are over; the others are pending, whatever they have done since.
    Only who is linked with a customer can be seen ordering, so at least so many did. Accounts that
    are linked with one customer count as one.

    Example: earshot leads conversion --within 30d --since 180d
    """
    name = None if brand is None else session.config.brand(brand).name
    length = _days(within)
    with session.app.database.read() as db:
        window = Window(since, session.now, name)
        found = leads.conversion(db, session.config, window, within=length)
    if as_json:
        print_json({"brand": name, "since": iso(since), **_conversion_json(found)})
        return
    for line in _conversion_lines(found, local_day(since, session.config.tz)):
        show(line)
    if found.months:
        show("")
        show_table(_MONTHS, [_month(*one) for one in found.months.items()])
    say("who is not linked with a customer is not seen ordering: the share is a lower bound")
    if found.whole.of_linked:
        say(
            "who has ordered is more likely to be linked than others: the share of the linked is "
            "not the share of all"
        )


def _days(text: str) -> timedelta:
    """Raises ConfigError when it is no number of whole days."""
    length = parse_duration(text)
    if length % _DAY or length > _MOST_DAYS:
        raise ConfigError(f"--within {text!r}: write whole days, 3650d at most, for example 90d")
    return length


def _conversion_json(found: Conversion) -> dict[str, Any]:
    return {
        "within_days": found.within_days,
        **_period_json(found.whole),
        "months": [
            {"month": f"{month:%Y-%m}", **_period_json(period)}
            for month, period in found.months.items()
        ],
    }


def _period_json(period: Period) -> dict[str, Any]:
    counts = period.counts
    return {
        "wanted": counts.wanted,
        "pending": counts.pending,
        "days_over": counts.over,
        "linked": counts.linked,
        "ordered": counts.ordered,
        "ordered_same_day": counts.same_day,
        "share_at_least": _share_json(period.of_all),
        "share_of_linked": _share_json(period.of_linked),
    }


def _share_json(share: Share | None) -> dict[str, float] | None:
    return None if share is None else {name: round(one, 4) for name, one in asdict(share).items()}


def _conversion_lines(found: Conversion, since: date) -> Iterator[str]:
    counts, days = found.whole.counts, found.within_days
    yield f"wanted to buy since {since}, without an order until then  {counts.wanted:>6}"
    yield f"  {f'their {days} days are not over: pending':57}  {counts.pending:>6}"
    yield f"  {f'their {days} days are over':57}  {counts.over:>6}"
    yield f"    {'of these linked with a customer today':55}  {counts.linked:>6}"
    yield f"    {f'of these ordered within {days} days':55}  {counts.ordered:>6}"
    if counts.same_day:
        yield f"      {'on the day of the post itself, perhaps before it':53}  {counts.same_day:>6}"
    yield f"  share of all whose days are over: {_of_all(found.whole)}"
    yield f"  share of the linked among them: {_share(found.whole.of_linked)}"


def _month(month: date, period: Period) -> list[str]:
    counts = period.counts
    numbers = (counts.wanted, counts.over, counts.linked, counts.ordered)
    return [f"{month:%Y-%m}", *map(str, numbers), _of_all(period)]


def _of_all(period: Period) -> str:
    """At least so many; or why there is no share."""
    if not period.counts.over:
        return "pending"
    if not period.counts.linked:
        return "unknown: none of them is linked"
    least = "at least " if period.of_all else ""
    return f"{least}{_share(period.of_all)}"


def _share(share: Share | None) -> str:
    if share is None:
        return f"too few (under {FEWEST})"
    return f"{share.value:.1%} (95% interval {share.low:.1%} to {share.high:.1%})"


COMMANDS = (leads_group,)
