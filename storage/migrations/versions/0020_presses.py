"""Presses: what came from Slack is taken once, and a message's incident is found by its ref."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "slack_press",
        *(
            sa.Column(name, sa.Text(), nullable=False, primary_key=True)
            for name in ("user_id", "message_ts", "action_id", "action_ts")
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_press_at", "slack_press", ["at"])
    has_one = sa.text("ref IS NOT NULL")
    op.create_index(
        "ix_outbox_ref", "outbox", ["ref"], sqlite_where=has_one, postgresql_where=has_one
    )
