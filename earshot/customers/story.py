"""All that is known of a customer: who they are, what they bought, wrote and were answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.customer import Value
from domain.incident import Clock, EarlierMentions, Incident
from domain.valuation import ShopValuation
from earshot.config.model import Config
from earshot.customers import companies as author_companies
from earshot.customers.answering import Answering, answering
from earshot.customers.profile import values_of
from storage import (
    clocks,
    customer_mentions,
    customers,
    incidents,
    link_ledger,
    order_list,
    persons,
    valuations,
    views,
)
from storage.companies import AuthorCompany
from storage.link_ledger import LinkView
from storage.order_list import Bought
from storage.person_facts import Facts, facts
from storage.tables import CustomerRow
from storage.views import Filter, MentionView


@dataclass(frozen=True, slots=True)
class Story:
    row: CustomerRow  # the record that stands for the person
    records: Sequence[CustomerRow]
    known: Facts
    worth: Value
    shop: ShopValuation | None  # what values were worked out with; None: nothing was yet
    handles: Sequence[tuple[str, str]]  # (network, handle) on file
    orders: Sequence[Bought]  # newest first
    links: Sequence[LinkView]  # newest decision first, whatever was decided
    companies: Mapping[int, AuthorCompany]  # of the authors of these, by our id
    by_source: Mapping[str, int]  # how many mentions there are on each network, most first
    mentions: Sequence[MentionView]  # newest first, the newest of them only where that was asked
    answers: Sequence[Answering]  # of each of these
    incidents: Sequence[Incident]  # newest first
    clocks: Mapping[int, Sequence[Clock]]  # of each of these
    mention_ids: Mapping[int, Sequence[int]]  # likewise

    @property
    def written(self) -> int:
        """How many mentions there are, told or not."""
        return sum(self.by_source.values())


def story_of(
    session: Session, row: CustomerRow, config: Config, *, now: datetime, mentions: int | None
) -> Story:
    """row: the person. mentions: how many to read at most; None: all."""
    people = persons.records(session, [row.id])
    records = people[row.id]
    linked = link_ledger.listing(session, person_id=row.id)
    accounts = customer_mentions.accounts(session, row.id)
    found = _wrote(session, accounts, mentions)
    had = incidents.of_customer(session, [one.id for one in records])
    return Story(
        row=row,
        records=records,
        known=facts(session, people)[row.id],
        worth=values_of(session, [row], config, now=now)[row.id],
        shop=valuations.shop(session),
        handles=customers.handles(session, row.id),
        orders=order_list.of_person(session, row.id),
        links=linked,
        companies=author_companies.of(session, [view.author for view in linked]),
        by_source=customer_mentions.by_source(session, accounts),
        mentions=found,
        answers=_answers(session, found),
        incidents=had,
        clocks=clocks.of(session, [one.id for one in had]) if had else {},
        mention_ids=incidents.mention_ids(session, [one.id for one in had]) if had else {},
    )


def _wrote(session: Session, accounts: Sequence[int], limit: int | None) -> list[MentionView]:
    """The newest first: chosen by themselves, before all that is known of each is read."""
    ids = customer_mentions.newest(session, accounts, limit=limit)
    return views.search(session, Filter(ids=ids)) if ids else []


@dataclass(frozen=True, slots=True)
class Before:
    """What the customer behind a mention had written of its brand before it."""

    earlier: EarlierMentions
    newest: Sequence[MentionView]
    answers: Sequence[Answering]  # of each of these


def before(session: Session, view: MentionView, *, newest: int) -> Before:
    """Nothing where no link is confirmed. newest: how many to read."""
    if view.customer is None:
        return Before(EarlierMentions(), (), ())
    at, brand = view.mention.published_at, view.listing.brand
    accounts = customer_mentions.accounts(session, view.customer.id)
    ids = customer_mentions.newest(session, accounts, limit=newest, brand=brand, before=at)
    found = views.search(session, Filter(ids=ids, brand=brand)) if ids else []
    return Before(
        customer_mentions.earlier(session, accounts, brand, before=at),
        found,
        _answers(session, found),
    )


def _answers(session: Session, found: Sequence[MentionView]) -> list[Answering]:
    replies = {view.listing.answered_by for view in found if view.listing.answered_by}
    wrote = customer_mentions.answered_by(session, replies) if replies else {}
    return [answering(view, wrote) for view in found]
