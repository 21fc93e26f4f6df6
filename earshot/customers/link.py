"""Looks for the customer behind every author who was not looked for yet.

A closed incident's customer goes with the link here; a live one's where people are told of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from crm.linking.linker import judge
from crm.linking.weights import shipped
from domain.customer import Judgement
from earshot.core.app import App
from earshot.customers import candidates, index, lessons
from listener.contracts import contract_of
from storage import incident_customers, link_rules, link_work
from storage.tables import AuthorRow

LINK_BATCH = 1_000


def link(app: App, *, now: datetime) -> int:
    """Look for the customer behind every author not checked yet; return how many were linked."""
    linked = 0
    with app.database.begin() as session:
        link_rules.expire(session, now=now)
    index.refresh(app)
    while True:
        with app.database.begin() as session:
            authors = link_work.take(session, limit=LINK_BATCH, now=now)
            linked += _link(session, authors, now=now)
        if len(authors) < LINK_BATCH:
            return linked


def _link(session: Session, authors: Sequence[AuthorRow], *, now: datetime) -> int:
    """Look for the customers of these authors; return how many have one, or a proposed one.

    Where nobody is found and nothing was decided, nothing more is asked of the database.
    """
    if not authors:
        return 0
    heard = link_work.heard(session, [row.id for row in authors])
    allowed = [row for row in authors if contract_of(row.source).may_link]
    askers = candidates.of(session, allowed, heard)
    weights = lessons.weights(session) if askers else shipped()
    found = {
        author_id: judge(
            one.writer, one.said, one.candidates, contract_of(one.writer.source), weights
        )
        for author_id, one in askers.items()
    }
    verdicts: dict[int, Sequence[Judgement]] = {
        row.id: found.get(row.id, ())
        for row in authors
        if found.get(row.id) or heard[row.id].linked
    }
    if verdicts:
        _settle(session, verdicts, now=now)
    return sum(map(bool, verdicts.values()))


def _settle(
    session: Session, verdicts: Mapping[int, Sequence[Judgement]], *, now: datetime
) -> None:
    """Write the verdicts down, and let what rests on links follow them."""
    link_rules.judge(session, verdicts, now=now)
    incident_customers.closed_follow_links(session, sorted(verdicts))
