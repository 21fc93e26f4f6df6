"""From stored rows to what rules and messages read: the mention with its customer and value."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm.tiers import is_top_tier
from crm.value import value
from domain.clock import local_day
from domain.customer import Basis, Value
from domain.incident import Candidate, CustomerProfile, State
from domain.listing import Role
from earshot.config.model import Config
from storage import orders, persons, valuation_runs, valuations
from storage.tables import CustomerRow, MentionRow
from storage.views import MentionView


def values_of(
    session: Session, rows: Sequence[CustomerRow], config: Config, *, now: datetime
) -> dict[int, Value]:
    """What these persons are worth, by our id: all their records together, as of the local day.

    What takes seconds to work out (their valuation) is as it was worked out last.
    """
    today, ids = local_day(now, config.tz), {row.id for row in rows}
    bought, records = orders.of(session, ids), persons.records(session, ids)
    known, as_of = valuations.of(session, ids), valuation_runs.as_of(session)
    return {
        person_id: replace(
            value(
                bought[person_id],
                today=today,
                tiers=config.top.crm.tiers,
                crm_tier=next((one.tier for one in records[person_id] if one.tier), ""),
            ),
            valuation=known.get(person_id),
            valued_on=as_of if person_id in known else None,
        )
        for person_id in ids
    }


def customer_profiles(
    session: Session, views: Sequence[MentionView], config: Config, *, now: datetime
) -> dict[int, CustomerProfile]:
    """The customers behind these mentions, by our id."""
    rows = {view.customer.id: view.customer for view in views if view.customer is not None}
    bases = {
        view.customer.id: Basis(view.link.basis).words
        for view in views
        if view.customer and view.link
    }
    values = values_of(session, list(rows.values()), config, now=now)
    return {
        row.id: replace(
            customer_profile(row, values[row.id], bases.get(row.id, "")),
            top_tier=is_top_tier(values[row.id].tier, config.top.crm.tiers),
        )
        for row in rows.values()
    }


def customer_profile(row: CustomerRow, worth: Value, basis: str) -> CustomerProfile:
    """What an alert may show of a customer."""
    return CustomerProfile(
        id=row.id,
        name=row.name,
        tier=worth.tier,
        revenue_12m=float(worth.revenue_12m),
        orders=worth.orders,
        currency=worth.currency,
        basis=basis,
        revenues_12m=worth.revenues_12m,
        last_order_on=worth.last_order_on,
        segment=worth.valuation.segment if worth.valuation is not None else "",
        clv=worth.valued.clv if worth.valued is not None else None,
        valuation=worth.valuation,
    )


def candidate_of(view: MentionView, known: Mapping[int, CustomerProfile]) -> Candidate:
    """The listing as rules and messages read it."""
    mention, author = view.mention, view.author
    return Candidate(
        mention_id=mention.id,
        brand=view.listing.brand,
        source=mention.source,
        external_id=mention.external_id,
        text=mention.text,
        url=mention.url,
        published_at=mention.published_at,
        parent_id=mention.parent_id,
        conversation_id=mention.conversation_id,
        author_id=author.external_id if author else "",
        author_handle=author.handle if author else "",
        author_name=author.name if author else "",
        followers=author.followers if author else None,
        lang=mention.lang,
        rating=mention.rating,
        sentiment=view.sentiment,
        customer=known.get(view.customer.id) if view.customer else None,
        story_id=mention.story_id,
        silent=_why_silent(view),
        reactions_per_hour=_reactions_per_hour(mention),
    )


def _why_silent(view: MentionView) -> str:
    """Why it asks for nothing, whatever it says. Copies are told apart where stories are read."""
    if view.listing.role != Role.BRAND:
        return str(view.listing.role)
    if view.listing.hidden:
        return "noise"
    if view.mention.is_repost:
        return "repost"
    return "dismissed" if view.incident and view.incident.state is State.DISMISSED else ""


def _reactions_per_hour(mention: MentionRow) -> float | None:
    counts = [n for n in (mention.likes, mention.reposts, mention.replies) if n is not None]
    hours = (mention.collected_at - mention.published_at) / timedelta(hours=1)
    return sum(counts) / max(hours, 1) if counts else None
