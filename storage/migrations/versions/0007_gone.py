"""Gone: a mention may have been deleted where it was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "mention", sa.Column("standing", sa.Text(), server_default="there", nullable=False)
    )
    op.add_column("mention", sa.Column("standing_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mention", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_mention_recheck", "mention", ["source", "published_at"])
