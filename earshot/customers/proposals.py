"""Proposed links in the order of what a confirmation is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.customer import Value
from earshot.config.model import Config
from earshot.customers.profile import values_of
from storage import listings
from storage.link_ledger import LinkView


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed link, and what it would change to confirm it."""

    view: LinkView
    value: Value  # the customer's
    waiting: int  # posts of the author that ask for an answer and have none

    @property
    def worth(self) -> float:
        """Probable * (1 + paid in the past 12 months) * (1 + posts that wait for an answer)."""
        paid = float(self.value.revenue_12m)
        return self.view.judgement.probability * (1 + paid) * (1 + self.waiting)


def in_order(
    session: Session, proposed: Sequence[LinkView], config: Config, *, now: datetime
) -> list[Proposal]:
    """Those that are worth most first; of two that are worth the same the newer."""
    values = values_of(session, [view.customer for view in proposed], config, now=now)
    waiting = listings.waiting_of(session, [view.author.id for view in proposed])
    found = [
        Proposal(view, values[view.customer.id], waiting.get(view.author.id, 0))
        for view in proposed
    ]
    return sorted(found, key=lambda one: -one.worth)
