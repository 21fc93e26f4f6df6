"""Looks for the customer behind every author who was not looked for yet.

A closed incident's customer goes with the link here; a live one's where people are told of it.
"""

from datetime import datetime

from crm.handles import network
from crm.match import Candidate, match
from earshot.core.app import App
from listener.contracts import contract_of
from storage import customers, incident_customers, link_rules, links

LINK_BATCH = 500


def link(app: App, *, now: datetime) -> int:
    """Look for the customer behind every author not checked yet; return how many were linked."""
    linked = 0
    with app.database.begin() as session:
        link_rules.expire(session, now=now)
    while True:
        with app.database.begin() as session:
            authors = links.to_check(session, limit=LINK_BATCH)
            found_of = {}
            for row in authors:
                held = customers.holders(session, network(row.source), row.handle)
                found = [
                    Candidate(
                        *(one.id, one.system, entry.network, entry.handle),
                        on_file_at=entry.on_file_at,
                        joined_to=one.joined_to,
                    )
                    for one, entry in held
                ]
                verdicts = match(links.author_of(row), row.source, found, contract_of(row.source))
                found_of[row.id] = verdicts
                linked += bool(verdicts)
            link_rules.judge(session, found_of, now=now)
            incident_customers.closed_follow_links(session, [row.id for row in authors])
        if len(authors) < LINK_BATCH:
            return linked
