"""`noise`: a person hides a mention that is not about the brand, or puts one back; both teach."""

from datetime import datetime

import click

from domain.incident import LIVE
from domain.listing import HISTORY
from earshot.alerting import lessons
from earshot.cli.base import ID, WHEN, Session, say
from earshot.cli.who import by_option, decider
from storage import corrections, incidents, noise, outbox

brand = click.option("--brand", help="Which listing, where the mention is about several brands.")


@click.group("noise")
def noise_group() -> None:
    """What is not about a brand: hide it, or put back what was hidden wrongly.

    Example: earshot noise restore 7
    """


@noise_group.command("hide")
@click.argument("mention_id", type=ID, metavar="ID")
@brand
@by_option
@click.pass_obj
def hide(session: Session, mention_id: int, *, brand: str | None, by: str | None) -> None:
    """Say that a mention is not about the brand.

    It stays stored and is counted, alerted and listed no more, except by `mentions --hidden`.
    Later mentions that read like it are hidden, too, once there are examples of both kinds. For
    authors, sites and words there are the lists of [noise].

    Example: earshot noise hide 7
    """
    who = decider(by)
    with session.app.database.begin() as db:
        listed = corrections.brand_of(db, mention_id, brand)
        lessons.hide(db, mention_id, listed, by=who, now=session.now)
        held = [row for row in incidents.with_mention(db, mention_id, listed) if row.state in LIVE]
    say(f"mention {mention_id} ({listed}) is hidden by {who}")
    for row in held:
        say(f"incident {row.id} is still {row.state}: earshot alerts dismiss {row.id}")


@noise_group.command("restore")
@click.argument("mention_id", type=ID, metavar="ID")
@brand
@by_option
@click.pass_obj
def restore(session: Session, mention_id: int, *, brand: str | None, by: str | None) -> None:
    """Put a hidden mention back: it is about the brand.

    The next pass scores it, and the alert rules look at it unless it is old or they did before.
    Later mentions that read like it are shown.

    Example: earshot noise restore 7
    """
    who = decider(by)
    with session.app.database.begin() as db:
        listed = corrections.brand_of(db, mention_id, brand)
        loud_since = session.now - HISTORY
        noise.restore(db, mention_id, listed, by=who, now=session.now, loud_since=loud_since)
        outbox.withdrawn(db, [mention_id], now=session.now)
    say(f"mention {mention_id} ({listed}) is put back by {who}: the next pass scores it")


@noise_group.command("apply")
@click.option("--since", type=WHEN, default="28d", show_default=True, help="Published since then.")
@click.pass_obj
def apply(session: Session, *, since: datetime) -> None:
    """Let the lists and examples as they are now decide on older mentions, too.

    The next pass sifts them again, after what is new. No old post opens an incident, published
    numbers get a revision, and what a person decided stays.

    Example: earshot noise apply --since 7d
    """
    with session.app.database.begin() as db:
        count = noise.sift_again(db, since=since)
    say(f"{count} mentions are sifted again by the next pass")


COMMANDS = (noise_group,)
