"""Quotes: a message remembers which mentions it shows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Of the messages there are, and of those of a release that does not know it, it is unknown.
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("outbox", sa.Column("quotes", json, nullable=True))
