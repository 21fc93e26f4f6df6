"""Invented mentions, customers and incidents for the storage tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from domain.incident import Action, Audit, Incident, IncidentKind, Severity, State
from domain.listing import Role, Stage
from domain.mention import Author, Mention
from domain.sentiment import Label, Sentiment
from storage import customers, incidents, listings, mentions, schema
from storage.engine import Database
from storage.listings import Work
from storage.mentions import Listed
from storage.tables import (
    AuthorRow,
    MentionRow,
)
from storage.worker_lock import KEY

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BRAND: Mapping[str, Role] = {"Acme": Role.BRAND}
OWN: Mapping[str, Role] = {"Acme": Role.OWN}

ANA = Author(id="501", handle="Ana_Writes", name="Ana", bio="tea", followers=120)
BEN = Author(id="502", handle="ben_brews", name="Ben", followers=40)


def mention(external_id: str, text: str = "acme is awful", **changed: Any) -> Mention:  # noqa: ANN401 -- any field
    """A post on X by Ana, an hour old."""
    made = Mention(
        source="x", external_id=external_id, text=text, published_at=NOW - HOUR, author=ANA
    )
    return replace(made, **changed)


def upgrade_to(session: Session, revision: str) -> None:
    """Give an empty database the tables of a former release."""
    config = schema._config()  # noqa: SLF001 -- the only door to an older revision
    config.attributes["connection"] = session.connection()
    command.upgrade(config, revision)


def store(
    session: Session,
    *found: Mention,
    roles: Mapping[str, Role] = BRAND,
    quiet: bool = False,
    now: datetime = NOW,
) -> int:
    """Store mentions under the same listings; how many were new."""
    return mentions.add_new(session, [Listed(one, roles, quiet) for one in found], now=now)


def row_of(session: Session, external_id: str) -> MentionRow:
    return session.scalars(select(MentionRow).where(MentionRow.external_id == external_id)).one()


def author_of(session: Session, external_id: str) -> AuthorRow:
    return session.scalars(select(AuthorRow).where(AuthorRow.external_id == external_id)).one()


def unchecked(session: Session) -> list[str]:
    """The authors, by their own ids, whose customer is to be looked for."""
    rows = select(AuthorRow.external_id).where(AuthorRow.link_checked_at.is_(None))
    return sorted(session.scalars(rows))


def sentiment(label: Label | None = Label.NEGATIVE, model: str = "tiny@1") -> Sentiment:
    at = {one: 0.9 if one is label else 0.05 for one in Label}
    if label is None:
        return Sentiment(None, 0.0, 0.0, 0.0, model=model, reason="empty text")
    return Sentiment(label, at[Label.NEGATIVE], at[Label.NEUTRAL], at[Label.POSITIVE], model=model)


def score(session: Session, label: Label | None = Label.NEGATIVE, model: str = "tiny@1") -> int:
    """Give every waiting listing this tone by this model; how many there were."""
    listings.use_model(session, model)
    works: Sequence[Work] = listings.waiting(session, Stage.COLLECTED, limit=10_000)
    listings.add_scores(session, [(work, sentiment(label, model)) for work in works], now=NOW)
    return len(works)


def customer(external_id: str = "C1", *handles: tuple[str, str], **changed: Any) -> CustomerRecord:  # noqa: ANN401 -- any field
    made = CustomerRecord(
        system="hubspot",
        external_id=external_id,
        name=f"Customer {external_id}",
        email=f"{external_id.lower()}@example.com",
        handles=handles or (("x", "ana_writes"),),
    )
    return replace(made, **changed)


def customer_id(session: Session, external_id: str = "C1") -> int:
    return next(row.id for row in customers.every(session) if row.external_id == external_id)


def incident(key: str = "complaint:Acme:x:501:1", **changed: Any) -> Incident:  # noqa: ANN401 -- any field
    made = Incident(
        id=0,
        kind=IncidentKind.COMPLAINT,
        key=key,
        brand="Acme",
        rule="negative",
        severity=Severity.NORMAL,
        state=State.OPEN,
        posted_at=NOW - HOUR,
        opened_at=NOW,
        due_at=NOW + DAY,
        reasons=("negative",),
    )
    return replace(made, **changed)


def audit(action: Action = Action.OPENED, by: str = "rule:negative") -> Audit:
    return Audit(0, 1, action, by, NOW, before=None, after=State.OPEN)


def open_incident(session: Session, *mention_ids: int, **changed: Any) -> Incident:  # noqa: ANN401 -- any field
    opened = incidents.add(session, incident(**changed), audit())
    for mention_id in mention_ids:
        incidents.join(session, opened.id, mention_id)
    return opened


def cut_lock(database: Database) -> int:
    """Cut the connections that hold a worker's lock, as a failing network does; how many."""
    holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND granted"
    with database.read() as session:
        found = session.scalars(text(holders), {"key": KEY}).all()
        for pid in found:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    return len(found)
