"""`mentions` and `mention`: what was said, as a list, and one with all that is known."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session as Db

from domain.clock import iso
from domain.customer import Basis
from domain.errors import EarshotError
from domain.listing import Role
from domain.sentiment import Asks, Label, Sentiment
from earshot import serializers
from earshot.cli import lines
from earshot.cli.author_company import company_json, company_lines
from earshot.cli.base import (
    ID,
    WHEN,
    Session,
    as_json,
    brand_option,
    one_format,
    one_of,
    print_json,
    say,
    show,
)
from earshot.cli.story_json import earlier_json
from earshot.cli.story_lines import customer_rows
from earshot.customers import companies as author_companies
from earshot.customers.profile import values_of
from earshot.customers.story import before
from listener.contracts import contract_of
from storage import incident_events, mention_orders, stories, views
from storage.mention_orders import NamedOrder
from storage.stories import Key, Story
from storage.tables import NOT_SHOWN, SHOWN
from storage.views import Filter, MentionView

SHOWN_COPIES = 20
_EARLIER = 3  # mentions of the same customer


@click.command("mentions")
@brand_option
@click.option("--source", help="Only this source, e.g. x.")
@click.option("--since", type=WHEN, help="At or after: 24h, 7d, 2026-11-20 …  [default: all]")
@click.option("--until", type=WHEN, help="Before.")
@click.option("--sentiment", "label", type=one_of(Label), help="Only this tone.")
@click.option("--asks", type=one_of(Asks), help="Only what asks this, as far as the model says.")
@click.option("--customer", "customer_id", type=ID, help="Only of this customer.")
@click.option("--search", default="", help="All of these words, in any order.")
@click.option(
    "--unanswered", is_flag=True, help="Only what the brand has not replied to, asked or not."
)
@click.option("--hidden", is_flag=True, help="What is hidden as noise instead, with the reason.")
@click.option("--stories", is_flag=True, help="Of copies of one story only the first.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@as_json
@click.option("--csv", "as_csv", is_flag=True, help="CSV that `earshot import` reads back.")
@click.option(
    "--mask", "to_share", is_flag=True, help="With --json or --csv: hide what [privacy] mask names."
)
@click.pass_obj
def list_mentions(
    session: Session,
    /,
    limit: int,
    *,
    as_json: bool,
    as_csv: bool,
    to_share: bool,
    **wanted: Any,  # noqa: ANN401  the fields of a Filter, by name
) -> None:
    """List mentions, newest first, each once per brand it is about.

    $ marks a linked customer, ! an open incident, ? a tone the model is unsure of, +3 copies that
    three others tell the same.

    --json and --csv hold the words as they were written, so that `earshot import` reads them back.
    A file to hand on is made with --mask; do not import that one.

    Example: earshot mentions --since 7d --sentiment negative --unanswered
    """
    one_format(as_json=as_json, as_csv=as_csv)
    if wanted["brand"] is not None:
        wanted["brand"] = _listened(session, wanted["brand"])
    with session.app.database.read() as db:
        found = views.search(db, Filter(**wanted), limit=limit)
        rows = [view.customer for view in found if view.customer is not None]
        values = values_of(db, rows, session.config, now=session.now)
        found_stories = _stories(db, found)
    if as_csv:
        found = _exportable(found)
    records: Iterator[dict[str, Any]] = (
        serializers.mention_json(view, values) | serializers.story_json(view, found_stories)
        for view in found
    )
    if to_share:
        _check_mask(session, in_a_file=as_json or as_csv)
        records = (serializers.masked(one, session.config.masking.text) for one in records)
    if as_json:
        for record in records:
            print_json(record)
    elif as_csv:
        serializers.write_csv(records, sys.stdout)
    else:
        for view in found:
            show(lines.mention_line(view) + lines.copies_mark(view, found_stories))
        say(
            f"{len(found)} mention{'' if len(found) == 1 else 's'}"
            + (f" (the newest {limit}; --limit shows more)" if len(found) == limit else "")
        )


def _check_mask(session: Session, *, in_a_file: bool) -> None:
    if not in_a_file:
        raise click.UsageError("--mask is for files: add --json or --csv")
    if not session.config.top.privacy.mask:
        raise click.UsageError("[privacy] mask is empty, so there is nothing to hide")


def _exportable(found: Sequence[MentionView]) -> list[MentionView]:
    """Those that may leave in a file; how many may not is told, source by source."""
    refused = Counter(
        view.mention.source for view in found if not contract_of(view.mention.source).may_export
    )
    for source, count in refused.items():
        say(f"left out: {count} of {source}, not to be exported (earshot policy show {source})")
    return [view for view in found if view.mention.source not in refused]


def _stories(db: Db, found: Sequence[MentionView]) -> dict[Key, Story]:
    """The stories among these."""
    return stories.found(db, {view.story[0] for view in found if view.story is not None})


def _listened(session: Session, name: str) -> str:
    """A brand or competitor by name, upper and lower case alike."""
    for one in session.app.config.tracked:
        if one.name.casefold() == name.casefold():
            return one.name
    return session.config.brand(name).name


@click.command("mention")
@click.argument("mention_id", type=ID, metavar="ID")
@as_json
@click.pass_obj
def show_mention(session: Session, mention_id: int, *, as_json: bool) -> None:
    """Show one mention with author, customer, evidence, tone, incident and history.

    Example: earshot mention 7
    """
    with session.app.database.read() as db:
        found = views.search(
            db, Filter(ids=[mention_id], roles=tuple(Role), hidden=None, gone=True)
        )
        if not found:
            raise EarshotError(f"there is no mention {mention_id}: see earshot mentions")
        rows = [view.customer for view in found if view.customer is not None]
        values = values_of(db, rows, session.config, now=session.now)
        history = {
            view.listing.brand: incident_events.of(db, view.incident.id)
            for view in found
            if view.incident
        }
        found_stories = _stories(db, found)
        story_id = found[0].mention.story_id
        tellers = stories.tellers(db, story_id) if story_id is not None else {}
        author = found[0].author
        company = author_companies.of(db, [author]).get(author.id) if author is not None else None
        orders = mention_orders.about(db, [mention_id]).get(mention_id, [])
        wrote_before = {
            view.listing.brand: before(db, view, newest=_EARLIER) for view in found if view.customer
        }
    for view in found:
        telling = tellers.get(view.story, []) if view.story is not None else []
        others = [one for one in telling if one != mention_id]
        record = serializers.mention_json(view, values)
        if record["author"] is not None:
            record["author"] |= company_json(company)
        events = history.get(view.listing.brand, [])
        named = orders if view.mention.standing in SHOWN else []
        wrote = wrote_before.get(view.listing.brand) if record["customer"] else None
        if as_json:
            evidence = view.link.evidence if view.link else []
            history_json = [_event_json(event) for event in events]
            print_json(
                record
                | serializers.story_json(view, found_stories)
                | serializers.orders_json(named)
                | {"told_by": others}
                | {"earlier": earlier_json(wrote.earlier) if wrote is not None else None}
                | {"model_said": serializers.sentiment_json(view.model_sentiment)}
                | {"evidence": evidence, "history": history_json}
            )
            continue
        shown = company if record["author"] is not None else None
        said = [*company_lines(shown), *_said(view, named)]
        if wrote is not None and view.customer is not None:
            said += customer_rows(view.customer, values[view.customer.id], wrote, now=session.now)
        _show(view, record, others, said)
        for event in events:
            show(f"  {iso(event.at)}  {event.action} by {event.actor}  {event.note}")


def _event_json(event: incident_events.Event) -> dict[str, Any]:
    return {
        "at": iso(event.at),
        "actor": event.actor,
        "action": event.action,
        "before": event.before,
        "after": event.after,
        "note": event.note,
    }


def _show(
    view: MentionView,
    record: dict[str, Any],
    others: Sequence[int],
    said: Iterable[tuple[str, str]],
) -> None:
    """A mention as a page of `name  value` lines, then its text."""
    author = view.author if record["author"] else None
    show(f"mention {view.mention.id}  {view.listing.brand} ({view.listing.role})")
    show(f"  source     {view.mention.source} {view.mention.external_id}  {record['url']}")
    show(
        f"  published  {iso(view.mention.published_at)}, collected {iso(view.mention.collected_at)}"
    )
    if author is not None:
        reach = "" if author.followers is None else f", {author.followers:,} followers"
        show(f"  author     {author.name} @{author.handle}{reach}")
    else:
        show("  author     unknown (deleted or withheld)")
    for name, value in said:
        show(f"  {name:10} {value}")
    if record["customer"] and view.link is not None:
        basis = Basis(view.link.basis).words
        show(f"  link       {view.link.state}: {basis} (decided by {view.link.decided_by})")
        for sentence in view.link.evidence:
            show(f"             {sentence}")
    if others:
        named = ", ".join(map(str, others[:SHOWN_COPIES]))
        more = len(others) - SHOWN_COPIES
        show(f"  story      told by {named}{f' and {more} more' if more > 0 else ''}, too")
    if view.listing.hidden:
        show(f"  hidden     {view.listing.hidden} (decided by {view.listing.sifted_by})")
    show(f"  answered   {_answered(view.listing.answered_at)}")
    if view.incident is not None:
        due = iso(view.incident.due_at)
        show(f"  incident   {view.incident.id} {view.incident.state}, due {due}")
    show("")
    if view.mention.standing in NOT_SHOWN:
        show("  The post is not shown to us at present.")
    for line in record["text"].splitlines():
        show(f"  {line}")
    show("")


def _said(view: MentionView, orders: Sequence[NamedOrder]) -> Iterator[tuple[str, str]]:
    yield from _tone(view)
    for one in orders:
        yield "about", lines.order_line(one, view.customer)


def _tone(view: MentionView) -> Iterator[tuple[str, str]]:
    """What it feels, who says so, and whatever else the model has an opinion on."""
    sentiment = view.sentiment
    if sentiment is None:
        yield "tone", "not scored yet"
        return
    if sentiment.corrected_by:
        yield "tone", f"{sentiment.label}, corrected by {sentiment.corrected_by}"
        if view.model_sentiment is not None:
            yield "", f"model said {_opinion(view.model_sentiment)}"
    else:
        yield "tone", _opinion(sentiment)
    if sentiment.asks is not None:
        yield "asks", _asks(sentiment.asks, sentiment)
    if sentiment.emotion is not None:
        yield "emotion", sentiment.emotion
    if sentiment.sarcastic is not None:
        yield "sarcastic", "yes" if sentiment.sarcastic else "no"


def _asks(asks: str, sentiment: Sentiment) -> str:
    """What it asks, how sure that is, and how likely it asks for an answer."""
    if sentiment.asks_probability is None or sentiment.wants_answer is None:
        return asks
    return f"{asks} ({sentiment.asks_probability:.2f}; for an answer {sentiment.wants_answer:.2f})"


def _opinion(sentiment: Sentiment) -> str:
    """A model's own label with its probabilities and what it is about."""
    if sentiment.label is None:
        return f"not scored: {sentiment.reason}"
    return (
        f"{serializers.tone(sentiment)} ({sentiment.negative:.2f} negative, "
        f"{sentiment.neutral:.2f} neutral, {sentiment.positive:.2f} positive) "
        f"{'toward the brand ' if sentiment.toward else ''}by {sentiment.model}"
    )


def _answered(at: datetime | None) -> str:
    return iso(at) or "no reply by the brand seen"


COMMANDS = (list_mentions, show_mention)
