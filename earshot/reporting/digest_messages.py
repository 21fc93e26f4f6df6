"""Draws a digest when it is sent: from the numbers that were stored and current texts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts.digest import digest_message
from alerts.incident_messages import deleted_message
from domain.brand import Brand
from domain.digest import (
    Digest,
    OpenIncident,
    Quote,
    Untold,
    WaitingCustomer,
)
from domain.elements import Message
from domain.incident import CustomerProfile
from domain.listing import Role
from domain.notification import DigestOf
from earshot.config.model import Config
from earshot.core.app import App
from earshot.customers.profile import customer_profiles
from earshot.reporting.digest_facts import digest_of, quote_of
from earshot.reporting.digest_numbers import Kept, KeptIncident, KeptUntold, read
from storage import (
    incidents,
    views,
)
from storage.views import Filter, MentionView


def message(made: Digest, config: Config) -> Message:
    """The digest as it looks in the channel."""
    return digest_message(made, config.networks)


def drawn(
    session: Session,
    app: App,
    subject: DigestOf,
    numbers: Mapping[str, Any] | None,
    *,
    as_of: datetime,
) -> Message:
    """The digest as it is sent now.

    numbers: as they were stored when it was queued; None: they are computed again.
    """
    brand = next((one for one in app.config.brands if one.name == subject.brand), None)
    if brand is None:
        return deleted_message(None)
    if numbers is None:
        made = digest_of(session, brand, subject.day, app.config, now=as_of)
    else:
        made = _with_words(session, brand, app.config, read(numbers))
    return message(made, app.config)


def _with_words(session: Session, brand: Brand, config: Config, kept: Kept) -> Digest:
    """The stored digest with the current texts of its mentions and the state of its incidents.

    A quote of a mention that is not shown any more is left out; an incident stays without its text,
    because it was counted.
    """
    ids = [
        *kept.worst,
        *kept.best,
        *(one.mention_id for one in kept.waiting),
        *(one.mention_id for one in kept.untold),
        *(one.mention_id for one in kept.customers),
    ]
    wanted = Filter(ids=ids, brand=brand.name, roles=(Role.BRAND,), hidden=None)
    found = {view.mention.id: view for view in views.search(session, wanted)}
    shown = {one: view for one, view in found.items() if not view.listing.hidden}
    known = customer_profiles(session, list(found.values()), config, now=kept.numbers.made_at)
    return replace(
        kept.numbers,
        worst=tuple(quote_of(shown[one]) for one in kept.worst if one in shown),
        best=tuple(quote_of(shown[one]) for one in kept.best if one in shown),
        open_incidents=tuple(
            _waiting(session, one, found.get(one.mention_id), known) for one in kept.waiting
        ),
        untold=tuple(
            _untold(one, shown[one.mention_id], known)
            for one in kept.untold
            if one.mention_id in shown
        ),
        waiting_customers=tuple(
            WaitingCustomer(one.mention_id, customer, one.since)
            for one in kept.customers
            if (customer := _customer(found.get(one.mention_id), known)) is not None
        ),
    )


def _customer(
    view: MentionView | None, known: Mapping[int, CustomerProfile]
) -> CustomerProfile | None:
    """Who is behind a mention now; None: its author is nobody's any more, or not to be named."""
    if view is None or view.no_longer_named or view.customer is None:
        return None
    return known.get(view.customer.id)


def _untold(kept: KeptUntold, view: MentionView, known: Mapping[int, CustomerProfile]) -> Untold:
    customer = known.get(view.customer.id) if view.customer else None
    quote = quote_of(view)
    return Untold(quote, customer, kept.due_at, kept.severity, kept.why, kept.no_alert)


def _wordless(kept: KeptIncident) -> Quote:
    """In the place of a mention whose text was redacted."""
    return Quote(
        mention_id=kept.mention_id,
        source="",
        author_handle="",
        author_name="",
        followers=None,
        text="",
        url="",
        published_at=kept.posted_at,
        label=None,
        confidence=0.0,
    )


def _waiting(
    session: Session,
    kept: KeptIncident,
    view: MentionView | None,
    known: Mapping[int, CustomerProfile],
) -> OpenIncident:
    incident = replace(incidents.get(session, kept.incident_id), due_at=kept.due_at)
    if view is None or view.no_longer_named:
        return OpenIncident(incident, kept.mentions, _wordless(kept))
    customer = known.get(view.customer.id) if view.customer else None
    return OpenIncident(replace(incident, customer=customer), kept.mentions, quote_of(view))
