"""Edits: a mention may have been changed by its author, or dated ahead of time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("mention", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "mention",
        sa.Column("dated_ahead", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
