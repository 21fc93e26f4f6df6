"""`links`: which author is which customer, why, and who decided it."""

from collections.abc import Sequence
from datetime import date, timedelta

import click

from domain.clock import iso, midnight
from domain.customer import Basis, LinkState
from domain.errors import EarshotError
from earshot import serializers
from earshot.cli.author_company import not_at
from earshot.cli.base import (
    DAY,
    ID,
    Session,
    as_json,
    one_of,
    print_json,
    show,
)
from earshot.cli.link_verbs import VERBS
from earshot.customers.proposals import Proposal, in_order
from storage import link_ledger
from storage.link_ledger import LinkView
from storage.tables import LinkJudgementRow


@click.group("links")
def links_group() -> None:
    """Which author is which customer, why, and who decided it.

    Example: earshot links list --state proposed
    """


@links_group.command("list")
@click.option("--state", type=one_of(LinkState), help="Only these.")
@click.option("--source", help="Only authors of this network.")
@click.option("--at", "day", type=DAY, help="As they stood at the end of that day.")
@as_json
@click.pass_obj
def list_links(
    session: Session,
    state: LinkState | None,
    source: str | None,
    day: date | None,
    *,
    as_json: bool,
) -> None:
    """List links with their evidence, the newest decision first.

    With --state proposed first what it is worth most to decide: how probable it is, times what the
    customer paid in the past 12 months, times how many posts of the author wait for an answer (one
    added to each of the two).

    Example: earshot links list --state proposed
    """
    at = None if day is None else midnight(day + timedelta(days=1), session.config.tz)
    with session.app.database.read() as db:
        found = link_ledger.listing(db, state=state, source=source, before=at)
        if state is LinkState.PROPOSED:
            _list_proposals(in_order(db, found, session.config, now=session.now), as_json)
            return
    for view in found:
        if as_json:
            print_json(serializers.link_json(view))
        else:
            show(_line(view))


def _list_proposals(found: Sequence[Proposal], as_json: bool) -> None:  # noqa: FBT001 -- as click gives it
    for one in found:
        if as_json:
            worth = {"worth": round(one.worth, 2), "waiting": one.waiting}
            print_json(serializers.link_json(one.view) | worth)
            continue
        paid = f"{one.value.revenue_12m:,.2f} {one.value.currency}".strip()
        posts = f"{one.waiting} post{'' if one.waiting == 1 else 's'} waiting"
        show(
            f"{_line(one.view)}  {one.view.judgement.probability:.0%} probable, "
            f"{paid} in 12 months, {posts}"
        )


def _line(view: LinkView) -> str:
    judgement = view.judgement
    return (
        f"{view.link.id:>5}  {judgement.state:9}  "
        f"{view.author.source}:{view.author.handle}  →  "
        f"{view.customer.id} {view.customer.name}  "
        f"({Basis(judgement.basis).words}: {'; '.join(judgement.evidence) or '-'}; "
        f"by {judgement.decided_by})"
    )


@links_group.command("show")
@click.argument("link_id", type=ID, metavar="ID")
@as_json
@click.pass_obj
def show_link(session: Session, link_id: int, *, as_json: bool) -> None:
    """Show everything that was ever decided of a link, oldest first.

    Example: earshot links show 4
    """
    with session.app.database.read() as db:
        found = link_ledger.history(db, link_id)
    if not found:
        raise EarshotError(f"there is no link {link_id}: see earshot links list")
    if as_json:
        record = serializers.link_json(found[-1])
        record["history"] = [serializers.judgement_json(view.judgement) for view in found]
        print_json(record)
        return
    author, customer = found[-1].author, found[-1].customer
    show(
        f"link {link_id}  {author.source}:{author.handle} ({author.external_id})  →  "
        f"customer {customer.id} {customer.name}"
    )
    for view in found:
        _show_judgement(view.judgement)


def _show_judgement(row: LinkJudgementRow) -> None:
    until = f", until {iso(row.expires_at)}" if row.expires_at else ""
    show(
        f"  {iso(row.at)}  {row.state:9}  {Basis(row.basis).words}, "
        f"{row.probability:.0%} probable, by {row.decided_by}{until}"
    )
    for sentence in row.evidence:
        show(f"    {sentence}")


for verb in VERBS:
    links_group.add_command(verb)

links_group.add_command(not_at)
COMMANDS = (links_group,)
