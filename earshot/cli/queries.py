"""`query`: what the brands' queries ask of each network, what they find, and what they cost."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from domain.errors import ConfigError
from domain.money import CURRENCY, shown
from earshot.brands.tracked import TrackedBrand, competing
from earshot.cli.base import FILE, Session, as_json, brand_option, complain, print_json, say, show
from earshot.config.model import Config
from earshot.core import budget
from earshot.pipeline import stream
from earshot.queries import cost_estimate, examples
from earshot.queries.cost_estimate import Estimate
from earshot.queries.examples import Example
from listener.settings import PaidSettings
from listener.source_kind import SourceKind
from listener.sources import SOURCES


@click.group("query")
def query_group() -> None:
    """The brands' queries.

    Example: earshot query test
    """


@query_group.command("test")
@click.argument("file", type=FILE, required=False)
@brand_option
@as_json
@click.pass_obj
def test(session: Session, file: Path | None, *, brand: str | None, as_json: bool) -> None:
    """Show what each network is asked for each brand, and try the examples of what it must find.

    The examples are must_match and must_not_match of the [[brands]] tables, and those of FILE: JSON
    Lines like {"text": "…", "brand": "Acme", "match": true}, or TSV with a line of column names.
    Exit 1 when one of them fails.

    Example: earshot query test examples.jsonl --brand Acme
    """
    config = session.config
    names = session.brands(brand)
    tried = examples.configured(config)
    if file is not None:
        tried += examples.read_file(file, config, brand=names[0] if brand else None)
    tried = [one for one in tried if one.brand in names]
    failed = examples.failures(tried, config.tracked)
    for one in config.tracked:
        if one.name in names:
            report = _report(one, config, tried, failed)
            print_json(report) if as_json else _show(report)
    for example in failed:
        complain(str(example))
    if failed:
        raise click.exceptions.Exit(1)
    if tried:
        say(f"{len(tried)} examples, all as they should be")
    else:
        say("no examples: add must_match and must_not_match to [[brands]], or name a FILE")


@query_group.command("price")
@brand_option
@as_json
@click.pass_obj
def price(session: Session, *, brand: str | None, as_json: bool) -> None:
    """Show what each brand and competitor would cost on X in a month, from counts of 7 days.

    Whether X charges for the authors that come with posts is not known, so both sums are shown.
    Counting costs a little itself: how much is said at the end.

    Example: earshot query price --brand Acme
    """
    settings = cost_estimate.settings_of(session.app)
    chosen = [session.config.brand(name) for name in session.brands(brand)]
    rivals = [one.name for brand in chosen for one in competing(session.config.tracked, brand)]
    names = {*(one.name for one in chosen), *rivals}
    before = budget.spent_this_month(session.app.database, "x", now=session.now)
    found = list(cost_estimate.estimates(session.app, names, now=session.now))
    asking = budget.spent_this_month(session.app.database, "x", now=session.now) - before
    for one in found if as_json else [*found, cost_estimate.total(found)]:
        report = _priced(one, settings)
        print_json(report) if as_json else _show_price(report)
    if "x" in stream.names(session.app):
        say("the stream also brings quotes of such posts, and nobody can count those beforehand")
    prices = settings.prices
    say(f"asking cost {shown(asking)}; sources.x.prices as read on {prices.read_on}")


def _priced(one: Estimate, settings: PaidSettings) -> dict[str, Any]:
    cost = one.cost if settings.prices.users_billed else one.cost_without_users
    budget = settings.monthly_budget
    return {
        "brand": one.name,
        "posts_7_days": one.week,
        "posts_month": one.month,
        "currency": CURRENCY,
        "cost_month": float(one.cost),
        "cost_month_without_users": float(one.cost_without_users),
        "budget": float(budget),
        "share_of_budget": round(float(cost / budget), 4) if budget else None,
    }


def _show_price(report: Mapping[str, Any]) -> None:
    cost, bare, budget = (
        shown(Decimal(str(report[key])))
        for key in ("cost_month", "cost_month_without_users", "budget")
    )
    share = report["share_of_budget"]
    of = "no budget" if share is None else f"{share:.0%} of {budget}"
    show(
        f"{report['brand']}: {report['posts_7_days']:,} posts in 7 days, "
        f"{report['posts_month']:,} a month: {cost} ({bare} without authors), {of}"
    )


def _report(
    one: TrackedBrand, config: Config, tried: Sequence[Example], failed: Sequence[Example]
) -> dict[str, Any]:
    return {
        "brand": one.name,
        "query": one.query.text,
        "sources": {
            name: {"enabled": name in config.enabled, **_asked(one, kind)}
            for name, kind in SOURCES.items()
        },
        "examples": sum(example.brand == one.name for example in tried),
        "failed": [
            {"text": example.text, "match": example.match, "where": example.where}
            for example in failed
            if example.brand == one.name
        ],
    }


def _asked(one: TrackedBrand, kind: SourceKind) -> dict[str, Any]:
    """What a source is asked, what is matched here, and why it cannot be asked if it cannot."""
    try:
        found = kind.asks(one.watch)
    except ConfigError as error:
        return {"asks": [], "left_here": [], "unheard": [], "error": str(error)}
    return {
        "asks": found.asks,
        "left_here": found.left_here,
        "unheard": found.unheard,
        "error": None,
    }


def _show(report: Mapping[str, Any]) -> None:
    show(f"{report['brand']}: {report['query']}")
    for name, asked in report["sources"].items():
        show(f"  {name}{'' if asked['enabled'] else ' (off)'}")
        if asked["error"]:
            show(f"    cannot   {asked['error']}")
            continue
        for ask in asked["asks"] or ["nothing: whatever it gives is matched here"]:
            show(f"    asked    {ask}")
        if asked["left_here"]:
            show(f"    here     {', '.join(asked['left_here'])}")
        if asked["unheard"]:
            show(f"    unheard  {', '.join(asked['unheard'])}")
    show(f"  examples   {report['examples']}, {len(report['failed'])} of them fail")


COMMANDS = (query_group,)
