"""Deliveries: the next message that is due is found at once, and a worker knows its number."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ENDED = "('sent', 'dead', 'skipped', 'removed')"
INDEXES = {
    "ix_outbox_doubt": "(ref IS NULL AND state IN ('sending', 'ambiguous'))",
    "ix_outbox_waiting": f"(ref IS NULL AND state NOT IN {ENDED})",
    "ix_outbox_stale": (
        f"(ref IS NOT NULL AND (state NOT IN {ENDED} OR (state = 'sent' AND stale != '')))"
    ),
}


def upgrade() -> None:
    op.create_table(
        "worker",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tenure", sa.Integer(), nullable=False),
    )
    op.add_column("outbox", sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_outbox_unsettled", "outbox")
    for name, where in INDEXES.items():
        op.create_index(
            name,
            "outbox",
            ["next_at", "created_at", "incident_id", "key"],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
