"""Incident kind: a silent source is told from a complaint by what it is, not by its rule's name."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Told by the key: a person may have called a rule of theirs as the source alarms call theirs.
    op.add_column(
        "incident", sa.Column("kind", sa.Text(), server_default="complaint", nullable=False)
    )
    op.execute("UPDATE incident SET kind = 'source_alarm' WHERE key LIKE 'deaf:%' AND brand = ''")
